"""``python -m tests.bench [--rounds N] [--against FOLDER]``: minibot beside the bare loop, or
side by side with another checkout of itself, one table."""

import argparse
import asyncio
import statistics
import sys
import tempfile
from pathlib import Path

from tests.bench.measures import Figures, ask_one_by_one, burst
from tests.bench.paired import compare
from tests.bench.peers import Peers, running_peers
from tests.bench.subjects import running

BARE = "bare loop"
OURS = "minibot"
ROUNDS = 3
BLOCKS = 32
QUESTIONS = 300
CHATS = 200
EACH = 5
SLOW_ANSWER_SECONDS = 0.5
IDLE_SECONDS = 2.0

LIMITS = {
    "first getUpdates, s": "≤ 2.5",
    "idle RSS, MiB": "≤ 130",
    "added p50, ms": "ratio ≤ 2",
    "messages/s, 200 chats × 5": "ratio ≥ 0.5",
    "CPU s per 1,000 messages": "ratio ≤ 2.5",
    "200 chats × one 0.5 s answer, s": "≤ 1.0",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, help="repetitions; medians are printed")
    parser.add_argument(
        "--against", type=Path, help="a checkout to compare with, instead of the bare loop"
    )
    options = parser.parse_args()
    if options.against:
        checkout = options.against.resolve()
        sys.stdout.write(asyncio.run(compare(checkout, options.rounds or BLOCKS)))
    else:
        sys.stdout.write(_table(asyncio.run(_measure(options.rounds or ROUNDS))))
    return 0


async def _measure(rounds: int) -> dict[str, list[Figures]]:
    """Alternate, and turn the order round every time, so that a drift hits both alike."""
    names = [BARE, OURS]
    found: dict[str, list[Figures]] = {name: [] for name in names}
    async with running_peers() as peers:
        for number in range(rounds):
            for name in names:
                sys.stderr.write(f"round {number + 1} of {rounds}: {name}\n")
                with tempfile.TemporaryDirectory(prefix="minibot-bench-") as folder:
                    found[name].append(await _measure_one(name, peers, Path(folder)))
            names.reverse()
    return found


async def _measure_one(name: str, peers: Peers, folder: Path) -> Figures:
    await peers.post(peers.model, "config", {"ttft": 0.0})
    async with running(name, peers, folder) as subject:
        await asyncio.sleep(IDLE_SECONDS)
        figures = {
            "first getUpdates, s": subject.seconds_to_first_poll,
            "idle RSS, MiB": subject.resident_mib(),
        }
        figures |= await ask_one_by_one(subject, peers, first=0, count=QUESTIONS)
        many = await burst(subject, peers, chats=CHATS, each=EACH)
        figures["messages/s, 200 chats × 5"] = CHATS * EACH / many.seconds
        figures["CPU s per 1,000 messages"] = many.cpu_seconds * 1000 / (CHATS * EACH)
        await peers.post(peers.model, "config", {"ttft": SLOW_ANSWER_SECONDS})
        slow = await burst(subject, peers, chats=CHATS, each=1)
        figures["200 chats × one 0.5 s answer, s"] = slow.seconds
        figures["RSS after load, MiB"] = subject.resident_mib()
        return figures


def _table(found: dict[str, list[Figures]]) -> str:
    lines = [f"{'':34}{BARE:>11}{OURS:>11}{'ratio':>8}  wanted"]
    for key in found[OURS][0]:
        bare, ours = (statistics.median(run[key] for run in found[each]) for each in (BARE, OURS))
        lines.append(f"{key:34}{bare:11.2f}{ours:11.2f}{ours / bare:8.2f}  {LIMITS.get(key, '')}")
    return "\n".join(line.rstrip() for line in lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
