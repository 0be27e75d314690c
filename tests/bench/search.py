"""``python -m tests.bench.search [notes] [history] [--rows N]``: how long searching takes.

A subject is an async generator: it fills a store of its own, yields the questions about it, and
closes the store when it is asked to go on.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

LIMIT_MS = 10.0
HEADING = f"{'milliseconds':32}{'p50':>9}{'p95':>9}{'max':>9}{'p50 cpu':>9}{'p95 cpu':>9}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One kind of call to be timed."""

    name: str
    ask: Callable[[int], Awaitable[object]]
    """Makes the call; the number tells one round from the next, and is never the same twice."""
    is_search: bool = True
    """True when `LIMIT_MS` is meant for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A filled store, and what it is asked."""

    name: str
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one call took. On a busy machine only the processor's time tells something."""

    wall_ms: float
    cpu_ms: float


Subjects = Callable[[Path, int], AsyncIterator[Subject]]
"""Gives subjects, of a folder to keep files in and the number of rows."""


def main() -> int:
    # They name their questions with the classes above.
    from tests.bench import search_history, search_notes

    kinds: dict[str, Subjects] = {
        "notes": search_notes.subjects,
        "history": search_history.subjects,
    }
    parser = argparse.ArgumentParser(prog="python -m tests.bench.search", description=__doc__)
    parser.add_argument(
        "kind", nargs="*", choices=[*kinds, "all"], default="all", help="all when none is named"
    )
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=200, help="calls of each kind")
    options = parser.parse_args()
    wanted = [kinds[name] for name in kinds if name in options.kind or "all" in options.kind]
    asyncio.run(_measure(wanted, rows=options.rows, rounds=options.rounds))
    return 0


async def _measure(kinds: Sequence[Subjects], *, rows: int, rounds: int) -> None:
    for kind in kinds:
        with tempfile.TemporaryDirectory(prefix="minibot-bench-") as folder:
            async for subject in kind(Path(folder), rows):
                sys.stdout.write(f"\n{subject.name}\n{HEADING}\n")
                for question in subject.questions:
                    sys.stdout.write(_line(question, await _times(question, rounds)))
                    sys.stdout.flush()


async def _times(question: Question, rounds: int) -> list[Taken]:
    """Time each call; one call before them opens what is opened once."""
    await question.ask(0)
    found = []
    for number in range(1, rounds + 1):
        started, cpu = time.perf_counter(), time.process_time()
        await question.ask(number)
        found.append(
            Taken(
                wall_ms=(time.perf_counter() - started) * 1000,
                cpu_ms=(time.process_time() - cpu) * 1000,
            )
        )
    return found


def _line(question: Question, taken: Sequence[Taken]) -> str:
    wall, cpu = [each.wall_ms for each in taken], [each.cpu_ms for each in taken]
    figures = (statistics.median(wall), _p95(wall), max(wall), statistics.median(cpu), _p95(cpu))
    late = "  above the limit" if question.is_search and _p95(wall) > LIMIT_MS else ""
    return f"{question.name:32}{''.join(f'{each:9.2f}' for each in figures)}{late}\n"


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
