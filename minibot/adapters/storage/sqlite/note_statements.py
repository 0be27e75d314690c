"""The statements of notes.

Lists travel as JSON, so that a statement is the same text for any number of them.
"""

from sqlalchemy import (
    Integer,
    Select,
    String,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.elements import ColumnElement

from minibot.adapters.storage.sqlite.note_tables import (
    note_index,
    note_owners,
    note_pieces,
    note_titles,
    note_words,
    notes,
)
from minibot.adapters.storage.sqlite.statement import Statement, param

_note, _owner, _word, _piece, _title = (
    notes.c,
    note_owners.c,
    note_words.c,
    note_pieces.c,
    note_titles.c,
)
_NOTE = (
    _note.id,
    _note.title,
    _note.data,
    _note.source,
    _note.created_at,
    _note.updated_at,
)
_of = _note.owner == param("owner")


def _listed(name: str) -> Select[str]:
    return select(func.json_each(param(name)).table_valued("value").c.value)


def _field(pair: ColumnElement[str], index: int) -> ColumnElement[str]:
    return func.json_extract(pair, literal(f"$[{index}]"), type_=String)


_pairs = func.json_each(param("pairs")).table_valued("value")
_a_pair = select(
    param("owner_id").label("owner_id"), _field(_pairs.c.value, 0), _field(_pairs.c.value, 1)
)

EXACT = Statement(select(*_NOTE).where(_of, _note.folded_title == param("folded_title")))
NEWEST = Statement(
    select(*_NOTE).where(_of).order_by(_note.id.desc()).limit(param("count")).offset(param("start"))
)
OLDEST = Statement(
    select(*_NOTE).where(_of, _note.id <= param("newest")).order_by(_note.id).limit(param("count"))
)
NEWEST_ID = Statement(select(func.max(_note.id)).where(_of))
LISTED = Statement(select(*_NOTE).where(_note.id.in_(_listed("ids")), _of))
INSERT = Statement(
    insert(notes)
    .values(
        {column.name: param(column.name) for column in notes.columns if column is not notes.c.id}
    )
    .returning(_note.id)
)
DELETE = Statement(delete(notes).where(_note.id == param("id"), _of))

OWNER = Statement(select(_owner.id, _owner.notes).where(_owner.owner == param("owner")))
OWNERS = Statement(
    select(_owner.owner)
    .where(
        (_owner.owner == param("person"))
        | ((_owner.owner >= param("first")) & (_owner.owner < param("beyond")))
    )
    .order_by(_owner.owner)
)
ENROL = Statement(
    sqlite.insert(note_owners)
    .values({"owner": param("owner"), "notes": param("more")})
    .on_conflict_do_update(
        index_elements=[_owner.owner], set_={"notes": _owner.notes + param("more")}
    )
    .returning(_owner.id)
)
LEAVE = Statement(
    update(note_owners)
    .where(_owner.id == param("owner_id"))
    .values({"notes": _owner.notes - param("fewer")})
)
FORGET_OWNER = Statement(
    delete(note_owners).where(_owner.id == param("owner_id"), _owner.notes <= param("none"))
)

_matches = note_index.c.note_index.op("MATCH")(param("wanted"))
MATCHING = Statement(
    select(note_index.c.rowid)
    .where(_matches)
    .order_by(note_index.c.rowid.desc())
    .limit(param("count"))
)
_counted = select(note_index.c.rowid).where(_matches).limit(param("count")).subquery()
COUNT_MATCHING = Statement(select(func.count()).select_from(_counted))
FILE = Statement(insert(note_index).values({"rowid": param("id"), "terms": param("terms")}))
UNFILE = Statement(
    insert(note_index).values(
        {"note_index": param("command"), "rowid": param("id"), "terms": param("terms")}
    )
)
COMMAND = Statement(
    insert(note_index).values({"note_index": param("command"), "rank": param("rank")})
)
CHANGES = Statement(select(func.total_changes()))

COUNT_WORDS = Statement(
    sqlite.insert(note_words)
    .from_select(
        ["owner_id", "word", "notes"],
        select(
            param("owner_id").label("owner_id"),
            (words := func.json_each(param("words")).table_valued("value")).c.value,
            literal(1, Integer),
            # Without a condition SQLite takes "ON" for that of a join.
        ).where(words.c.value.is_not(None)),
    )
    .on_conflict_do_update(
        index_elements=[_word.owner_id, _word.word], set_={"notes": _word.notes + 1}
    )
    .returning(_word.word, _word.notes)
)
_these_words = (_word.owner_id == param("owner_id")) & _word.word.in_(_listed("words"))
KNOWN_WORDS = Statement(select(_word.word).where(_these_words))
UNCOUNT_WORDS = Statement(
    update(note_words).where(_these_words).values({"notes": _word.notes - literal(1, Integer)})
)
FORGET_WORDS = Statement(
    delete(note_words).where(_these_words, _word.notes <= param("none")).returning(_word.word)
)
NEAR_WORDS = Statement(
    select(_piece.word)
    .distinct()
    .where(_piece.owner_id == param("owner_id"), _piece.piece.in_(_listed("pieces")))
)
ADD_PIECES = Statement(insert(note_pieces).from_select(["owner_id", "piece", "word"], _a_pair))
REMOVE_PIECES = Statement(
    delete(note_pieces).where(tuple_(_piece.owner_id, _piece.piece, _piece.word).in_(_a_pair))
)

_keys = func.json_each(param("keys")).table_valued("value")
ADD_TITLE = Statement(
    insert(note_titles).from_select(
        ["owner_id", "key", "note_id"],
        select(param("owner_id").label("owner_id"), _keys.c.value, param("id").label("id")),
    )
)
_these_keys = (_title.owner_id == param("owner_id")) & _title.key.in_(_listed("keys"))
REMOVE_TITLE = Statement(delete(note_titles).where(_these_keys, _title.note_id == param("id")))
# Those that have most keys in common, because they are the most likely to be near.
TITLES = Statement(
    select(_title.note_id)
    .where(_these_keys)
    .group_by(_title.note_id)
    .order_by(func.count().desc(), _title.note_id.desc())
    .limit(param("count"))
)
