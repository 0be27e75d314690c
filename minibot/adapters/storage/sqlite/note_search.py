"""Finding notes."""

from collections.abc import Sequence

from minibot.adapters.storage.codec import from_micros
from minibot.adapters.storage.note_matching import (
    LOOSEST,
    Query,
    Spellings,
    doubtful,
    is_long,
    spellings,
    tiers_of,
)
from minibot.adapters.storage.note_rules import fold_title
from minibot.adapters.storage.note_titles import nearest_title, title_keys_nearby
from minibot.adapters.storage.sqlite import note_statements as sql
from minibot.adapters.storage.sqlite.note_filing import as_json
from minibot.adapters.storage.sqlite.note_terms import Filing
from minibot.adapters.storage.sqlite.statement import Row, Transaction
from minibot.adapters.storage.typos import pieces_nearby
from minibot.core.notes import MAX_COUNTED, Note, NotePage

_TITLES = 500
"""Titles compared with one that was asked for, at the most."""


def note_of(owner: str, row: Row) -> Note:
    _, title, data, source, created_at, updated_at = row
    return Note(
        owner=owner,
        title=title,
        data=data,
        source=source,
        created_at=from_micros(created_at),
        updated_at=from_micros(updated_at),
    )


def get(tx: Transaction, owner: str, title: str) -> Note | None:
    """Find the note that is meant by a title."""
    for row in tx.execute(sql.EXACT, {"owner": owner, "folded_title": fold_title(title)}):
        return note_of(owner, row)
    for owner_id, _ in tx.execute(sql.OWNER, {"owner": owner}):
        keys = as_json(title_keys_nearby(title))
        rows = tx.execute(sql.TITLES, {"owner_id": owner_id, "keys": keys, "count": _TITLES})
        newest_first = sorted((id_ for (id_,) in rows), reverse=True)
        by_title = {note.title: note for note in _listed(tx, owner, newest_first)}
        near = nearest_title(title, by_title)
        return None if near is None else by_title[near]
    return None


def search(tx: Transaction, owner: str, query: Query, *, start: int, count: int) -> NotePage:
    """Find the notes that answer a query, as `note_matching` says."""
    owners = tx.execute(sql.OWNER, {"owner": owner})
    if not owners:
        return NotePage(notes=(), total=0)
    ((owner_id, kept),) = owners
    if query.is_empty:
        rows = tx.execute(sql.NEWEST, {"owner": owner, "count": count, "start": start})
        return NotePage(
            notes=tuple(note_of(owner, row) for row in rows), total=min(kept, MAX_COUNTED)
        )
    titled = tx.execute(sql.EXACT, {"owner": owner, "folded_title": query.title})
    if not query.words:
        found = [note_of(owner, row) for row in titled]
        return NotePage(notes=tuple(found[start : start + count]), total=len(found))
    answers = _Answers(tx, owner_id, query)
    total = answers.total()
    if total <= start or not count:
        return NotePage(notes=(), total=total)
    # Counting ends somewhere; as long as it did not, there is nothing beyond the total.
    most = start + count if total == MAX_COUNTED else min(start + count, total)
    ids = answers.best(most, first=[row[0] for row in titled])[start:]
    return NotePage(notes=tuple(_listed(tx, owner, ids)), total=total)


class _Answers:
    """What one owner's index says to a query."""

    def __init__(self, tx: Transaction, owner_id: int, query: Query) -> None:
        self._tx = tx
        self._filing = Filing(owner_id)
        self._query = query
        self._near = _spellings(tx, owner_id, query)

    def total(self) -> int:
        wanted = self._filing.expression(self._query, LOOSEST, self._near)
        params = {"wanted": wanted, "count": MAX_COUNTED}
        ((total,),) = self._tx.execute(sql.COUNT_MATCHING, params)
        return int(total)

    def best(self, count: int, *, first: Sequence[int]) -> list[int]:
        """Give the ids of the best answers, after those that are better than any."""
        found = dict.fromkeys(first)
        for tier in tiers_of(self._query):
            if len(found) >= count:
                break
            wanted = self._filing.expression(self._query, tier, self._near)
            # Those found before may be in this tier, too, and take up some of `count`.
            rows = self._tx.execute(sql.MATCHING, {"wanted": wanted, "count": count})
            found.update((id_, None) for (id_,) in rows)
        return list(found)[:count]


def _spellings(tx: Transaction, owner_id: int, query: Query) -> Spellings:
    known: set[str] = set()
    if is_long(query):
        words = as_json(word.text for word in query.words)
        rows = tx.execute(sql.KNOWN_WORDS, {"owner_id": owner_id, "words": words})
        known = {word for (word,) in rows}
    wanted = doubtful(query, known)
    nearby = {piece for word in wanted for piece in pieces_nearby(word.text, word.edits)}
    rows = tx.execute(sql.NEAR_WORDS, {"owner_id": owner_id, "pieces": as_json(nearby)})
    return spellings(wanted, (word for (word,) in rows))


def _listed(tx: Transaction, owner: str, ids: Sequence[int]) -> list[Note]:
    rows = {row[0]: row for row in tx.execute(sql.LISTED, {"owner": owner, "ids": as_json(ids)})}
    return [note_of(owner, rows[id_]) for id_ in ids if id_ in rows]
