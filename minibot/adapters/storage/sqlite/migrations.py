"""Bringing the schema of an existing file up to date."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy.schema import CreateIndex

from minibot.adapters.storage.sqlite.history_tables import create_history_search, extend_history
from minibot.adapters.storage.sqlite.note_tables import create_note_tables
from minibot.adapters.storage.sqlite.schema import INBOX_WAITING_INDEX, QUEUE_TABLES, create_tables
from minibot.adapters.storage.sqlite.statement import Statement, Transaction
from minibot.adapters.storage.sqlite.turn_tables import create_turn_tables
from minibot.core.errors import StorageError

Migration = Callable[[Transaction], None]


def create_schema(tx: Transaction) -> None:
    """Create everything in an empty database, as of the newest version."""
    create_tables(tx, QUEUE_TABLES)
    _create_what_came_with_tools(tx)


def to_version_2(tx: Transaction) -> None:
    _extend_queues(tx)
    extend_history(tx)
    _create_what_came_with_tools(tx)


def _extend_queues(tx: Transaction) -> None:
    tx.run("ALTER TABLE outbox ADD COLUMN edits TEXT DEFAULT '' NOT NULL")
    tx.execute(Statement(CreateIndex(INBOX_WAITING_INDEX)))


def _create_what_came_with_tools(tx: Transaction) -> None:
    create_history_search(tx)
    create_note_tables(tx)
    create_turn_tables(tx)


def to_version_3(tx: Transaction) -> None:
    tx.run("ALTER TABLE outbox ADD COLUMN replaces TEXT DEFAULT '' NOT NULL")


def to_version_4(tx: Transaction) -> None:
    tx.run("ALTER TABLE history ADD COLUMN pictures TEXT DEFAULT '' NOT NULL")


MIGRATIONS: tuple[Migration, ...] = (to_version_2, to_version_3, to_version_4)
"""The first brings version 1 to 2, the next 2 to 3."""


def newest_version(migrations: Sequence[Migration]) -> int:
    return 1 + len(migrations)


def read_version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def is_empty(connection: sqlite3.Connection) -> bool:
    tables: int = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    return tables == 0


def refuse_foreign(path: Path, version: int, migrations: Sequence[Migration]) -> None:
    """Refuse a database this program must not touch.

    Raises:
        StorageError: it is of a newer minibot, or not minibot's at all.
    """
    newest = newest_version(migrations)
    if version > newest:
        raise StorageError(
            f"{path} has schema version {version} and this minibot knows {newest} at the most: "
            "run the newer minibot that wrote it, or put back a backup made before"
        )
    if version < 1:
        raise StorageError(
            f"{path} holds tables that are not minibot's: "
            "move the file away, or set memory.sqlalchemy.url to another one"
        )


def create(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Make an empty database one of the newest version."""
    _in_one_transaction(connection, [create_schema], newest_version(migrations))


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Apply what is missing, all of it or nothing."""
    _in_one_transaction(
        connection, migrations[read_version(connection) - 1 :], newest_version(migrations)
    )


def _in_one_transaction(
    connection: sqlite3.Connection, steps: Sequence[Migration], version: int
) -> None:
    # Rebuilding a table drops it, which foreign keys would refuse; they are checked at the end.
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("BEGIN IMMEDIATE")
    try:
        tx = Transaction(connection)
        for step in steps:
            step(tx)
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise StorageError("a migration left rows that refer to nothing")
        connection.execute(f"PRAGMA user_version={version:d}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
