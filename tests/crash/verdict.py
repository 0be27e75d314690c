"""What became of every message, by what people see in their chats."""

import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.crash.load import Sent

MOST_DUPLICATES_PER_END = 0.2
ENOUGH_ENDS = 100
"""Below so many kills chance has a say: four standard deviations more are let pass, since two
would call one good campaign in twenty a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The figures of one campaign."""

    campaign: str
    ends: int
    """Times the process was ended."""
    sent: int
    answered: int
    lost: int
    """Unanswered, and nobody will take it up again."""
    pending: int
    """Unanswered, and still in line when time was up."""
    duplicates: int
    """Answers people see beyond the first."""
    disorder: int
    """Messages answered for the first time after a later one of their chat."""
    model_calls: int
    integrity: str
    most_crashes: int
    """Processes that died with the same message in hand."""
    fates: tuple[str, ...]
    """What the database says of those that are lost or pending."""
    surprises: tuple[str, ...]
    """What no run should do: die by itself, exit with an error, log a traceback."""
    seconds: float

    @property
    def duplicates_per_end(self) -> float:
        return self.duplicates / self.ends if self.ends else float(self.duplicates)

    @property
    def calls_per_message(self) -> float:
        return self.model_calls / self.sent if self.sent else 0.0

    @property
    def passed(self) -> bool:
        return (
            not (self.lost or self.pending or self.disorder or self.surprises)
            and self.duplicates <= most_duplicates(self.ends)
            and self.integrity == "ok"
        )


def most_duplicates(ends: int) -> float:
    """How many repeats a campaign of so many kills may show."""
    expected = MOST_DUPLICATES_PER_END * ends
    return expected if ends >= ENOUGH_ENDS else expected + 4 * math.sqrt(expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How messages and answers match."""

    lost: tuple[str, ...]
    pending: tuple[str, ...]
    duplicates: int
    disorder: int


def compare(sent: Sequence[Sent], answers: Sequence[str], in_line: Collection[str]) -> Outcome:
    """Match answers, in the order people saw them, with the messages they belong to.

    Args:
        in_line: tokens of messages and answers that are still stored as unfinished.
    """
    seen = Counter(answers)
    unanswered = [message.token for message in sent if message.token not in seen]
    return Outcome(
        lost=tuple(token for token in unanswered if token not in in_line),
        pending=tuple(token for token in unanswered if token in in_line),
        duplicates=seen.total() - len(seen),
        disorder=_disorder(sent, answers),
    )


def _disorder(sent: Sequence[Sent], answers: Sequence[str]) -> int:
    by_token = {message.token: message for message in sent}
    newest: defaultdict[int, int] = defaultdict(int)
    late = 0
    for token in dict.fromkeys(answers):
        message = by_token[token]
        late += message.number < newest[message.chat_id]
        newest[message.chat_id] = max(newest[message.chat_id], message.number)
    return late


def unfinished_texts(database: Path) -> list[str]:
    """Give what is stored of messages and answers that are still to be dealt with."""
    query = (
        "SELECT message FROM inbox WHERE finished_at IS NULL AND message IS NOT NULL "
        "UNION ALL SELECT part FROM outbox WHERE finished_at IS NULL"
    )
    with closing(sqlite3.connect(database)) as connection:
        return [text for (text,) in connection.execute(query)]


def most_crashes(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        ((most,),) = connection.execute("SELECT coalesce(max(crashes), 0) FROM inbox")
    return int(most)


def fates(database: Path, tokens: Collection[str]) -> list[str]:
    """Say what the database knows of messages."""
    query = "SELECT state, crashes, problem FROM inbox WHERE instr(message, ?)"
    with closing(sqlite3.connect(database)) as connection:
        return [
            f"{token}: {connection.execute(query, (token,)).fetchall() or 'not stored'}"
            for token in tokens
        ]


def integrity(database: Path) -> str:
    """Give ``ok``, or what SQLite finds wrong."""
    with closing(sqlite3.connect(database)) as connection:
        return "; ".join(line for (line,) in connection.execute("PRAGMA integrity_check"))


def table(verdicts: Sequence[Verdict]) -> str:
    """Show verdicts as aligned columns."""
    return aligned([_HEADER, *map(_cells, verdicts)])


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Put the cells of rows below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.rjust, row, widths)) for row in rows)
    return "\n".join(lines) + "\n"


_HEADER = (
    "campaign",
    "kills",
    "sent",
    "answered",
    "lost",
    "pending",
    "duplicated",
    "dup/kill",
    "disorder",
    "calls/msg",
    "integrity",
    "seconds",
    "verdict",
)


def _cells(verdict: Verdict) -> tuple[str, ...]:
    return (
        verdict.campaign,
        str(verdict.ends),
        str(verdict.sent),
        str(verdict.answered),
        str(verdict.lost),
        str(verdict.pending),
        str(verdict.duplicates),
        f"{verdict.duplicates_per_end:.3f}",
        str(verdict.disorder),
        f"{verdict.calls_per_message:.3f}",
        verdict.integrity,
        f"{verdict.seconds:.0f}",
        "ok" if verdict.passed else "FAILED",
    )
