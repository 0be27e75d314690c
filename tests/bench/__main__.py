"""``python -m tests.bench [--rounds N]``: minibot beside the bare loop, in turn, one table."""

import argparse
import asyncio
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench.peers import Peers, running_peers
from tests.bench.subjects import Subject, running

NAMES = ("bare loop", "minibot")
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
    rounds = parser.parse_args().rounds
    figures = asyncio.run(_measure(rounds))
    sys.stdout.write(_table(figures))
    return 0


async def _measure(rounds: int) -> dict[str, list[Figures]]:
    found: dict[str, list[Figures]] = {name: [] for name in NAMES}
    async with running_peers() as peers:
        for number in range(rounds):
            for name in NAMES:
                sys.stderr.write(f"round {number + 1} of {rounds}: {name}\n")
                with tempfile.TemporaryDirectory(prefix="minibot-bench-") as folder:
                    found[name].append(await _measure_one(name, peers, Path(folder)))
    return found


async def _measure_one(name: str, peers: Peers, folder: Path) -> Figures:
    await peers.post(peers.model, "config", {"ttft": 0.0})
    async with running(name, peers, folder) as subject:
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


def _table(found: dict[str, list[Figures]]) -> str:
    lines = [f"{'':34}{'bare loop':>11}{'minibot':>11}{'ratio':>8}  wanted"]
    for key in found["minibot"][0]:
        bare, ours = (statistics.median(run[key] for run in found[name]) for name in NAMES)
        lines.append(f"{key:34}{bare:11.2f}{ours:11.2f}{ours / bare:8.2f}  {LIMITS.get(key, '')}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
