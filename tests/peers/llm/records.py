"""The ledger: what was asked and how it ended. Times are ``time.monotonic()``."""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from tests.peers.llm.conversation import ApiError, DropConnection, Json
from tests.peers.llm.planning import Question


class Records:
    """Every completion request, and counts of all else."""

    def __init__(self) -> None:
        self.all: list[Json] = []
        self.bodies: OrderedDict[int, Json] = OrderedDict()
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
            "id": question.serial,
            "endpoint": endpoint,
            "model": question.body.get("model"),
            "stream": bool(question.body.get("stream")),
            "messages": len(question.turns),
            "tools": len(question.declared_tools),
            "tokens": question.tokens,
            "t_start": began,
            "t_end": None,
            "outcome": "pending",
        }
        self.all.append(record)
        self._keep_body(question, keep)
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

    def since(self, serial: int, *, full: bool) -> list[Json]:
        """Give the records behind a serial number."""
        found = [record for record in self.all if record["id"] > serial]
        return [{**r, "body": self.bodies.get(r["id"])} for r in found] if full else found

    def stats(self) -> Json:
        return {
            "now": time.monotonic(),
            "counts": dict(self.counts),
            "errors": dict(self.errors),
            "completions": len(self.all),
            "connections": len(self.connections),
            "inflight": self.inflight,
            "peak_inflight": self.peak_inflight,
            "outcomes": dict(Counter(record["outcome"] for record in self.all)),
        }

    def reset(self) -> None:
        """Forget everything but what is in flight."""
        self.all.clear()
        self.bodies.clear()
        self.counts.clear()
        self.errors.clear()
        self.connections.clear()
        self.peak_inflight = self.inflight

    def _keep_body(self, question: Question, keep: int) -> None:
        if keep:
            self.bodies[question.serial] = question.body
            while len(self.bodies) > keep:
                self.bodies.popitem(last=False)
