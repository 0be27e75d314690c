"""The judge must see what went wrong, or a campaign proves nothing."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.crash.load import Sent
from tests.crash.verdict import Outcome, Verdict, compare, integrity, table

GOOD = Verdict(
    campaign="polling",
    ends=10,
    sent=400,
    answered=400,
    lost=0,
    pending=0,
    duplicates=2,
    disorder=0,
    model_calls=500,
    integrity="ok",
    most_crashes=2,
    fates=(),
    surprises=(),
    seconds=9.5,
)


def _sent(*places: tuple[int, int]) -> list[Sent]:
    return [
        Sent(chat_id=chat_id, number=number, token=f"{chat_id}-{number}")
        for chat_id, number in places
    ]


@pytest.mark.parametrize(
    ("answers", "in_line", "expected"),
    [
        (["1-1", "1-2", "2-1"], [], Outcome(lost=(), pending=(), duplicates=0, disorder=0)),
        (["2-1", "1-1", "1-2"], [], Outcome(lost=(), pending=(), duplicates=0, disorder=0)),
        (["1-1", "2-1"], [], Outcome(lost=("1-2",), pending=(), duplicates=0, disorder=0)),
        (["1-1", "2-1"], ["1-2"], Outcome(lost=(), pending=("1-2",), duplicates=0, disorder=0)),
        (["1-2", "1-1", "2-1"], [], Outcome(lost=(), pending=(), duplicates=0, disorder=1)),
        (["1-1", "1-2", "1-1", "2-1"], [], Outcome(lost=(), pending=(), duplicates=1, disorder=0)),
    ],
    ids=["all is well", "chats are independent", "lost", "pending", "out of order", "repeated"],
)
def test_answers_are_matched_with_messages(
    answers: list[str], in_line: list[str], expected: Outcome
) -> None:
    assert compare(_sent((1, 1), (1, 2), (2, 1)), answers, in_line) == expected


def test_what_went_well_passes() -> None:
    assert GOOD.passed
    assert (GOOD.duplicates_per_end, GOOD.calls_per_message) == (0.2, 1.25)


@pytest.mark.parametrize(
    "bad",
    [
        replace(GOOD, lost=1),
        replace(GOOD, pending=1),
        replace(GOOD, disorder=1),
        replace(GOOD, duplicates=8),
        replace(GOOD, ends=100, duplicates=21),
        replace(GOOD, integrity="row 3 missing from index"),
        replace(GOOD, surprises=("Traceback",)),
    ],
)
def test_what_went_wrong_does_not_pass(bad: Verdict) -> None:
    assert not bad.passed
    assert "FAILED" in table([GOOD, bad]).splitlines()[2]


def test_the_columns_of_the_table_are_aligned() -> None:
    lines = table([GOOD, replace(GOOD, sent=123_456)]).splitlines()
    assert len({len(line) for line in lines}) == 1


def test_a_damaged_database_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE words (word TEXT)")
        connection.execute("CREATE INDEX by_word ON words (word)")
        connection.executemany("INSERT INTO words VALUES (?)", [(f"w{n}",) for n in range(2000)])
        connection.commit()
        assert integrity(path) == "ok"
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_schema WHERE name = 'by_word'")
        connection.commit()
    assert integrity(path) != "ok"
