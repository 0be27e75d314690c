"""The lexicon: every word in the index of the history, to be found by its beginning or mistyped."""

from collections.abc import Iterable, Sequence

import orjson
from sqlalchemy import Text, column, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from minibot.adapters.storage.history_matching import EntryWords
from minibot.adapters.storage.sqlite.history_tables import history_pieces, history_words
from minibot.adapters.storage.sqlite.statement import Statement, Transaction, param
from minibot.adapters.storage.typos import nearest, pieces, pieces_nearby

LAST_CHARACTER = "\U0010ffff"

_pieces = func.json_each(param("pieces")).table_valued(column("value", Text))

_ADD = Statement(
    insert(history_words)
    .values(word=param("word"))
    .on_conflict_do_nothing()
    .returning(history_words.c.number)
)
_ADD_PIECES = Statement(
    insert(history_pieces).from_select(["piece", "word"], select(_pieces.c.value, param("number")))
)
_BEGINNING = Statement(
    select(history_words.c.word)
    .where(history_words.c.word >= param("first"), history_words.c.word < param("behind"))
    .limit(param("count"))
)
_NEAR = Statement(
    select(history_words.c.word)
    .distinct()
    .select_from(history_pieces)
    .join(history_words, history_words.c.number == history_pieces.c.word)
    .where(history_pieces.c.piece.in_(select(_pieces.c.value)))
)
_FORGET = Statement(
    delete(history_words)
    .where(history_words.c.word == param("word"))
    .returning(history_words.c.number)
)
_FORGET_PIECES = Statement(
    delete(history_pieces).where(
        history_pieces.c.piece.in_(select(_pieces.c.value)),
        history_pieces.c.word == param("number"),
    )
)
_EMPTY = (Statement(delete(history_words)), Statement(delete(history_pieces)))


def add_words(tx: Transaction, entries: Sequence[EntryWords]) -> None:
    """Add those words that are new."""
    mistakable = {word for entry in entries for word in entry.mistakable}
    for word in {word for entry in entries for word in entry.all}:
        for (number,) in tx.execute(_ADD, {"word": word}):
            if word in mistakable:
                tx.execute(_ADD_PIECES, {"number": number, "pieces": _dumped(pieces(word))})


def words_beginning(tx: Transaction, beginning: str, *, limit: int) -> list[str]:
    """Give words that begin like that, at most so many of them."""
    names = {"first": beginning, "behind": f"{beginning}{LAST_CHARACTER}", "count": limit}
    return [word for (word,) in tx.execute(_BEGINNING, names)]


def near_words(tx: Transaction, typed: str, edits: int, *, limit: int) -> list[str]:
    """Find the words that `typed` may be a mistyped form of, the nearest first."""
    if not edits:
        return []
    rows = tx.execute(_NEAR, {"pieces": _dumped(pieces_nearby(typed, edits))})
    return nearest(typed, (word for (word,) in rows), edits, limit=limit)


def forget_word(tx: Transaction, word: str) -> None:
    for (number,) in tx.execute(_FORGET, {"word": word}):
        tx.execute(_FORGET_PIECES, {"number": number, "pieces": _dumped(pieces(word))})


def empty_lexicon(tx: Transaction) -> None:
    for statement in _EMPTY:
        tx.execute(statement)


def _dumped(texts: Iterable[str]) -> str:
    return orjson.dumps(sorted(texts)).decode()
