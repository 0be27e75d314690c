"""What a crash can leave at the end of a file is told from damage."""

import pytest

from minibot.adapters.storage.agenda.framing import SECTOR, frame, is_cut_short, unframe

RECORD = frame(b'[1,[{"is":"job","text":"' + b"x" * 1500 + b'"}],[]]')


def zeroed(record: bytes, first: int, behind: int) -> bytes:
    return record[:first] + bytes(behind - first) + record[behind:]


def test_record_is_a_line_with_length_and_checksum() -> None:
    assert frame(b"[1,[],[]]") == b"00000009 617ce7c7 [1,[],[]]\n"


def test_whole_record_is_read() -> None:
    assert unframe(frame(b"[1,[],[]]")) == b"[1,[],[]]"


@pytest.mark.parametrize("position", range(len(frame(b"[1,[],[]]"))))
@pytest.mark.parametrize("value", [0, 10, ord("0"), ord("f"), ord(" "), ord("_"), 0xFF])
def test_record_with_any_other_byte_is_not(position: int, value: int) -> None:
    record = bytearray(frame(b"[1,[],[]]"))
    if record[position] == value:
        value ^= 1
    record[position] = value

    assert unframe(bytes(record)) is None


def test_every_beginning_of_a_record_is_cut_short() -> None:
    assert all(is_cut_short(RECORD[:length], 700) for length in range(1, len(RECORD)))


@pytest.mark.parametrize(
    "tail",
    [
        b"\n",
        b"x",
        b"0000000g",
        b"00000009x",
        b"00000009 617ce7c7x",
        b"00000009 617ce7c [1",
        RECORD,
        RECORD[:-1] + b" ",
        RECORD + RECORD[:20],
        RECORD[:300] + b"\n" + RECORD[300:],
        b"0000ffff" + RECORD[8:],
        b"00000001" + RECORD[8:-1],
    ],
    ids=range(12),
)
def test_what_no_append_begins_with_is_damage(tail: bytes) -> None:
    assert not is_cut_short(tail, 700)


@pytest.mark.parametrize("start", [0, 700, 1024])
def test_sectors_that_were_not_written_are_cut_short(start: int) -> None:
    borders = [each - start for each in range(0, 4096, SECTOR) if 0 < each - start < len(RECORD)]

    assert is_cut_short(bytes(len(RECORD)), start)
    assert is_cut_short(zeroed(RECORD, 0, borders[0]), start)
    assert is_cut_short(zeroed(RECORD, borders[0], borders[1]), start)
    assert is_cut_short(zeroed(RECORD, borders[-1], len(RECORD)), start)
    assert is_cut_short(bytes(50), start)
    assert is_cut_short(zeroed(RECORD, borders[0], borders[1])[:-1], start)


@pytest.mark.parametrize(
    ("first", "behind"), [(1, 2), (0, 1), (100, 200), (323, 325), (324, 325), (900, len(RECORD))]
)
def test_zeros_that_are_no_sectors_are_damage(first: int, behind: int) -> None:
    assert not is_cut_short(zeroed(RECORD, first, behind), 700)


def test_zeros_before_other_records_are_damage() -> None:
    assert not is_cut_short(zeroed(RECORD, 324, 836) + RECORD, 700)
    assert not is_cut_short(zeroed(RECORD, 324, 836) + b"7", 700)
