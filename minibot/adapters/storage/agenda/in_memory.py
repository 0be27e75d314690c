"""The agenda in memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from minibot.adapters.storage.agenda.codec import Reader, encode
from minibot.adapters.storage.agenda.grouping import refuse_stale
from minibot.core.errors import StorageUnavailable
from minibot.core.ports import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaRow:
    """What is kept of an entry, or of one that is forgotten."""

    change: int
    version: int
    """0 for what is forgotten."""
    body: bytes = b""
    """As others keep it, so that whoever reads it gets what a disk would give."""


@dataclass(slots=True)
class AgendaRows:
    """What several agendas share as processes share a file."""

    changes: int = 0
    rows: dict[str, AgendaRow] = field(default_factory=dict)


class InMemoryAgenda:
    """An agenda that lives as long as its rows; see `AgendaStore`."""

    def __init__(self, rows: AgendaRows) -> None:
        self._rows = rows
        self._seen = 0
        self._own: dict[str, int] = {}
        """The changes since the last look that are ours."""
        self._closed = False

    async def load(self) -> list[Entry]:
        self._refuse_when_closed()
        self._look()
        reader = Reader()
        return [reader.parse(row.body) for row in self._rows.rows.values() if row.version]

    async def write(self, entries: Sequence[Entry], *, forget: Collection[str] = ()) -> None:
        self._refuse_when_closed()
        stored = self._rows
        change = stored.changes + 1
        new: dict[str, AgendaRow] = {}
        for entry in entries:
            before = new.get(entry.id) or stored.rows.get(entry.id)
            refuse_stale(entry, before.version if before else 0)
            new[entry.id] = AgendaRow(change=change, version=entry.version, body=encode(entry))
        for id_ in forget:
            if id_ in new or id_ in stored.rows:
                new[id_] = AgendaRow(change=change, version=0)
        stored.rows |= new
        stored.changes = change
        self._own |= dict.fromkeys(new, change)

    async def refresh(self) -> tuple[list[Entry], list[str]]:
        self._refuse_when_closed()
        others = {
            id_: row
            for id_, row in self._rows.rows.items()
            if row.change > self._seen and row.change != self._own.get(id_)
        }
        self._look()
        reader = Reader()
        changed = [reader.parse(row.body) for row in others.values() if row.version]
        return changed, [id_ for id_, row in others.items() if not row.version]

    async def compact(self) -> None:
        """Do nothing: what is outdated is gone already, and who forgot what has to be told."""

    async def close(self) -> None:
        self._closed = True

    def _look(self) -> None:
        self._seen = self._rows.changes
        self._own.clear()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StorageUnavailable("the agenda is closed")
