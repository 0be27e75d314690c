"""Random histories of an inbox against the simplest inbox there is."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from minibot.adapters.storage import Storage
from minibot.core.errors import IllegalTransition
from minibot.core.inbox import MAX_CRASHES, InboxItem, InboxState, crash_delay
from tests.contracts.storages import Home, InMemoryHome, SqliteHome, a_chat, an_arrival, finish

T = TypeVar("T")

CHATS = st.sampled_from(["1", "2"])
IDS = st.integers(min_value=1, max_value=6)


@dataclass(slots=True, kw_only=True)
class Row:
    """What must be true of an item."""

    chat: str
    urgent: bool
    not_before: datetime
    held: bool = False
    waits: bool = False
    """For a model."""
    failed: bool = False
    """And is to run again."""
    attempts: int = 0
    crashes: int = 0

    def give_back(self, not_before: datetime, *, waits: bool = False, failed: bool = False) -> None:
        self.held, self.waits, self.failed = False, waits, failed
        self.not_before = not_before


class InboxWorld(RuleBasedStateMachine):
    """An inbox, and what must be true of it."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._home = self._make_home(Path(self._folder.name))
        self._loop = asyncio.Runner()
        self._open = AsyncExitStack()
        self._storage: Storage = self._run(self._open.enter_async_context(self._home.open()))
        self._rows: dict[int, Row] = {}
        self._items: dict[int, InboxItem] = {}
        self._keys: set[str] = set()
        self._last_id = 0

    def teardown(self) -> None:
        self._run(self._open.aclose())
        self._loop.close()
        self._folder.cleanup()

    def _make_home(self, folder: Path) -> Home:
        raise NotImplementedError

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(work)

    @property
    def _now(self) -> datetime:
        return self._home.clock.now()

    def _line(self, chat: str) -> list[tuple[int, Row]]:
        return [
            (id_, row) for id_, row in self._rows.items() if row.chat == chat and not row.urgent
        ]

    def _hold(self, item: InboxItem) -> None:
        row = self._rows[item.id]
        row.held, row.waits, row.failed = True, False, False
        row.attempts += 1
        assert (item.attempts, item.crashes) == (row.attempts, row.crashes)
        self._items[item.id] = item

    def _held_or_refused(self, id_: int, work: Coroutine[Any, Any, None]) -> Row | None:
        row = self._rows.get(id_)
        if row is not None and row.held:
            self._run(work)
            return row
        with pytest.raises(IllegalTransition):
            self._run(work)
        return None


class InboxMachine(InboxWorld):
    """Does whatever the dispatcher may do, and dies now and then."""

    @rule(key=st.sampled_from("abcdefgh"), chat=CHATS, urgent=st.booleans())
    def admit(self, key: str, chat: str, urgent: bool) -> None:
        arrival = an_arrival(key, a_chat(chat), urgent=urgent)
        accepted = self._run(self._storage.inbox.admit([arrival]))
        assert len(accepted) == (key not in self._keys)
        self._keys.add(key)
        for event in accepted:
            assert event.inbox_id > self._last_id
            self._last_id = event.inbox_id
            self._rows[event.inbox_id] = Row(chat=chat, urgent=urgent, not_before=self._now)

    @rule(chat=CHATS)
    def claim(self, chat: str) -> None:
        claimed = self._run(self._storage.inbox.claim(f"telegram:{chat}"))
        line = self._line(chat)
        if not line or any(row.held for _, row in line):
            assert claimed is None
            return
        id_, row = line[0]
        if row.not_before > self._now:
            assert claimed == row.not_before
            return
        assert isinstance(claimed, InboxItem)
        assert claimed.id == id_
        self._hold(claimed)

    @rule(id_=IDS)
    def claim_urgent(self, id_: int) -> None:
        claimed = self._run(self._storage.inbox.claim_urgent(id_))
        row = self._rows.get(id_)
        ready = row is not None and not row.held and row.not_before <= self._now
        assert (claimed is not None) == (row is not None and row.urgent and ready)
        if claimed is not None:
            self._hold(claimed)

    @rule(id_=IDS)
    def release(self, id_: int) -> None:
        row = self._held_or_refused(id_, self._storage.inbox.release(id_))
        if row is not None:
            row.give_back(row.not_before)
            row.attempts -= 1

    @rule(id_=IDS, seconds=st.integers(min_value=0, max_value=9))
    def postpone(self, id_: int, seconds: int) -> None:
        until = self._now + timedelta(seconds=seconds)
        row = self._held_or_refused(id_, self._storage.inbox.postpone(id_, until, "x"))
        if row is not None:
            row.give_back(until, failed=True)

    @rule(id_=IDS, seconds=st.integers(min_value=0, max_value=9))
    def wait_for_a_model(self, id_: int, seconds: int) -> None:
        until = self._now + timedelta(seconds=seconds)
        row = self._held_or_refused(id_, self._storage.inbox.wait(id_, until, "none"))
        if row is not None:
            row.give_back(until, waits=True)
            row.attempts -= 1

    @rule(id_=IDS)
    def set_aside(self, id_: int) -> None:
        row = self._held_or_refused(id_, self._storage.inbox.set_aside(id_))
        if row is not None:
            row.urgent = True

    @rule(limit=st.integers(min_value=0, max_value=3))
    def wake_waiting(self, limit: int) -> None:
        woken = self._run(self._storage.inbox.wake_waiting(limit))
        asleep = [
            id_ for id_, row in self._rows.items() if row.waits and row.not_before > self._now
        ]
        assert [event.inbox_id for event in woken] == asleep[:limit]
        for event in woken:
            row = self._rows[event.inbox_id]
            assert (event.conversation, event.urgent) == (f"telegram:{row.chat}", row.urgent)
            row.not_before = self._now

    @rule(chat=CHATS)
    def cancel_waiting(self, chat: str) -> None:
        waiting = [
            id_ for id_, row in self._rows.items() if (row.waits or row.failed) and row.chat == chat
        ]
        assert self._run(self._storage.inbox.cancel_waiting(f"telegram:{chat}")) == len(waiting)
        for id_ in waiting:
            del self._rows[id_]

    @precondition(lambda self: self._items)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        id_ = data.draw(st.sampled_from(sorted(self._items)))
        state = data.draw(st.sampled_from([InboxState.DONE, InboxState.DEAD]))
        work = finish(self._storage, self._items[id_], state)
        if self._held_or_refused(id_, work) is not None:
            del self._rows[id_]

    @rule(seconds=st.integers(min_value=1, max_value=9))
    def let_time_pass(self, seconds: int) -> None:
        self._home.clock.advance(seconds)

    @rule()
    def die_and_start_again(self) -> None:
        reopened = AsyncExitStack()
        storage = self._run(reopened.enter_async_context(self._home.open()))
        self._run(self._open.aclose())
        self._open, self._storage = reopened, storage
        recovery = self._run(storage.inbox.recover())
        held = {id_: row for id_, row in self._rows.items() if row.held}
        given_up = {item.id for item in recovery.given_up}
        assert given_up == {id_ for id_, row in held.items() if row.crashes == MAX_CRASHES - 1}
        assert recovery.requeued == len(held) - len(given_up)
        for item in recovery.given_up:
            self._run(finish(storage, item, InboxState.DEAD, "killed too often"))
            del self._rows[item.id]
        for id_, row in held.items():
            if id_ not in given_up:
                row.crashes += 1
                row.give_back(self._now + crash_delay(row.crashes))

    @invariant()
    def open_is_what_is_open(self) -> None:
        urgent = {id_ for id_, row in self._rows.items() if row.urgent and not row.held}
        heads: dict[str, int] = {}
        for id_, row in self._rows.items():
            if not row.urgent and not row.held:
                heads.setdefault(row.chat, id_)
        events = self._run(self._storage.inbox.open_conversations())
        assert [event.inbox_id for event in events] == sorted({*urgent, *heads.values()})


class SqliteMachine(InboxMachine):
    def _make_home(self, folder: Path) -> Home:
        return SqliteHome(folder)


class InMemoryMachine(InboxMachine):
    def _make_home(self, folder: Path) -> Home:
        return InMemoryHome(folder)


BOUNDS = settings(
    max_examples=20,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestSqliteInbox = SqliteMachine.TestCase
TestSqliteInbox.settings = BOUNDS
TestInMemoryInbox = InMemoryMachine.TestCase
TestInMemoryInbox.settings = settings(BOUNDS, max_examples=50)
