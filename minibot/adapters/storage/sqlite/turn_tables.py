"""The tables of what a turn does beside answering: steps, permissions, undoing, choices.

Tables that keep the id of an inbox row do so without a foreign key: they are cleared by age,
and a permission outlives the message that led to it.
"""

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, UniqueConstraint

from minibot.adapters.storage.sqlite.schema import (
    create_tables,
    metadata,
    number_column,
    text_column,
)
from minibot.adapters.storage.sqlite.statement import Transaction, fixed
from minibot.core.approvals import ApprovalState

turn_steps = Table(
    "turn_steps",
    metadata,
    Column("inbox_id", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    text_column("text"),
    text_column("usage"),
    text_column("model"),
    number_column("created_at"),
    sqlite_with_rowid=False,
)
Index("turn_steps_age", turn_steps.c.created_at)

tool_calls = Table(
    "tool_calls",
    metadata,
    Column("inbox_id", Integer, primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("call_id", Text, primary_key=True),
    number_column("position"),
    text_column("call"),
    Column("state", Text),
    Column("result", Text),
    Column("untrusted", Boolean, nullable=False),
    text_column("undo_token"),
    number_column("created_at"),
    Column("started_at", Integer),
    Column("finished_at", Integer),
    sqlite_with_rowid=False,
)
Index("tool_calls_age", tool_calls.c.created_at)

approvals = Table(
    "approvals",
    metadata,
    Column("token", Text, primary_key=True),
    number_column("inbox_id"),
    text_column("call_id"),
    text_column("person_id"),
    text_column("channel"),
    text_column("chat_id"),
    text_column("thread_id"),
    text_column("tool"),
    text_column("arguments"),
    text_column("scope"),
    text_column("state"),
    Column("verdict", Text),
    number_column("created_at"),
    number_column("expires_at"),
)
APPROVAL_PENDING = approvals.c.state == fixed(ApprovalState.PENDING)
Index("approvals_call", approvals.c.inbox_id, approvals.c.call_id)
Index("approvals_age", approvals.c.expires_at)
Index(
    "approvals_pending",
    approvals.c.channel,
    approvals.c.chat_id,
    sqlite_where=APPROVAL_PENDING,
)

grants = Table(
    "grants",
    metadata,
    Column("id", Integer, primary_key=True),
    text_column("person_id"),
    text_column("tool"),
    text_column("scope"),
    number_column("granted_at"),
    UniqueConstraint("person_id", "tool", "scope"),
    # Ids are shown to people: one that was revoked must not name another.
    sqlite_autoincrement=True,
)

undoables = Table(
    "undoables",
    metadata,
    Column("token", Text, primary_key=True),
    text_column("person_id"),
    text_column("owner"),
    text_column("label"),
    text_column("kind"),
    text_column("payload"),
    number_column("created_at"),
    number_column("expires_at"),
    Column("taken", Boolean, nullable=False),
)
Index("undoables_age", undoables.c.expires_at)

preferences = Table(
    "preferences",
    metadata,
    Column("conversation", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    text_column("value"),
    sqlite_with_rowid=False,
)

TURN_TABLES = (turn_steps, tool_calls, approvals, grants, undoables, preferences)


def create_turn_tables(tx: Transaction) -> None:
    create_tables(tx, TURN_TABLES)
