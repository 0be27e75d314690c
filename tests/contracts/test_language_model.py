"""What every language model promises, whatever the provider."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Protocol

import pytest

from minibot.adapters.llm.offline import OfflineModel
from minibot.core.errors import (
    ContextTooLong,
    ModelAccessDenied,
    ModelBusy,
    ModelError,
    ModelReplyInvalid,
    ModelRequestRefused,
    ModelTimeout,
    ModelUnreachable,
)
from minibot.core.llm import (
    Finished,
    FinishReason,
    StreamEvent,
    TextDelta,
    collect,
)
from minibot.core.ports import LanguageModel
from tests.adapters.llm.rig import ADD, KEY, Rig, open_rig, question
from tests.peers.llm import Rule

PROVIDERS = ["openai", "openai_responses", "claude", "google", "openrouter"]


class Opener(Protocol):
    def __call__(self, **timeouts: float) -> AbstractAsyncContextManager[Rig]: ...


@pytest.fixture(params=[*PROVIDERS, "openai without a key"])
def opened(request: pytest.FixtureRequest) -> Opener:
    provider, _, keyless = str(request.param).partition(" ")

    def opener(**timeouts: float) -> AbstractAsyncContextManager[Rig]:
        return open_rig(provider, key="" if keyless else KEY, timeouts=timeouts)

    return opener


@pytest.fixture
async def rig(opened: Opener) -> AsyncIterator[Rig]:
    async with opened() as rig:
        yield rig


@pytest.fixture(params=[*PROVIDERS, "offline"])
async def any_model(request: pytest.FixtureRequest) -> AsyncIterator[LanguageModel]:
    if request.param == "offline":
        model = OfflineModel()
        yield model
        await model.close()
    else:
        async with open_rig(request.param) as rig:
            yield rig.model


async def test_text_comes_in_pieces_and_finished_comes_last(any_model: LanguageModel) -> None:
    events = [event async for event in any_model.stream(question("one two three four five"))]
    assert events[-1] == Finished(FinishReason.STOP)
    texts = [event.text for event in events if isinstance(event, TextDelta)]
    assert len(texts) > 1
    assert "one two three four five" in "".join(texts)


async def test_closing_the_stream_early_leaves_the_model_usable(any_model: LanguageModel) -> None:
    async with aclosing(any_model.stream(question())) as events:
        await anext(events)
    assert (await collect(any_model.stream(question()))).text


async def test_many_questions_at_once_get_their_own_answers(any_model: LanguageModel) -> None:
    asked = [f"question number {n} of many" for n in range(20)]
    answers = await asyncio.gather(*(collect(any_model.stream(question(q))) for q in asked))
    assert all(q in answer.text for q, answer in zip(asked, answers, strict=True))


async def test_text_arrives_in_order_and_whole(rig: Rig) -> None:
    text = " ".join(str(n) for n in range(300))
    rig.says(text)
    assert (await rig.ask()).text == text


async def test_system_prompt_reaches_the_model_as_instructions(rig: Rig) -> None:
    rig.app.rules.append(Rule.from_json({"match": "Be brief", "scope": "any", "text": "yes"}))
    answer = await rig.ask(question(system_prompt="Be brief."))
    assert answer.text == "yes"
    assert rig.app.records[-1]["messages"] == 2


async def test_limits_reach_the_model(rig: Rig) -> None:
    rig.says("0123456789" * 10)
    answer = await rig.ask(question(max_new_tokens=5, temperature=0.5))
    assert answer.text == "0123456789" * 2
    assert answer.finish_reason is FinishReason.LENGTH
    body = rig.app.bodies[-1]
    assert body.get("generationConfig", body)["temperature"] == 0.5


async def test_usage_is_reported(rig: Rig) -> None:
    rig.says("0123456789" * 4, reasoning="because " * 4)
    usage = (await rig.ask()).usage
    assert usage.input_tokens > 0
    assert usage.output_tokens == 18


async def test_reasoning_never_leaks_into_the_text(rig: Rig) -> None:
    rig.says("answer", reasoning="first I think")
    answer = await rig.ask()
    assert (answer.text, answer.reasoning) == ("answer", "first I think")


async def test_characters_cut_by_the_network_are_whole_again(rig: Rig) -> None:
    rig.app.settings.split_utf8 = True
    rig.says("Привет, 世界 👩‍👩‍👧 é", reasoning="думаю")
    answer = await rig.ask()
    assert (answer.text, answer.reasoning) == ("Привет, 世界 👩‍👩‍👧 é", "думаю")


async def test_crlf_separated_events_come_as_they_are_sent(opened: Opener) -> None:
    async with opened(between_tokens=0.2) as rig:
        rig.app.settings.crlf = True
        rig.breaks("stall")
        rig.says("word " * 40)
        seen: list[StreamEvent] = []
        with pytest.raises(ModelTimeout):
            await read_into(seen, rig)
        assert TextDelta("word word word w") in seen


@pytest.mark.parametrize("crlf", [False, True])
async def test_an_answer_that_is_not_streamed_is_read_whole(rig: Rig, crlf: bool) -> None:
    rig.app.settings.ignore_stream = True
    rig.app.settings.crlf = crlf
    rule = {"match": "add", "tool_calls": [{"name": "add", "arguments": {"a": 1}}]}
    rig.app.rules.append(Rule.from_json(rule))
    rig.says("whole", reasoning="thought")
    answer = await rig.ask()
    assert (answer.text, answer.reasoning) == ("whole", "thought")
    assert answer.usage.output_tokens > 0
    answer = await rig.ask(question("add", tools=(ADD,)))
    assert json.loads(answer.tool_calls[0].arguments) == {"a": 1}
    assert answer.finish_reason is FinishReason.TOOL_CALLS


async def test_429_is_busy_and_says_how_long_to_wait(rig: Rig) -> None:
    rig.breaks("status", status=429, retry_after=7)
    with pytest.raises(ModelBusy) as caught:
        await rig.ask()
    assert caught.value.retry_after == 7
    assert "429" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, ModelUnreachable),
        (502, ModelUnreachable),
        (503, ModelUnreachable),
        (529, ModelUnreachable),
        (401, ModelAccessDenied),
        (402, ModelAccessDenied),
        (403, ModelAccessDenied),
        (400, ModelRequestRefused),
        (404, ModelRequestRefused),
        (302, ModelRequestRefused),
        (413, ContextTooLong),
    ],
)
async def test_statuses_are_typed(rig: Rig, status: int, error: type[ModelError]) -> None:
    rig.breaks("status", status=status, headers={"Location": rig.llm.url})
    with pytest.raises(error, match=str(status)):
        await rig.ask()
    assert rig.submissions == 1


async def test_a_wrong_key_is_refused_and_never_shown() -> None:
    for provider in PROVIDERS:
        async with open_rig(provider) as rig:
            rig.app.settings.api_key = "another"
            with pytest.raises(ModelAccessDenied) as caught:
                await rig.ask()
            assert KEY not in str(caught.value)


async def test_a_context_that_is_too_long_is_told_apart(rig: Rig) -> None:
    rig.app.settings.context_window = 20
    with pytest.raises(ContextTooLong):
        await rig.ask(question("word " * 200))


async def test_silence_before_the_first_token_is_a_timeout_and_one_submission(
    opened: Opener,
) -> None:
    async with opened(first_token=0.1) as rig:
        rig.breaks("hang")
        with pytest.raises(ModelTimeout, match=r"0\.1 s"):
            await rig.ask()
        assert rig.submissions == 1


async def test_silence_in_mid_answer_is_a_timeout(opened: Opener) -> None:
    async with opened(between_tokens=0.1) as rig:
        rig.says("word " * 40)
        rig.breaks("stall")
        with pytest.raises(ModelTimeout, match=r"0\.1 s"):
            await rig.ask()
        assert rig.submissions == 1


async def test_an_answer_that_never_ends_is_a_timeout(opened: Opener) -> None:
    async with opened(total=0.3) as rig:
        rig.app.settings.tokens_per_s = 20
        rig.says("word " * 400)
        with pytest.raises(ModelTimeout, match=r"0\.3 s"):
            await rig.ask()


@pytest.mark.parametrize("kind", ["cut_mid_stream", "drop_mid_stream"])
async def test_a_cut_answer_is_invalid(rig: Rig, kind: str) -> None:
    rig.says("word " * 40)
    rig.breaks(kind)
    with pytest.raises(ModelReplyInvalid):
        await rig.ask()


async def test_a_dropped_connection_is_unreachable_and_not_tried_again(rig: Rig) -> None:
    await rig.ask()
    rig.breaks("drop")
    with pytest.raises(ModelUnreachable):
        await rig.ask()
    assert rig.submissions == 2


@pytest.mark.parametrize("kind", ["html", "malformed", "no_content", "empty"])
async def test_garbage_is_an_invalid_reply(rig: Rig, kind: str) -> None:
    rig.breaks(kind)
    with pytest.raises(ModelReplyInvalid):
        await rig.ask()


@pytest.mark.parametrize(("status", "error"), [(429, ModelBusy), (500, ModelUnreachable)])
async def test_an_error_in_mid_stream_is_raised(
    rig: Rig, status: int, error: type[ModelError]
) -> None:
    rig.says("word " * 40)
    rig.breaks("error_mid_stream", status=status, message=f"overloaded, key {KEY}")
    with pytest.raises(error, match="overloaded") as caught:
        await rig.ask()
    assert KEY not in str(caught.value)


async def test_error_texts_are_one_short_line_without_the_key(rig: Rig) -> None:
    rig.breaks("status", status=400, message=f"bad\nkey {KEY} " + "x" * 500)
    with pytest.raises(ModelRequestRefused) as caught:
        await rig.ask()
    text = str(caught.value)
    assert "bad key" in text
    assert KEY not in text
    assert "\n" not in text
    assert len(text) < 400


@pytest.mark.parametrize("used", [False, True])
async def test_cancelling_ends_the_request_and_frees_its_connection(rig: Rig, used: bool) -> None:
    if used:
        await rig.ask()
    rig.breaks("hang", times=1)
    asking = asyncio.create_task(rig.ask())
    await rig.app.ledger.until_inflight(1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await rig.app.ledger.until_inflight(0)
    assert (await rig.ask()).text


async def test_an_answer_that_comes_too_late_is_nobodys(opened: Opener) -> None:
    async with opened(first_token=0.2) as rig:
        rig.says("{last_user}")
        await rig.ask()
        rig.app.settings.ttft = 0.4
        with pytest.raises(ModelTimeout):
            await rig.ask(question("given up"))
        rig.app.settings.ttft = 0
        assert (await rig.ask(question("the next"))).text == "the next"


async def test_closing_in_mid_answer_ends_the_request(rig: Rig) -> None:
    rig.says("word " * 40)
    rig.breaks("stall", times=1)
    async with aclosing(rig.model.stream(question())) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
    await rig.app.ledger.until_inflight(0)


async def read_into(seen: list[StreamEvent], rig: Rig) -> None:
    async for event in rig.model.stream(question()):
        seen.append(event)
