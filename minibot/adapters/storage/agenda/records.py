"""What the records of the agenda's file say.

A record is what one commit changed: ``[number, [entry …], [id that is forgotten …]]``. Records
are numbered without a gap, so that one that is missing is noticed.
"""

import logging
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import orjson

from minibot.adapters.storage.agenda.codec import Fields, Reader, identify
from minibot.adapters.storage.agenda.file_log import FileLog
from minibot.core.errors import StorageDamaged
from minibot.core.ports import Entry

LOG = logging.getLogger(__name__)

ENTRIES_A_RECORD = 256
"""In a file that is written anew."""


class Record(NamedTuple):
    """What one commit changed. A tuple, because a file has very many of them."""

    number: int
    entries: list[Fields]
    forgotten: list[str]


class Records:
    """The records of a file, under its lock."""

    def __init__(self, log: FileLog) -> None:
        self._log = log
        self._number = 0
        """Of the last one that was read or appended."""

    def read(self) -> Iterator[Record]:
        """Give those that were not read yet.

        Raises:
            StorageDamaged: there is something else.
        """
        for body in self._log.read():
            record = _parse(body)
            if record.number != self._number + 1:
                raise StorageDamaged(f"record {record.number} comes after {self._number}")
            self._number = record.number
            yield record

    def append(self, bodies: Sequence[bytes], forgotten: Sequence[str]) -> None:
        """Add one, durable on return. Raises `StorageUnavailable`."""
        self._log.append(_dump(self._number + 1, bodies, forgotten))
        self._number += 1

    def replay(self) -> tuple[dict[str, Entry], int]:
        """Read the file from the start; give what there is, and how many entries it was in all."""
        reader = Reader()
        entries: dict[str, Entry] = {}
        total = 0
        self._rewind()
        for record in self.read():
            total += len(record.entries)
            for fields in record.entries:
                entry = reader.read(fields)
                entries[entry.id] = entry
            for id_ in record.forgotten:
                entries.pop(id_, None)
        return entries, total

    def write_anew(self) -> None:
        """Put a file without what is outdated in the place of this one.

        Raises:
            StorageUnavailable: it could not be written.
        """
        before = self._log.position
        last = self._survey()
        self._log.replace(
            _dump(number, [orjson.dumps(fields) for fields in some], [])
            for number, some in enumerate(_chunks(self._living(last)), start=1)
        )
        self._number = -(-len(last) // ENTRIES_A_RECORD)
        LOG.info(
            "wrote the agenda's file anew",
            extra={
                "path": str(self._log.path), "bytes": self._log.position, "bytes_before": before,
            },
        )  # fmt: skip

    def _survey(self) -> dict[str, int]:
        """Find out which record has the last word on each entry there is, without keeping them."""
        last: dict[str, int] = {}
        self._rewind()
        for record in self.read():
            for fields in record.entries:
                last[identify(fields)[0]] = record.number
            for id_ in record.forgotten:
                last.pop(id_, None)
        return last

    def _living(self, last: dict[str, int]) -> Iterator[Fields]:
        """Read the file once more, without what is outdated."""
        self._rewind()
        for record in self.read():
            for fields in record.entries:
                if last.get(fields["id"]) == record.number:
                    yield fields

    def _rewind(self) -> None:
        self._log.rewind()
        self._number = 0


def _chunks(entries: Iterator[Fields]) -> Iterator[list[Fields]]:
    while some := list(islice(entries, ENTRIES_A_RECORD)):
        yield some


def _dump(number: int, bodies: Sequence[bytes], forgotten: Sequence[str]) -> bytes:
    return orjson.dumps([number, [orjson.Fragment(body) for body in bodies], forgotten])


def _parse(body: bytes) -> Record:
    try:
        number, entries, forgotten = orjson.loads(body)
        if not isinstance(entries, list) or (forgotten and not _are_ids(forgotten)):
            raise StorageDamaged("a record does not hold entries and ids")
    except (ValueError, TypeError) as error:
        raise StorageDamaged(f"a record cannot be read: {error!r}") from error
    return Record(number, entries, forgotten)


def _are_ids(values: list[object]) -> bool:
    return all(isinstance(value, str) for value in values)
