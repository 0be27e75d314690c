"""The peer with a client of it, for the tests that prove it behaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp

from tests.peers.telegram.server import Running
from tests.peers.telegram.wire import Json

TOKEN = "4242:TEST"


class Rig:
    """The peer and a client of it."""

    def __init__(self, telegram: Running, http: aiohttp.ClientSession) -> None:
        self.telegram = telegram
        self.app = telegram.app
        self.bot = telegram.app.default_bot
        self.http = http

    async def api(self, method: str, token: str = TOKEN, **params: Any) -> tuple[int, Json]:
        url = f"{self.telegram.url}/bot{token}/{method}"
        async with self.http.post(url, json=params) as response:
            return response.status, await response.json()

    async def ok(self, method: str, **params: Any) -> Any:
        status, body = await self.api(method, **params)
        assert (status, body["ok"]) == (200, True), body
        return body["result"]

    async def fails(self, method: str, **params: Any) -> tuple[int, str]:
        status, body = await self.api(method, **params)
        assert (body["ok"], body["error_code"]) == (False, status), body
        return status, body["description"]

    async def control(self, path: str, body: Json | None = None, *, verb: str = "POST") -> Json:
        url = f"{self.telegram.url}/control/{path}"
        async with self.http.request(verb, url, json=body) as response:
            assert response.status == 200, await response.text()
            data: Json = await response.json()
            return data

    async def ask(self, path: str) -> Json:
        return await self.control(path, verb="GET")

    async def inject(self, **spec: Any) -> Json:
        answer = await self.control("inject", {"chat_id": 7, **spec})
        result: Json = answer["results"][0]
        return result


async def eventually(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("the condition did not come true")
