"""What goes wrong on purpose: fault rules and flood limits."""

from __future__ import annotations

import math
import random
import re
import time
from dataclasses import dataclass

from tests.peers.telegram.wire import ApiError, retry_later

_KINDS = ("status", "drop", "hang", "slow", "malformed")
_TEXTS = {
    400: "Bad Request",
    403: "Forbidden",
    500: "Internal Server Error",
    502: "Bad Gateway",
    504: "Gateway Timeout",
}


@dataclass(slots=True)
class Fault:
    """One rule: which calls it hits, and what happens to them."""

    kind: str = "status"
    method: str = "*"  # a regex on the method's name, case-insensitive
    chat_id: int | None = None
    code: int = 500
    description: str = ""
    retry_after: int | None = None
    times: int | None = None
    probability: float = 1.0
    delay: float = 0.0
    when: str = "before"  # or after the action took effect
    hits: int = 0

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise ValueError(f"no fault {self.kind!r}; known: {', '.join(_KINDS)}")
        if self.when not in ("before", "after"):
            raise ValueError(f"a fault strikes before or after the action, not {self.when!r}")
        if self.method != "*":
            re.compile(self.method)

    def matches(self, method: str, chat_id: int | None, *, rng: random.Random) -> bool:
        """Decide whether this call is hit, and count the hit."""
        if self.times is not None and self.hits >= self.times:
            return False
        if self.chat_id is not None and self.chat_id != chat_id:
            return False
        if self.method != "*" and not re.fullmatch(self.method, method, re.IGNORECASE):
            return False
        if self.probability < 1.0 and rng.random() >= self.probability:
            return False
        self.hits += 1
        return True

    def error(self) -> ApiError:
        if self.code != 429:
            return ApiError(self.code, self.description or _TEXTS.get(self.code, "Error"))
        error = retry_later(1 if self.retry_after is None else self.retry_after)
        error.description = self.description or error.description
        return error


@dataclass(slots=True)
class Bucket:
    """A token bucket."""

    rate: float
    burst: float
    level: float
    at: float

    def take(self, now: float) -> float:
        """Take one token; answer 0, or the seconds until there is one."""
        self.level = min(self.burst, self.level + max(0.0, now - self.at) * self.rate)
        self.at = now
        if self.level >= 1.0:
            self.level -= 1.0
            return 0.0
        return (1.0 - self.level) / self.rate


class Flood:
    """Send limits per chat and over all chats (Telegram: about 1/s and 30/s)."""

    def __init__(
        self,
        *,
        per_chat_rate: float = 1.0,
        per_chat_burst: float = 1.0,
        global_rate: float = 30.0,
        global_burst: float = 30.0,
    ) -> None:
        self._per_chat = (per_chat_rate, max(1.0, per_chat_burst))
        self._overall = Bucket(global_rate, global_burst, global_burst, time.monotonic())
        self._chats: dict[int, Bucket] = {}
        self._banned_until: dict[int, float] = {}
        self.refused = 0
        self.early_retries = 0

    def check(self, chat_id: int, now: float) -> None:
        """Let one message through or raise 429; retrying too early is counted."""
        until = self._banned_until.get(chat_id, 0.0)
        if now < until:
            self.early_retries += 1
            raise self._refusal(chat_id, until - now, now=now)
        bucket = self._chats.get(chat_id)
        if bucket is None:
            rate, burst = self._per_chat
            bucket = self._chats[chat_id] = Bucket(rate, burst, burst, now)
        for limit in (bucket, self._overall):
            wait = limit.take(now)
            if wait > 0:
                raise self._refusal(chat_id, wait, now=now)

    def _refusal(self, chat_id: int, wait: float, *, now: float) -> ApiError:
        self.refused += 1
        after = max(1, math.ceil(wait))
        until = now + after - 0.05  # a client's clock may be a little ahead
        self._banned_until[chat_id] = max(self._banned_until.get(chat_id, 0.0), until)
        return retry_later(after)
