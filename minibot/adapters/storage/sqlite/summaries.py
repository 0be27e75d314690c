"""Summaries: what was said before the newest entries, in short. One a conversation."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from minibot.adapters.storage.codec import storable
from minibot.adapters.storage.sqlite.history_tables import put_away_summaries
from minibot.adapters.storage.sqlite.schema import history, summaries
from minibot.adapters.storage.sqlite.statement import Statement, Transaction, param
from minibot.core.personal import Summary

_COLUMNS = ("conversation", "text", "through", "untrusted", "updated_at")
_of = summaries.c.conversation == param("of")
_of_put_away = put_away_summaries.c.conversation == param("of")

_READ = Statement(select(summaries.c.text, summaries.c.through, summaries.c.untrusted).where(_of))
_IS_SHOWN = Statement(
    select(history.c.id).where(
        history.c.id == param("through"),
        history.c.conversation == param("of"),
        history.c.put_away_at.is_(None),
    )
)
_writing = insert(summaries).values(
    {
        "conversation": param("of"),
        "text": param("text"),
        "through": param("through"),
        "untrusted": param("untrusted"),
        "updated_at": param("now"),
    }
)
_WRITE = Statement(
    _writing.on_conflict_do_update(
        index_elements=[summaries.c.conversation],
        set_={name: _writing.excluded[name] for name in _COLUMNS[1:]},
    )
)
_DELETE = Statement(delete(summaries).where(_of))
_DELETE_SINCE = Statement(delete(summaries).where(_of, summaries.c.updated_at >= param("moment")))
_PUT_AWAY = Statement(
    insert(put_away_summaries)
    .prefix_with("OR REPLACE")
    .from_select(
        [*_COLUMNS, "put_away_at"],
        select(*[summaries.c[name] for name in _COLUMNS], param("moment")).where(_of),
    )
)
_TAKE_BACK = Statement(
    insert(summaries)
    .prefix_with("OR REPLACE")
    .from_select(
        _COLUMNS,
        select(*[put_away_summaries.c[name] for name in _COLUMNS]).where(
            _of_put_away, put_away_summaries.c.put_away_at == param("moment")
        ),
    )
)
_FORGET = tuple(
    Statement(
        delete(table).where(table.c.conversation == param("of"), table.c.through >= param("since"))
    )
    for table in (summaries, put_away_summaries)
)
_DELETE_PUT_AWAY = Statement(delete(put_away_summaries).where(_of_put_away))


def read_summary(tx: Transaction, conversation: str) -> Summary | None:
    for text, through, untrusted in tx.execute(_READ, {"of": conversation}):
        return Summary(text=text, through=through, untrusted=bool(untrusted))
    return None


def write_summary(tx: Transaction, conversation: str, summary: Summary, now: int) -> None:
    """Keep a summary, unless what it tells was put away or erased while it was made."""
    names = {"of": conversation, "through": summary.through}
    if tx.execute(_IS_SHOWN, names):
        text = storable(summary.text)
        tx.execute(_WRITE, {**names, "text": text, "untrusted": summary.untrusted, "now": now})


def put_away_summary(tx: Transaction, conversation: str, moment: int) -> None:
    names = {"of": conversation, "moment": moment}
    tx.execute(_PUT_AWAY, names)
    tx.execute(_DELETE, names)


def take_back_summary(tx: Transaction, conversation: str, moment: int) -> None:
    """Make the summary fit to entries that were put away at a moment and are shown again."""
    names = {"of": conversation, "moment": moment}
    # One that was made since then does not tell of them.
    tx.execute(_DELETE_SINCE, names)
    tx.execute(_TAKE_BACK, names)
    if tx.rowcount > 0:
        tx.execute(_DELETE_PUT_AWAY, names)


def delete_summaries(tx: Transaction, conversation: str) -> None:
    """Delete the summary of a conversation, and the one that was put away."""
    tx.execute(_DELETE, {"of": conversation})
    tx.execute(_DELETE_PUT_AWAY, {"of": conversation})


def forget_summaries(tx: Transaction, conversation: str, *, since: int) -> None:
    """Delete what tells of entries from a place on."""
    for statement in _FORGET:
        tx.execute(statement, {"of": conversation, "since": since})
