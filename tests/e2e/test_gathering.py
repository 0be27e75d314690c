"""Several messages that are one, and messages that come while another is being answered."""

from pathlib import Path
from signal import Signals

import pytest

from tests.adapters.media.samples import picture
from tests.e2e.process import Installation, Sections
from tests.e2e.serving import OWNER, rows, serving, until
from tests.e2e.talking import Talk, call, play
from tests.e2e.test_media import asked, file, talking
from tests.peers.telegram.wire import Json

SEES: Sections = {
    "llm.capabilities": {"vision": True},
    "chat": {"gather_ms": 300},
}
FORWARD: Json = {"forward_from": 99}


def questions(installation: Installation) -> list[str]:
    """Give what the model was asked, one for each request."""
    ledger = installation.model.ledger
    return [ledger.turns(record["id"])[-1]["text"] for record in installation.model.records]


def photo(number: int, **fields: object) -> Json:
    return {"kind": "photo", "file": file(picture(60 + number, 60)), **fields}


async def test_album_is_one_question(tmp_path: Path) -> None:
    async with talking(tmp_path, SEES) as (installation, talk):
        play(installation, "which is best", "The second.")
        items = [photo(number) for number in range(4)]
        spec: Json = {"kind": "album", "chat_id": OWNER, "user_id": OWNER, "items": items}
        installation.telegram.inject({**spec, "caption": "which is best?"})
        await talk.shown("The second.")
        assert asked(installation) == ("[Photo]\n[Photo]\n[Photo]\n[Photo]\nwhich is best?", 4)
        assert len(installation.model.records) == 1
        states = rows(installation, "SELECT DISTINCT state FROM inbox")
        assert states == [("done",)]


async def test_paste_that_was_cut_is_one_question(tmp_path: Path) -> None:
    async with talking(tmp_path, SEES) as (installation, talk):
        text = " ".join(f"word{number}" for number in range(1_500))
        spec: Json = {"kind": "split", "chat_id": OWNER, "user_id": OWNER, "text": text}
        written = installation.telegram.inject(spec)
        assert len(written["message_ids"]) > 2
        await talk.shown("word1499")
        assert questions(installation) == [text]


async def test_forwards_are_answered_with_their_comment(tmp_path: Path) -> None:
    async with talking(tmp_path, SEES) as (installation, talk):
        installation.model.settings.ttft = 0.5
        play(installation, "is that true", "No.")
        talk.say("is that true?")
        talk.say("Cheese is the moon.", **FORWARD)
        talk.say("The moon is cheese.", **FORWARD)
        await talk.shown("No.")
        forwarded = "[Forwarded from somebody else:]"
        assert questions(installation)[-1] == (
            f"is that true?\n{forwarded}\nCheese is the moon.\n{forwarded}\nThe moon is cheese."
        )
        history = rows(installation, "SELECT text FROM history WHERE role = 'user'")
        assert len(history) == 1


async def test_photo_waits_for_the_word_about_it(tmp_path: Path) -> None:
    async with talking(tmp_path, SEES) as (installation, talk):
        play(installation, "what is this", "A square.")
        talk.say("", **photo(1))
        talk.say("what is this?")
        await talk.shown("A square.")
        assert questions(installation) == ["[Photo]\nwhat is this?"]


async def test_normal_text_and_commands_wait_for_nothing(tmp_path: Path) -> None:
    slow: Sections = {"chat": {"gather_ms": 10_000}}
    async with talking(tmp_path, slow) as (installation, talk):
        talk.look_from_here()
        for text in ("one", "two", "/whoami", "three"):
            talk.say(text)
        await talk.shown("three")
        assert questions(installation) == ["one", "two", "three"]


@pytest.mark.parametrize("settled", [False, True])
async def test_album_is_one_question_across_a_kill(tmp_path: Path, *, settled: bool) -> None:
    """It is killed while it waits for more, or while the model answers."""
    async with serving(tmp_path, sections={**SEES, "chat": {"gather_ms": 700}}) as installation:
        minibot = await installation.start()
        await minibot.listening()
        talk = Talk(installation, OWNER)
        installation.model.settings.ttft = 1.0
        items = [photo(number) for number in range(3)]
        spec: Json = {"kind": "album", "chat_id": OWNER, "user_id": OWNER, "items": items}
        installation.telegram.inject({**spec, "caption": "which is best?"})
        if settled:
            await until(lambda: installation.model.records)
        else:
            await until(lambda: len(rows(installation, "SELECT id FROM inbox")) == 3)
        minibot.send(Signals.SIGKILL)
        assert await minibot.exits_within(5) is not None
        await (await installation.start()).listening()
        await talk.shown("which is best?")
        assert asked(installation)[1] == 3
        await until(lambda: rows(installation, "SELECT DISTINCT state FROM inbox") == [("done",)])
        assert len(await talk.shown("which is best?")) == 1
        assert await installation.runs[-1].stop() == 0


async def test_what_is_said_meanwhile_enters_the_turn_behind_its_tools(tmp_path: Path) -> None:
    steer: Sections = {"chat": {"during_turn": "steer"}}
    async with talking(tmp_path, steer) as (installation, talk):
        installation.model.settings.ttft = 0.7
        play(installation, "what is 6 times 7", call("calculate", expression="6*7"), "It is 42.")
        talk.look_from_here()
        talk.say("what is 6 times 7?")
        await until(lambda: installation.model.records)
        talk.say("in words, please")
        await talk.shown("", number=1)
        ledger = installation.model.ledger
        turns = ledger.turns(installation.model.records[1]["id"])
        assert [turn["role"] for turn in turns][-3:] == ["assistant", "tool", "user"]
        assert turns[-1]["text"] == "in words, please"
        history = rows(installation, "SELECT role, text FROM history ORDER BY id")
        assert [role for role, _ in history] == ["user", "assistant", "tool", "user", "assistant"]
        assert rows(installation, "SELECT DISTINCT state FROM inbox") == [("done",)]
        assert [each["method"] for each in talk.told()].count("sendMessage") == 1
        installation.model.settings.ttft = 0.0
        await talk.ask("thank you", "thank you")


async def test_a_chat_that_wants_to_queue_is_not_steered(tmp_path: Path) -> None:
    async with talking(tmp_path, {"chat": {"during_turn": "steer"}}) as (installation, talk):
        card = await talk.ask("/settings", "Settings of this chat")
        await talk.press(card, "While I answer")
        page = await talk.shown("What a message does", method="editMessageText")
        await talk.press({**page[-1], "message_id": card["message_id"]}, "waits its turn")
        installation.model.settings.ttft = 0.7
        play(installation, "what is 6 times 7", call("calculate", expression="6*7"), "It is 42.")
        talk.look_from_here()
        talk.say("what is 6 times 7?")
        await until(lambda: installation.model.records)
        talk.say("in words, please")
        await talk.shown("in words, please")
        said = [each["text"] for each in talk.told() if each["method"] == "sendMessage"]
        assert said == ["It is 42.", said[-1]]
        assert questions(installation)[-1] == "in words, please"
