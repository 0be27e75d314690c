"""The storages the contract suites run on, and things to put into them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from minibot.adapters.storage import Rows, Storage, in_memory_storage, open_storage
from minibot.core.approvals import ApprovalRequest
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.journal import CallRecord, StepRecord
from minibot.core.llm import Role, ToolCall, Usage, Utterance
from minibot.core.messages import Arrival, ChatRef, IncomingMessage, Part, Person
from minibot.core.notes import Note
from minibot.core.outbox import Draft
from minibot.core.ports import TurnResult
from minibot.core.tools import CallState, UndoAction
from minibot.core.undo import Undoable

START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


class ManualClock:
    """A clock that stands until it is moved; sleeping moves it."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - START).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


class Home(Protocol):
    """A place where a storage lives, over several processes."""

    @property
    def clock(self) -> ManualClock: ...

    def open(self) -> AbstractAsyncContextManager[Storage]:
        """Open it as a new process would; while another is open, that one counts as dead."""


class SqliteHome:
    """A database file."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.path = folder / "data" / "minibot.db"

    def open(self) -> AbstractAsyncContextManager[Storage]:
        return open_storage(self.path, clock=self.clock)


class InMemoryHome:
    """Rows that several storages share one after the other."""

    def __init__(self, _folder: Path) -> None:
        self.clock = ManualClock()
        self._rows = Rows()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Storage]:
        yield in_memory_storage(self.clock, rows=self._rows)


HOMES: tuple[Callable[[Path], Home], ...] = (SqliteHome, InMemoryHome)


def a_chat(chat_id: str = "42", thread_id: str = "") -> ChatRef:
    return ChatRef(channel="telegram", chat_id=chat_id, thread_id=thread_id)


def an_arrival(
    key: str, chat: ChatRef | None = None, *, text: str = "hello", urgent: bool = False
) -> Arrival:
    chat = chat or a_chat()
    message = IncomingMessage(
        id=f"id-{key}",
        chat=chat,
        sender=Person(id="7", name="Ann", language="en"),
        text=text,
        sent_at=START - timedelta(seconds=2),
        private=True,
        addressed=True,
    )
    return Arrival(account="1000", key=key, chat=chat, raw="{}", message=message, urgent=urgent)


def unreadable(key: str) -> Arrival:
    return Arrival(
        account="1000",
        key=key,
        chat=a_chat(),
        raw='{"odd": 1}',
        message=None,
        problem="no such field",
    )


def a_draft(key: str, chat: ChatRef | None = None, *, text: str = "answer") -> Draft:
    return Draft(key=key, chat=chat or a_chat(), part=Part(text=text), reply_to="3", inbox_id=1)


def said(text: str, role: Role = Role.USER) -> Utterance:
    return Utterance(role=role, text=text)


async def take(storage: Storage, conversation: str = "telegram:42") -> InboxItem:
    """Claim what must be there."""
    item = await storage.inbox.claim(conversation)
    assert isinstance(item, InboxItem)
    return item


async def admit_and_take(storage: Storage, key: str, chat: ChatRef | None = None) -> InboxItem:
    arrival = an_arrival(key, chat)
    await storage.inbox.admit([arrival])
    return await take(storage, arrival.chat.key)


async def finish(
    storage: Storage, item: InboxItem, state: InboxState = InboxState.DONE, problem: str = ""
) -> None:
    """End an item with nothing to say."""
    result = TurnResult(item=item, state=state, problem=problem)
    await storage.ledger.finish(result, claim_first=False)


def a_request(
    *, inbox_id: int = 1, call_id: str = "0:c1", chat: ChatRef | None = None, minutes: int = 5
) -> ApprovalRequest:
    return ApprovalRequest(
        inbox_id=inbox_id,
        call_id=call_id,
        person_id="7",
        chat=chat or a_chat(),
        tool="fetch",
        arguments='{"url":"https://example.org/a"}',
        scope="https://example.org",
        expires_at=START + timedelta(minutes=minutes),
    )


def an_undoable(button: str = "t", *, owner: str = "telegram:7") -> Undoable:
    return Undoable(
        token=button,
        person_id="7",
        owner=owner,
        label="📝 Remembered **coffee**",
        action=UndoAction(kind="note", payload='{"title":"coffee"}'),
        expires_at=START + timedelta(minutes=10),
    )


def a_step(
    number: int = 0, *calls: str, state: CallState | None = None, text: str = "Let me see."
) -> StepRecord:
    """A step with calls of these ids, all in one state."""
    return StepRecord(
        number=number,
        text=text,
        calls=tuple(
            CallRecord(call=ToolCall(id=id_, name="look", arguments="{}"), state=state)
            for id_ in calls
        ),
        usage=Usage(input_tokens=10, output_tokens=2),
        model="a model",
    )


def a_note(owner: str, title: str, *, data: str = "black, no sugar") -> Note:
    return Note(owner=owner, title=title, data=data, created_at=START, updated_at=START)
