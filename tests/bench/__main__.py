"""``python -m tests.bench [--rounds N] [--against FOLDER]``: minibot beside the bare loop, or
beside another checkout of itself, in turn, one table."""

import argparse
import asyncio
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench.peers import Peers, running_peers
from tests.bench.subjects import Subject, running

BARE = "bare loop"
OURS = "minibot"
FIRST_CHAT = 100_000
QUESTIONS = 300
PAUSE_SECONDS = 0.02
"""Between an answer and the next question of the one chat: a person is no closed loop, and what is
recorded behind an answer must not count as the delay of the next."""
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

Figures = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    seconds: float
    cpu_seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each; medians are printed")
    parser.add_argument(
        "--against", type=Path, help="a checkout to compare with, instead of the bare loop"
    )
    options = parser.parse_args()
    other = options.against and options.against.resolve()
    figures = asyncio.run(_measure(options.rounds, other))
    sys.stdout.write(_table(figures, "before" if other else BARE))
    return 0


async def _measure(rounds: int, checkout: Path | None) -> dict[str, list[Figures]]:
    """Alternate, and turn the order round every time, so that a drift hits both alike."""
    names = ["before" if checkout else BARE, OURS]
    found: dict[str, list[Figures]] = {name: [] for name in names}
    async with running_peers() as peers:
        for number in range(rounds):
            for name in names:
                sys.stderr.write(f"round {number + 1} of {rounds}: {name}\n")
                with tempfile.TemporaryDirectory(prefix="minibot-bench-") as folder:
                    place = None if name == OURS else checkout
                    found[name].append(await _measure_one(name, peers, Path(folder), place))
            names.reverse()
    return found


async def _measure_one(name: str, peers: Peers, folder: Path, checkout: Path | None) -> Figures:
    await peers.post(peers.model, "config", {"ttft": 0.0})
    async with running(name, peers, folder, checkout=checkout) as subject:
        await asyncio.sleep(IDLE_SECONDS)
        figures = {
            "first getUpdates, s": subject.seconds_to_first_poll,
            "idle RSS, MiB": subject.resident_mib(),
        }
        figures |= await _latency(peers)
        burst = await _burst(subject, peers, each=EACH)
        messages = CHATS * EACH
        figures["messages/s, 200 chats × 5"] = messages / burst.seconds
        figures["CPU s per 1,000 messages"] = burst.cpu_seconds * 1000 / messages
        await peers.post(peers.model, "config", {"ttft": SLOW_ANSWER_SECONDS})
        figures["200 chats × one 0.5 s answer, s"] = (await _burst(subject, peers, each=1)).seconds
        figures["RSS after load, MiB"] = subject.resident_mib()
        return figures


async def _latency(peers: Peers) -> Figures:
    """One chat, one question after the other; the model answers at once."""
    added: list[float] = []
    for number in range(QUESTIONS):
        since = (await peers.stats())["events"]
        said = await peers.say(range(1, 2), "question ridq{n}end", first=number)
        answered = await peers.wait_for_answers(1, since=since)
        added.append((answered["t"] - said["results"][0]["t"]) * 1000)
        await asyncio.sleep(PAUSE_SECONDS)
    percentiles = statistics.quantiles(added, n=100)
    return {
        "added p50, ms": percentiles[49],
        "added p95, ms": percentiles[94],
        "added p99, ms": percentiles[98],
    }


async def _burst(subject: Subject, peers: Peers, *, each: int) -> Burst:
    """All chats write `each` messages at once; measured until the last answer is out."""
    since = (await peers.stats())["events"]
    cpu = subject.cpu_seconds()
    chats = range(FIRST_CHAT, FIRST_CHAT + CHATS)
    first = 0.0
    for number in range(each):
        said = await peers.say(chats, f"burst rids{since}x{number}y{{n}}end")
        first = first or said["results"][0]["t"]
    answered = await peers.wait_for_answers(CHATS * each, since=since)
    if not answered["ok"]:
        raise SystemExit(f"{subject.name}: {answered['matched']} answers of {CHATS * each}")
    await asyncio.sleep(0.3)  # what is recorded behind the last answer belongs to its cost
    return Burst(seconds=answered["t"] - first, cpu_seconds=subject.cpu_seconds() - cpu)


def _table(found: dict[str, list[Figures]], beside: str) -> str:
    wanted = LIMITS if beside == BARE else {}
    lines = [f"{'':34}{beside:>11}{OURS:>11}{'ratio':>8}{'  wanted' if wanted else ''}"]
    for key in found[OURS][0]:
        other, ours = (
            statistics.median(run[key] for run in found[each]) for each in (beside, OURS)
        )
        lines.append(f"{key:34}{other:11.2f}{ours:11.2f}{ours / other:8.2f}  {wanted.get(key, '')}")
    return "\n".join(line.rstrip() for line in lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
