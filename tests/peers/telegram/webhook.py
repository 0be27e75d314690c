"""Delivery of updates to a webhook: in order per chat, retried for ever."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp

from tests.peers.telegram.wire import ApiError, Json, dumps

_ANSWER_WITHIN_S = 60.0


@dataclass(slots=True)
class Backoff:
    """How long a failed delivery waits: ``base``, doubled each time, at most ``cap`` seconds."""

    base: float = 0.5
    cap: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What setWebhook asked for."""

    url: str
    secret: str
    max_connections: int


class Webhook:
    """Pushes one bot's updates to its URL.

    ``confirm`` hears of every update that was accepted; ``execute`` runs the method call that an
    answer may carry.
    """

    def __init__(
        self,
        target: Target,
        backoff: Backoff,
        *,
        confirm: Callable[[int], None],
        execute: Callable[[str, Json], Awaitable[object]],
    ) -> None:
        self.target = target
        self.last_error_date: int | None = None
        self.last_error_message: str | None = None
        self.deliveries = 0
        self.failures = 0
        self._backoff = backoff
        self._confirm = confirm
        self._execute = execute
        self._queues: dict[int, deque[Json]] = {}
        self._slots = asyncio.Semaphore(target.max_connections)
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    def push(self, update: Json) -> None:
        key = update_chat_id(update)
        queue = self._queues.get(key)
        if queue is not None:
            queue.append(update)
            return
        self._queues[key] = deque([update])
        task = asyncio.create_task(self._drain(key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Stop delivering; what was not accepted stays pending."""
        self._closed = True
        # An answer may itself carry deleteWebhook: that task ends on its own.
        tasks = self._tasks - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _drain(self, key: int) -> None:
        queue = self._queues[key]
        delay = self._backoff.base
        while queue and not self._closed:
            async with self._slots:
                answer = await self._deliver(queue[0])
            if answer is None:
                await asyncio.sleep(min(delay, self._backoff.cap))
                delay = min(delay * 2, self._backoff.cap)
                continue
            self._confirm(queue.popleft()["update_id"])
            delay = self._backoff.base
            await self._run(answer)
        self._queues.pop(key, None)

    async def _deliver(self, update: Json) -> bytes | None:
        """Post one update; answer the response's body, or None when it was not accepted."""
        headers = {"Content-Type": "application/json"}
        if self.target.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.target.secret
        self.deliveries += 1
        try:
            async with self._http().post(
                self.target.url, data=dumps(update), headers=headers
            ) as response:
                body = await response.read()
                if 200 <= response.status < 300:
                    return body
                self._fail(f"Wrong response from the webhook: {response.status}")
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            self._fail(f"Connection failed: {type(exc).__name__}")
        self.failures += 1
        return None

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_ANSWER_WITHIN_S),
                connector=aiohttp.TCPConnector(limit=self.target.max_connections),
            )
        return self._session

    async def _run(self, answer: bytes) -> None:
        """Execute a method call given in the webhook's answer."""
        try:
            call = json.loads(answer) if answer.strip() else None
        except ValueError:
            return
        if not isinstance(call, dict) or not isinstance(call.get("method"), str):
            return
        method = call.pop("method")
        try:
            await self._execute(method, {k: v for k, v in call.items() if v is not None})
        except ApiError as exc:
            self._fail(f"{method} in the webhook answer: {exc.description}")

    def _fail(self, message: str) -> None:
        self.last_error_date = int(time.time())
        self.last_error_message = message


def update_chat_id(update: Json) -> int:
    """The chat an update belongs to; 0 when it belongs to none, or is garbage."""
    for kind, payload in update.items():
        if not isinstance(payload, dict):
            continue
        holder = payload.get("message") if kind == "callback_query" else payload
        chat = holder.get("chat") if isinstance(holder, dict) else None
        if isinstance(chat, dict):
            return chat["id"] if isinstance(chat.get("id"), int) else 0
    return 0
