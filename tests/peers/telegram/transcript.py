"""Everything that happened, in order, and waiting for more of it."""

from __future__ import annotations

import asyncio
import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.peers.telegram.wire import ApiError, Json, is_int

# Not counted by a wait that names no methods: nothing a person would read.
_SILENT = {
    "sendchataction",
    "deletemessage",
    "deleteephemeralmessage",
    "setmessagereaction",
    "setmycommands",
    "deletemycommands",
    "createforumtopic",
    "editforumtopic",
    "closeforumtopic",
    "reopenforumtopic",
    "deleteforumtopic",
}


class Match:
    """Which outgoing events a wait counts, and under which keys."""

    def __init__(self, spec: Json) -> None:
        self.chat_id = spec.get("chat_id")
        self.methods = {str(m).lower() for m in spec.get("methods", ())}
        self.contains = spec.get("contains")
        self.pattern = re.compile(spec["pattern"]) if spec.get("pattern") else None
        self.drafts = bool(spec.get("drafts"))

    def keys(self, event: Json) -> list[str]:
        """One key per match of the pattern, or one for the message."""
        if event["dir"] != "out" or not self._wanted(event):
            return []
        text = event.get("text") or ""
        if self.contains is not None and self.contains not in text:
            return []
        if self.pattern is not None:
            return [match.group(0) for match in self.pattern.finditer(text)]
        number = event["message_id"] or f"draft {event.get('draft_id')}"
        return [f"{event['chat_id']}:{number}"]

    def _wanted(self, event: Json) -> bool:
        if self.chat_id is not None and event["chat_id"] != self.chat_id:
            return False
        method = event["method"].lower()
        if self.methods:
            return method in self.methods
        return method not in _SILENT and (self.drafts or "draft" not in method)


@dataclass(slots=True)
class Waiter:
    """A wait in progress."""

    match: Match
    count: int
    distinct: bool
    done: asyncio.Future[None]
    keys: set[str] = field(default_factory=set)
    matched: int = 0
    last_t: float = 0.0

    def feed(self, event: Json) -> None:
        for key in self.match.keys(event):
            if self.distinct:
                if key in self.keys:
                    continue
                self.keys.add(key)
            self.matched += 1
            self.last_t = event["t"]
        if self.matched >= self.count and not self.done.done():
            self.done.set_result(None)


class Transcript:
    """The list of events; ``seq`` is an event's place in it, ``t`` a monotonic time."""

    def __init__(self, *, keep_params: bool) -> None:
        self.events: list[Json] = []
        self.keep_params = keep_params
        self._waiters: list[Waiter] = []

    def record(self, event: Json) -> None:
        event["seq"] = len(self.events)
        self.events.append(event)
        if event["dir"] == "out" and self._waiters:
            for waiter in list(self._waiters):
                waiter.feed(event)

    def record_out(self, event: Json, params: Json) -> None:
        """Record what the bot did; the request's parameters are kept when that is wanted."""
        event["dir"] = "out"
        if self.keep_params:
            event["params"] = params
        self.record(event)

    def record_error(self, method: str, params: Json, *, exc: ApiError, t: float) -> None:
        if method.lower() == "getupdates":
            return
        chat_id = params.get("chat_id", "")
        self.record(
            {
                "t": t,
                "dir": "error",
                "method": method,
                "chat_id": int(chat_id) if is_int(chat_id) else chat_id,
                "text": params.get("text"),
                "error_code": exc.code,
                "error": exc.description,
            }
        )

    def clear(self) -> None:
        self.events.clear()

    def select(self, query: Json) -> list[Json]:
        chat_id = int(query["chat_id"]) if "chat_id" in query else None
        direction = query.get("dir")
        selected = [
            event
            for event in self.events[int(query.get("since", 0)) :]
            if (chat_id is None or event["chat_id"] == chat_id)
            and (direction is None or event["dir"] == direction)
        ]
        if str(query.get("brief", "")).lower() in ("1", "true"):
            return [{k: v for k, v in e.items() if k != "params"} for e in selected]
        return selected

    async def wait(self, spec: Json) -> Json:
        """Wait until ``count`` outgoing events match; the past from ``since`` on counts too."""
        done = asyncio.get_running_loop().create_future()
        count, distinct = int(spec.get("count", 1)), bool(spec.get("distinct", False))
        waiter = Waiter(Match(spec), count, distinct, done)
        for event in self.events[int(spec.get("since", 0)) :]:
            waiter.feed(event)
        ok = waiter.done.done() or await self._complete(waiter, float(spec.get("timeout", 30)))
        return {
            "ok": ok,
            "matched": waiter.matched,
            "t": waiter.last_t,
            "seq": len(self.events),
        }

    async def _complete(self, waiter: Waiter, seconds: float) -> bool:
        self._waiters.append(waiter)
        try:
            await asyncio.wait_for(waiter.done, seconds)
        except TimeoutError:
            return False
        finally:
            self._waiters.remove(waiter)
        return True

    def times(self, chat_id: int, *methods: str) -> list[float]:
        """Give when the bot called these methods for a chat with success, in order."""
        return [
            event["t"]
            for event in self.events
            if event["dir"] == "out" and event["chat_id"] == chat_id and event["method"] in methods
        ]

    def busiest(self, chat_id: int, *methods: str, seconds: float) -> int:
        """Give how many such calls there were at most within any so many seconds."""
        found = self.times(chat_id, *methods)
        return max(
            (bisect_left(found, start + seconds) - at for at, start in enumerate(found)), default=0
        )

    def ledger(self) -> Json:
        """Who said what, by chat: ``in`` from its users, ``out`` from the bot.

        An outgoing entry has the text as sent, and as ``final`` what later edits made of it.
        """
        chats: defaultdict[Any, Json] = defaultdict(lambda: {"in": [], "out": []})
        sent: dict[tuple[Any, Any], Json] = {}
        for event in self.events:
            method, chat_id = event["method"], event["chat_id"]
            entry = {k: event.get(k) for k in ("message_id", "text", "t", "method")}
            key = (chat_id, event.get("message_id"))
            if event["dir"] == "in":
                entry["update_id"] = event["update_id"]
                chats[chat_id]["in"].append(entry)
            elif event["dir"] == "out" and method.startswith("edit") and key in sent:
                sent[key]["final"] = event["text"]
            elif event["dir"] == "out" and _creates_message(event):
                entry["final"] = event["text"]
                sent[key] = entry
                chats[chat_id]["out"].append(entry)
        return {"chats": {str(chat_id): told for chat_id, told in chats.items()}}


def _creates_message(event: Json) -> bool:
    prefixes = ("send", "forward", "copy")
    return event["message_id"] is not None and event["method"].lower().startswith(prefixes)
