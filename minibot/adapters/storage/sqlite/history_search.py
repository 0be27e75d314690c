"""Searching in the history.

Writing an answer down costs nothing for it: the index is brought up to date when somebody
searches, or when there is time. A search looks for the words as they were typed, then for
beginnings of words, then for words they may have been meant to be, until there is enough.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import orjson
from sqlalchemy import Integer, case, column, delete, func, insert, literal_column, select, update

from minibot.adapters.storage.codec import from_micros
from minibot.adapters.storage.history_matching import (
    MOST_FOUND,
    SEARCHED_CHARACTERS,
    EntryWords,
    TypedWord,
    typed_words,
    words_in,
)
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.history_tables import (
    PREFIX_LENGTHS,
    history_index,
    history_places,
    history_search,
)
from minibot.adapters.storage.sqlite.lexicon import (
    add_words,
    empty_lexicon,
    forget_word,
    near_words,
    words_beginning,
)
from minibot.adapters.storage.sqlite.schema import history
from minibot.adapters.storage.sqlite.statement import (
    Row,
    Statement,
    Transaction,
    fixed,
    param,
)
from minibot.core.llm import Role
from minibot.core.personal import Excerpt

RULES = f"1 {unicodedata.unidata_version}"
"""What words are made by. Its number is raised when that changes: the index is made anew then."""

BATCH_ENTRIES = 200
BATCH_CHARACTERS = 100_000
"""What goes into one transaction: others who want to write wait for some 50 ms at the most."""

MERGED_PAGES = 200
"""Of one transaction that cleans the index up."""

NEAR_WORDS = 48
"""Words at the most that one word is taken to be a mistyped form of."""

FEW_WORDS = 4
"""Words of a query up to which answers are ranked with care. It takes time for every word, and
entries that hold more than these are few and hardly differ in how well they answer."""

FEW_BEGINNINGS = 64
"""Words with one beginning that are looked for one by one."""

RANKED = 200
"""The newest matches, from among which the best are given."""

_ID_BITS = 40
_ID_MASK = (1 << _ID_BITS) - 1

_row = history.c
_ids = func.json_each(param("ids")).table_valued(column("value", Integer))

_STATE = Statement(
    select(
        history_index.c.through,
        history_index.c.rules,
        select(func.max(_row.id)).scalar_subquery(),
    )
)
_SET_STATE = Statement(update(history_index).values(through=param("upto"), rules=RULES))
_STEP_BACK = Statement(
    update(history_index)
    .where(history_index.c.through > param("upto"))
    .values(through=param("upto"))
)
_NEXT = Statement(
    select(
        _row.id,
        _row.conversation,
        case(
            (_row.role == Role.TOOL, fixed("")),
            else_=func.substr(_row.text, 1, SEARCHED_CHARACTERS),
        ),
    )
    .where(_row.id > param("after"))
    .order_by(_row.id)
    .limit(BATCH_ENTRIES)
)
_PLACES = Statement(
    select(history_places.c.number)
    .where(history_places.c.conversation == param("of"))
    .order_by(history_places.c.number)
)
_NEW_PLACE = Statement(
    insert(history_places).values(conversation=param("of")).returning(history_places.c.number)
)
_LEAVE_PLACES = Statement(
    delete(history_places).where(
        history_places.c.conversation == param("of"),
        ~select(_row.id).where(_row.conversation == param("of")).exists(),
    )
)
_writing = insert(history_search)
_ADD = Statement(_writing.values({"rowid": param("entry"), "words": param("words")}))
_REMOVE = Statement(
    _writing.values({"history_search": "delete", "rowid": param("entry"), "words": param("words")})
)
_EMPTY = Statement(_writing.values({"history_search": "delete-all"}))
_MERGE = Statement(_writing.values({"history_search": "merge", "rank": param("pages")}))
_HOLDS = Statement(select(history_search.c.rowid).where(history_search.c.rowid == param("entry")))
_fits = history_search.c.history_search.op("MATCH")(param("query"))
_IS_USED = Statement(select(history_search.c.rowid).where(_fits).limit(1))
_found_here = (_fits, history_search.c.rowid.between(param("lowest"), param("highest")))
_newest = (
    select(history_search.c.rowid, history_search.c.rank)
    .where(*_found_here)
    .order_by(history_search.c.rowid.desc())
    .limit(RANKED)
    .subquery()
)
_FIND = Statement(
    select(_newest.c.rowid, _newest.c.rank)
    .order_by(_newest.c.rank, _newest.c.rowid.desc())
    .limit(param("count"))
)
_FIND_NEWEST = Statement(
    select(history_search.c.rowid, literal_column("0"))
    .where(*_found_here)
    .order_by(history_search.c.rowid.desc())
    .limit(param("count"))
)
_READ = Statement(
    select(_row.conversation, _row.id, _row.role, _row.text, _row.created_at, _row.untrusted).where(
        _row.id.in_(select(_ids.c.value))
    )
)
_DELETE = Statement(delete(history).where(_row.id.in_(select(_ids.c.value))))
_CHANGES = Statement(select(func.total_changes()))


class HistorySearch:
    """Finds what was said, and keeps the index for that."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, conversation: str, query: str, limit: int) -> list[Excerpt]:
        """See `minibot.core.ports.History.search`."""
        typed, count = typed_words(query), min(limit, MOST_FOUND)
        if not typed or count < 1:
            return []
        moves = self._database.moves

        def look(tx: Transaction) -> list[Excerpt]:
            return _excerpts(tx, moves.current_key(tx, conversation), typed, count)

        found = await self._database.read(lambda tx: None if is_behind(tx) else look(tx))
        if found is None:
            await self.catch_up()
            found = await self._database.read(look)
        return found

    async def catch_up(self) -> None:
        """Bring the index up to date."""
        # Losing some of it in a power cut is harmless: it would be made again.
        while await self._database.write(index_batch, brisk=True):
            pass

    async def clean_up(self) -> None:
        """Have nothing left in the index of what was removed."""
        while await self._database.write(_merge):
            pass


def is_behind(tx: Transaction) -> bool:
    """Say whether there are entries that are not in the index."""
    ((through, rules, newest),) = tx.execute(_STATE)
    return bool(rules != RULES or (newest or 0) > through)


def index_batch(tx: Transaction) -> bool:
    """Add the oldest entries that are not in the index; True when there may be more."""
    through = _indexed_through(tx)
    rows = list(_not_too_long(tx.execute(_NEXT, {"after": through})))
    _add(tx, rows)
    tx.execute(_SET_STATE, {"upto": rows[-1][0] if rows else through})
    return bool(rows)


def remove_entries(tx: Transaction, conversation: str, entries: Sequence[Row]) -> None:
    """Delete entries of a conversation, given as id and text, from the history and the index."""
    _indexed_through(tx)
    places = [number for (number,) in tx.execute(_PLACES, {"of": conversation})]
    words: set[str] = set()
    for id_, text in entries:
        for place in places:
            if tx.execute(_HOLDS, {"entry": _entry(place, id_)}):
                found = words_in(text)
                _write(tx, _REMOVE, _entry(place, id_), found)
                words.update(found.all)
    for word in words:
        if not tx.execute(_IS_USED, {"query": f'"{word}"'}):
            forget_word(tx, word)
    tx.execute(_DELETE, {"ids": orjson.dumps([id_ for id_, _ in entries]).decode()})
    tx.execute(_LEAVE_PLACES, {"of": conversation})
    # The ids of the newest entries are given again when these are gone.
    ((_, _, newest),) = tx.execute(_STATE)
    tx.execute(_STEP_BACK, {"upto": newest or 0})


def _indexed_through(tx: Transaction) -> int:
    """Say how far the index goes. One that was made by other rules is emptied: taking an entry
    out of it needs the words that went in."""
    ((through, rules, _),) = tx.execute(_STATE)
    if rules == RULES:
        return int(through)
    tx.execute(_EMPTY)
    empty_lexicon(tx)
    tx.execute(_SET_STATE, {"upto": 0})
    return 0


def _not_too_long(rows: Iterable[Row]) -> Iterator[Row]:
    left = BATCH_CHARACTERS
    for row in rows:
        yield row
        left -= len(row[2])
        if left <= 0:
            return


def _add(tx: Transaction, rows: Sequence[Row]) -> None:
    places = {conversation: _place(tx, conversation) for _, conversation, text in rows if text}
    texts = [
        (_entry(places[conversation], id_), words_in(text))
        for id_, conversation, text in rows
        if text
    ]
    # In another order every row would make a piece of the index of its own.
    for entry, words in sorted(texts, key=lambda each: each[0]):
        _write(tx, _ADD, entry, words)
    add_words(tx, [words for _, words in texts])


def _write(tx: Transaction, statement: Statement, entry: int, words: EntryWords) -> None:
    tx.execute(statement, {"entry": entry, "words": " ".join(words.all)})


def _place(tx: Transaction, conversation: str) -> int:
    names = {"of": conversation}
    ((number, *_), *_) = tx.execute(_PLACES, names) or tx.execute(_NEW_PLACE, names)
    return int(number)


def _entry(place: int, id_: int) -> int:
    return place << _ID_BITS | id_


def _excerpts(
    tx: Transaction, conversation: str, typed: Sequence[TypedWord], count: int
) -> list[Excerpt]:
    ids = _ids_found(tx, conversation, typed, count)
    rows = tx.execute(_READ, {"ids": orjson.dumps(ids).decode()})
    rows.sort(key=lambda row: ids.index(row[1]))
    return [
        Excerpt(
            role=Role(role),
            text=text,
            written_at=from_micros(created_at),
            untrusted=bool(untrusted),
        )
        for place, _, role, text, created_at, untrusted in rows
        if place == conversation
    ]


def _ids_found(
    tx: Transaction, conversation: str, typed: Sequence[TypedWord], count: int
) -> list[int]:
    places = [number for (number,) in tx.execute(_PLACES, {"of": conversation})]
    statement = _FIND if len(typed) <= FEW_WORDS else _FIND_NEWEST
    found: dict[int, None] = {}
    for query in _queries(tx, typed):
        ranked = []
        for place in places:
            limits = {"lowest": _entry(place, 0), "highest": _entry(place + 1, 0)}
            rows = tx.execute(statement, {"query": query, "count": count, **limits})
            ranked += [(rank, -(entry & _ID_MASK)) for entry, rank in rows]
        found |= {-id_: None for _, id_ in sorted(ranked)}
        if len(found) >= count:
            break
    return list(found)[:count]


def _queries(tx: Transaction, typed: Sequence[TypedWord]) -> Iterator[str]:
    """Say in the words of the index what is looked for, at first closely, then less so.

    Words are letters, digits and pictures, so nothing that was typed is syntax.
    """
    yield _all_of([[f'"{word.text}"'] for word in typed])
    beginnings = [_beginning(tx, word.text) for word in typed]
    if len(typed) <= FEW_WORDS:
        yield _all_of(beginnings)
    meant = [near_words(tx, word.text, word.edits, limit=NEAR_WORDS) for word in typed]
    if any(meant) or len(typed) > FEW_WORDS:
        yield _all_of(
            [
                [*terms, *(f'"{word}"' for word in words)]
                for terms, words in zip(beginnings, meant, strict=True)
            ]
        )


def _beginning(tx: Transaction, typed: str) -> list[str]:
    """Name the words that begin like that, if they are few.

    SQLite would put together what it has of all of them, in all conversations.
    """
    if len(typed) not in PREFIX_LENGTHS:
        words = words_beginning(tx, typed, limit=FEW_BEGINNINGS + 1)
        if 0 < len(words) <= FEW_BEGINNINGS:
            return [f'"{word}"' for word in words]
    return [f'"{typed}"*']


def _all_of(terms: Sequence[Sequence[str]]) -> str:
    return " AND ".join(f"({' OR '.join(each)})" for each in terms)


def _merge(tx: Transaction) -> bool:
    ((before,),) = tx.execute(_CHANGES)
    tx.execute(_MERGE, {"pages": -MERGED_PAGES})
    ((after,),) = tx.execute(_CHANGES)
    # One change is the command itself.
    return bool(after - before > 1)
