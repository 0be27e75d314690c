"""Files that are torn and files that are garbled."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from minibot.adapters.storage.agenda.file_log import FileLog
from minibot.adapters.storage.agenda.file_store import AgendaFile
from minibot.adapters.storage.agenda.framing import HEADER
from minibot.adapters.storage.agenda.grouping import Batch
from minibot.core.errors import StorageDamaged
from minibot.core.ports import Entry
from tests.adapters.storage.agenda.samples import a_job, a_task, by_id, changed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "tasks.log"


def an_agenda(path: Path) -> AgendaFile:
    return AgendaFile(FileLog(path, lock_timeout_ms=1000))


def fill(path: Path, count: int) -> tuple[bytes, list[int], list[dict[str, Entry]]]:
    """Write one record after the other.

    Returns:
        The file, where each record ends, and what there is then.
    """
    agenda = an_agenda(path)
    agenda.load()
    state: dict[str, Entry] = {}
    borders, states = [len(HEADER)], [state]
    for number in range(count):
        entries, forget = a_change(number)
        assert agenda.commit([Batch(entries=entries, forget=forget)]) == [None]
        state = state | {entry.id: entry for entry in entries}
        state = {id_: entry for id_, entry in state.items() if id_ not in forget}
        borders.append(path.stat().st_size)
        states.append(state)
    agenda.close()
    return path.read_bytes(), borders, states


def a_change(number: int) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Give what is written and what is forgotten: by turns a job, a task and what becomes of it."""
    match number % 4:
        case 0:
            return (a_job(f"j{number}"),), ()
        case 1:
            return (a_task(f"t{number}"),), ()
        case 2:
            return (changed(a_job(f"j{number - 2}")),), ()
        case _:
            return (), (f"t{number - 2}",)


def siblings(path: Path, kind: str) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.{kind}*"))


def test_file_torn_at_any_byte_keeps_all_before(path: Path) -> None:
    whole, borders, states = fill(path, 12)
    for size in range(len(HEADER), len(whole) + 1):
        path.write_bytes(whole[:size])
        last = max(index for index, border in enumerate(borders) if border <= size)
        agenda = an_agenda(path)

        found = by_id(agenda.load())

        agenda.close()
        assert found == states[last]
        assert path.read_bytes() == whole[: borders[last]]


def test_each_of_200_records_may_be_torn_at_any_byte(path: Path) -> None:
    """Another process reads along, so that not every tear has the whole file read."""
    whole, borders, states = fill(path, 200)
    path.write_bytes(HEADER)
    reader = an_agenda(path)
    known = by_id(reader.load())
    for border, end in zip(borders, borders[1:], strict=False):
        for size in range(border + 1, end):
            with path.open("r+b") as file:
                file.seek(border)
                file.write(whole[border:size])
            assert reader.refresh(()) == ([], [])
            assert path.stat().st_size == border
        with path.open("r+b") as file:
            file.seek(border)
            file.write(whole[border:end])
        entries, forgotten = reader.refresh(())
        known = {id_: entry for id_, entry in known.items() if id_ not in forgotten}
        known |= by_id(entries)
    reader.close()

    assert known == states[-1]


def test_writing_goes_on_behind_a_tear(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    whole, _, states = fill(path, 10)
    path.write_bytes(whole[:-7])
    agenda = an_agenda(path)
    with caplog.at_level(logging.WARNING):
        agenda.load()

    assert agenda.commit([Batch(entries=(a_job("new"),), forget=())]) == [None]

    agenda.close()
    again = an_agenda(path)
    assert by_id(again.load()) == states[-2] | {"new": a_job("new")}
    again.close()
    assert [record.message for record in caplog.records] == [
        "cut off a write that a crash had left unfinished"
    ]


def test_file_that_ends_with_zeros_was_cut_short(path: Path) -> None:
    whole, _, states = fill(path, 10)
    path.write_bytes(whole + bytes(4096))
    agenda = an_agenda(path)

    assert by_id(agenda.load()) == states[-1]

    agenda.close()
    assert path.read_bytes() == whole


def refuse(path: Path) -> str:
    """Have a file refused; give what is said."""
    before = path.read_bytes()
    agenda = an_agenda(path)
    with pytest.raises(StorageDamaged) as refusal:
        agenda.load()
    agenda.close()
    (copy,) = siblings(path, "damaged")
    assert path.read_bytes() == before
    assert copy.read_bytes() == before
    assert copy.stat().st_mode & 0o777 == 0o600
    assert str(path) in str(refusal.value)
    assert str(copy) in str(refusal.value)
    assert not siblings(path, "copy")
    copy.unlink()
    return str(refusal.value)


def test_file_with_any_byte_garbled_is_refused(path: Path) -> None:
    whole, _, _ = fill(path, 3)
    for position in range(len(whole)):
        garbled = bytearray(whole)
        garbled[position] ^= 1
        path.write_bytes(garbled)

        refuse(path)


def without_a_record(whole: bytes) -> bytes:
    lines = whole.splitlines(keepends=True)
    return b"".join([*lines[:5], *lines[6:]])


def with_a_record_twice(whole: bytes) -> bytes:
    lines = whole.splitlines(keepends=True)
    return b"".join([*lines[:5], lines[4], *lines[5:]])


def with_zeros_in_the_middle(whole: bytes) -> bytes:
    return whole[:1024] + bytes(512) + whole[1536:]


def with_a_length_beyond_the_end(whole: bytes) -> bytes:
    lines = whole.splitlines(keepends=True)
    return b"".join([*lines[:5], b"000fffff" + lines[5][8:], *lines[6:]])


def with_a_longer_last_record(whole: bytes) -> bytes:
    lines = whole.splitlines(keepends=True)
    return b"".join([*lines[:-1], b"000fffff" + lines[-1][8:]])


def with_text_behind(whole: bytes) -> bytes:
    return whole + b"remember the milk\n"


@pytest.mark.parametrize(
    "harm",
    [
        without_a_record,
        with_a_record_twice,
        with_zeros_in_the_middle,
        with_a_length_beyond_the_end,
        with_a_longer_last_record,
        with_text_behind,
    ],
)
def test_damage_that_no_crash_explains_is_refused(
    path: Path, harm: Callable[[bytes], bytes]
) -> None:
    whole, _, _ = fill(path, 12)
    path.write_bytes(harm(whole))

    assert "backup" in refuse(path)


@pytest.mark.parametrize("size", range(len(HEADER)))
def test_file_without_a_whole_header_is_refused(path: Path, size: int) -> None:
    whole, _, _ = fill(path, 2)
    path.write_bytes(whole[:size])

    assert "truncate" not in refuse(path)


def test_what_is_said_to_keep_the_rest_does_so(path: Path) -> None:
    whole, borders, states = fill(path, 12)
    path.write_bytes(without_a_record(whole))

    said = refuse(path)

    assert f"truncate -s {borders[4]} {path}" in said
    path.write_bytes(whole[: borders[4]])
    agenda = an_agenda(path)
    assert by_id(agenda.load()) == states[4]
    agenda.close()


def test_damaged_file_is_copied_once_however_often_it_is_opened(path: Path) -> None:
    fill(path, 3)
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"?")
    copies = set()
    for _ in range(3):
        agenda = an_agenda(path)
        for _ in range(2):
            with pytest.raises(StorageDamaged):
                agenda.load()
            with pytest.raises(StorageDamaged):
                agenda.commit([Batch(entries=(a_job("new"),), forget=())])
            with pytest.raises(StorageDamaged):
                agenda.refresh(())
        agenda.close()
        copies |= {(copy.name, copy.stat().st_ino) for copy in siblings(path, "damaged")}

    assert len(copies) == 1


def test_damage_is_refused_even_if_it_cannot_be_copied(path: Path) -> None:
    fill(path, 3)
    path.write_bytes(b"a diary\n")
    (path.parent / "tasks.log.copy").mkdir()
    agenda = an_agenda(path)

    with pytest.raises(StorageDamaged, match="could not be copied aside"):
        agenda.load()

    agenda.close()
    assert path.read_bytes() == b"a diary\n"
