"""What the tools did, as told by witnesses that minibot does not know of.

Triggers in its database write down every note that is saved and every call of a tool that leaves
its end; a file that is written twice leaves a version behind; the pages know when they were read.
"""

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from minibot.adapters.storage.journal_codec import decode_call, decode_result
from minibot.core.tools import CallState
from tests.crash.errands import ASKED, ERRANDS, answer_to
from tests.crash.load import Sent
from tests.crash.pages import Visit
from tests.crash.permission import Question
from tests.crash.verdict import aligned
from tests.peers.telegram.wire import Json

_WITNESSES = """
CREATE TABLE witnessed_notes (title TEXT NOT NULL);
CREATE TRIGGER witness_new_notes AFTER INSERT ON notes
BEGIN INSERT INTO witnessed_notes VALUES (new.title); END;
CREATE TRIGGER witness_changed_notes AFTER UPDATE ON notes
BEGIN INSERT INTO witnessed_notes VALUES (new.title); END;
CREATE TABLE witnessed_reversals (what TEXT NOT NULL);
CREATE TRIGGER witness_changed_ends AFTER UPDATE ON tool_calls
WHEN old.state IN ('finished', 'unknown')
BEGIN INSERT INTO witnessed_reversals VALUES (old.call || ' was ' || old.state); END;
CREATE TRIGGER witness_lost_calls AFTER DELETE ON tool_calls
BEGIN INSERT INTO witnessed_reversals VALUES (old.call || ' was deleted'); END;
"""
_CALLS = """
SELECT inbox.message, step, call, tool_calls.state, result, tool_calls.finished_at / 1e6
FROM tool_calls JOIN inbox ON inbox.id = tool_calls.inbox_id
ORDER BY tool_calls.inbox_id, step, position
"""
FAILURES = ("Error", "The person did not allow")
_TOKEN = re.compile(r"rid[a-z0-9]*?end")


def install_witnesses(database: Path) -> None:
    """Have a database, which no process may be using, write down what happens to it."""
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(_WITNESSES)


def refusals(records: Sequence[Json]) -> list[str]:
    """Read from the model's ledger what it said to requests that it would not read."""
    return [str(record["problem"]) for record in records if record.get("legal") is False]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a tool as the journal has it in the end."""

    token: str
    """Of the message it was made for."""
    step: int
    name: str
    arguments: Mapping[str, str]
    state: CallState | None
    text: str
    """The result; empty for none."""
    ended_at: float | None
    """Seconds since 1970."""

    @property
    def effect(self) -> str:
        """What it changes or reads, by a name that no other call has; empty for nothing."""
        match self.name:
            case "note_save":
                return f"note {self.arguments['title']}"
            case "file_write":
                return f"file {self.arguments['path']}"
            case "http_fetch":
                return f"page {self.arguments['url'].split('/', 3)[3]}"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """Everything there is to judge by."""

    calls: Sequence[Call]
    changes: Counter[str]
    """How often each effect took place that changes something."""
    reversals: Sequence[str]
    """Ends of calls that did not stay."""
    visits: Sequence[Visit]


def read_witnesses(data: Path, visits: Sequence[Visit]) -> Witnessed:
    """Read what was witnessed in a data folder."""
    with closing(sqlite3.connect(data / "minibot.db")) as connection:
        notes = connection.execute("SELECT title FROM witnessed_notes").fetchall()
        reversals = connection.execute("SELECT what FROM witnessed_reversals").fetchall()
        calls = [_call(row) for row in connection.execute(_CALLS)]
    changes = Counter(f"note {title}" for (title,) in notes)
    for folder in data.glob("files/*"):
        changes.update(f"file {path.name}" for path in folder.glob("tree/*"))
        # Every file has a name of its own, so a version can only come from a second write.
        changes.update(f"version {path.name}" for path in folder.glob("versions/*"))
    return Witnessed(
        calls=calls, changes=changes, reversals=[what for (what,) in reversals], visits=visits
    )


def _call(row: tuple[str, int, str, str | None, str | None, float | None]) -> Call:
    message, step, call, state, result, ended_at = row
    (token,) = set(_TOKEN.findall(message))
    said = decode_call(call)
    return Call(
        token=token,
        step=step,
        name=said.name,
        arguments=json.loads(said.arguments),
        state=None if state is None else CallState(state),
        text=decode_result(result).text if result else "",
        ended_at=ended_at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """The figures of one campaign. Whatever is named in a list should not have happened."""

    calls: int
    changes: int
    """Notes and files that were written."""
    unknown: int
    """Calls of which nobody knows whether they took effect."""
    unknown_done: int
    """Those of them that did."""
    visits: int
    questions: int
    """For permission."""
    open: Sequence[str]
    """Calls without an end."""
    failed: Sequence[str]
    repeated: Sequence[str]
    """Effects that took place more than once."""
    missing: Sequence[str]
    """Calls that are recorded as done and had no effect."""
    unrecorded: Sequence[str]
    """Effects that no call accounts for."""
    reversed: Sequence[str]
    """Ends of calls that did not stay."""
    rerun: Sequence[str]
    """Pages that were read after the end of their call, or that nobody asked for."""
    astray: Sequence[str]
    """Messages whose calls are not those of their errand."""
    wrong: Sequence[str]
    """Answers that do not say what the tools found."""
    refused: Sequence[str]
    """Requests that the model would not read."""
    needless: Sequence[str]
    """Questions for permission where none is needed."""

    @property
    def faults(self) -> dict[str, Sequence[str]]:
        names = (
            "open",
            "failed",
            "repeated",
            "missing",
            "unrecorded",
            "reversed",
            "rerun",
            "astray",
            "wrong",
            "refused",
            "needless",
        )
        return {name: getattr(self, name) for name in names}

    @property
    def passed(self) -> bool:
        return self.calls > 0 and not any(self.faults.values())

    def table(self) -> str:
        """Show the figures as aligned columns."""
        counts = {name: len(found) for name, found in self.faults.items()}
        figures = {
            "calls": self.calls,
            "written": self.changes,
            "unknown": f"{self.unknown} ({self.unknown_done} done)",
            "pages read": self.visits,
            "asked": self.questions,
            **counts,
            "verdict": "ok" if self.passed else "FAILED",
        }
        return aligned([tuple(figures), tuple(map(str, figures.values()))])

    def details(self) -> str:
        """Name what should not have happened."""
        lines = (f"  {name}: {what}" for name, found in self.faults.items() for what in found[:20])
        return "".join(f"{line}\n" for line in lines)


def examine(
    sent: Sequence[Sent],
    witnessed: Witnessed,
    *,
    texts: Sequence[str],
    refused: Sequence[str] = (),
    asked: Sequence[Question] = (),
) -> Effects:
    """Judge what was witnessed.

    Args:
        texts: every message that people saw.
        refused: what the model said to requests that it would not read.
        asked: what people were asked to allow.
    """
    calls, changes = witnessed.calls, witnessed.changes
    unknown = [call for call in calls if call.state is CallState.UNKNOWN]
    known = {call.effect for call in calls}
    took_place = {*changes, *map(_name, witnessed.visits)}
    return Effects(
        calls=len(calls),
        changes=changes.total(),
        unknown=len(unknown),
        unknown_done=sum(changes[call.effect] > 0 for call in unknown),
        visits=len(witnessed.visits),
        open=[_shown(c) for c in calls if c.state not in (CallState.FINISHED, CallState.UNKNOWN)],
        failed=[f"{_shown(call)}: {call.text}" for call in calls if call.text.startswith(FAILURES)],
        repeated=[f"{name}: {times}" for name, times in changes.items() if times > 1],
        missing=[_shown(call) for call in calls if _lacks_effect(call, took_place)],
        unrecorded=[name for name in changes if name not in known],
        reversed=witnessed.reversals,
        rerun=list(_needless_visits(calls, witnessed.visits)),
        astray=list(_astray(sent, calls)),
        wrong=list(_wrong(sent, texts)),
        refused=refused,
        questions=len(asked),
        needless=[f"{each.chat_id}: {each.text!r}" for each in asked if not _is_due(each)],
    )


def _is_due(question: Question) -> bool:
    return question.chat_id in ASKED and "May I use note_save?" in question.text


def _shown(call: Call) -> str:
    return f"{call.token} step {call.step} {call.name} {dict(call.arguments)} {call.state}"


def _lacks_effect(call: Call, took_place: Collection[str]) -> bool:
    done = call.state is CallState.FINISHED
    return done and bool(call.effect) and call.effect not in took_place


def _name(visit: Visit) -> str:
    return f"page {visit.path.removeprefix('/')}"


def _needless_visits(calls: Sequence[Call], visits: Sequence[Visit]) -> Iterator[str]:
    ends = {call.effect: call.ended_at for call in calls if call.name == "http_fetch"}
    for visit in visits:
        name = _name(visit)
        if name not in ends:
            yield f"{name} was not asked for"
        elif (end := ends[name]) is not None and visit.at > end:
            yield f"{name}, {visit.at - end:.3f} s after the end of its call"


def _astray(sent: Sequence[Sent], calls: Sequence[Call]) -> Iterator[str]:
    made: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for call in calls:
        made[call.token].append((call.step, call.name))
    for message in sent:
        expected = ERRANDS[message.errand].calls if message.errand else []
        if made[message.token] != expected:
            yield f"{message.token} ({message.errand}): {made[message.token]}"


def _wrong(sent: Sequence[Sent], texts: Sequence[str]) -> Iterator[str]:
    said = "\n".join(texts)
    for message in sent:
        if message.errand and answer_to(message) not in said:
            yield f"{message.token}: {answer_to(message)!r} was not said"
