"""``python -m tests.bench.streaming``: how soon an answer is seen, and how soon it is stopped."""

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.peers import Json, Peers, running_peers
from tests.bench.subjects import running

FIRST_TOKEN_SECONDS = 0.2
TOKENS_A_SECOND = 50
TOKENS = 60
CHAT = 1
DRAFT_SECONDS = 0.4
WANTED_FIRST_MS, WANTED_STOP_MS = 150, 200


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.streaming", description=__doc__)
    parser.add_argument("--answers", type=int, default=30)
    options = parser.parse_args()
    sys.stdout.write(asyncio.run(_measure(options.answers)))
    return 0


async def _measure(count: int) -> str:
    async with running_peers() as peers:
        slow = {
            "ttft": FIRST_TOKEN_SECONDS,
            "tokens_per_s": TOKENS_A_SECOND,
            "reply_tokens": TOKENS,
        }
        await peers.post(peers.model, "config", slow)
        with tempfile.TemporaryDirectory(prefix="minibot-bench-") as folder:
            async with running("minibot", peers, Path(folder)):
                lines = await _seen(peers, count)
                lines += await _stopped(peers, count)
    return "\n".join(lines) + "\n"


async def _seen(peers: Peers, count: int) -> list[str]:
    """Have answers written, and compare what was shown with what the model did."""
    for number in range(count):
        since = (await peers.stats())["events"]
        await peers.say(range(CHAT, CHAT + 1), "tell ridq{n}end", first=number)
        await peers.wait_for_answers(1, since=since)
    drafts, asked = await _drafts(peers), await _asked(peers)
    first = [
        (next(t for t in drafts if t > began) - began - FIRST_TOKEN_SECONDS) * 1000
        for began, _ in asked
    ]
    gaps = [after - before for before, after in zip(drafts, drafts[1:], strict=False)]
    percentiles = statistics.quantiles(first, n=100)
    return [
        f"{len(asked)} answers: first seen {percentiles[49]:.0f} ms p50, {percentiles[94]:.0f} ms "
        f"p95 after the model's first token (wanted: {WANTED_FIRST_MS} p50)",
        f"{len(drafts)} drafts, {min(gaps):.2f} s apart at the least (wanted: {DRAFT_SECONDS})",
    ]


async def _stopped(peers: Peers, count: int) -> list[str]:
    """Stop answers as soon as they are seen, and look when the model heard of it."""
    stops: list[float] = []
    known = len(await _asked(peers))
    for number in range(count):
        since = (await peers.stats())["events"]
        await peers.say(range(CHAT, CHAT + 1), "tell rids{n}end", first=number)
        waiting = {"methods": ["sendMessageDraft"], "drafts": True, "since": since, "timeout": 60}
        await peers.post(peers.telegram, "wait", {**waiting, "chat_id": CHAT})
        stop = await peers.post(peers.telegram, "inject", {"chat_id": CHAT, "kind": "stop"})
        stops.append(stop["results"][0]["t"])
        await peers.post(
            peers.telegram, "wait", {"contains": "(Stopped.)", "since": since, "timeout": 60}
        )
    ends = [end for _, end in (await _asked(peers))[known:]]
    late = [(end - stop) * 1000 for stop, end in zip(stops, ends, strict=True)]
    percentiles = statistics.quantiles(late, n=100)
    return [
        f"{len(late)} stopped: the model is left {percentiles[49]:.0f} ms p50, "
        f"{percentiles[94]:.0f} ms p95 after the update (wanted: {WANTED_STOP_MS})"
    ]


async def _drafts(peers: Peers) -> Sequence[float]:
    async with peers.http.get(f"{peers.telegram}/control/transcript?dir=out") as answer:
        events: list[Json] = (await answer.json())["events"]
    return [event["t"] for event in events if event["method"] == "sendMessageDraft"]


async def _asked(peers: Peers) -> Sequence[tuple[float, float]]:
    """Give when each question came to the model, and when it was over with it.

    The model hears that nobody listens any more a moment after it was left. What it is asked
    about several messages together is the summary of a long conversation, and no question.
    """
    while True:
        async with peers.http.get(f"{peers.model}/control/requests") as answer:
            asked: list[Json] = (await answer.json())["requests"]
        records = [record for record in asked if len(record["tokens"]) == 1]
        if all(record["t_end"] is not None for record in records):
            return [(record["t_start"], record["t_end"]) for record in records]
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
