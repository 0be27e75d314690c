"""A turn's parts wired as in the container, the model and the tools replaced."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from minibot.adapters.storage import Rows
from minibot.app.agent.approval_desk import ApprovalDesk
from minibot.app.agent.calls import CallRunner
from minibot.app.agent.loop import TurnLoop
from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.during_turn import Newcomers
from minibot.app.enclosures import Enclosures
from minibot.app.handlers.llm import AskModel, Remembered
from minibot.app.handlers.presses import ApprovalButton, Presses, UndoButton
from minibot.app.handlers.presses import Button as PressedButton
from minibot.app.incognito import Incognito
from minibot.app.middleware import Apologise
from minibot.app.pipeline import Answer, Middleware, TurnContext, compose
from minibot.app.recall import CachedNotes
from minibot.core.inbox import InboxItem
from minibot.core.journal import CallRecord, StepRecord
from minibot.core.llm import CompletionRequest, Utterance
from minibot.core.messages import Arrival, ChatRef, Person, Press
from minibot.core.outbox import OutgoingPart
from minibot.core.ports import Tool
from minibot.core.settings import Settings
from tests.app.agent.tools import FakeToolbox
from tests.app.media import FakeMediaReader, FakeMediaStore, FakeTranscriber
from tests.app.rig import Rig, in_background
from tests.fakes import FakeClock, ModelStep, ScriptedModel, make_chat, make_message, settle, until


class Observed:
    """What can be seen of an assistant from outside."""

    rig: Rig
    model: ScriptedModel

    async def question(self, number: int = 0) -> OutgoingPart:
        """Wait for a question for permission."""
        await until(lambda: len(self._questions()) > number)
        return self._questions()[number]

    def cards(self) -> list[str]:
        """Give the questions for permission that were sent."""
        return [part.part.text for part in self._questions()]

    def _questions(self) -> list[OutgoingPart]:
        return [
            part
            for part in self.rig.channel.sent
            if part.key.startswith("approval:") and not part.edits
        ]

    def said(self) -> list[str]:
        """Give what was delivered, in order."""
        return self.rig.channel.said()

    @property
    def requests(self) -> list[CompletionRequest]:
        return self.model.requests

    def shown(self, number: int = -1) -> list[Utterance]:
        """Give the messages of a request."""
        return list(self.model.requests[number].messages)

    async def steps(self, inbox_id: int = 1) -> list[StepRecord]:
        return await self.rig.storage.journal.steps(inbox_id)

    async def call_records(self, inbox_id: int = 1) -> list[CallRecord]:
        return [each for step in await self.steps(inbox_id) for each in step.calls]

    async def remembered(self, conversation: str = "telegram:42") -> list[Utterance]:
        return await self.rig.storage.history.recent(conversation, 100)


class Assistant(Observed):
    """Takes messages and presses to their end."""

    def __init__(
        self,
        *tools: Tool,
        answers: Sequence[Sequence[ModelStep]] = (),
        model: ScriptedModel | None = None,
        settings: Settings | None = None,
        rows: Rows | None = None,
        clock: FakeClock | None = None,
    ) -> None:
        self.rig = rig = Rig(settings, rows=rows, clock=clock)
        self.model = model or ScriptedModel(*answers)
        self.toolbox = FakeToolbox(*tools)
        self.storage = storage = rig.storage
        self.incognito = Incognito(storage.preferences)
        self.chats = ChatSettingsBook(storage.preferences)
        self.notes = CachedNotes(storage.notes)
        self.media, self.media_reader = FakeMediaStore(), FakeMediaReader()
        self.transcriber = FakeTranscriber()
        self.overflowing: list[tuple[str, int]] = []
        self.chain = rig.chain(self.model)
        self.desk = desk = ApprovalDesk(
            storage.approvals, tell=rig.tell, clock=rig.clock, wording=self.chats.texts
        )
        long_turns = rig.long_turns()
        self._newcomers = Newcomers(
            storage.inbox, long_turns, chats=self.chats, settings=rig.live, clock=rig.clock
        )
        runner = CallRunner(storage.journal, desk, clock=rig.clock, crash_points=rig.crash_points)
        loop = TurnLoop(self.chain, storage.journal, runner, crash_points=rig.crash_points)
        self._ask = AskModel(
            loop,
            self.toolbox,
            Remembered(
                history=storage.history,
                notes=self.notes,
                incognito=self.incognito,
                chats=self.chats,
            ),
            enclosures=Enclosures(
                rig.channels,
                store=self.media,
                reader=self.media_reader,
                transcriber=self.transcriber,
            ),
            clock=rig.clock,
            on_overflow=lambda *noted: self.overflowing.append(noted),
            enter=self._newcomers.enter,
        )
        buttons: dict[str, PressedButton] = {
            ApprovalButton.kind: ApprovalButton(desk, self.chats.texts),
            UndoButton.kind: UndoButton(
                storage.undo_log, self.toolbox, rig.clock, self.chats.texts
            ),
        }
        around: list[Middleware] = [
            Presses(buttons, rig.channels, self.chats.texts),
            Apologise(rig.clock, self.chats.texts),
        ]
        self._turns = rig.turns(compose(self._ask, around), desk.withdraw)
        self._keys = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Assistant"]:
        """Have a model to ask and a channel that delivers while inside."""
        await self.chain.open()
        async with in_background(self.rig.channels.run, self.rig.delivery.run):
            yield self

    def successor(self, *answers: Sequence[ModelStep]) -> "Assistant":
        """Give the process that follows when this one dies."""
        return Assistant(
            *self.toolbox.tools.values(),
            answers=answers,
            settings=self.rig.live.current,
            rows=self.rig.rows,
            clock=self.rig.clock,
        )

    async def recover(self, conversation: str = "telegram:42") -> InboxItem:
        """Take back the message that the process before had in hand."""
        await self.storage.inbox.recover()
        await self.storage.outbox.recover()
        item = await self.storage.inbox.claim(conversation)
        if isinstance(item, datetime):
            await self.rig.clock.advance((item - self.rig.clock.now()).total_seconds())
            item = await self.storage.inbox.claim(conversation)
        assert isinstance(item, InboxItem)
        return item

    async def take(
        self,
        text: str = "hello",
        *,
        person: Person | None = None,
        urgent: bool = False,
        **fields: Any,
    ) -> InboxItem:
        """Store a message of a person, in private unless `fields` say otherwise, and claim it."""
        self._keys += 1
        key = f"{id(self)}-{self._keys}"
        sender = person or Person(id="42", name="Ann")
        message = make_message(text, id=f"id-{self._keys}", sender=sender, **fields)
        arrival = Arrival(
            account="1000", key=key, chat=message.chat, raw="{}", message=message, urgent=urgent
        )
        (event,) = await self.storage.inbox.admit([arrival])
        inbox = self.storage.inbox
        item = await (
            inbox.claim_urgent(event.inbox_id) if urgent else inbox.claim(event.conversation)
        )
        assert isinstance(item, InboxItem)
        return item

    async def run(self, item: InboxItem) -> bool:
        return await self._turns.run(item)

    async def say(self, text: str = "hello", **fields: Any) -> InboxItem:
        """Have a message answered to its end."""
        item = await self.take(text, **fields)
        await self.run(item)
        await self.rig.delivery.settled()
        return item

    async def answer(self, text: str = "hello", **fields: Any) -> Answer:
        """Give what the model's handler makes of a message, and record nothing of it."""
        item = await self.take(text, **fields)
        try:
            return await self._ask(TurnContext(item=item, settings=self.rig.live.current))
        finally:
            await self.storage.inbox.release(item.id)

    @asynccontextmanager
    async def working(
        self, text: str = "hello", *, item: InboxItem | None = None, **fields: Any
    ) -> AsyncIterator["asyncio.Task[bool]"]:
        """Work on a message beside the test; it has to be over in the end."""
        turn = asyncio.create_task(self.run(item or await self.take(text, **fields)))
        try:
            yield turn
            await settle()
            await until(turn.done)
            await self.rig.delivery.settled()
        finally:
            turn.cancel()
            await asyncio.wait((turn,))
        if not turn.cancelled() and not self.rig.faults.killed:
            turn.result()

    async def die(self, moment: str, **fields: Any) -> None:
        """Work on a message and die of it, at such a moment as ``before journal.finish``."""
        when, _, call = moment.partition(" ")
        faults = self.rig.faults
        gate = faults.hold_before(call) if when == "before" else faults.hold_after(call)
        async with self.serving(), self.working(**fields):
            await gate.reached.wait()
            faults.kill()
            gate.open()

    async def press(
        self,
        data: str,
        *,
        by: str = "42",
        message_id: str = "telegram-1",
        chat: ChatRef | None = None,
        language: str = "",
    ) -> str:
        """Press a button; gives the words that are shown to who pressed it."""
        shown = len(self.rig.channel.acknowledged)
        item = await self.take(
            "",
            person=Person(id=by, name=f"person {by}", language=language),
            urgent=True,
            chat=chat or make_chat(),
            press=Press(id=f"press-{shown}", data=data, message_id=message_id),
        )
        await self.run(item)
        await self.rig.delivery.settled()
        return self.rig.channel.acknowledged[-1][1]


def button(part: OutgoingPart, label: str) -> str:
    """Give the data of the button whose label begins so."""
    (data,) = (
        each.data for row in part.part.buttons for each in row if each.label.startswith(label)
    )
    return data
