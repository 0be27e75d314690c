"""The judge of what tools did must see what went wrong, or a campaign proves nothing."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from minibot.core.tools import CallState
from tests.crash.effects import (
    Call,
    Effects,
    Witnessed,
    examine,
    install_witnesses,
    read_witnesses,
    refusals,
)
from tests.crash.errands import ASKED, answer_to
from tests.crash.load import Sent
from tests.crash.pages import Visit
from tests.crash.permission import Question
from tests.peers.telegram.wire import Json

SENT = (
    Sent(chat_id=1, number=3, token="rid1end", errand="file"),
    Sent(chat_id=2, number=4, token="rid2end", errand="page"),
    Sent(chat_id=2, number=5, token="rid3end"),
)
URL = "http://127.0.0.1:81/rid2end/"
NAMES = ("open", "failed", "repeated", "missing", "unrecorded", "reversed", "rerun", "astray")


def _done(token: str, step: int, name: str, **arguments: str) -> Call:
    return Call(
        token=token,
        step=step,
        name=name,
        arguments=arguments,
        state=CallState.FINISHED,
        text="fine",
        ended_at=20.0,
    )


CALLS = (
    _done("rid1end", 0, "file_write", path="rid1end.txt"),
    _done("rid1end", 0, "current_time"),
    _done("rid1end", 1, "calculate"),
    _done("rid2end", 0, "calculate"),
    _done("rid2end", 0, "current_time"),
    _done("rid2end", 1, "http_fetch", url=f"{URL}a"),
    _done("rid2end", 1, "http_fetch", url=f"{URL}b"),
)
FILE, LAST_PAGE = CALLS[0], CALLS[-1]
GOOD = Witnessed(
    calls=CALLS,
    changes=Counter({"file rid1end.txt": 1}),
    reversals=(),
    visits=(
        Visit(path="/rid2end/a", at=19.0),
        Visit(path="/rid2end/b", at=18.0),
        Visit(path="/rid2end/b", at=19.0),  # before its end a tool that only reads may run again
    ),
)
TEXTS = tuple(answer_to(message) for message in SENT[:2])


def _examine(
    witnessed: Witnessed, *, texts: Sequence[str] = TEXTS, refused: Sequence[str] = ()
) -> Effects:
    return examine(SENT, witnessed, texts=texts, refused=refused)


def _with(call: Call, **changes: object) -> Witnessed:
    changed = replace(call, **changes)  # type: ignore[arg-type]  # names and values of any field
    return replace(GOOD, calls=[changed if each is call else each for each in CALLS])


def test_what_went_well_passes() -> None:
    effects = _examine(GOOD)
    assert effects.faults == {name: [] for name in (*NAMES, "wrong")} | {
        "reversed": (),
        "refused": (),
        "needless": [],
    }
    assert effects.passed
    assert (effects.calls, effects.changes, effects.visits) == (7, 1, 3)


@pytest.mark.parametrize("done", [0, 1])
def test_a_call_whose_end_is_unknown_may_have_had_its_effect_or_not(done: int) -> None:
    witnessed = replace(
        _with(FILE, state=CallState.UNKNOWN),
        changes=Counter({"file rid1end.txt": 1} if done else {}),
    )
    effects = _examine(witnessed)
    assert effects.passed
    assert (effects.unknown, effects.unknown_done) == (1, done)


@pytest.mark.parametrize(
    ("fault", "bad"),
    [
        ("open", _with(FILE, state=CallState.STARTED)),
        ("open", _with(FILE, state=None)),
        ("failed", _with(FILE, text="Error: the disk is full")),
        ("failed", _with(FILE, text="The person did not allow this call.")),
        ("repeated", replace(GOOD, changes=Counter({"file rid1end.txt": 2}))),
        (
            "repeated",
            replace(_with(FILE, state=CallState.UNKNOWN), changes=Counter({"file rid1end.txt": 2})),
        ),
        ("missing", replace(GOOD, changes=Counter())),
        ("missing", replace(GOOD, visits=GOOD.visits[1:])),
        ("unrecorded", replace(GOOD, changes=GOOD.changes + Counter({"note x": 1}))),
        ("unrecorded", replace(GOOD, changes=GOOD.changes + Counter({"version x": 1}))),
        ("reversed", replace(GOOD, reversals=("a call was finished",))),
        ("rerun", replace(GOOD, visits=(*GOOD.visits, Visit(path="/rid2end/b", at=20.5)))),
        ("rerun", replace(GOOD, visits=(*GOOD.visits, Visit(path="/rid9end/b", at=1.0)))),
        ("astray", replace(GOOD, calls=CALLS[:2] + CALLS[3:])),
        ("astray", replace(GOOD, calls=(*CALLS, _done("rid1end", 2, "calculate")))),
        ("astray", replace(GOOD, calls=(*CALLS, _done("rid3end", 0, "calculate")))),
    ],
)
def test_what_went_wrong_does_not_pass(fault: str, bad: Witnessed) -> None:
    effects = _examine(bad)
    assert [name for name, found in effects.faults.items() if found] == [fault]
    assert not effects.passed
    assert "FAILED" in effects.table()
    assert f"  {fault}: " in effects.details()


def test_an_answer_without_what_the_tools_found_does_not_pass() -> None:
    effects = _examine(GOOD, texts=[TEXTS[0], TEXTS[1].replace("28!", "2!")])
    assert len(effects.wrong) == 1
    assert not effects.passed


def test_a_refused_request_does_not_pass() -> None:
    records: list[Json] = [{"legal": True}, {"legal": False, "problem": "a call has no result"}, {}]
    assert refusals(records) == ["a call has no result"]
    assert not _examine(GOOD, refused=refusals(records)).passed


def test_only_questions_that_are_due_pass() -> None:
    due = Question(chat_id=ASKED[0], text="🔐 May I use note_save?\ntitle: x")
    effects = examine(SENT, GOOD, texts=TEXTS, asked=[due])
    assert effects.passed
    assert effects.questions == 1
    elsewhere, another = replace(due, chat_id=1), replace(due, text="🔐 May I use http_fetch?")
    effects = examine(SENT, GOOD, texts=TEXTS, asked=[due, elsewhere, another])
    assert len(effects.needless) == 2
    assert not effects.passed


def test_a_campaign_without_calls_does_not_pass() -> None:
    nothing = Witnessed(calls=(), changes=Counter(), reversals=(), visits=())
    assert not examine((), nothing, texts=(), refused=()).passed


def test_witnesses_see_notes_that_are_saved_and_ends_that_change(tmp_path: Path) -> None:
    database = tmp_path / "minibot.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(
            """
            CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT);
            CREATE TABLE inbox (id INTEGER PRIMARY KEY, message TEXT);
            CREATE TABLE tool_calls (
                inbox_id INTEGER, step INTEGER, position INTEGER, call TEXT, state TEXT,
                result TEXT, finished_at INTEGER
            );
            """
        )
    install_witnesses(database)
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(
            """
            INSERT INTO notes (title) VALUES ('first'), ('second');
            UPDATE notes SET title = 'second' WHERE title = 'first';
            INSERT INTO tool_calls (call, state) VALUES ('a', 'started'), ('b', 'unknown');
            UPDATE tool_calls SET state = 'finished' WHERE call = 'a';
            UPDATE tool_calls SET state = 'finished' WHERE call = 'b';
            DELETE FROM tool_calls;
            """
        )
    for name in ("tree/one", "tree/two", "versions/0"):
        path = tmp_path / "files" / "owner" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    witnessed = read_witnesses(tmp_path, ())

    assert witnessed.changes == {
        "note first": 1,
        "note second": 2,
        "file one": 1,
        "file two": 1,
        "version 0": 1,
    }
    assert witnessed.reversals == ["b was unknown", "a was deleted", "b was deleted"]
