"""The fakes as processes of their own, and the calls that steer them."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

Json = dict[str, Any]

TOKEN = "4242:BENCH-TOKEN-0123456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """Addresses of both fakes, and a client to talk to their control calls."""

    token: str
    telegram: str
    model: str
    http: aiohttp.ClientSession

    async def post(self, base: str, call: str, body: Json) -> Json:
        timeout = aiohttp.ClientTimeout(total=300)
        async with self.http.post(f"{base}/control/{call}", json=body, timeout=timeout) as answer:
            answer.raise_for_status()
            found: Json = await answer.json()
            return found

    async def stats(self) -> Json:
        async with self.http.get(f"{self.telegram}/control/stats") as answer:
            found: Json = await answer.json()
            return found

    async def say(self, chats: range, text: str, *, first: int = 0) -> Json:
        """Have every chat write once; `{n}` in the text becomes a running number."""
        messages = [
            {"chat_id": chat, "user_id": chat, "text": text.format(n=first + number)}
            for number, chat in enumerate(chats)
        ]
        return await self.post(self.telegram, "inject", {"messages": messages})

    async def wait_for_answers(self, count: int, *, since: int) -> Json:
        body = {"count": count, "since": since, "timeout": 120, "pattern": "ack[a-z0-9]+?end"}
        return await self.post(self.telegram, "wait", {**body, "distinct": True})


@asynccontextmanager
async def running_peers(token: str = TOKEN) -> AsyncIterator[Peers]:
    telegram = await _start("tests.peers.telegram", "--token", token, "--no-params")
    model = await _start("tests.peers.llm")
    try:
        async with aiohttp.ClientSession() as http:
            yield Peers(token=token, telegram=telegram[1], model=model[1], http=http)
    finally:
        for process, _ in (telegram, model):
            process.terminate()
            await process.wait()


async def _start(module: str, *options: str) -> tuple[asyncio.subprocess.Process, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, "--port", "0", *options, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline())
    return process, f"http://127.0.0.1:{ready['port']}"
