"""What the inbox says to the database."""

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    null,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from minibot.adapters.storage.sqlite.conversations import PAGE
from minibot.adapters.storage.sqlite.schema import (
    INBOX_ANSWERED,
    INBOX_DEAD,
    INBOX_OPEN,
    INBOX_UNFINISHED,
    INBOX_WAITING,
    inbox,
)
from minibot.adapters.storage.sqlite.statement import Statement, fixed, param
from minibot.core.inbox import InboxState

TAKEN_IN_WITH_ITS_MESSAGE = "an edit, answered with its message"

_row = inbox.c
ITEM_COLUMNS = (
    _row.id,
    _row.channel,
    _row.chat_id,
    _row.thread_id,
    _row.message,
    _row.received_at,
    _row.attempts,
    _row.crashes,
    _row.urgent,
)

ADMIT = Statement(
    insert(inbox)
    .values(
        {
            **{
                name: param(name)
                for name in (
                    "channel",
                    "account",
                    "key",
                    "conversation",
                    "chat_id",
                    "thread_id",
                    "state",
                    "urgent",
                    "message",
                    "raw",
                    "problem",
                    "received_at",
                    "finished_at",
                )
            },
            "attempts": 0,
            "crashes": 0,
            "not_before": 0,
            "stripped": false(),
        }
    )
    .on_conflict_do_nothing(index_elements=[_row.channel, _row.account, _row.key])
    .returning(_row.id)
)
_line = and_(INBOX_UNFINISHED, _row.conversation == param("line"), _row.urgent == false())
_busy = select(_row.id).where(_line, _row.boot_id.is_not(None))
_head = (
    select(_row.id)
    .where(_line, _row.boot_id.is_(None))
    .order_by(_row.id)
    .limit(literal(1, literal_execute=True))
)
WAITS_UNTIL = Statement(_head.with_only_columns(_row.not_before).where(~_busy.exists()))
BEHIND = Statement(
    select(*ITEM_COLUMNS, _row.not_before)
    .where(_line, _row.boot_id.is_(None), _row.id > param("item"))
    .order_by(_row.id)
    .limit(param("count"))
)


def _says(message: ColumnElement[str], **fields: object) -> ColumnElement[bool]:
    """Compare fields of a message; one that cannot be read says nothing, and is no error."""
    said = [func.json_extract(message, f"$.{name}") == value for name, value in fields.items()]
    return case((func.json_valid(message) == 1, and_(*said)), else_=false())


EDITS = Statement(
    select(_row.id, _row.message)
    .where(
        _line,
        _row.boot_id.is_(None),
        _row.id > param("item"),
        _says(_row.message, edited=1, id=param("of_message")),
    )
    .order_by(_row.id)
)
REWRITE = Statement(update(inbox).where(_row.id == param("item")).values(message=param("contents")))
TAKEN_IN = Statement(
    update(inbox)
    .where(INBOX_OPEN, _row.id == param("item"))
    .values(
        state=fixed(InboxState.CANCELLED),
        finished_at=param("now"),
        problem=fixed(TAKEN_IN_WITH_ITS_MESSAGE),
    )
)
_other = inbox.alias("other")
_edit_behind = select(_other.c.id).where(
    _other.c.finished_at.is_(None),
    _other.c.conversation == param("line"),
    _other.c.urgent == false(),
    _other.c.boot_id.is_(None),
    # What is returned names no tables, so both would be called the same.
    _other.c.id > literal_column("inbox.id"),
    _says(_other.c.message, edited=1),
)
_claiming = (
    update(inbox)
    .values(
        state=fixed(InboxState.PROCESSING),
        boot_id=param("boot"),
        attempts=_row.attempts + literal(1, literal_execute=True),
    )
    .returning(*ITEM_COLUMNS)
)
CLAIM = Statement(_claiming.where(INBOX_OPEN, _row.id == param("item")))
# Most are claimed so: in one statement, and no look for edits where there are none.
CLAIM_HEAD = Statement(
    _claiming.where(
        _row.id == _head.correlate(None).scalar_subquery(),
        _row.not_before <= param("now"),
        ~_busy.correlate(None).exists(),
    ).returning(_edit_behind.exists())
)
CLAIM_URGENT = Statement(
    _claiming.where(
        INBOX_OPEN,
        _row.urgent == true(),
        _row.id == param("item"),
        _row.not_before <= param("now"),
    )
)
MINE = and_(INBOX_UNFINISHED, _row.id == param("item"), _row.boot_id == param("boot"))
RELEASE = Statement(
    update(inbox)
    .where(MINE)
    .values(state=fixed(InboxState.RECEIVED), boot_id=null(), attempts=_row.attempts - 1)
)
POSTPONE = Statement(
    update(inbox)
    .where(MINE)
    .values(
        state=fixed(InboxState.RETRY),
        boot_id=null(),
        not_before=param("until"),
        problem=param("why"),
    )
)
WAIT = Statement(
    update(inbox)
    .where(MINE)
    .values(
        state=fixed(InboxState.WAITING),
        boot_id=null(),
        attempts=_row.attempts - 1,
        not_before=param("until"),
        problem=param("why"),
    )
)
SET_ASIDE = Statement(update(inbox).where(MINE).values(urgent=true()))
WAKE_WAITING = Statement(
    update(inbox)
    .where(
        _row.id.in_(
            select(_row.id)
            .where(INBOX_WAITING, _row.not_before > param("now"))
            .order_by(_row.id)
            .limit(param("count"))
        )
    )
    .values(not_before=param("now"))
    .returning(_row.id, _row.conversation, _row.urgent)
)
CANCEL_WAITING = Statement(
    update(inbox)
    .where(
        INBOX_UNFINISHED,
        _row.state.in_([fixed(InboxState.WAITING), fixed(InboxState.RETRY)]),
        _row.conversation == param("of"),
    )
    .values(state=fixed(InboxState.CANCELLED), finished_at=param("now"))
)
_finishing = (
    update(inbox)
    .where(MINE)
    .values(
        state=param("to_state"),
        boot_id=null(),
        finished_at=param("now"),
        problem=param("why"),
    )
)
FINISH = Statement(_finishing)
_earlier = inbox.alias("earlier")
_last_answer = (
    select(func.max(_earlier.c.answered_at))
    .where(_earlier.c.conversation == _row.conversation, _earlier.c.answered_at.is_not(None))
    .scalar_subquery()
)
_zero, _one = (literal(number, literal_execute=True) for number in (0, 1))
FINISH_ANSWERED = Statement(
    _finishing.values(
        answered_at=func.max(param("now"), func.coalesce(_last_answer, _zero) + _one),
        exchange=param("exchange"),
        account_of_answer=param("account"),
    )
)
_answers = (INBOX_ANSWERED, _row.conversation == param("of"))
EXCHANGES = Statement(
    select(_row.id, _row.exchange)
    .where(*_answers, _row.exchange.is_not(None))
    .order_by(_row.answered_at.desc(), _row.id.desc())
    .limit(param("count"))
)
ACCOUNT = Statement(
    select(_row.account_of_answer)
    .where(*_answers, _row.account_of_answer.is_not(None))
    .order_by(_row.answered_at.desc(), _row.id.desc())
    .limit(1)
)
FORGET_EXCHANGE = Statement(update(inbox).where(_row.id == param("item")).values(exchange=null()))
FORGET_EXCHANGES = Statement(
    update(inbox).where(*_answers, _row.exchange.is_not(None)).values(exchange=null())
)
OPEN_LINES = Statement(
    select(_row.conversation, func.min(_row.id))
    .where(INBOX_OPEN, _row.urgent == false(), _row.conversation > param("after"))
    .group_by(_row.conversation)
    .order_by(_row.conversation)
    .limit(PAGE)
)
OPEN_URGENT = Statement(
    select(_row.conversation, _row.id)
    .where(
        INBOX_OPEN,
        _row.urgent == true(),
        tuple_(_row.conversation, _row.id) > tuple_(param("after"), param("after_item")),
    )
    .order_by(_row.conversation, _row.id)
    .limit(PAGE)
)
ABANDONED = Statement(
    select(_row.id, _row.crashes).where(
        INBOX_UNFINISHED, _row.boot_id.is_not(None), _row.boot_id != param("boot")
    )
)
_crashed = {"crashes": param("crash_count")}
TAKE_BACK = Statement(
    update(inbox)
    .where(_row.id == param("item"))
    .values(state=fixed(InboxState.RECEIVED), boot_id=null(), not_before=param("until"), **_crashed)
)
TAKE_OVER = Statement(
    update(inbox)
    .where(_row.id == param("item"))
    .values(boot_id=param("boot"), **_crashed)
    .returning(*ITEM_COLUMNS)
)
DEAD = Statement(
    select(_row.id, _row.conversation, _row.problem, _row.received_at)
    .where(INBOX_DEAD)
    .order_by(_row.finished_at.desc(), _row.id.desc())
    .limit(param("count"))
)
REVIVE = Statement(
    update(inbox)
    .where(
        _row.id == param("item"),
        _row.state.in_([fixed(InboxState.DEAD), fixed(InboxState.EXPIRED)]),
        # What could not be read before cannot be answered now.
        _row.message.is_not(None),
    )
    .values(
        state=fixed(InboxState.RECEIVED),
        finished_at=null(),
        not_before=0,
        attempts=0,
        crashes=0,
        problem="",
    )
    .returning(_row.id, _row.conversation, _row.urgent)
)
