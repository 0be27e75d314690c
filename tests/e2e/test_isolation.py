"""Trouble in one chat stays in that chat."""

from pathlib import Path

from tests.e2e.process import Installation
from tests.e2e.serving import OWNER, reads, refusals, sent, serving
from tests.peers.llm import Fault, Rule
from tests.peers.telegram.faults import Fault as TelegramFault

HANGING, FLOODED, BLOCKED = 21, 22, 23
OTHERS = range(100, 130)
RETRY_AFTER = 3
ROUNDS = 5


async def test_bad_chats_hold_up_nobody_else(tmp_path: Path) -> None:
    people = [OWNER, HANGING, FLOODED, BLOCKED, *OTHERS]
    async with serving(tmp_path, users=people) as installation:
        _script(installation)
        minibot = await installation.start()
        await minibot.listening()
        for person in people:
            installation.say(person)
        assert await installation.answered(len(people))

        _make_trouble(installation)
        installation.say(HANGING, "hang on")
        flooded = installation.say(FLOODED)
        installation.say(BLOCKED, "tell me a long story")
        await _everybody_else_is_answered(installation)
        assert len(sent(installation, HANGING)) == 1, "the model still hangs over the second"
        installation.say(BLOCKED, "are you there?")
        notice = await reads(installation, OWNER, f"telegram:{BLOCKED}")

        assert "could not be delivered" in notice["text"]
        assert await reads(installation, FLOODED, flooded.replace("rid", "ack"))
        _waited(installation, FLOODED)
        # One attempt for each answer: of the story's parts only the first was tried.
        assert len(refusals(installation, BLOCKED)) <= 2
        assert len(sent(installation, BLOCKED)) == 1
        assert minibot.accidents() == []


def _script(installation: Installation) -> None:
    installation.model.rules.append(
        Rule.from_json({"match": "long story", "text": "once upon a time " * 1000 + "{acks}"})
    )


def _make_trouble(installation: Installation) -> None:
    installation.model.faults.append(Fault(kind="hang", match="hang on"))
    installation.telegram.faults.append(
        TelegramFault(
            method="sendMessage", chat_id=FLOODED, code=429, retry_after=RETRY_AFTER, times=1
        )
    )
    installation.telegram.chat(BLOCKED).blocked = True


async def _everybody_else_is_answered(installation: Installation) -> None:
    """Let the others write several times, each when all of them are answered."""
    for number in range(1, ROUNDS + 1):
        for person in OTHERS:
            installation.say(person)
        for person in OTHERS:
            wait = {"chat_id": person, "count": number + 1, "pattern": r"ack\w*?end"}
            assert (await installation.telegram.transcript.wait({**wait, "timeout": 20}))["ok"]


def _waited(installation: Installation, chat_id: int) -> None:
    """The chat got nothing before its time, and its answer once that had come."""
    [refusal] = [
        event
        for event in installation.telegram.events
        if event["dir"] == "error" and "retry after" in event["error"]
    ]
    *_, answer = sent(installation, chat_id)
    assert RETRY_AFTER - 0.05 <= answer["t"] - refusal["t"] <= RETRY_AFTER + 2
    assert len(sent(installation, chat_id)) == 2
