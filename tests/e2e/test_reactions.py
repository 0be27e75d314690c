"""What a reaction that somebody puts at a message of minibot's does."""

from pathlib import Path

from tests.e2e.process import Sections
from tests.e2e.redoing import (
    EDIT,
    GROUP,
    history,
    react,
    seen,
    settled,
    talking,
)
from tests.e2e.serving import GUEST, rows
from tests.e2e.talking import Talk


async def test_thumbs_down_asks_for_another_answer_and_only_at_the_last_one(
    tmp_path: Path,
) -> None:
    async with talking(tmp_path) as (installation, talk):
        older = await talk.ask("capital of France", "France")
        answer = await talk.ask("tell a joke", "Joke 1.")
        react(talk, older["message_id"], "👎")
        react(talk, answer["message_id"], "👍")
        react(talk, answer["message_id"], "👍", "👎")
        (again,) = await talk.shown("Joke 2.", method=EDIT)
        react(talk, answer["message_id"])
        await settled(installation, came=4)

        assert again["message_id"] == answer["message_id"]
        assert seen(talk)[-1] == "Joke 2."
        assert len(installation.model.records) == 3


async def test_an_answer_to_be_remembered_becomes_a_note_that_can_be_undone(
    tmp_path: Path,
) -> None:
    sections: Sections = {"tools.kv_memory": {"enabled": True}}
    async with talking(tmp_path, sections=sections) as (_, talk):
        answer = await talk.ask("capital of France", "France")
        react(talk, answer["message_id"], "✍")
        (receipt,) = await talk.shown("Remembered The capital of France")
        assert receipt["params"]["reply_parameters"]["message_id"] == answer["message_id"]
        await talk.ask("/memory", "The capital of France is far away.")
        await talk.press(receipt, "Undo")
        await talk.ask("/memory", "I remember nothing")


async def test_nothing_is_remembered_of_what_was_said_incognito(tmp_path: Path) -> None:
    sections: Sections = {"tools.kv_memory": {"enabled": True}}
    async with talking(tmp_path, sections=sections) as (installation, talk):
        await talk.ask("/incognito", "Incognito")
        answer = await talk.ask("tell a joke", "Joke 1.")
        talk.say("/retry")
        await talk.shown("Joke 2.", method=EDIT)
        await talk.ask("/undo", "Taken back: “tell a joke”")
        await talk.ask("/undo", "nothing here to take back")
        answer = await talk.ask("tell a joke", "Joke 3.")
        await talk.ask("/incognito", "Incognito is over")
        react(talk, answer["message_id"], "✍")
        await talk.shown("said incognito: I remember nothing")
        assert history(installation) == []
        assert rows(installation, "SELECT count(*) FROM notes") == [(0,)]


async def test_other_reactions_and_those_of_strangers_do_nothing(tmp_path: Path) -> None:
    sections: Sections = {"chat.reactions": {'"🔥"': "undo"}}
    async with talking(tmp_path, sections=sections) as (installation, talk):
        answer = await talk.ask("capital of France", "France")
        react(talk, answer["message_id"], "👎")
        react(talk, answer["message_id"], "🔥", by=999)
        await talk.ask("capital of Italy", "Italy")
        assert len(installation.model.records) == 2
        last = await talk.ask("capital of Spain", "Spain")
        react(talk, last["message_id"], "🔥")
        await talk.shown("Taken back: “capital of Spain”")


async def test_in_a_group_everybody_redoes_and_takes_back_only_their_own(tmp_path: Path) -> None:
    async with talking(tmp_path, chat=GROUP) as (installation, talk):
        talk.telegram.chat(GROUP).bot_admin = True
        other = Talk(installation, GUEST, GROUP, name="Guest")
        answer = await talk.ask("tell a joke", "Joke 1.")
        for command in ("/undo", "/retry"):
            other.say(command)
        react(other, answer["message_id"], "👎")
        await settled(installation, came=4)
        react(talk, answer["message_id"], "👎")
        await talk.shown("Joke 2.", method=EDIT)
        assert len(installation.model.records) == 2
        await talk.ask("/undo", "Taken back")


async def test_a_reaction_in_a_topic_reaches_the_conversation_there(tmp_path: Path) -> None:
    async with talking(tmp_path, chat=GROUP) as (_, talk):
        chat = talk.telegram.chat(GROUP)
        chat.bot_admin = chat.is_forum = True
        answer = await talk.ask("tell a joke", "Joke 1.", thread_id=17)
        await talk.ask("capital of France", "France", thread_id=18)
        react(talk, answer["message_id"], "👎")
        (again,) = await talk.shown("Joke 2.", method=EDIT)
        assert again["message_id"] == answer["message_id"]


async def test_reactions_are_not_asked_for_where_nobody_wants_them(tmp_path: Path) -> None:
    async with talking(tmp_path, sections={"chat.reactions": {}}) as (_, talk):
        asked = talk.telegram.default_bot.allowed_updates
        assert asked is not None
        assert "edited_message" in asked
        assert "message_reaction" not in asked
