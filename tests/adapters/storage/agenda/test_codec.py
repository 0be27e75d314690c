"""What an agenda keeps comes out as it was, or is said to be damaged."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.storage.agenda.codec import Reader, encode
from minibot.core.errors import StorageDamaged
from minibot.core.jobs import Job, Recurrence
from minibot.core.messages import ChatRef, OutgoingFile, Person
from minibot.core.ports import Entry
from minibot.core.tasks import Task
from tests.adapters.storage.agenda.samples import START, a_job, a_task
from tests.adapters.storage.whole import whole

MOMENTS = st.datetimes(timezones=st.just(UTC))
MAYBE_MOMENTS = st.none() | MOMENTS
COUNTS = st.integers(0, 2**53)
SHARED = {
    "person": whole(Person),
    "chat": whole(ChatRef),
    "created_at": MOMENTS,
    "updated_at": MOMENTS,
    "version": COUNTS,
}
JOBS = whole(
    Job,
    recurrence=whole(Recurrence, start=MOMENTS),
    due=MAYBE_MOMENTS,
    in_hand=MAYBE_MOMENTS,
    last_run=MAYBE_MOMENTS,
    runs=COUNTS,
    failures=COUNTS,
    **SHARED,
)
TASKS = whole(
    Task,
    parents=st.lists(st.text(), max_size=3).map(tuple),
    priority=st.integers(-10, 10),
    attempts=COUNTS,
    held_files=st.lists(whole(OutgoingFile), max_size=2).map(tuple),
    not_before=MAYBE_MOMENTS,
    started_at=MAYBE_MOMENTS,
    finished_at=MAYBE_MOMENTS,
    **SHARED,
)


@given(entries=st.lists(JOBS | TASKS, max_size=4))
def test_entries_survive(entries: list[Entry]) -> None:
    reader = Reader()

    assert [reader.parse(encode(entry)) for entry in entries] == entries


@given(entry=JOBS | TASKS)
def test_text_is_one_line_without_zeros(entry: Entry) -> None:
    assert not {b"\n", b"\0"} & {bytes([each]) for each in encode(entry)}


def test_what_is_as_usual_is_left_out() -> None:
    assert len(encode(a_job())) < 400
    assert b"misfire" not in encode(a_job())


def test_stored_values_do_not_follow_the_defaults_of_the_types() -> None:
    """A default that is changed in core must not change what is stored already."""
    job = json.loads(encode(a_job()))
    task = json.loads(encode(a_task()))

    assert job.keys() == {
        "is", "id", "owner", "person", "chat", "private", "kind", "text", "recurrence", "due",
        "created_at", "updated_at", "version",
    }  # fmt: skip
    assert task.keys() == {
        "is", "id", "owner", "person", "chat", "private", "kind", "description", "state",
        "created_at", "updated_at", "version",
    }  # fmt: skip
    assert Reader().read(job) == a_job()
    assert Reader().read(task) == a_task()


def test_id_that_cannot_be_stored_is_refused() -> None:
    with pytest.raises(TypeError):
        encode(replace(a_job(), id="\ud83d"))


def test_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        encode(replace(a_job(), due=datetime(2026, 1, 1)))


JOB = json.loads(encode(a_job()))
TASK = json.loads(encode(a_task()))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        [],
        7,
        None,
        JOB | {"is": "wish"},
        JOB | {"is": ["job"]},
        JOB | {"id": 7},
        JOB | {"version": "1"},
        JOB | {"kind": "sermon"},
        JOB | {"state": "asleep"},
        JOB | {"notify": "sometimes"},
        JOB | {"misfire": None},
        JOB | {"recurrence": ["cron", "0 9 * * *", 0]},
        JOB | {"recurrence": ["yearly", "", 0, "UTC"]},
        JOB | {"recurrence": 5},
        JOB | {"person": ["7", "Ann"]},
        JOB | {"person": [["7"], "Ann", "en"]},
        JOB | {"chat": None},
        JOB | {"due": "tomorrow"},
        JOB | {"created_at": None},
        JOB | {"created_at": 10**18},
        {name: value for name, value in JOB.items() if name != "text"},
        TASK | {"state": "asleep"},
        TASK | {"parents": 3},
        TASK | {"held_files": [{"path": "/a", "size": 3}]},
        {name: value for name, value in TASK.items() if name != "state"},
    ],
)
def test_garbled_entry_is_damage(fields: object) -> None:
    with pytest.raises(StorageDamaged):
        Reader().parse(orjson.dumps(fields))


def test_garbled_text_is_damage() -> None:
    with pytest.raises(StorageDamaged):
        Reader().parse(b'{"is":"job"')


def test_what_entries_have_in_common_is_kept_once() -> None:
    reader = Reader()
    first, second = (reader.parse(encode(a_job(id_))) for id_ in ("a", "b"))

    assert isinstance(first, Job)
    assert isinstance(second, Job)
    assert first.created_at == START
    assert first.person is second.person
    assert first.chat is second.chat
    assert first.recurrence.zone is second.recurrence.zone
