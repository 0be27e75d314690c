"""Messages that belong together meet in one turn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from minibot.adapters.storage import Rows
from minibot.app.gathering import MOST_WINDOWS, Gathering
from minibot.app.intake import Intake
from minibot.app.pipeline import Answer, TurnContext, compose
from minibot.core.inbox import InboxState
from minibot.core.llm import TextDelta
from minibot.core.messages import Arrival, IncomingMessage
from tests.app.rig import Rig, in_background
from tests.fakes import FakeClock, Gate, make_arrival, make_settings, settle

WINDOW = 0.5


class Conversation:
    """A chat whose turns say what they were given; each waits for its gate, if it has one."""

    def __init__(
        self, *, rows: Rows | None = None, clock: FakeClock | None = None, gather_ms: int = 500
    ) -> None:
        settings = make_settings(chat={"gather_ms": gather_ms})
        self.rig = rig = Rig(settings, rows=rows, clock=clock)
        self.turns: list[str] = []
        self.otherwise: list[str] = []
        self.gates: dict[str, Gate] = {}
        self.failing: set[str] = set()
        self.seen: set[str] = set()
        """Texts of which the model says something before their gate opens."""
        self.gathering = Gathering(
            rig.storage.inbox,
            rig.running,
            settings=rig.live,
            clock=rig.clock,
            otherwise=lambda _, message: self.otherwise.append(message.text),
        )
        self.dispatcher = rig.dispatcher(rig.turns(compose(self._answer, [self.gathering])).run)
        self.intake = Intake(
            rig.storage.inbox,
            rig.bus,
            dispatcher=self.dispatcher,
            tell=rig.tell,
            crash_points=rig.crash_points,
            on_busy=self.gathering.on_busy,
            chat_texts=rig.chats.chat_texts,
        )
        self.key = 0

    async def _answer(self, context: TurnContext) -> Answer:
        self.turns.append(context.message.text)
        if context.message.text in self.failing:
            raise ValueError("broken")
        if context.message.text in self.seen:
            context.progress.observe(TextDelta(text="Well"))
        if (gate := self.gates.get(context.message.text)) is not None:
            await gate.pass_through()
        return Answer(markdown=f"to {context.message.text}")

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Conversation"]:
        rig = self.rig
        async with in_background(rig.channels.run, rig.delivery.run, self.dispatcher.run):
            yield self

    def arrival(self, text: str, **fields: Any) -> Arrival:
        self.key += 1
        arrival = make_arrival(f"{text}{self.key}", text)
        assert isinstance(arrival.message, IncomingMessage)
        now = self.rig.clock.now()
        return replace(arrival, message=replace(arrival.message, sent_at=now, **fields))

    async def say(self, text: str, **fields: Any) -> None:
        await self.intake.receive([self.arrival(text, **fields)])
        await settle()

    def states(self) -> list[InboxState]:
        return [row.state for row in self.rig.rows.inbox.values()]


async def test_an_album_waits_until_no_more_of_it_comes() -> None:
    async with Conversation().serving() as chat:
        for text in ("one", "two", "three"):
            await chat.say(text, album="a")
            await chat.rig.clock.advance(WINDOW * 0.9)
        assert chat.turns == []
        await chat.rig.clock.advance(WINDOW)
        assert chat.turns == ["one\ntwo\nthree"]
        assert chat.states() == [InboxState.DONE] * 3
        assert chat.otherwise == []


async def test_what_drips_on_and_on_is_not_waited_for_for_ever() -> None:
    async with Conversation().serving() as chat:
        for number in range(MOST_WINDOWS * 2):
            await chat.say(str(number), album="a")
            await chat.rig.clock.advance(WINDOW * 0.9)
            if chat.turns:
                break
        assert number < MOST_WINDOWS + 2


async def test_plain_text_waits_for_nothing() -> None:
    async with Conversation().serving() as chat:
        await chat.say("one")
        await chat.say("two")
        assert chat.turns == ["one", "two"]


async def test_nothing_waits_where_the_window_is_shut() -> None:
    async with Conversation(gather_ms=0).serving() as chat:
        await chat.intake.receive([chat.arrival("one", album="a"), chat.arrival("two", album="a")])
        await settle()
        assert chat.turns == ["one\ntwo"], "what is there is taken all the same"


async def test_a_turn_begins_anew_when_what_belongs_to_it_comes() -> None:
    async with Conversation().serving() as chat:
        chat.gates["look"] = Gate()
        await chat.say("look")
        assert chat.turns == ["look"]
        await chat.say("news", forwarded=True)
        await chat.say("more", forwarded=True)
        await chat.rig.clock.advance(WINDOW)
        assert chat.turns == ["look", "look\nnews\nmore"]
        assert chat.states() == [InboxState.DONE] * 3
        assert [each.part.text for each in chat.rig.channel.sent] == ["to look\nnews\nmore"]


async def test_a_turn_of_which_something_was_seen_goes_on() -> None:
    async with Conversation().serving() as chat:
        chat.gates["look"] = Gate()
        chat.seen.add("look")
        await chat.say("look")
        await chat.say("news", forwarded=True)
        assert chat.turns == ["look"]
        chat.gates["look"].open()
        await settle()
        await chat.rig.clock.advance(WINDOW)
        assert chat.turns == ["look", "news"]


async def test_what_waited_in_line_is_joined_when_its_turn_comes() -> None:
    async with Conversation().serving() as chat:
        chat.gates["long"] = Gate()
        await chat.say("long")
        await chat.rig.clock.advance(60)
        await chat.say("look")
        await chat.say("news", forwarded=True)
        assert chat.otherwise == ["look", "news"]
        chat.gates["long"].open()
        await settle()
        await chat.rig.clock.advance(WINDOW)
        assert chat.turns == ["long", "look\nnews"]


async def test_a_restart_joins_what_the_process_before_it_stored() -> None:
    before = Conversation()
    await before.rig.admit([before.arrival("look"), before.arrival("news", forwarded=True)])
    clock = before.rig.clock
    await clock.advance(60)
    async with Conversation(rows=before.rig.rows, clock=clock).serving() as chat:
        await clock.advance(WINDOW)
        assert chat.turns == ["look\nnews"]


async def test_a_failed_turn_gives_all_of_its_messages_back() -> None:
    async with Conversation().serving() as chat:
        chat.failing.add("one\ntwo")
        await chat.say("one", album="a")
        await chat.say("two", album="a")
        await chat.rig.clock.advance(WINDOW)
        assert chat.states() == [InboxState.RETRY, InboxState.RECEIVED]
        chat.failing.clear()
        await chat.rig.clock.advance(10)
        assert chat.turns == ["one\ntwo"] * 2
        assert chat.states() == [InboxState.DONE] * 2
