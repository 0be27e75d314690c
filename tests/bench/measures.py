"""What is done to a running bot, and what that took."""

import asyncio
import statistics
from dataclasses import dataclass

from tests.bench.peers import Peers
from tests.bench.subjects import Subject

FIRST_CHAT = 100_000
PAUSE_SECONDS = 0.02
"""Between an answer and the next question of the one chat: a person is no closed loop, and what is
recorded behind an answer must not count as the delay of the next."""
SETTLE_SECONDS = 0.3
"""What is recorded behind the last answer of a burst belongs to its cost."""

Figures = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    seconds: float
    cpu_seconds: float


async def ask_one_by_one(subject: Subject, peers: Peers, *, first: int, count: int) -> Figures:
    """One chat, one question after the other; the model answers at once."""
    added: list[float] = []
    cpu = subject.cpu_seconds()
    for number in range(first, first + count):
        since = (await peers.stats())["events"]
        said = await peers.say(range(1, 2), "question ridq{n}end", first=number)
        answered = await peers.wait_for_answers(1, since=since)
        added.append((answered["t"] - said["results"][0]["t"]) * 1000)
        await asyncio.sleep(PAUSE_SECONDS)
    percentiles = statistics.quantiles(added, n=100, method="inclusive")
    return {
        "added p50, ms": percentiles[49],
        "added p95, ms": percentiles[94],
        "added p99, ms": percentiles[98],
        "CPU ms a question": (subject.cpu_seconds() - cpu) * 1000 / count,
    }


async def burst(subject: Subject, peers: Peers, *, chats: int, each: int) -> Burst:
    """All chats write `each` messages at once; measured until the last answer is out."""
    since = (await peers.stats())["events"]
    cpu = subject.cpu_seconds()
    people = range(FIRST_CHAT, FIRST_CHAT + chats)
    began = 0.0
    for number in range(each):
        said = await peers.say(people, f"burst rids{since}x{number}y{{n}}end")
        began = began or said["results"][0]["t"]
    answered = await peers.wait_for_answers(chats * each, since=since)
    if not answered["ok"]:
        raise SystemExit(f"{subject.name}: {answered['matched']} answers of {chats * each}")
    await asyncio.sleep(SETTLE_SECONDS)
    return Burst(seconds=answered["t"] - began, cpu_seconds=subject.cpu_seconds() - cpu)
