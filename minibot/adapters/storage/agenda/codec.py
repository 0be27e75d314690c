"""Jobs and tasks to JSON and back.

What is at its usual value is left out, which is most of an entry: files stay small, and a field
that is added later is simply missing in what was written before. The usual values are written
down here and not taken from the types: a default that changes must not change what is stored.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

import orjson

from minibot.adapters.storage.codec import file_fields, from_micros, storable, to_micros
from minibot.core.errors import StorageDamaged
from minibot.core.jobs import Job, JobKind, JobState, Misfire, Notify, Recurrence, RecurrenceKind
from minibot.core.messages import ChatRef, OutgoingFile, Person
from minibot.core.ports import Entry
from minibot.core.tasks import Task, TaskState

Fields = dict[str, Any]

_E = TypeVar("_E", bound=StrEnum)
_K = TypeVar("_K")
_V = TypeVar("_V")

_JOB_USUALLY: Fields = {
    "state": "scheduled",
    "due": None,
    "in_hand": None,
    "notify": "always",
    "misfire": "run_late",
    "runs": 0,
    "failures": 0,
    "problem": "",
    "last_run": None,
    "last_result": "",
}

_TASK_USUALLY: Fields = {
    "payload": "{}",
    "parents": [],
    "job": "",
    "quiet": False,
    "batch": "",
    "priority": 5,
    "not_before": None,
    "attempts": 0,
    "result": "",
    "untrusted": False,
    "problem": "",
    "progress": "",
    "reported": False,
    "held": False,
    "held_files": [],
    "digest": "",
    "started_at": None,
    "finished_at": None,
}


def encode(entry: Entry) -> bytes:
    """Write an entry as one JSON object without line breaks.

    Raises:
        ValueError: a moment has no time zone.
        TypeError: the id is no text that can be stored.
    """
    if isinstance(entry, Job):
        return _dump("job", _job_fields(entry), _JOB_USUALLY)
    return _dump("task", _task_fields(entry), _TASK_USUALLY)


def identify(fields: Fields) -> tuple[str, int]:
    """Give the id and the version of an entry that is not read as a whole.

    Raises:
        StorageDamaged: it has none.
    """
    try:
        id_, version = fields["id"], fields["version"]
    except (KeyError, TypeError) as error:
        raise StorageDamaged(f"a stored entry cannot be read: {error!r}") from error
    if not isinstance(id_, str) or not isinstance(version, int):
        raise StorageDamaged("a stored entry has no id and version")
    return id_, version


class _Kept(dict[_K, _V]):
    """Values by what they are written as; each is made once."""

    def __init__(self, make: Callable[[_K], _V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: _K) -> _V:
        value = self[key] = self._make(key)
        return value


class Reader:
    """Reads entries. What many of them have in common, such as their person, is kept once."""

    def __init__(self) -> None:
        self._people = _Kept(_person)
        self._chats = _Kept(_chat)
        self._names = _Kept(str)
        # What was never changed begins, was made and was updated at the same moment.
        self._moments = moments = _Kept(from_micros)
        self._moments_or_none: _Kept[int | None, datetime | None]
        self._moments_or_none = _Kept(lambda micros: micros if micros is None else moments[micros])
        self._kinds: dict[str, Callable[[Fields], Entry]] = {"job": self._job, "task": self._task}

    def parse(self, text: str | bytes) -> Entry:
        """Read what `encode` wrote.

        Raises:
            StorageDamaged: it is something else.
        """
        try:
            fields = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise StorageDamaged(f"a stored entry cannot be read: {error!r}") from error
        return self.read(fields)

    def read(self, fields: Fields) -> Entry:
        """Read what `encode` wrote, after it was taken out of its JSON. Raises as `parse`."""
        identify(fields)
        try:
            return self._kinds[fields["is"]](fields)
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise StorageDamaged(f"a stored entry cannot be read: {error!r}") from error

    def _job(self, fields: Fields) -> Job:
        fields = _JOB_USUALLY | fields
        return Job(
            id=fields["id"],
            owner=self._names[fields["owner"]],
            person=self._people[tuple(fields["person"])],
            chat=self._chats[tuple(fields["chat"])],
            private=fields["private"],
            kind=_JOB_KINDS[fields["kind"]],
            text=fields["text"],
            recurrence=self._recurrence(fields["recurrence"]),
            state=_JOB_STATES[fields["state"]],
            due=self._moments_or_none[fields["due"]],
            in_hand=self._moments_or_none[fields["in_hand"]],
            notify=_NOTIFY[fields["notify"]],
            misfire=_MISFIRE[fields["misfire"]],
            runs=fields["runs"],
            failures=fields["failures"],
            problem=fields["problem"],
            last_run=self._moments_or_none[fields["last_run"]],
            last_result=fields["last_result"],
            created_at=self._moments[fields["created_at"]],
            updated_at=self._moments[fields["updated_at"]],
            version=fields["version"],
        )

    def _task(self, fields: Fields) -> Task:
        fields = _TASK_USUALLY | fields
        return Task(
            id=fields["id"],
            owner=self._names[fields["owner"]],
            person=self._people[tuple(fields["person"])],
            chat=self._chats[tuple(fields["chat"])],
            private=fields["private"],
            kind=self._names[fields["kind"]],
            description=fields["description"],
            payload=fields["payload"],
            parents=tuple(fields["parents"]),
            job=fields["job"],
            quiet=fields["quiet"],
            batch=fields["batch"],
            priority=fields["priority"],
            state=_TASK_STATES[fields["state"]],
            not_before=self._moments_or_none[fields["not_before"]],
            attempts=fields["attempts"],
            result=fields["result"],
            untrusted=fields["untrusted"],
            problem=fields["problem"],
            progress=fields["progress"],
            reported=fields["reported"],
            held=fields["held"],
            held_files=tuple(OutgoingFile(**each) for each in fields["held_files"]),
            digest=fields["digest"],
            created_at=self._moments[fields["created_at"]],
            started_at=self._moments_or_none[fields["started_at"]],
            finished_at=self._moments_or_none[fields["finished_at"]],
            updated_at=self._moments[fields["updated_at"]],
            version=fields["version"],
        )

    def _recurrence(self, values: list[Any]) -> Recurrence:
        kind, rule, start, zone = values
        return Recurrence(
            kind=_RECURRENCES[kind], rule=rule, start=self._moments[start], zone=self._names[zone]
        )


def _person(values: tuple[str, ...]) -> Person:
    id_, name, language = values
    return Person(id=id_, name=name, language=language)


def _chat(values: tuple[str, ...]) -> ChatRef:
    channel, chat_id, thread_id = values
    return ChatRef(channel=channel, chat_id=chat_id, thread_id=thread_id)


def _job_fields(job: Job) -> Fields:
    rule = job.recurrence
    return {
        "id": job.id,
        "owner": storable(job.owner),
        "person": _person_values(job.person),
        "chat": _chat_values(job.chat),
        "private": job.private,
        "kind": job.kind.value,
        "text": storable(job.text),
        "recurrence": [
            rule.kind.value,
            storable(rule.rule),
            to_micros(rule.start),
            storable(rule.zone),
        ],
        "state": job.state.value,
        "due": _micros_or_none(job.due),
        "in_hand": _micros_or_none(job.in_hand),
        "notify": job.notify.value,
        "misfire": job.misfire.value,
        "runs": job.runs,
        "failures": job.failures,
        "problem": storable(job.problem),
        "last_run": _micros_or_none(job.last_run),
        "last_result": storable(job.last_result),
        "created_at": to_micros(job.created_at),
        "updated_at": to_micros(job.updated_at),
        "version": job.version,
    }


def _task_fields(task: Task) -> Fields:
    return {
        "id": task.id,
        "owner": storable(task.owner),
        "person": _person_values(task.person),
        "chat": _chat_values(task.chat),
        "private": task.private,
        "kind": storable(task.kind),
        "description": storable(task.description),
        "payload": storable(task.payload),
        "parents": [storable(each) for each in task.parents],
        "job": storable(task.job),
        "quiet": task.quiet,
        "batch": storable(task.batch),
        "priority": task.priority,
        "state": task.state.value,
        "not_before": _micros_or_none(task.not_before),
        "attempts": task.attempts,
        "result": storable(task.result),
        "untrusted": task.untrusted,
        "problem": storable(task.problem),
        "progress": storable(task.progress),
        "reported": task.reported,
        "held": task.held,
        "held_files": [file_fields(each) for each in task.held_files],
        "digest": storable(task.digest),
        "created_at": to_micros(task.created_at),
        "started_at": _micros_or_none(task.started_at),
        "finished_at": _micros_or_none(task.finished_at),
        "updated_at": to_micros(task.updated_at),
        "version": task.version,
    }


def _dump(kind: str, fields: Fields, usually: Fields) -> bytes:
    told = {
        name: value
        for name, value in fields.items()
        if name not in usually or usually[name] != value
    }
    return orjson.dumps({"is": kind, **told})


def _person_values(person: Person) -> list[str]:
    return [storable(person.id), storable(person.name), storable(person.language)]


def _chat_values(chat: ChatRef) -> list[str]:
    return [storable(chat.channel), storable(chat.chat_id), storable(chat.thread_id)]


def _micros_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _by_value(kind: type[_E]) -> dict[str, _E]:
    # Looked up by the thousand; calling the enum takes four times as long.
    return {each.value: each for each in kind}


_JOB_KINDS = _by_value(JobKind)
_JOB_STATES = _by_value(JobState)
_NOTIFY = _by_value(Notify)
_MISFIRE = _by_value(Misfire)
_RECURRENCES = _by_value(RecurrenceKind)
_TASK_STATES = _by_value(TaskState)
