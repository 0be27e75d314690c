"""A last answer is given anew or taken back: by an edit, a command, a button."""

from functools import partial
from pathlib import Path
from signal import Signals
from time import time

import pytest

from minibot.core.texts import ENGLISH
from tests.crash.campaign import CRASHED
from tests.e2e.process import Sections
from tests.e2e.redoing import (
    EDIT,
    FAR,
    GROUP,
    edit,
    heard_of,
    history,
    play_once,
    seen,
    settled,
    talking,
)
from tests.e2e.serving import OWNER, rows, serving, until
from tests.e2e.talking import Talk, call, play
from tests.peers.llm.script import Rule
from tests.peers.telegram.faults import Fault


async def test_an_edit_of_the_last_question_changes_its_answer_in_place(tmp_path: Path) -> None:
    async with talking(tmp_path) as (installation, talk):
        question = talk.say("capital of Frence")
        (answer,) = await talk.shown("capital of Frence")
        edit(talk, question, "capital of France")
        (changed,) = await talk.shown("capital of France", method=EDIT)
        await settled(installation)

        assert changed["message_id"] == answer["message_id"]
        assert seen(talk) == ["capital of France", FAR.format("France")]
        assert history(installation) == seen(talk)


async def test_an_edit_of_a_question_that_is_being_answered_leads_to_one_answer(
    tmp_path: Path,
) -> None:
    async with talking(tmp_path) as (installation, talk):
        question = talk.say("report on cats")
        await installation.model.ledger.until_inflight(1)
        edit(talk, question, "capital of Spain")
        await talk.shown("capital of Spain")
        await settled(installation)

        assert seen(talk) == ["capital of Spain", FAR.format("Spain")]
        assert history(installation) == seen(talk)


async def test_an_edit_of_a_question_in_line_is_answered_in_its_place(tmp_path: Path) -> None:
    async with talking(tmp_path) as (installation, talk):
        talk.say("report on cats")
        await installation.model.ledger.until_inflight(1)
        question = talk.say("capital of Frence")
        talk.say("capital of Italy")
        edit(talk, question, "capital of France")
        await talk.shown("capital of Italy")
        await settled(installation)

        answers = ["Here is report on cats", FAR.format("France"), FAR.format("Italy")]
        assert seen(talk)[3:] == answers


async def test_an_edit_that_changes_no_word_and_one_of_an_older_question_do_nothing(
    tmp_path: Path,
) -> None:
    async with talking(tmp_path) as (installation, talk):
        question = talk.say("capital of France")
        await talk.shown("capital of France")
        edit(talk, question, "capital of France")
        await settled(installation, came=2)
        talk.say("capital of Italy")
        await talk.shown("capital of Italy")
        edit(talk, question, "capital of Spain")
        await settled(installation, came=4)

        assert seen(talk)[1:] == [FAR.format("France"), "capital of Italy", FAR.format("Italy")]
        assert len(installation.model.records) == 2
        for why in ("an edit that changed nothing of what was said", "an edit of an older message"):
            await until(partial(heard_of, installation, why))


async def test_an_edit_that_mentions_the_bot_at_last_is_answered(tmp_path: Path) -> None:
    async with talking(tmp_path, chat=GROUP) as (installation, talk):
        question = talk.say("capital of France", mention=False)
        await settled(installation)
        edit(talk, question, f"@{talk.telegram.default_bot.username} capital of France")
        (answer,) = await talk.shown("capital of France")
        assert answer["params"]["reply_parameters"]["message_id"] == question


async def test_a_mistyped_command_is_followed_once_it_is_edited(tmp_path: Path) -> None:
    async with talking(tmp_path) as (_, talk):
        question = talk.say("/whoam")
        await talk.shown("I do not know")
        edit(talk, question, "/whoami")
        await talk.shown("You are")


async def test_retry_answers_the_last_question_anew_in_the_place_of_the_old_answer(
    tmp_path: Path,
) -> None:
    async with talking(tmp_path) as (installation, talk):
        await talk.ask("/retry", "no question of yours here")
        first = await talk.ask("tell a joke", "Joke 1.")
        for number in (2, 3):
            talk.say("/retry")
            (again, *_) = await talk.shown(f"Joke {number}.", method=EDIT)
            assert again["message_id"] == first["message_id"]
        await settled(installation)

        assert seen(talk)[2:] == ["tell a joke", "Joke 3.", "/retry", "/retry"]
        assert history(installation) == ["tell a joke", "Joke 3."]


async def test_undo_takes_one_exchange_after_the_other_back(tmp_path: Path) -> None:
    async with talking(tmp_path) as (installation, talk):
        await talk.ask("capital of France", "France")
        await talk.ask("capital of Italy", "Italy")
        await talk.ask("/undo", "↩️ Taken back: “capital of Italy”")
        await talk.ask("/undo", "↩️ Taken back: “capital of France”")
        await talk.ask("/undo", "nothing here to take back")
        await settled(installation)

        assert FAR.format("France") not in seen(talk)
        assert FAR.format("Italy") not in seen(talk)
        assert history(installation) == []
        await talk.ask("capital of Spain", "Spain")
        assert history(installation) == ["capital of Spain", FAR.format("Spain")]


async def test_an_answer_in_several_messages_gives_way_to_a_short_one_and_back(
    tmp_path: Path,
) -> None:
    long = "\n\n".join(f"Paragraph {number}. " + "word " * 300 for number in range(1, 8))
    async with talking(tmp_path) as (installation, talk):
        for text in (long, "Short.", long):
            play_once(installation, "tale", text)
        first = await talk.ask("a tale", "Paragraph 1.")
        await settled(installation)
        parts = len(seen(talk)) - 1
        talk.say("/retry")
        (short,) = await talk.shown("Short.", method=EDIT)
        await settled(installation)
        assert seen(talk) == ["a tale", "Short.", "/retry"]
        talk.say("/retry")
        await settled(installation, came=3)

        assert parts > 1
        assert short["message_id"] == first["message_id"]
        assert len(seen(talk)) == 3 + parts
        assert seen(talk)[1].startswith("Paragraph 1.")


async def test_what_cannot_be_deleted_is_marked(tmp_path: Path) -> None:
    async with talking(tmp_path) as (installation, talk):
        await talk.ask("capital of France", "France")
        why = "Bad Request: message can't be deleted for everyone"
        talk.telegram.faults.append(Fault(method="deleteMessage", code=400, description=why))
        await talk.ask("/undo", "Taken back: “capital of France”")
        await settled(installation)
        assert seen(talk)[1] == "↩️ Taken back."


async def test_what_was_done_for_an_answer_stays_within_reach(tmp_path: Path) -> None:
    sections: Sections = {"tools.kv_memory": {"enabled": True}}
    async with talking(tmp_path, sections=sections) as (installation, talk):
        play_once(installation, "^I drink", call("note_save", title="Drink", data="Tea."), "Noted.")
        play(installation, "What you did for it", "Well noted.")
        await talk.ask("I drink tea", "Noted.")
        talk.say("/retry")
        (again,) = await talk.shown("Well noted.", method=EDIT)
        assert "Remembered Drink" in again["text"]
        undone = await talk.ask("/undo", "What I did for it stays done:")
        assert "Remembered Drink" in undone["text"]
        await talk.press(undone, "Undo")
        await talk.ask("/memory", "I remember nothing")


async def test_a_sign_that_clients_do_not_offer_yet_is_understood(tmp_path: Path) -> None:
    sections: Sections = {"tools.kv_memory": {"enabled": True}}
    async with talking(tmp_path, sections=sections) as (_, talk):
        answer = await talk.ask("capital of France", "France")
        pinned = {
            "chat": {"id": OWNER, "type": "private"},
            "user": {"id": OWNER, "is_bot": False, "first_name": "Somebody"},
            "message_id": answer["message_id"],
            "date": int(time()),
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": "📌"}],
        }
        talk.telegram.inject({"update": {"message_reaction": pinned}})
        await talk.shown("Remembered The capital of France")


async def test_retry_under_a_stopped_answer_replaces_what_was_said(tmp_path: Path) -> None:
    words = " ".join(f"word{number}" for number in range(60))
    sections: Sections = {"streaming": {"transport": "auto"}}
    async with talking(tmp_path, sections=sections) as (installation, talk):
        said = {"match": "tell all", "tokens_per_s": 40, "steps": [{"text": words}]}
        installation.model.rules.append(Rule.from_json(said))
        talk.say("tell all")
        await talk.shown("word3", method="sendMessageDraft")
        talk.say("stop")
        (kept,) = await talk.shown("(Stopped.)")
        assert await talk.press(kept, "Retry") == "I try again."
        (again,) = await talk.shown(words, method=EDIT)
        await settled(installation)

        assert again["message_id"] == kept["message_id"]
        assert history(installation) == ["tell all", words]


@pytest.mark.parametrize("point", ["P2", "P3", "P5", "P6", "P7"])
async def test_killed_in_the_middle_of_a_redo_there_is_one_answer(
    point: str, tmp_path: Path
) -> None:
    async with serving(tmp_path) as installation:
        play(installation, "capital of (\\w+)", FAR.format("{1}"))
        await (await installation.start()).listening()
        talk = Talk(installation, OWNER)
        question = talk.say("capital of Frence")
        await talk.shown("capital of Frence")
        await settled(installation)
        await installation.runs[-1].stop()
        await (await installation.start(crash_point=point)).listening()
        edit(talk, question, "capital of France")
        assert await installation.runs[-1].exits_within(10) == CRASHED
        await (await installation.start()).listening()
        await talk.shown("capital of France", method=EDIT)
        await settled(installation)

        assert seen(talk) == ["capital of France", FAR.format("France")]
        assert history(installation) == seen(talk)


async def test_killed_while_an_edited_question_is_answered_there_is_one_answer(
    tmp_path: Path,
) -> None:
    async with talking(tmp_path) as (installation, talk):
        question = talk.say("report on cats")
        await installation.model.ledger.until_inflight(1)
        edit(talk, question, "report on dogs")
        await until(lambda: rows(installation, "SELECT count(*) FROM inbox") == [(2,)])
        installation.runs[-1].send(Signals.SIGKILL)
        await installation.runs[-1].exits_within(5)
        await (await installation.start()).listening()
        await talk.shown("Here is report on dogs")
        await settled(installation)
        assert seen(talk) == ["report on dogs", "Here is report on dogs"]


async def test_an_edit_of_what_is_answered_in_the_background_is_answered_instead(
    tmp_path: Path,
) -> None:
    sections: Sections = {"tasks": {"offer_background_after_seconds": 1}}
    async with talking(tmp_path, sections=sections) as (installation, talk):
        slow = {"match": "essay", "ttft": 30, "steps": [{"text": "Here is the essay."}]}
        installation.model.rules.append(Rule.from_json(slow))
        question = talk.say("essay on cats")
        (card,) = await talk.shown(ENGLISH.aside_offer)
        await talk.press(card, "Go on in the background")
        edit(talk, question, "capital of Spain")
        await talk.shown("capital of Spain")
        await settled(installation)
        assert history(installation) == ["capital of Spain", FAR.format("Spain")]
