"""The tables of queues and conversations.

A row that is claimed has a `boot_id`, one that is over has a `finished_at`; the partial
indexes on those two stay as small as the work at hand, however many rows are kept. Moments
are integer microseconds since 1970 in UTC.
"""

from collections.abc import Sequence

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


def text_column(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def number_column(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


conversations = Table(
    "conversations",
    metadata,
    Column("key", Text, primary_key=True),
    text_column("channel"),
    text_column("chat_id"),
    text_column("thread_id"),
    number_column("created_at"),
    number_column("updated_at"),
    sqlite_with_rowid=False,
)
Index("conversations_chat", conversations.c.channel, conversations.c.chat_id)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True),
    text_column("channel"),
    text_column("account"),
    text_column("key"),
    Column("conversation", Text, ForeignKey("conversations.key"), nullable=False),
    text_column("chat_id"),
    text_column("thread_id"),
    text_column("state"),
    Column("urgent", Boolean, nullable=False),
    Column("message", Text),
    text_column("raw"),
    text_column("problem"),
    number_column("attempts"),
    number_column("crashes"),
    number_column("received_at"),
    number_column("not_before"),
    Column("finished_at", Integer),
    Column("boot_id", Text),
    Column("stripped", Boolean, nullable=False),
    # Given when a model answered: when that was, but later than every answer before it in its
    # conversation, whatever the clock said; and see `answer_codec`.
    Column("answered_at", Integer),
    Column("exchange", Text),
    Column("account_of_answer", Text),
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
INBOX_WAITING = inbox.c.state == fixed(InboxState.WAITING)
INBOX_WAITING_INDEX = Index("inbox_waiting", inbox.c.id, sqlite_where=INBOX_WAITING)
INBOX_ANSWERED = inbox.c.answered_at.is_not(None)
INBOX_ANSWERED_INDEX = Index(
    "inbox_answered", inbox.c.conversation, inbox.c.answered_at, sqlite_where=INBOX_ANSWERED
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
    text_column("channel"),
    text_column("chat_id"),
    text_column("thread_id"),
    Column("inbox_id", Integer),
    text_column("part"),
    text_column("reply_to"),
    text_column("state"),
    text_column("problem"),
    text_column("message_id"),
    number_column("attempts"),
    number_column("created_at"),
    number_column("not_before"),
    Column("finished_at", Integer),
    Column("boot_id", Text),
    Column("stripped", Boolean, nullable=False),
    Column("edits", Text, nullable=False, server_default=""),
    Column("replaces", Text, nullable=False, server_default=""),
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
    text_column("role"),
    text_column("text"),
    text_column("tool_calls"),
    text_column("tool_call_id"),
    number_column("created_at"),
    Column("author", Text, nullable=False, server_default=""),
    Column("untrusted", Boolean, nullable=False, server_default="0"),
    Column("put_away_at", Integer),
    Column("pictures", Text, nullable=False, server_default=""),
)
HISTORY_INDEX = Index("history_shown", history.c.conversation, history.c.put_away_at, history.c.id)

summaries = Table(
    "summaries",
    metadata,
    Column("conversation", Text, ForeignKey("conversations.key"), primary_key=True),
    text_column("text"),
    number_column("through"),
    Column("untrusted", Boolean, nullable=False),
    number_column("updated_at"),
    sqlite_with_rowid=False,
)

moved_chats = Table(
    "moved_chats",
    metadata,
    Column("old_key", Text, primary_key=True),
    text_column("new_key"),
    text_column("new_chat_id"),
    number_column("moved_at"),
    sqlite_with_rowid=False,
)
Index("moved_chats_new", moved_chats.c.new_key)


QUEUE_TABLES = (conversations, inbox, outbox, history, summaries, moved_chats)


def create_tables(tx: Transaction, tables: Sequence[Table]) -> None:
    """Create tables with their indexes."""
    for table in tables:
        tx.execute(Statement(CreateTable(table)))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            tx.execute(Statement(CreateIndex(index)))
