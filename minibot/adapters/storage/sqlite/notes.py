"""Notes in a database."""

from dataclasses import replace

from minibot.adapters.storage.codec import storable, to_micros
from minibot.adapters.storage.note_matching import parse_query
from minibot.adapters.storage.note_rules import fold_title, prepared, refuse_more
from minibot.adapters.storage.rules import LIST_LIMIT
from minibot.adapters.storage.sqlite import note_statements as sql
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.note_filing import begin_merge, file, merge_more, unfile
from minibot.adapters.storage.sqlite.note_search import get, note_of, search
from minibot.adapters.storage.sqlite.statement import Row, Transaction
from minibot.core.notes import MAX_NOTES, Note, NotePage

_CLEARED = 100
"""Notes deleted in one transaction, so that nobody waits long for the writer."""


class SqliteNotes:
    """Notes in a database, found by an index of every owner's own."""

    def __init__(self, database: Database, *, most: int = MAX_NOTES) -> None:
        self._database = database
        self._most = most

    async def save(self, note: Note) -> Note | None:
        note = prepared(note)
        return await self._database.write(lambda tx: _save(tx, note, self._most))

    async def get(self, owner: str, title: str) -> Note | None:
        owner, title = storable(owner), storable(title)
        return await self._database.read(lambda tx: get(tx, owner, title))

    async def delete(self, owner: str, title: str) -> Note | None:
        owner, title = storable(owner), storable(title)
        return await self._database.write(lambda tx: _delete(tx, owner, title))

    async def search(self, owner: str, query: str, *, limit: int, offset: int = 0) -> NotePage:
        owner = storable(owner)
        start, count = max(0, offset), max(0, min(limit, LIST_LIMIT))
        return await self._database.read(
            lambda tx: search(tx, owner, parse_query(query), start=start, count=count)
        )

    async def owners(self, person: str) -> list[str]:
        person = storable(person)
        # "A" is what follows "@".
        params = {"person": person, "first": f"{person}@", "beyond": f"{person}A"}
        rows = await self._database.read(lambda tx: tx.execute(sql.OWNERS, params))
        return [owner for (owner,) in rows]

    async def clear(self, owner: str) -> int:
        """Delete all notes of an owner, in several transactions when there are many."""
        owner = storable(owner)
        ((newest,),) = await self._database.read(
            lambda tx: tx.execute(sql.NEWEST_ID, {"owner": owner})
        )
        if newest is None:
            return 0
        cleared = 0
        while some := await self._database.write(lambda tx: _clear_some(tx, owner, newest)):
            cleared += some
        await self._database.write(begin_merge)
        while await self._database.write(merge_more):
            pass
        return cleared


def _save(tx: Transaction, note: Note, most: int) -> Note | None:
    folded_title = fold_title(note.title)
    rows = tx.execute(sql.EXACT, {"owner": note.owner, "folded_title": folded_title})
    before = note_of(note.owner, rows[0]) if rows else None
    if before is None:
        for _, kept in tx.execute(sql.OWNER, {"owner": note.owner}):
            refuse_more(kept, most)
    params = {"owner": note.owner, "more": int(before is None)}
    ((owner_id,),) = tx.execute(sql.ENROL, params)
    if before is not None:
        note = replace(note, created_at=before.created_at)
        _remove(tx, note.owner, owner_id, rows[0])
    ((note_id,),) = tx.execute(
        sql.INSERT,
        {
            "owner": note.owner,
            "title": note.title,
            "folded_title": folded_title,
            "data": note.data,
            "source": note.source,
            "created_at": to_micros(note.created_at),
            "updated_at": to_micros(note.updated_at),
        },
    )
    file(tx, owner_id, note_id, note)
    return before


def _delete(tx: Transaction, owner: str, title: str) -> Note | None:
    params = {"owner": owner, "folded_title": fold_title(title)}
    for row in tx.execute(sql.EXACT, params):
        _remove_for_good(tx, owner, [row])
        return note_of(owner, row)
    return None


def _clear_some(tx: Transaction, owner: str, newest: int) -> int:
    params = {"owner": owner, "newest": newest, "count": _CLEARED}
    rows = tx.execute(sql.OLDEST, params)
    if rows:
        _remove_for_good(tx, owner, rows)
    return len(rows)


def _remove_for_good(tx: Transaction, owner: str, rows: list[Row]) -> None:
    """Remove notes and count them out; an owner without notes is forgotten, too."""
    ((owner_id, _),) = tx.execute(sql.OWNER, {"owner": owner})
    for row in rows:
        _remove(tx, owner, owner_id, row)
    tx.execute(sql.LEAVE, {"owner_id": owner_id, "fewer": len(rows)})
    tx.execute(sql.FORGET_OWNER, {"owner_id": owner_id, "none": 0})


def _remove(tx: Transaction, owner: str, owner_id: int, row: Row) -> None:
    tx.execute(sql.DELETE, {"id": row[0], "owner": owner})
    unfile(tx, owner_id, row[0], note_of(owner, row))
