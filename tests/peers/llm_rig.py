"""A model server and a client of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.peers.llm import FakeLLM, Running, start

Json = dict[str, Any]
TOOLS = [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}]


class Rig:
    """A server and a client."""

    def __init__(self, llm: Running, http: aiohttp.ClientSession) -> None:
        self.llm = llm
        self.http = http

    async def control(self, path: str, body: Json | None = None, method: str = "POST") -> Json:
        url = f"{self.llm.url}/control/{path}"
        async with self.http.request(method, url, json=body) as response:
            answer: Json = await response.json()
            return answer

    async def ask(self, path: str = "v1/chat/completions", **body: Any) -> tuple[int, Json]:
        async with self.http.post(f"{self.llm.url}/{path}", json={"model": "m", **body}) as got:
            return got.status, await got.json()

    async def stream(self, path: str = "v1/chat/completions", **body: Any) -> list[Any]:
        body = {"model": "m", "stream": True, **body}
        return await self.events(path, body)

    async def events(self, path: str, body: Json) -> list[Any]:
        async with self.http.post(f"{self.llm.url}/{path}", json=body) as response:
            assert response.headers["Content-Type"] == "text/event-stream"
            text = await response.text()
        lines = [line.removeprefix("data: ") for line in text.split("\n") if line[:5] == "data:"]
        return [line if line == "[DONE]" else json.loads(line) for line in lines]


@asynccontextmanager
async def open_rig() -> AsyncIterator[Rig]:
    llm = await start(FakeLLM())
    async with aiohttp.ClientSession() as http:
        yield Rig(llm, http)
    await llm.stop()


def user(text: str) -> list[Json]:
    return [{"role": "user", "content": text}]


def contents(text: str) -> list[Json]:
    return [{"role": "user", "parts": [{"text": text}]}]
