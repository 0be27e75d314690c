"""The buttons under the question what to do with missed messages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from minibot.adapters.storage import Rows
from minibot.app.catch_up import CatchUp
from minibot.app.handlers.catch_up_buttons import MissedButton
from minibot.app.handlers.presses import Presses
from minibot.app.pipeline import Middleware, compose
from minibot.core.events import Event, MessageAccepted
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.messages import Arrival, ChatRef, Person, Press
from tests.app.rig import Rig, in_background, overheard, say_done
from tests.fakes import START, make_chat, make_message, settle

GROUP = make_chat("-100")
DECIDED = "That was answered before."
NOT_YOURS = "This button is for somebody else."


class Card:
    """A chat that was asked about three messages: by 42, 43 and 42 in a group, else all by 42."""

    def __init__(self, chat: ChatRef | None = None, rows: Rows | None = None) -> None:
        self.chat = chat or make_chat()
        self.rig = rig = Rig(rows=rows)
        self.missed = rig.storage.missed
        self.catch_up = CatchUp(
            self.missed, rig.bus, rig.chats, tell=rig.tell, settings=rig.live, clock=rig.clock
        )
        self.language = ""
        """Of those who write and press."""
        buttons = {MissedButton.kind: MissedButton(self.missed, rig.bus, rig.chats.texts)}
        presses = Presses(buttons, rig.channels, rig.chats.texts)
        around: list[Middleware] = [self.catch_up.quote, presses]
        self.turns = rig.turns(compose(say_done, around))
        self.woken: list[Event] = []
        self._presses = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Card"]:
        rig = self.rig
        async with (
            overheard(rig.bus, MessageAccepted) as self.woken,
            in_background(rig.channels.run, rig.delivery.run, self.catch_up.run),
        ):
            yield self

    async def ask(self) -> "Card":
        """Have the messages come in and the chat be asked."""
        await self.catch_up.sort_out([self._old(n, "43" if n == 2 else "42") for n in (1, 2, 3)])
        await self.rig.clock.advance(2)
        await settle()
        assert [part.part.text for part in self.rig.channel.sent if part.part.buttons]
        return self

    def _old(self, number: int, writer: str) -> Arrival:
        private = self.chat.chat_id == "42"
        message = make_message(
            f"old {number}",
            self.chat,
            id=f"id-{number}",
            sender=Person(id="42" if private else writer, language=self.language),
            sent_at=START - timedelta(hours=4 - number),
            private=private,
        )
        key = str(number)
        return Arrival(account="1000", key=key, chat=self.chat, raw="{}", message=message)

    async def press(self, data: str, *, by: str = "42") -> str:
        """Press a button; gives the words for who pressed it."""
        self._presses += 1
        message = make_message(
            "",
            self.chat,
            id="m",
            sender=Person(id=by, language=self.language),
            press=Press(id="p", data=data, message_id="telegram-1"),
        )
        key = f"press {id(self)} {self._presses}"
        arrival = Arrival(account="1000", key=key, chat=self.chat, raw="{}", message=message)
        (event,) = await self.rig.storage.inbox.admit([replace(arrival, urgent=True)])
        item = await self.rig.storage.inbox.claim_urgent(event.inbox_id)
        assert item is not None
        await self.turns.run(item)
        await settle()
        return self.rig.channel.acknowledged[-1][1]

    async def answer_all_in_line(self) -> None:
        while isinstance(item := await self.rig.storage.inbox.claim(self.chat.key), InboxItem):
            await self.turns.run(item)
        await settle()

    def told(self) -> list[tuple[str, str, str]]:
        """Give what was said behind the card, what it answers and what it replaces."""
        parts = self.rig.channel.sent[1:]
        return [(part.part.text, part.reply_to, part.edits) for part in parts]

    def states(self) -> list[InboxState]:
        return [self.rig.state(id_) for id_ in (1, 2, 3)]


@pytest.mark.parametrize(("chosen", "language"), [("", "de"), ("de", "es")])
@pytest.mark.parametrize(
    ("chat", "began"),
    [
        (make_chat(), "Während ich weg war, hast du mir 3 ältere Nachrichten geschickt"),
        (GROUP, "Während ich weg war, kamen hier 3 ältere Nachrichten für mich an"),
    ],
    ids=["private", "group"],
)
async def test_a_chat_is_asked_and_told_in_its_language(
    chat: ChatRef, began: str, chosen: str, language: str
) -> None:
    came = Card(chat)
    came.language = language
    await came.rig.chats.change(chat.key, language=chosen)
    async with came.serving():
        await came.ask()
        card = came.rig.channel.sent[0].part
        asked = f"{began} (die älteste am 4. März um 02:06 UTC)."
        assert card.text == f"{asked} Soll ich sie beantworten?"
        labels = [button.label for row in card.buttons for button in row]
        assert labels == ["Alle beantworten", "Überspringen"]
        assert await came.press("away:skip:1-3") == "⏭ Übersprungen"
        ((text, _, _),) = came.told()
        assert text == f"{asked}\n\n⏭ Übersprungen"


async def test_answer_all_answers_them_in_order_each_pointing_at_its_message() -> None:
    async with Card().serving() as card:
        await card.ask()

        assert await card.press("away:answer:1-3") == "✅ I answer them now"
        woken = {event.inbox_id for event in card.woken if isinstance(event, MessageAccepted)}
        await card.answer_all_in_line()

        assert woken == {1, 2, 3}
        assert card.states() == [InboxState.DONE] * 3
        settled, *answers = card.told()
        assert settled == (
            "While I was away you sent me 3 older messages (the oldest on 4 Mar at 02:06 UTC)."
            "\n\n✅ I answer them now",
            "",
            "telegram-1",
        )
        assert answers == [("done", f"id-{n}", "") for n in (1, 2, 3)]


async def test_skip_leaves_them_expired_and_they_are_not_offered_again() -> None:
    async with Card().serving() as card:
        await card.ask()

        assert await card.press("away:skip:1-3") == "⏭ Skipped"
        await card.answer_all_in_line()
        await card.rig.clock.advance(60)

        assert card.states() == [InboxState.EXPIRED] * 3
        ((text, _, edited),) = card.told()
        assert text.endswith("\n\n⏭ Skipped")
        assert edited == "telegram-1"
        assert await card.missed.unoffered() == []


@pytest.mark.parametrize("first", ["answer", "skip"])
@pytest.mark.parametrize("second", ["answer", "skip"])
async def test_a_second_press_says_that_it_was_answered_before(first: str, second: str) -> None:
    async with Card().serving() as card:
        await card.ask()
        await card.press(f"away:{first}:1-3")
        after = card.states()

        assert await card.press(f"away:{second}:1-3") == DECIDED

        assert card.states() == after
        assert len(card.told()) == 1


@pytest.mark.parametrize(
    ("presser", "words"),
    [
        ("42", "✅ I answer them now"),
        ("43", "✅ I answer them now"),
        ("7", "✅ I answer them now"),  # the owner
        ("44", NOT_YOURS),
    ],
)
async def test_in_a_group_who_wrote_one_of_them_and_the_owner_decide(
    presser: str, words: str
) -> None:
    async with Card(GROUP).serving() as card:
        await card.ask()
        assert await card.press("away:answer:1-3", by=presser) == words
        assert (card.states() == [InboxState.EXPIRED] * 3) == (words == NOT_YOURS)


async def test_a_button_of_another_chat_does_nothing() -> None:
    async with Card(GROUP).serving() as card:
        await card.ask()
        card.chat = make_chat()
        assert await card.press("away:answer:1-3") == DECIDED
        assert card.states() == [InboxState.EXPIRED] * 3


async def test_the_buttons_outlive_a_restart() -> None:
    async with Card().serving() as first:
        await first.ask()
    async with Card(rows=first.rig.rows).serving() as second:
        assert await second.press("away:answer:1-3") == "✅ I answer them now"
        await second.answer_all_in_line()
        assert second.states() == [InboxState.DONE] * 3


async def test_what_was_put_back_is_answered_after_a_restart_too() -> None:
    async with Card().serving() as first:
        await first.ask()
        await first.press("away:answer:1-3")
    async with Card(rows=first.rig.rows).serving() as second:
        await second.rig.clock.advance(3600)
        await second.answer_all_in_line()
        assert second.states() == [InboxState.DONE] * 3


async def test_what_was_erased_meanwhile_is_too_late() -> None:
    async with Card().serving() as card:
        await card.ask()
        for row in card.rig.rows.inbox.values():
            row.arrival = replace(row.arrival, message=None)
        assert await card.press("away:answer:1-3") == "Too late: this button has expired."


@pytest.mark.parametrize(
    "data", ["away", "away:", "away:later:1-3", "away:answer:1", "away:skip:x"]
)
async def test_a_forged_button_is_unknown(data: str) -> None:
    async with Card().serving() as card:
        await card.ask()
        assert await card.press(data) == "This button does not work any more."
        assert card.states() == [InboxState.EXPIRED] * 3


async def test_who_comes_second_in_the_same_moment_changes_nothing() -> None:
    async with Card().serving() as card:
        await card.ask()
        gate = card.rig.faults.hold_after("missed.offered")

        async def skip() -> None:
            assert await card.press("away:skip:1-3") == DECIDED

        async with in_background(skip) as (slow,):
            await gate.reached.wait()
            await card.missed.put_back([1, 2, 3])
            gate.open()
            await slow
        assert InboxState.EXPIRED not in card.states()
