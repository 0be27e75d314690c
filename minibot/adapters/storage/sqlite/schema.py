"""Tables and indexes, version 1.

A row that is claimed has a `boot_id`, one that is over has a `finished_at`; the partial
indexes on those two stay as small as the work at hand, however many rows are kept. Moments
are integer microseconds since 1970 in UTC.
"""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
)
from sqlalchemy.schema import CreateIndex, CreateTable

from minibot.adapters.storage.sqlite.statement import Statement, Transaction, fixed
from minibot.core.inbox import InboxState
from minibot.core.outbox import OutboxState

metadata = MetaData()


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


conversations = Table(
    "conversations",
    metadata,
    Column("key", Text, primary_key=True),
    _text("channel"),
    _text("chat_id"),
    _text("thread_id"),
    _number("created_at"),
    _number("updated_at"),
    sqlite_with_rowid=False,
)
Index("conversations_chat", conversations.c.channel, conversations.c.chat_id)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("channel"),
    _text("account"),
    _text("key"),
    Column("conversation", Text, ForeignKey("conversations.key"), nullable=False),
    _text("chat_id"),
    _text("thread_id"),
    _text("state"),
    Column("urgent", Boolean, nullable=False),
    Column("message", Text),
    _text("raw"),
    _text("problem"),
    _number("attempts"),
    _number("crashes"),
    _number("received_at"),
    _number("not_before"),
    Column("finished_at", Integer),
    Column("boot_id", Text),
    Column("stripped", Boolean, nullable=False),
    UniqueConstraint("channel", "account", "key"),
    # Ids are quoted to people and are part of outbox keys: purging must not free them.
    sqlite_autoincrement=True,
)

INBOX_UNFINISHED = inbox.c.finished_at.is_(None)
INBOX_OPEN = and_(INBOX_UNFINISHED, inbox.c.boot_id.is_(None))
INBOX_DEAD = inbox.c.state == fixed(InboxState.DEAD)
INBOX_OVER = inbox.c.state.in_(
    [
        fixed(state)
        for state in (
            InboxState.DONE,
            InboxState.IGNORED,
            InboxState.CANCELLED,
            InboxState.EXPIRED,
        )
    ]
)
Index("inbox_conversation", inbox.c.conversation)
Index(
    "inbox_unfinished",
    inbox.c.conversation,
    inbox.c.urgent,
    inbox.c.boot_id,
    inbox.c.id,
    sqlite_where=INBOX_UNFINISHED,
)
Index("inbox_dead", inbox.c.finished_at, sqlite_where=INBOX_DEAD)
Index("inbox_over", inbox.c.stripped, inbox.c.finished_at, sqlite_where=INBOX_OVER)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    # No foreign keys: a notice may go to a chat nobody ever wrote from, and a part that was
    # given up is kept longer than the message it answers.
    _text("channel"),
    _text("chat_id"),
    _text("thread_id"),
    Column("inbox_id", Integer),
    _text("part"),
    _text("reply_to"),
    _text("state"),
    _text("problem"),
    _text("message_id"),
    _number("attempts"),
    _number("created_at"),
    _number("not_before"),
    Column("finished_at", Integer),
    Column("boot_id", Text),
    Column("stripped", Boolean, nullable=False),
    sqlite_autoincrement=True,
)

OUTBOX_UNFINISHED = outbox.c.finished_at.is_(None)
OUTBOX_WAITING = and_(OUTBOX_UNFINISHED, outbox.c.boot_id.is_(None))
OUTBOX_DEAD = outbox.c.state == fixed(OutboxState.DEAD)
OUTBOX_OVER = outbox.c.state == fixed(OutboxState.SENT)
Index(
    "outbox_unfinished",
    outbox.c.channel,
    outbox.c.chat_id,
    outbox.c.id,
    sqlite_where=OUTBOX_UNFINISHED,
)
Index("outbox_dead", outbox.c.finished_at, sqlite_where=OUTBOX_DEAD)
Index("outbox_over", outbox.c.stripped, outbox.c.finished_at, sqlite_where=OUTBOX_OVER)

history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation", Text, ForeignKey("conversations.key"), nullable=False),
    _text("role"),
    _text("text"),
    _text("tool_calls"),
    _text("tool_call_id"),
    _number("created_at"),
)
Index("history_conversation", history.c.conversation, history.c.id)

moved_chats = Table(
    "moved_chats",
    metadata,
    Column("old_key", Text, primary_key=True),
    _text("new_key"),
    _text("new_chat_id"),
    _number("moved_at"),
    sqlite_with_rowid=False,
)
Index("moved_chats_new", moved_chats.c.new_key)


def create_schema(tx: Transaction) -> None:
    """Create everything in an empty database."""
    for table in metadata.sorted_tables:
        tx.execute(Statement(CreateTable(table)))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            tx.execute(Statement(CreateIndex(index)))
