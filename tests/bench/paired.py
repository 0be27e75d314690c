"""Two versions of minibot side by side, each with peers of its own, asked in turn.

Blocks of a second or two alternate, and each is held against its neighbour: what a noisy machine
does from one minute to the next then hits both alike, as it does not between whole runs. And a
process is some percent faster or slower for all its life, by where its memory happens to lie and
how its strings are hashed; so both are started anew every few blocks.
"""

import asyncio
import statistics
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measures import Figures, ask_one_by_one, burst
from tests.bench.peers import Peers, running_peers
from tests.bench.subjects import Subject, running

BEFORE, NOW = "before", "now"
TOKENS = {BEFORE: "4243:BENCH-TOKEN-0123456789", NOW: "4244:BENCH-TOKEN-0123456789"}
"""minibot refuses to run twice with one token."""

WARM_UP = 60
BLOCKS_OF_A_LIFE = 4
QUESTIONS = 30
CHATS, EACH = 100, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    name: str
    peers: Peers
    subject: Subject


async def compare(checkout: Path, blocks: int) -> str:
    """Measure this checkout against another one, and give a table."""
    found: dict[str, list[Figures]] = {BEFORE: [], NOW: []}
    for first in range(0, blocks, BLOCKS_OF_A_LIFE):
        async with AsyncExitStack() as stack:
            sides = [await _start(stack, BEFORE, checkout), await _start(stack, NOW, None)]
            for side in sides:
                await ask_one_by_one(side.subject, side.peers, first=0, count=WARM_UP)
            for number in range(min(BLOCKS_OF_A_LIFE, blocks - first)):
                sys.stderr.write(f"\rblock {first + number + 1} of {blocks}")
                for side in sides:
                    found[side.name].append(await _block(side, number))
                sides.reverse()
    sys.stderr.write("\n")
    return _table(found)


async def _start(stack: AsyncExitStack, name: str, checkout: Path | None) -> _Side:
    peers = await stack.enter_async_context(running_peers(TOKENS[name]))
    await peers.post(peers.model, "config", {"ttft": 0.0})
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="minibot-bench-"))
    subject = await stack.enter_async_context(
        running("minibot", peers, Path(folder), checkout=checkout)
    )
    await asyncio.sleep(1)
    return _Side(name=name, peers=peers, subject=subject)


async def _block(side: _Side, number: int) -> Figures:
    first = WARM_UP + number * QUESTIONS
    figures = await ask_one_by_one(side.subject, side.peers, first=first, count=QUESTIONS)
    many = await burst(side.subject, side.peers, chats=CHATS, each=EACH)
    messages = CHATS * EACH
    return {
        "added p50, ms": figures["added p50, ms"],
        "CPU ms a question": figures["CPU ms a question"],
        f"messages/s, {CHATS} chats × {EACH}": messages / many.seconds,
        "CPU s per 1,000 messages": many.cpu_seconds * 1000 / messages,
    }


def _table(found: dict[str, list[Figures]]) -> str:
    lines = [f"{'':34}{BEFORE:>11}{NOW:>11}{'ratio':>8}{'quartiles':>15}"]
    for key in found[NOW][0]:
        before, now = ([block[key] for block in found[name]] for name in (BEFORE, NOW))
        ratios = [mine / other for mine, other in zip(now, before, strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        lines.append(
            f"{key:34}{statistics.median(before):11.2f}{statistics.median(now):11.2f}"
            f"{middle:8.2f}{low:9.2f}-{high:.2f}"
        )
    return "\n".join(lines) + "\n"
