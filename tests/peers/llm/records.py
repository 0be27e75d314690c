"""The ledger: what was asked and how it ended. Times are ``time.monotonic()``."""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from tests.peers.llm.conversation import ApiError, DropConnection, Json, Turn
from tests.peers.llm.planning import Question


class Records:
    """Every completion request, and counts of all else."""

    def __init__(self) -> None:
        self.all: list[Json] = []
        self.bodies: OrderedDict[int, Json] = OrderedDict()
        self._turns: dict[int, list[Turn]] = {}
        self.counts: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.connections: set[object] = set()
        """Who connected, one entry a socket."""
        self.inflight = 0
        self.peak_inflight = 0
        self._moved = asyncio.Event()

    async def until_inflight(self, number: int) -> None:
        """Wait until so many requests are being answered."""
        while self.inflight != number:
            self._moved.clear()
            await self._moved.wait()

    @contextmanager
    def follow(
        self, endpoint: str, question: Question, *, began: float, keep: int
    ) -> Iterator[Json]:
        """Record a request from here to its end."""
        record: Json = {
            **head_of(question.serial, endpoint, question.body, began),
            "legal": True,
            "messages": len(question.turns),
            "tools": len(question.declared_tools),
            "tool_names": question.tool_names,
            "round": question.round,
            "user_text": question.user_text,
            "tokens": question.tokens,
        }
        self.all.append(record)
        self._keep(question.serial, question.body, question.turns, keep)
        self.inflight += 1
        self.peak_inflight = max(self.peak_inflight, self.inflight)
        self._moved.set()
        try:
            yield record
        except ApiError as error:
            record["outcome"] = f"error {error.status}"
            raise
        except DropConnection:
            record["outcome"] = "dropped"
            raise
        except (asyncio.CancelledError, ConnectionError):
            record["outcome"] = "client gone"
            raise
        finally:
            self.inflight -= 1
            self._moved.set()
            record["t_end"] = time.monotonic()

    def turn_away(self, record: Json, body: Json, error: ApiError, *, keep: int) -> None:
        """Record a request that could not be understood, or was not looked at."""
        record |= {"outcome": f"error {error.status}", "t_end": time.monotonic()}
        if error.status < 500:
            record |= {"legal": False, "problem": error.message}
        self.all.append(record)
        self._keep(record["id"], body, [], keep)

    def since(self, serial: int, *, full: bool) -> list[Json]:
        """Give the records behind a serial number, with what was asked when full."""
        found = [record for record in self.all if record["id"] > serial]
        if not full:
            return found
        return [
            {**r, "body": self.bodies.get(r["id"]), "turns": self.turns(r["id"])} for r in found
        ]

    def turns(self, serial: int) -> list[Json]:
        """Give a request's messages, in the same shape for every format."""
        return [asdict(turn) for turn in self._turns.get(serial, ())]

    def stats(self) -> Json:
        return {
            "now": time.monotonic(),
            "counts": dict(self.counts),
            "errors": dict(self.errors),
            "completions": len(self.all),
            "illegal": sum(record.get("legal") is False for record in self.all),
            "connections": len(self.connections),
            "inflight": self.inflight,
            "peak_inflight": self.peak_inflight,
            "outcomes": dict(Counter(record["outcome"] for record in self.all)),
        }

    def reset(self) -> None:
        """Forget everything but what is in flight."""
        self.all.clear()
        self.bodies.clear()
        self._turns.clear()
        self.counts.clear()
        self.errors.clear()
        self.connections.clear()
        self.peak_inflight = self.inflight

    def _keep(self, serial: int, body: Json, turns: list[Turn], keep: int) -> None:
        if keep:
            self.bodies[serial] = body
            self._turns[serial] = turns
            while len(self.bodies) > keep:
                oldest, _ = self.bodies.popitem(last=False)
                del self._turns[oldest]


def head_of(serial: int, endpoint: str, body: Json, began: float) -> Json:
    """Begin the record of a request."""
    return {
        "id": serial,
        "endpoint": endpoint,
        "model": body.get("model"),
        "stream": bool(body.get("stream")),
        "t_start": began,
        "t_end": None,
        "outcome": "pending",
    }
