"""``python -m tests.bench.rendering [--documents N]``: are answers shown right, and how fast.

Samples are compared with what is expected, documents made up from seeds are judged by Telegram's
rules and by their words, and texts made to hold a parser up are timed at two lengths.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator

from minibot.adapters.channels.telegram.rendering.markup import render
from tests.adapters.channels.telegram.markdown_documents import Faults, document, faults
from tests.adapters.channels.telegram.readable import readable
from tests.corpora.markdown_blocks import BLOCKS
from tests.corpora.markdown_code import CODE
from tests.corpora.markdown_inline import INLINE
from tests.corpora.markdown_long import ANSWER, TANGLED

ROUNDS = 200
MOST_BLOCKS = 9
SHORT, LONG = 25_000, 100_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.rendering", description=__doc__)
    parser.add_argument("--documents", type=int, default=5_000, help="made up from seeds")
    options = parser.parse_args()
    for lines in (_samples(), _documents(options.documents), _speed(), _tangled()):
        for line in lines:
            sys.stdout.write(f"{line}\n")
    return 0


def _samples() -> Iterator[str]:
    samples = [*BLOCKS, *CODE, *INLINE]
    right = sum(readable(render(sample.markdown)) == sample.shown for sample in samples)
    yield f"samples shown as expected       {right} of {len(samples)}"


def _documents(count: int) -> Iterator[str]:
    rejected = lost = torn = parts = characters = 0
    seconds = 0.0
    for seed in range(count):
        made = document(seed, 1 + seed % MOST_BLOCKS)
        began = time.perf_counter()
        messages = render(made.markdown)
        seconds += time.perf_counter() - began
        found: Faults = faults(made, messages)
        rejected += bool(found.rules)
        lost += len(found.lost)
        torn += len(found.torn)
        parts += len(messages)
        characters += len(made.markdown)
    yield f"documents made up               {count}, {characters} characters, {parts} messages"
    yield f"  rejected / words lost / torn  {rejected} / {lost} / {torn}"
    yield f"  ms per 1,000 characters       {seconds * 1e6 / characters:.2f}"


def _speed() -> Iterator[str]:
    taken = sorted(_seconds(ANSWER) for _ in range(ROUNDS))
    per_thousand = [seconds * 1e6 / len(ANSWER) for seconds in taken]
    median, late = statistics.median(per_thousand), per_thousand[int(ROUNDS * 0.95)]
    yield f"a usual answer, {len(ANSWER)} characters"
    yield f"  ms per 1,000 characters       p50 {median:.2f}, p95 {late:.2f}"


def _tangled() -> Iterator[str]:
    yield f"{'made to hold it up':32}{SHORT:>9,}{LONG:>9,} characters, ms"
    for name, unit in TANGLED.items():
        short, long = (_seconds(unit * (length // len(unit))) for length in (SHORT, LONG))
        yield f"  {name:30}{short * 1000:>9.0f}{long * 1000:>9.0f}"


def _seconds(markdown: str) -> float:
    began = time.perf_counter()
    render(markdown)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
