"""What is said to the database about one person."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Table,
    case,
    column,
    delete,
    exists,
    false,
    func,
    null,
    or_,
    select,
    true,
    update,
)

from minibot.adapters.storage.sqlite.conversations import PAGE
from minibot.adapters.storage.sqlite.schema import (
    INBOX_UNFINISHED,
    conversations,
    history,
    inbox,
    outbox,
)
from minibot.adapters.storage.sqlite.statement import Statement, fixed, param
from minibot.adapters.storage.sqlite.turn_tables import (
    approvals,
    grants,
    tool_calls,
    turn_steps,
    undoables,
)

BATCH_ENTRIES = 200
"""Entries deleted in one transaction; taking them out of the search index is most of the work."""

_ids = func.json_each(param("ids")).table_valued(column("value", Integer))
_of_ids = select(_ids.c.value)
_of_person = history.c.author == param("person")


def _by_id(table: Table, *wanted: ColumnElement[bool]) -> Select[Any]:
    """Walk along a table, a page at a time: there is no index on who somebody is."""
    return (
        select(table.c.id)
        .where(table.c.id > param("after"), table.c.finished_at.is_not(None), *wanted)
        .order_by(table.c.id)
        .limit(PAGE)
    )


EXPORT = Statement(
    select(
        history.c.id,
        history.c.conversation,
        history.c.role,
        history.c.text,
        history.c.created_at,
        history.c.put_away_at,
    )
    .where(
        history.c.id > param("after"),
        exists().where(
            conversations.c.key == history.c.conversation,
            conversations.c.channel == param("channel"),
            or_(conversations.c.chat_id == param("person"), _of_person),
        ),
    )
    .order_by(history.c.id)
    .limit(PAGE)
)
CONVERSATIONS = Statement(
    select(conversations.c.key, conversations.c.chat_id == param("person")).where(
        conversations.c.channel == param("channel"),
        or_(
            conversations.c.chat_id == param("person"),
            exists().where(history.c.conversation == conversations.c.key, _of_person),
        ),
    )
)
ENTRIES = Statement(
    select(history.c.id, history.c.text)
    .where(history.c.conversation == param("of"))
    .limit(BATCH_ENTRIES)
)
ENTRIES_OF_PERSON = Statement(
    select(history.c.id, history.c.text)
    .where(history.c.conversation == param("of"), _of_person)
    .limit(BATCH_ENTRIES)
)
_sender = case(
    (func.json_valid(inbox.c.message) == 1, func.json_extract(inbox.c.message, "$.sender.id"))
)
ITEMS = Statement(
    _by_id(
        inbox,
        inbox.c.channel == param("channel"),
        or_(inbox.c.chat_id == param("person"), _sender == param("person")),
    )
)
STRIP_ITEMS = Statement(
    update(inbox)
    .where(inbox.c.id.in_(_of_ids), inbox.c.finished_at.is_not(None), inbox.c.stripped == false())
    .values(message=null(), raw=fixed(""), problem=fixed(""), stripped=true())
)
PARTS = Statement(
    _by_id(
        outbox,
        outbox.c.stripped == false(),
        or_(
            (outbox.c.channel == param("channel")) & (outbox.c.chat_id == param("person")),
            outbox.c.inbox_id.in_(_of_ids),
        ),
    )
)
_of_channel = inbox.c.channel == param("channel")
EXCHANGED = Statement(_by_id(inbox, _of_channel, inbox.c.exchange.is_not(None)))
FORGET_EXCHANGES = Statement(update(inbox).where(inbox.c.id.in_(_of_ids)).values(exchange=null()))
ACCOUNTED = Statement(
    _by_id(
        inbox,
        _of_channel,
        inbox.c.chat_id == param("person"),
        inbox.c.account_of_answer.is_not(None),
    )
)
FORGET_ACCOUNTS = Statement(
    update(inbox).where(inbox.c.id.in_(_of_ids)).values(account_of_answer=null())
)
STRIP_PARTS = Statement(
    update(outbox)
    .where(outbox.c.id.in_(_of_ids))
    .values(part=fixed(""), problem=fixed(""), stripped=true())
)
DELETE_STEPS = tuple(
    Statement(delete(table).where(table.c.inbox_id.in_(_of_ids)))
    for table in (turn_steps, tool_calls)
)
DELETE_BUTTONS = (
    Statement(
        delete(approvals).where(
            approvals.c.channel == param("channel"),
            approvals.c.person_id == param("person"),
            # A turn that waits for an answer goes on waiting.
            ~exists().where(inbox.c.id == approvals.c.inbox_id, INBOX_UNFINISHED),
        )
    ),
    Statement(delete(undoables).where(undoables.c.person_id == param("person"))),
    Statement(delete(grants).where(grants.c.person_id == param("person"))),
)
