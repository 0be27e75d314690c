"""What became of everything people wanted for later, by what they see and what is stored."""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from minibot.adapters.storage.codec import decode_part
from minibot.core.jobs import Job
from minibot.core.ports import Entry
from minibot.core.tasks import TaskState
from tests.crash.load import Sent
from tests.crash.verdict import aligned, most_duplicates
from tests.crash.wishes import CANCELLED, WISHES, memo_of
from tests.e2e.process import ANSWER

_ASIDE = re.compile(r"Back after .*|(⏳|✅|⚠️|✖️|🚫) [^\n]*")
"""What is told besides: a note on the start; how work gets on, in one line."""
_MEMO = re.compile(r"mem\w+?end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message that people see."""

    place: int
    """What is told later has a higher one."""
    chat_id: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What is left when all is over."""

    entries: Sequence[Entry]
    listed: str
    """What ``minibot tasks list --all`` writes; empty when it fails."""
    unfinished: Sequence[str]
    """What the queues still hold."""
    parts: Sequence[str]
    """Texts of all that was ever queued to be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """The figures of one campaign. Whatever is named in a list should not have happened."""

    ends: int
    """Times the process was ended."""
    wanted: int
    promised: int
    """Those of them whose person was told so."""
    cancelled: int
    """Promises given up, of which the person was told as well."""
    in_doubt: int
    """Wanted or given up, and nobody was told whether that worked."""
    kept: int
    repeats: int
    """Times something was told beyond the first."""
    lost: Sequence[str]
    """Promises of which nothing was told."""
    after_all: Sequence[str]
    """Told although the person had been told that it was cancelled."""
    doubled: Sequence[str]
    """Queued to be told more than once: more than a message that is sent again."""
    astray: Sequence[str]
    """Told in another chat, or in other words than it should be."""
    unasked: Sequence[str]
    """Told, and nobody wanted it."""
    missing: Sequence[str]
    """Promises the store does not know of."""
    open: Sequence[str]
    """Stored as if something was still to come."""
    unlisted: Sequence[str]
    """Stored, and not named by the command line."""
    refused: Sequence[str]
    """Requests that the model would not read."""

    @property
    def faults(self) -> dict[str, Sequence[str]]:
        names = (
            "lost",
            "after_all",
            "doubled",
            "astray",
            "unasked",
            "missing",
            "open",
            "unlisted",
            "refused",
        )
        return {name: getattr(self, name) for name in names}

    @property
    def passed(self) -> bool:
        return (
            self.kept > 0
            and self.repeats <= most_duplicates(self.ends)
            and not any(self.faults.values())
        )

    def table(self) -> str:
        """Show the figures as aligned columns."""
        figures = {
            "wanted": self.wanted,
            "promised": self.promised,
            "cancelled": self.cancelled,
            "in doubt": self.in_doubt,
            "kept": self.kept,
            "repeats": self.repeats,
            "rep/kill": f"{self.repeats / max(self.ends, 1):.3f}",
            **{name.replace("_", " "): len(found) for name, found in self.faults.items()},
            "verdict": "ok" if self.passed else "FAILED",
        }
        return aligned([tuple(figures), tuple(map(str, figures.values()))])

    def details(self) -> str:
        """Name what should not have happened."""
        lines = (f"  {name}: {what}" for name, found in self.faults.items() for what in found[:20])
        return "".join(f"{line}\n" for line in lines)


def examine(
    ends: int,
    sent: Sequence[Sent],
    given_up: Mapping[str, str],
    told: Sequence[Told],
    remains: Remains,
    *,
    refused: Sequence[str] = (),
) -> Promises:
    """Judge what people saw.

    Args:
        given_up: tokens of wishes, each with that of the message that takes it back.
        told: every message people saw, in order.
        refused: what the model said to requests that it would not read.
    """
    wanted = [message for message in sent if not WISHES[message.errand].gives_up]
    answers, later = _sorted_out(told, wanted)
    promised = {m.token for m in wanted if _is_promised(m, answers)}
    taken_back = {
        token: answers[by][0].place
        for token, by in given_up.items()
        if any(CANCELLED in answer.text for answer in answers[by])
    }
    said = {m.token: later[memo_of(m.token)] for m in wanted}
    return Promises(
        ends=ends,
        wanted=len(wanted),
        promised=len(promised),
        cancelled=len(taken_back),
        in_doubt=len({m.token for m in wanted} - promised)
        + len(given_up.keys() - taken_back.keys()),
        kept=sum(bool(said[token]) for token in promised),
        repeats=sum(max(len(found) - 1, 0) for found in said.values()),
        lost=[
            f"{m.token} ({m.errand})"
            for m in wanted
            if m.token in promised - given_up.keys() and not said[m.token]
        ],
        after_all=[
            f"{each.text!r} at {each.place}, cancelled at {place}"
            for token, place in taken_back.items()
            for each in said[token]
            if each.place > place
        ],
        doubled=_doubled(wanted, remains.parts),
        astray=[
            f"{m.token} ({m.errand}): {each.chat_id}: {each.text!r}"
            for m in wanted
            for each in said[m.token]
            if not _is_right(m, each)
        ],
        unasked=[f"{each.chat_id}: {each.text!r}" for each in later[""]],
        missing=_missing(promised, remains.entries),
        open=[*filter(None, map(still_open, remains.entries)), *remains.unfinished],
        unlisted=[entry.id for entry in remains.entries if entry.id not in remains.listed],
        refused=refused,
    )


def still_open(entry: Entry) -> str:
    """Say what is still to come of an entry; empty for nothing within the hour."""
    if isinstance(entry, Job):
        if entry.in_hand is not None:
            return f"job {entry.id} has a run in hand"
        return "" if entry.over or entry.recurrence.repeats else f"job {entry.id} waits"
    if not entry.over:
        return f"task {entry.id} is {entry.state.value}"
    has_ended = entry.state in (TaskState.SUCCEEDED, TaskState.FAILED)
    return f"task {entry.id} is not reported" if has_ended and not entry.reported else ""


def unfinished_work(database: Path) -> list[str]:
    """Name what the queues have not come to an end with."""
    query = (
        "SELECT 'inbox', id, state FROM inbox WHERE finished_at IS NULL "
        "UNION ALL SELECT 'outbox', id, state FROM outbox WHERE finished_at IS NULL"
    )
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute(query)
        return [f"{queue} {number} is {state}" for queue, number, state in found]


def queued_texts(database: Path) -> list[str]:
    """Give all that was ever queued to be sent; nothing is purged as long as a campaign lasts."""
    with closing(sqlite3.connect(database)) as connection:
        return [decode_part(part).text for (part,) in connection.execute("SELECT part FROM outbox")]


def _sorted_out(
    told: Sequence[Told], wanted: Sequence[Sent]
) -> tuple[Mapping[str, Sequence[Told]], Mapping[str, Sequence[Told]]]:
    """Give answers by the token of their message, and what was told later by its memo.

    What has no memo that anybody wanted is under the empty one.
    """
    memos = {memo_of(message.token) for message in wanted}
    answers: defaultdict[str, list[Told]] = defaultdict(list)
    later: defaultdict[str, list[Told]] = defaultdict(list)
    for each in told:
        acks = re.findall(ANSWER, each.text)
        for ack in acks:
            answers[f"rid{ack[3:]}"].append(each)
        if not acks and not _ASIDE.fullmatch(each.text):
            later["".join(set(_MEMO.findall(each.text)) & memos)].append(each)
    return answers, later


def _is_promised(message: Sent, answers: Mapping[str, Sequence[Told]]) -> bool:
    receipts = WISHES[message.errand].receipts
    return any(
        all(receipt in answer.text for receipt in receipts) for answer in answers[message.token]
    )


def _is_right(message: Sent, told: Told) -> bool:
    words = (each.replace("{memo}", memo_of(message.token)) for each in WISHES[message.errand].told)
    return told.chat_id == message.chat_id and all(each in told.text for each in words)


def _doubled(wanted: Sequence[Sent], parts: Sequence[str]) -> list[str]:
    _, later = _sorted_out([Told(place=0, chat_id=0, text=text) for text in parts], wanted)
    return [
        f"{memo}: {', '.join(repr(each.text) for each in found)}"
        for memo, found in later.items()
        if memo and len(found) > 1
    ]


def _missing(promised: Collection[str], entries: Sequence[Entry]) -> list[str]:
    texts = (entry.text if isinstance(entry, Job) else entry.description for entry in entries)
    stored = {memo for text in texts for memo in _MEMO.findall(text)}
    return [token for token in promised if memo_of(token) not in stored]
