"""An answer is shown while the model writes it, can be stopped, and arrives exactly once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from signal import Signals
from typing import Any

from minibot.app.handlers.stopping import GO_ON
from tests.e2e.process import Installation, Sections
from tests.e2e.serving import OWNER, rows, serving, until
from tests.e2e.talking import Talk, play
from tests.peers.llm.script import Rule
from tests.peers.telegram.faults import Fault
from tests.peers.telegram.wire import Json

GROUP = -100
WORDS = " ".join(f"word{number}" for number in range(60))
DRAFT, EDIT = "sendMessageDraft", "editMessageText"


@asynccontextmanager
async def talking(
    folder: Path, *, chat: int = OWNER, sections: Sections | None = None, **rule: Any
) -> AsyncIterator[tuple[Installation, Talk]]:
    """Talk with a model that writes slowly."""
    here: Sections = {
        "channels.telegram": {"allowed_chat_ids": [GROUP]},
        "streaming": {"transport": "auto"},
        **(sections or {}),
    }
    async with serving(folder, sections=here) as installation:
        said = {"match": "tell", "tokens_per_s": 40, "steps": [{"text": WORDS}], **rule}
        installation.model.rules.append(Rule.from_json(said))
        await (await installation.start()).listening()
        yield installation, Talk(installation, OWNER, chat)


def events(talk: Talk, method: str) -> list[Json]:
    return [event for event in talk.told() if event["method"] == method]


def texts(talk: Talk, method: str) -> list[str]:
    return [event["text"] for event in events(talk, method)]


def gaps(found: list[Json]) -> list[float]:
    return [after["t"] - before["t"] for before, after in zip(found, found[1:], strict=False)]


async def test_a_draft_grows_and_the_message_takes_its_place(tmp_path: Path) -> None:
    async with talking(tmp_path) as (installation, talk):
        talk.say("tell me")
        await talk.shown(WORDS)

        shown = texts(talk, DRAFT)
        assert len(shown) > 2
        assert all(WORDS.startswith(text) for text in shown)
        assert [len(text) for text in shown] == sorted(len(text) for text in shown)
        assert min(gaps(events(talk, DRAFT))) > 0.39
        assert texts(talk, "sendMessage") == [WORDS]
        assert installation.telegram.shown_draft(OWNER) is None


async def test_in_a_group_one_message_grows_into_the_answer(tmp_path: Path) -> None:
    async with talking(tmp_path, chat=GROUP) as (installation, talk):
        question = talk.say("tell me")
        await talk.shown(WORDS, method=EDIT)

        (first,) = events(talk, "sendMessage")
        assert WORDS.startswith(first["text"])
        assert first["params"]["reply_parameters"]["message_id"] == question
        assert {event["message_id"] for event in events(talk, EDIT)} == {first["message_id"]}
        assert min(gaps([first, *events(talk, EDIT)[:-1]])) > 1.19
        assert texts(talk, DRAFT) == []
        assert installation.runs[-1].accidents() == []


async def test_killed_while_it_writes_it_goes_on_in_the_same_message(tmp_path: Path) -> None:
    async with talking(tmp_path, chat=GROUP) as (installation, talk):
        talk.say("tell me")
        await until(lambda: events(talk, EDIT))
        installation.runs[-1].send(Signals.SIGKILL)
        await installation.runs[-1].exits_within(5)
        await (await installation.start()).listening()
        await talk.shown(WORDS, method=EDIT)
        assert len(events(talk, "sendMessage")) == 1


async def test_the_native_stop_keeps_what_was_said_and_stops_the_model(tmp_path: Path) -> None:
    async with talking(tmp_path) as (installation, talk):
        talk.say("tell me")
        await until(lambda: len(events(talk, DRAFT)) > 1)
        stopped = installation.telegram.inject({"chat_id": OWNER, "kind": "stop"})["t"]
        await installation.model.ledger.until_inflight(0)
        ended = installation.model.records[-1]["t_end"]
        (kept,) = await talk.shown("(Stopped.)")

        assert ended - stopped < 1
        words = kept["text"].removesuffix("\n\n(Stopped.)")
        assert words
        assert WORDS.startswith(words)
        await until(lambda: rows(installation, "SELECT state FROM inbox")[0] == ("cancelled",))
        await talk.ask("what did you say?", "")
        said = [entry for entry in rows(installation, "SELECT text FROM history ORDER BY id")]
        assert said[:2] == [("tell me",), (words,)]


async def test_a_stopped_answer_is_gone_on_with_or_tried_again(tmp_path: Path) -> None:
    async with talking(tmp_path) as (installation, talk):
        play(installation, "^Go on exactly", "and that is all.")
        talk.say("tell me")
        await until(lambda: len(events(talk, DRAFT)) > 1)
        talk.say("Stop!")
        (kept,) = await talk.shown("(Stopped.)")
        await talk.shown("Stopped.", number=2)
        assert await talk.press(kept, "Continue") == "I go on."
        await talk.shown("and that is all.")
        assert await talk.press(kept, "Retry") == "I try again."
        await talk.press(kept, "Retry")
        await talk.shown(WORDS)
        await talk.ask("and now?", "")
        assert texts(talk, "sendMessage").count(WORDS) <= 1
        questions = rows(installation, "SELECT text FROM history WHERE role = 'user' ORDER BY id")
        assert [text for (text,) in questions][:3] == ["tell me", GO_ON, "tell me"]


async def test_a_word_that_stops_nothing_is_a_message(tmp_path: Path) -> None:
    async with talking(tmp_path) as (installation, talk):
        play(installation, "^stop$", "Stop what?")
        await talk.ask("stop", "Stop what?")


async def test_the_next_question_interrupts_where_the_settings_want_that(tmp_path: Path) -> None:
    sections: Sections = {"chat": {"during_turn": "interrupt"}}
    async with talking(tmp_path, sections=sections) as (installation, talk):
        play(installation, "^never mind", "Fine.")
        talk.say("tell me")
        await until(lambda: len(events(talk, DRAFT)) > 1)
        talk.say("never mind")
        await talk.shown("Fine.")
        said = texts(talk, "sendMessage")
        assert said[0].endswith("(Stopped.)")
        assert said[1:] == ["Fine."]


async def test_drafts_that_are_refused_give_way_to_edits(tmp_path: Path) -> None:
    async with talking(tmp_path) as (installation, talk):
        installation.telegram.faults.append(
            Fault(method=DRAFT, code=400, description="Bad Request: drafts are not for this bot")
        )
        talk.say("tell me")
        await talk.shown(WORDS, method=EDIT)
        assert len(events(talk, "sendMessage")) == 1


async def test_nothing_is_shown_before_its_time_where_nobody_wants_it(tmp_path: Path) -> None:
    sections: Sections = {"streaming": {"transport": "off"}}
    async with talking(tmp_path, sections=sections) as (_, talk):
        talk.say("tell me")
        await talk.shown(WORDS)
        assert (texts(talk, DRAFT), texts(talk, "sendMessage")) == ([], [WORDS])


async def test_a_storm_of_429_delays_answers_and_doubles_none(tmp_path: Path) -> None:
    chats = range(2001, 2013)
    async with talking(tmp_path, sections={"channels.telegram": {"allowed_user_ids": ["*"]}}) as (
        installation,
        _,
    ):
        installation.telegram.faults.extend(
            Fault(method=method, code=429, retry_after=1, probability=0.3)
            for method in ("sendMessage", DRAFT, EDIT, "sendChatAction")
        )
        talks = [Talk(installation, chat) for chat in chats]
        for talk in talks:
            talk.say("tell me")
        for talk in talks:
            await talk.shown(WORDS)
            assert texts(talk, "sendMessage").count(WORDS) == 1
        assert installation.runs[-1].accidents() == []
        for talk in talks:
            assert hasty(installation.telegram.events, talk.chat) == []


def hasty(seen: list[Json], chat: int) -> list[Json]:
    """Give the calls that came although their chat had asked for a pause."""
    own = [event for event in seen if event["chat_id"] == chat and event["dir"] != "in"]
    pauses = [event["t"] for event in own if event["dir"] == "error"]
    return [event for event in own if any(0 < event["t"] - since < 0.99 for since in pauses)]
