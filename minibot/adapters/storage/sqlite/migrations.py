"""Bringing the schema of an existing file up to date."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy.schema import CreateIndex

from minibot.adapters.storage.sqlite.history_tables import create_history_search, extend_history
from minibot.adapters.storage.sqlite.note_tables import create_note_tables
from minibot.adapters.storage.sqlite.schema import (
    INBOX_ANSWERED_INDEX,
    INBOX_WAITING_INDEX,
    QUEUE_TABLES,
    create_tables,
)
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


def to_version_5(tx: Transaction) -> None:
    """Have the row of each message tell of its answer; until then preferences did."""
    tx.run("ALTER TABLE inbox ADD COLUMN answered_at INTEGER")
    tx.run("ALTER TABLE inbox ADD COLUMN exchange TEXT")
    tx.run("ALTER TABLE inbox ADD COLUMN account_of_answer TEXT")
    tx.execute(Statement(CreateIndex(INBOX_ANSWERED_INDEX)))
    tx.run(_MOVE_EXCHANGES)
    tx.run(_MOVE_ACCOUNTS)
    tx.run("DELETE FROM preferences WHERE name IN ('exchanges', 'last_answer')")


# Lists of [item, [questions], [turns], entries], the last one last: that order is kept, even if
# the clock was put back between two. What is no such list comes out as what nobody can read.
_MOVE_EXCHANGES = """
WITH kept AS (
  SELECT conversation,
    CASE WHEN json_valid(value) AND json_type(value) = 'array' THEN value ELSE '[]' END AS value
  FROM preferences WHERE name = 'exchanges'
), found AS (
  SELECT inbox.id AS item,
    max(inbox.finished_at) OVER (PARTITION BY kept.conversation ORDER BY each.key) + each.key
      AS answered_at,
    json_array(
      json_extract(kept.value, each.fullkey || '[3]'),
      json_extract(kept.value, each.fullkey || '[1]'),
      json_extract(kept.value, each.fullkey || '[2]')
    ) AS exchange
  FROM kept, json_each(kept.value) AS each, inbox
  WHERE inbox.id = json_extract(kept.value, each.fullkey || '[0]')
    AND inbox.conversation = kept.conversation
    AND inbox.finished_at IS NOT NULL
)
UPDATE inbox SET answered_at = found.answered_at, exchange = found.exchange
FROM found WHERE inbox.id = found.item
"""
# The reference of an account is the id behind an "m"; its moment is that of the record, which
# followed at once.
_MOVE_ACCOUNTS = """
WITH kept AS (
  SELECT conversation, CASE WHEN json_valid(value) THEN value ELSE '{}' END AS value
  FROM preferences WHERE name = 'last_answer'
), found AS (
  SELECT inbox.id AS item,
    json_array(
      json_extract(kept.value, '$.reference'),
      inbox.finished_at,
      json_extract(kept.value, '$.models'),
      json_extract(kept.value, '$.tools'),
      json_array(
        json_extract(kept.value, '$.usage.input_tokens'),
        json_extract(kept.value, '$.usage.output_tokens'),
        json_extract(kept.value, '$.usage.cached_tokens'),
        json_extract(kept.value, '$.usage.reasoning_tokens')
      ),
      json_extract(kept.value, '$.cost'),
      json_extract(kept.value, '$.first_seconds'),
      json_extract(kept.value, '$.seconds'),
      json_extract(kept.value, '$.exchanges'),
      json_extract(kept.value, '$.facts'),
      json_extract(kept.value, '$.summary'),
      json_extract(kept.value, '$.prompt')
    ) AS account
  FROM kept, inbox
  WHERE inbox.id = CAST(substr(json_extract(kept.value, '$.reference'), 2) AS INTEGER)
    AND inbox.conversation = kept.conversation
    AND inbox.finished_at IS NOT NULL
)
UPDATE inbox
SET answered_at = coalesce(inbox.answered_at, inbox.finished_at), account_of_answer = found.account
FROM found WHERE inbox.id = found.item
"""

MIGRATIONS: tuple[Migration, ...] = (to_version_2, to_version_3, to_version_4, to_version_5)
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
