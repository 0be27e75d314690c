"""Units of work share transactions and nothing else."""

import asyncio
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text

from minibot.adapters.storage.sqlite.database import Database, open_database
from minibot.adapters.storage.sqlite.inbox import SqliteInbox
from minibot.adapters.storage.sqlite.journal import SqliteJournal
from minibot.adapters.storage.sqlite.outbox import SqliteOutbox
from minibot.adapters.storage.sqlite.preferences import SqlitePreferences
from minibot.adapters.storage.sqlite.schema import conversations, history
from minibot.adapters.storage.sqlite.statement import Statement, Transaction
from minibot.adapters.storage.sqlite.undo_log import SqliteUndoLog
from minibot.adapters.storage.sqlite.writer import OUTSTANDING_UNITS
from minibot.core.errors import IllegalTransition, StorageError, StorageUnavailable
from minibot.core.inbox import InboxItem
from tests.contracts.storages import (
    START,
    ManualClock,
    a_chat,
    a_draft,
    a_step,
    an_arrival,
    an_undoable,
)

HOLD_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
connection.close()
"""

CHECK_REFERENCES_AT_THE_END = Statement(text("PRAGMA defer_foreign_keys=ON"))
ERASE = Statement(delete(history))
HUGE = Statement(select(func.zeroblob(2**40)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "minibot.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    async with open_database(path, clock=ManualClock(), busy_timeout_ms=20) as opened:
        yield opened


@pytest.fixture
def stranger(path: Path, database: Database) -> Iterator[sqlite3.Connection]:
    """A connection of somebody else."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


async def test_units_submitted_together_share_transactions(database: Database) -> None:
    transactions: list[Transaction] = []

    await asyncio.gather(*(database.write(transactions.append) for _ in range(100)))

    assert len(transactions) == 100
    assert len({id(transaction) for transaction in transactions}) == 1


async def test_bad_unit_fails_alone(database: Database, stranger: sqlite3.Connection) -> None:
    inbox = SqliteInbox(database)

    outcomes = await asyncio.gather(
        inbox.admit([an_arrival("1")]),
        inbox.release(99),
        inbox.admit([an_arrival("2")]),
        database.write(lambda _tx: 1 // 0),
        inbox.admit([an_arrival("3")]),
        return_exceptions=True,
    )

    assert isinstance(outcomes[1], IllegalTransition)
    assert isinstance(outcomes[3], ZeroDivisionError)
    assert [len(outcome) for outcome in outcomes[::2] if isinstance(outcome, list)] == [1, 1, 1]
    assert stranger.execute("SELECT count(*) FROM inbox").fetchone() == (3,)


async def test_what_sqlite_refuses_is_a_storage_error(database: Database) -> None:
    def break_a_rule(tx: Transaction) -> None:
        tx.execute(HUGE)

    with pytest.raises(StorageError, match="refused"):
        await database.write(break_a_rule)
    assert len(await SqliteInbox(database).admit([an_arrival("1")])) == 1


async def test_lock_held_by_another_process_is_waited_for(path: Path) -> None:
    async with open_database(path, clock=ManualClock()) as database:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            HOLD_LOCK,
            str(path),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert child.stdin is not None
        assert child.stdout is not None
        assert await child.stdout.readline() == b"locked\n"
        writing = asyncio.create_task(SqliteInbox(database).admit([an_arrival("1")]))
        done, _ = await asyncio.wait([writing], timeout=1)
        assert not done
        await child.communicate(b"go on\n")

        assert len(await writing) == 1


async def test_lock_that_is_never_given_up_is_reported_and_nothing_written(
    database: Database, stranger: sqlite3.Connection
) -> None:
    inbox = SqliteInbox(database)
    stranger.execute("BEGIN IMMEDIATE")

    with pytest.raises(StorageUnavailable, match="another process"):
        await inbox.admit([an_arrival("1")])
    stranger.execute("COMMIT")

    assert await inbox.open_conversations() == []
    assert len(await inbox.admit([an_arrival("1")])) == 1


async def test_full_database_refuses_and_recovers(database: Database) -> None:
    inbox = SqliteInbox(database)
    await inbox.admit([an_arrival("0")])
    connection = database._connection
    pages = await connection.run(lambda raw: raw.execute("PRAGMA page_count").fetchone()[0])
    await connection.run(lambda raw: raw.execute(f"PRAGMA max_page_count={pages}").fetchone())

    with pytest.raises(StorageUnavailable):
        await inbox.admit([an_arrival(str(i), text="x" * 3000) for i in range(1, 50)])
    await connection.run(lambda raw: raw.execute("PRAGMA max_page_count=100000").fetchone())

    assert len(await inbox.admit([an_arrival(str(i)) for i in range(50)])) == 49


async def test_writing_reads_back_at_once(database: Database) -> None:
    inbox = SqliteInbox(database)
    for number in range(30):
        await inbox.admit([an_arrival(str(number), a_chat(str(number)))])

        assert len(await inbox.open_conversations()) == number + 1


async def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(StorageUnavailable):
        await database.read(lambda tx: tx.execute(ERASE))


async def test_more_readers_than_connections_take_turns(path: Path) -> None:
    async with open_database(path, clock=ManualClock(), pool_size=2) as database:
        inbox = SqliteInbox(database)
        await inbox.admit([an_arrival("1")])

        answers = await asyncio.gather(*(inbox.open_conversations() for _ in range(40)))

    assert all(len(answer) == 1 for answer in answers)


@asynccontextmanager
async def transaction_held_open(database: Database) -> AsyncIterator[None]:
    """Keep the writer in the middle of a transaction.

    What was submitted before the body begins is part of it; what comes later waits.
    """
    begun, go_on = threading.Event(), threading.Event()

    def hold(_tx: Transaction) -> None:
        begun.set()
        go_on.wait()

    holding = asyncio.create_task(database.write(hold))
    try:
        await asyncio.to_thread(begun.wait)
        yield
    finally:
        go_on.set()
        await holding


def an_outbox(database: Database) -> SqliteOutbox:
    return SqliteOutbox(database, preferences=SqlitePreferences(database))


async def cancel_while_committing(
    database: Database, claim: Callable[[], Awaitable[object]]
) -> None:
    claiming = asyncio.ensure_future(claim())
    async with transaction_held_open(database):
        claiming.cancel()
        await asyncio.wait([claiming])
    # Whatever was to be undone is undone when the next write is.
    await database.write(lambda _tx: None)


async def test_claim_nobody_waits_for_is_undone(database: Database) -> None:
    inbox, outbox = SqliteInbox(database), an_outbox(database)
    (event,) = await inbox.admit([an_arrival("1")])
    (urgent,) = await inbox.admit([an_arrival("2", urgent=True)])
    (part,) = await outbox.enqueue([a_draft("a")])

    await cancel_while_committing(database, lambda: inbox.claim(event.conversation))
    await cancel_while_committing(database, lambda: inbox.claim_urgent(urgent.inbox_id))
    await cancel_while_committing(database, lambda: outbox.claim(part.id))

    item = await inbox.claim(event.conversation)
    assert isinstance(item, InboxItem)
    assert item.attempts == 1
    again = await inbox.claim_urgent(urgent.inbox_id)
    assert again is not None
    assert again.attempts == 1
    assert await outbox.waiting() == [part]


async def test_call_nobody_goes_on_to_make_has_not_begun(database: Database) -> None:
    journal = SqliteJournal(database)
    await journal.add_step(1, a_step(0, "a"))

    await cancel_while_committing(database, lambda: journal.start(1, 0, "a"))

    assert await journal.steps(1) == [a_step(0, "a")]
    await journal.start(1, 0, "a")


async def test_button_nobody_goes_on_to_obey_still_works(database: Database) -> None:
    undo_log = SqliteUndoLog(database)
    await undo_log.add(an_undoable())

    await cancel_while_committing(database, lambda: undo_log.take("t", "7", START))
    await cancel_while_committing(database, lambda: undo_log.take("nope", "7", START))

    assert await undo_log.take("t", "7", START) == an_undoable()


@pytest.mark.parametrize("before", ["", "old"])
async def test_choice_nobody_waits_for_is_taken_back(database: Database, before: str) -> None:
    preferences = SqlitePreferences(database)
    await preferences.set("telegram:42", "a", before)

    await cancel_while_committing(database, lambda: preferences.set("telegram:42", "a", "new"))

    assert preferences.get("telegram:42", "a") == before
    reread = SqlitePreferences(database)
    await reread.load()
    assert reread.get("telegram:42", "a") == before


async def test_claim_that_found_nothing_has_nothing_to_undo(database: Database) -> None:
    inbox, outbox = SqliteInbox(database), an_outbox(database)

    await cancel_while_committing(database, lambda: inbox.claim("telegram:nobody"))
    await cancel_while_committing(database, lambda: outbox.claim(99))
    await cancel_while_committing(database, lambda: inbox.release(99))

    assert len(await inbox.admit([an_arrival("1")])) == 1


async def test_undoing_that_fails_is_logged(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_tx: Transaction) -> None:
        raise IllegalTransition("too late")

    await cancel_while_committing(
        database, lambda: database.write(lambda _tx: 1, undo=lambda _result: refuse)
    )

    assert "was not undone" in caplog.text


async def test_write_cancelled_in_the_queue_is_not_done(database: Database) -> None:
    inbox = SqliteInbox(database)
    async with transaction_held_open(database):
        waiting = asyncio.create_task(inbox.admit([an_arrival("1")]))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])

    assert len(await inbox.admit([an_arrival("1")])) == 1


async def test_commit_that_fails_writes_nothing_and_the_next_one_works(
    database: Database, stranger: sqlite3.Connection
) -> None:
    def break_a_reference_at_the_end(tx: Transaction) -> None:
        tx.execute(CHECK_REFERENCES_AT_THE_END)
        tx.execute(Statement(delete(conversations)))

    inbox = SqliteInbox(database)
    await inbox.admit([an_arrival("1")])

    with pytest.raises(StorageError):
        await database.write(break_a_reference_at_the_end)

    assert stranger.execute("SELECT count(*) FROM conversations").fetchone() == (1,)
    assert len(await inbox.admit([an_arrival("2")])) == 1


async def test_writer_that_is_cancelled_leaves_nobody_waiting(database: Database) -> None:
    inbox = SqliteInbox(database)
    (writer,) = [task for task in asyncio.all_tasks() if task.get_name() == "storage writer"]
    go_on = threading.Event()
    begun = threading.Event()

    def hold(_tx: Transaction) -> None:
        begun.set()
        go_on.wait()

    running = asyncio.create_task(database.write(hold))
    await asyncio.to_thread(begun.wait)
    queued = asyncio.create_task(inbox.admit([an_arrival("1")]))
    await asyncio.sleep(0)
    writer.cancel()
    outcomes = await asyncio.gather(running, queued, return_exceptions=True)
    go_on.set()

    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert isinstance(outcomes[1], StorageUnavailable)
    with pytest.raises(StorageUnavailable):
        await inbox.admit([an_arrival("2")])


async def test_submitters_beyond_the_bound_wait_and_are_served(database: Database) -> None:
    inbox = SqliteInbox(database)
    count = OUTSTANDING_UNITS + 300

    accepted = await asyncio.gather(*(inbox.admit([an_arrival(str(i))]) for i in range(count)))

    assert sum(map(len, accepted)) == count


async def test_closed_database_refuses(path: Path) -> None:
    async with open_database(path, clock=ManualClock()) as database:
        inbox = SqliteInbox(database)
        await inbox.open_conversations()
        pending = asyncio.create_task(inbox.admit([an_arrival("1")]))
        await asyncio.sleep(0)

    assert len(await pending) == 1
    with pytest.raises(StorageUnavailable):
        await inbox.admit([an_arrival("2")])
    with pytest.raises(StorageUnavailable):
        await inbox.open_conversations()
    with pytest.raises(StorageUnavailable):
        await database.checkpoint()
