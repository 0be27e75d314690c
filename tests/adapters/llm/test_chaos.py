"""Whatever goes wrong at a server, an answer is whole or there is none, and it is paid for once."""

import asyncio

import pytest

from minibot.core.errors import ModelBusy, ModelError
from tests.adapters.llm.rig import ADD, PATHS, open_rig, question

WHOLE = "word " * 60
ATTEMPTS = 3
AT_ONCE = 8

FAULTS: dict[str, dict[str, object]] = {
    "429 without a word": {"kind": "status", "status": 429},
    "429 to be asked again at once": {"kind": "status", "status": 429, "retry_after": 0},
    "500": {"kind": "status", "status": 500},
    "502": {"kind": "status", "status": 502, "message": "<html>Bad Gateway</html>"},
    "503": {"kind": "status", "status": 503},
    "reset before the head": {"kind": "drop"},
    "reset behind the head": {"kind": "drop_after_head"},
    "reset in mid-answer": {"kind": "drop_mid_stream"},
    "hang before the first byte": {"kind": "hang"},
    "hang in mid-answer": {"kind": "stall"},
    "garbage": {"kind": "malformed"},
    "bytes that are nothing": {"kind": "raw", "status": 200, "body": "\x00\xff\x13"},
    "an empty body": {"kind": "raw", "status": 200, "content_type": "text/event-stream"},
    "a web page": {"kind": "html"},
    "no choices": {"kind": "no_content"},
    "a choice without text": {"kind": "empty"},
    "cut without a reason to stop": {"kind": "cut_mid_stream"},
    "half an event": {"kind": "garbage_mid_stream"},
    "an error in mid-answer": {"kind": "error_mid_stream", "status": 500},
    "a limit in mid-answer": {"kind": "error_mid_stream", "status": 429},
}


def timeouts(name: str) -> dict[str, float]:
    """Give short deadlines where they are what is waited for."""
    return {"first_token": 0.3, "between_tokens": 0.3} if name.startswith("hang") else {}


@pytest.mark.parametrize("provider", PATHS)
@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_that_passes_costs_one_submission_more(provider: str, name: str) -> None:
    async with open_rig(provider, attempts=ATTEMPTS, timeouts=timeouts(name)) as rig:
        rig.says(WHOLE)
        rig.breaks(times=1, **FAULTS[name])  # type: ignore[arg-type]
        assert (await rig.ask()).text == WHOLE
        assert rig.submissions == 2


@pytest.mark.parametrize("provider", PATHS)
@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_that_stays_costs_no_more_than_the_attempts(provider: str, name: str) -> None:
    async with open_rig(provider, attempts=ATTEMPTS, timeouts=timeouts(name)) as rig:
        rig.says(WHOLE)
        rig.breaks(**FAULTS[name])  # type: ignore[arg-type]
        with pytest.raises(ModelError) as caught:
            await rig.ask()
        assert caught.value.transient
        assert rig.submissions == ATTEMPTS


@pytest.mark.parametrize("provider", PATHS)
async def test_an_answer_without_its_end_mark_is_whole_only_behind_a_reason_to_stop(
    provider: str,
) -> None:
    """In two formats the reason comes with the last event, in the others before it."""
    async with open_rig(provider, attempts=ATTEMPTS) as rig:
        rig.says(WHOLE)
        rig.breaks("cut_end_mark", times=1)
        assert (await rig.ask()).text == WHOLE
        lost = provider in ("openai_responses", "google")
        assert rig.submissions == (2 if lost else 1)


@pytest.mark.parametrize("provider", PATHS)
async def test_a_server_that_asks_for_patience_it_does_not_find_is_asked_once(
    provider: str,
) -> None:
    async with open_rig(provider, attempts=ATTEMPTS) as rig:
        rig.breaks("status", status=429, retry_after=5, times=1)
        for _ in range(3):
            with pytest.raises(ModelBusy):
                await rig.ask()
        assert rig.submissions == 1


@pytest.mark.parametrize("provider", PATHS)
async def test_a_call_is_whole_or_not_made_at_all(provider: str) -> None:
    faults = ["drop_mid_stream", "cut_mid_stream", "garbage_mid_stream", "error_mid_stream"]
    for kind in faults:
        async with open_rig(provider, attempts=ATTEMPTS) as rig:
            rule = {"tool_calls": [{"name": "add", "arguments": {"a": 1234567, "b": 7654321}}]}
            rig.follows(rule)
            rig.breaks(kind, times=1)
            [call] = (await rig.ask(question(tools=(ADD,)))).tool_calls
            assert call.arguments.replace(" ", "") == '{"a":1234567,"b":7654321}'


async def test_in_chaos_each_answer_is_its_own_and_whole() -> None:
    async with open_rig("openai", attempts=ATTEMPTS, timeouts=timeouts("hang")) as rig:
        rig.follows({"match": "number (\\d+)", "text": "answer {1} " * 30})
        kinds = [{**fault} for fault in FAULTS.values() if fault.get("status") != 429]
        rig.breaks("status", kinds=kinds, probability=0.5)

        few = asyncio.Semaphore(AT_ONCE)

        async def ask(number: int) -> bool:
            try:
                async with few:
                    answer = await rig.ask(question(f"number {number}"))
            except ModelError:
                return False
            assert answer.text == f"answer {number} " * 30
            return True

        answered = await asyncio.gather(*map(ask, range(200)))
        texts = [record["user_text"] for record in rig.app.records]
        assert max(map(texts.count, set(texts))) <= ATTEMPTS
        assert sum(answered) > 140  # of 200 about one in eight fails three times
