"""Keeping the index of notes in step with the notes."""

from collections.abc import Iterable

import orjson

from minibot.adapters.storage.note_matching import NoteEntry, entry_of
from minibot.adapters.storage.note_titles import title_keys
from minibot.adapters.storage.sqlite import note_statements as sql
from minibot.adapters.storage.sqlite.note_terms import Filing
from minibot.adapters.storage.sqlite.statement import Transaction
from minibot.adapters.storage.typos import pieces
from minibot.core.notes import Note

_MERGED_PAGES = 64
"""Pages of the index written in one go, so that nobody waits long for the writer."""


def file(tx: Transaction, owner_id: int, note_id: int, note: Note) -> None:
    """Make a note be found."""
    entry = entry_of(note)
    tx.execute(sql.FILE, {"id": note_id, "terms": Filing(owner_id).terms(entry)})
    tx.execute(sql.ADD_TITLE, _title_params(owner_id, note_id, note))
    counted = tx.execute(sql.COUNT_WORDS, _word_params(owner_id, entry))
    new = [word for word, count in counted if count == 1]
    tx.execute(sql.ADD_PIECES, {"owner_id": owner_id, "pairs": _piece_pairs(new)})


def unfile(tx: Transaction, owner_id: int, note_id: int, note: Note) -> None:
    """Take out what `file` put in for the same note."""
    entry = entry_of(note)
    tx.execute(
        sql.UNFILE,
        {"command": "delete", "id": note_id, "terms": Filing(owner_id).terms(entry)},
    )
    tx.execute(sql.REMOVE_TITLE, _title_params(owner_id, note_id, note))
    words = _word_params(owner_id, entry)
    tx.execute(sql.UNCOUNT_WORDS, words)
    gone = [word for (word,) in tx.execute(sql.FORGET_WORDS, {**words, "none": 0})]
    tx.execute(sql.REMOVE_PIECES, {"owner_id": owner_id, "pairs": _piece_pairs(gone)})


def begin_merge(tx: Transaction) -> None:
    """Begin to rewrite the index without what was taken out of it.

    Until then the words of deleted notes are still in the file, although nothing finds them.
    """
    tx.execute(sql.COMMAND, {"command": "merge", "rank": -_MERGED_PAGES})


def merge_more(tx: Transaction) -> bool:
    """Go on with it; gives whether there is more to do."""
    ((before,),) = tx.execute(sql.CHANGES)
    tx.execute(sql.COMMAND, {"command": "merge", "rank": _MERGED_PAGES})
    ((after,),) = tx.execute(sql.CHANGES)
    done: bool = after - before < 2  # the command itself counts as one change
    return not done


def _title_params(owner_id: int, note_id: int, note: Note) -> dict[str, object]:
    return {"owner_id": owner_id, "id": note_id, "keys": as_json(title_keys(note.title))}


def _word_params(owner_id: int, entry: NoteEntry) -> dict[str, object]:
    return {"owner_id": owner_id, "words": as_json(entry.everywhere.spelled)}


def _piece_pairs(words: Iterable[str]) -> str:
    return as_json((piece, word) for word in words for piece in pieces(word))


def as_json(values: Iterable[object]) -> str:
    """Write a list for a statement that takes one."""
    return orjson.dumps(list(values)).decode()
