"""The choices of every chat, at hand."""

import asyncio
from pathlib import Path

import pytest

from minibot.adapters.storage import open_storage
from minibot.app.chat_settings import CHOICE, ChatSettingsBook
from minibot.core.chat_settings import UNCHANGED, ChatSettings, Switch, Verbosity
from minibot.core.messages import ChatRef, Person
from minibot.core.texts import ENGLISH, LANGUAGES
from tests.app.rig import Rig
from tests.contracts.storages import ManualClock
from tests.fakes import make_chat, make_message

ANN = "telegram:42"


async def test_choices_are_those_of_one_conversation_alone() -> None:
    book = ChatSettingsBook(Rig().storage.preferences)
    await book.change(ANN, prompt="Be kind.")
    await book.change(ANN, verbosity=Verbosity.BRIEF)
    await book.change(f"{ANN}:7", rich=Switch.OFF)

    assert book.of(ANN) == ChatSettings(prompt="Be kind.", verbosity=Verbosity.BRIEF)
    assert book.of(f"{ANN}:7") == ChatSettings(rich=Switch.OFF)
    assert book.of("telegram:43") is UNCHANGED


async def test_choices_made_at_the_same_time_are_all_kept() -> None:
    book = ChatSettingsBook(Rig().storage.preferences)
    await asyncio.gather(
        book.change(ANN, prompt="Be kind."),
        book.change(ANN, temperature=0.5),
        book.change(ANN, language="de"),
    )
    assert book.of(ANN) == ChatSettings(prompt="Be kind.", temperature=0.5, language="de")


async def test_what_is_chosen_back_is_stored_no_more() -> None:
    rig = Rig()
    book = ChatSettingsBook(rig.storage.preferences)
    await book.change(ANN, prompt="Be kind.")
    assert await book.change(ANN, prompt="") == UNCHANGED
    assert rig.rows.preferences == {}


async def test_reading_again_costs_no_reading() -> None:
    book = ChatSettingsBook(Rig().storage.preferences)
    await book.change(ANN, prompt="Be kind.")
    assert book.of(ANN) is book.of(ANN)


async def test_what_cannot_be_used_is_logged_once_and_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rig = Rig()
    await rig.storage.preferences.set(ANN, CHOICE, '{"rich": "perhaps", "prompt": "Be kind."}')
    book = ChatSettingsBook(rig.storage.preferences)
    assert [book.of(ANN), book.of(ANN)] == [ChatSettings(prompt="Be kind.")] * 2
    assert [record.message for record in caplog.records] == ["a choice is left out"]


async def test_next_process_and_the_chat_of_a_new_id_know_them(tmp_path: Path) -> None:
    path, clock = tmp_path / "data" / "minibot.db", ManualClock()
    async with open_storage(path, clock=clock) as storage:
        book = ChatSettingsBook(storage.preferences)
        await book.change("telegram:-1:7", prompt="Be kind.")
        old = ChatRef(channel="telegram", chat_id="-1")
        await storage.outbox.move_chat(old, "-100")
        assert book.of("telegram:-100:7").prompt == "Be kind."
    async with open_storage(path, clock=clock) as storage:
        book = ChatSettingsBook(storage.preferences)
        assert book.of("telegram:-100:7").prompt == "Be kind."


@pytest.mark.parametrize(
    ("client", "chosen", "expected"),
    [
        ("", "", ENGLISH),
        ("de-AT", "", LANGUAGES["de"]),
        ("de-AT", "ru", LANGUAGES["ru"]),
        ("fr", "", ENGLISH),
    ],
)
async def test_language_is_the_chats_or_else_the_persons(
    client: str, chosen: str, expected: object
) -> None:
    book = ChatSettingsBook(Rig().storage.preferences)
    await book.change(ANN, language=chosen)
    message = make_message(chat=make_chat(), sender=Person(id="42", language=client))
    assert book.texts(message) is expected
