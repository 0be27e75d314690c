"""``python -m tests.bench.agenda [--jobs N] [--seconds N]``: many reminders, and how late they are.

A store of many jobs is read as at every start. Then the real process, with all of them on its
mind, has 100 reminders due in every second, and somebody talks to it meanwhile.
"""

import argparse
import asyncio
import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from minibot.__main__ import GARBAGE_THRESHOLDS
from minibot.adapters.clock import SystemClock
from minibot.adapters.storage.agenda import open_agenda
from minibot.app.agenda.agenda import Agenda
from minibot.core.jobs import Job, JobKind, Recurrence, RecurrenceKind
from minibot.core.messages import ChatRef, Person
from tests.bench.measures import ask_one_by_one
from tests.bench.peers import Peers, running_peers
from tests.bench.subjects import running

PER_SECOND = 100
FIRST_CHAT = 200_000
HEAD_START = timedelta(seconds=12)
"""Between the making of the reminders and the first of them: minibot has to start."""

QUESTIONS = 200
LOCK_TIMEOUT_MS = 10_000
WRITTEN_AT_ONCE = 5_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.agenda", description=__doc__)
    parser.add_argument("--jobs", type=int, default=100_000, help="in the store, far off")
    parser.add_argument("--seconds", type=int, default=10, help="how long reminders are due")
    options = parser.parse_args()
    sys.stdout.write(asyncio.run(_measure(options.jobs, options.seconds)))
    return 0


async def _measure(count: int, seconds: int) -> str:
    with tempfile.TemporaryDirectory(prefix="minibot-bench-") as name:
        folder = Path(name)
        store = folder / "data" / "tasks.log"
        later = datetime.now(UTC) + timedelta(days=30)
        await _write(store, [_job(n, later + timedelta(seconds=n)) for n in range(count)])
        lines = await _reading(store, count)
        async with running_peers() as peers:
            lines += await _firing(folder, store, peers, seconds)
    return "\n".join(lines) + "\n"


async def _reading(store: Path, count: int) -> list[str]:
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    async with open_agenda(backend="file", path=store, lock_timeout_ms=LOCK_TIMEOUT_MS) as opened:
        agenda = Agenda(opened, SystemClock())
        began = time.perf_counter()
        await agenda.open()
        loaded = time.perf_counter() - began
        began = time.perf_counter()
        for _ in range(1_000):
            agenda.next_due()
        found = (time.perf_counter() - began) * 1000
    return [
        f"{count:,} jobs are read in {loaded:.2f} s (wanted: 2)",
        f"the next one due is found in {found:.2f} µs",
    ]


async def _firing(folder: Path, store: Path, peers: Peers, seconds: int) -> list[str]:
    """Have reminders come due while somebody talks; say how late they were, and answers too."""
    first = datetime.now(UTC) + HEAD_START
    number = PER_SECOND * seconds
    due = [first + timedelta(seconds=n / PER_SECOND) for n in range(number)]
    jobs = [_job(n, moment, soon=True) for n, moment in enumerate(due)]
    await _write(store, jobs)
    await peers.post(peers.model, "config", {"ttft": 0.0})
    async with running("minibot", peers, folder) as subject:
        for chat in range(FIRST_CHAT, FIRST_CHAT + PER_SECOND):
            await peers.post(peers.telegram, "chat", {"chat_id": chat})
        quiet = await ask_one_by_one(subject, peers, first=0, count=QUESTIONS // 2)
        await asyncio.sleep(max((first - datetime.now(UTC)).total_seconds(), 0.0))
        busy = await ask_one_by_one(subject, peers, first=10_000, count=QUESTIONS)
        await peers.post(
            peers.telegram, "wait", {"pattern": r"due \d+ed", "distinct": True, "count": number,
            "timeout": seconds + 60},
        )  # fmt: skip
        late = await _lateness(peers, due)
    percentiles = statistics.quantiles(late, n=100)
    return [
        f"{len(late):,} of {number:,} reminders, {PER_SECOND} due in a second: late by "
        f"{percentiles[49]:.0f} ms p50, {percentiles[94]:.0f} ms p95, {percentiles[98]:.0f} ms p99 "
        "(wanted: 50)",
        f"an answer meanwhile takes {busy['added p50, ms']:.1f} ms p50, "
        f"{busy['added p95, ms']:.1f} ms p95; before, {quiet['added p50, ms']:.1f} and "
        f"{quiet['added p95, ms']:.1f} ms",
    ]


async def _lateness(peers: Peers, due: Sequence[datetime]) -> list[float]:
    """Give the milliseconds between each moment and what Telegram got, by one clock."""
    async with peers.http.get(f"{peers.telegram}/control/transcript?dir=out") as answer:
        events = (await answer.json())["events"]
    offset = time.time() - time.monotonic()
    late = []
    for event in events:
        text = event.get("text") or ""
        if "due " in text and text.endswith("ed"):
            place = int(text.rpartition("due ")[2].removesuffix("ed"))
            late.append((event["t"] + offset - due[place].timestamp()) * 1000)
    return late


async def _write(store: Path, jobs: Sequence[Job]) -> None:
    async with open_agenda(backend="file", path=store, lock_timeout_ms=LOCK_TIMEOUT_MS) as opened:
        await opened.load()
        for start in range(0, len(jobs), WRITTEN_AT_ONCE):
            await opened.write(jobs[start : start + WRITTEN_AT_ONCE])


def _job(number: int, due: datetime, *, soon: bool = False) -> Job:
    person = str(FIRST_CHAT + number % PER_SECOND)
    now = datetime.now(UTC)
    return Job(
        id=f"{'s' if soon else 'j'}{number:06}",
        owner=f"telegram:{person}",
        person=Person(id=person, name="Somebody"),
        chat=ChatRef(channel="telegram", chat_id=person),
        private=True,
        kind=JobKind.REMINDER,
        text=f"due {number}ed",
        recurrence=Recurrence(kind=RecurrenceKind.ONCE, start=due, zone="UTC"),
        due=due,
        created_at=now,
        updated_at=now,
    )


if __name__ == "__main__":
    sys.exit(main())
