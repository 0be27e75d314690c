"""A Bot API that answers what a test puts in line, byte for byte."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

TOKEN = "4242:AAcanaryOfABotTokenThatNobodyMaySee00"
ME = {"id": 4242, "is_bot": True, "first_name": "Fake", "username": "fake_test_bot"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer."""

    body: bytes = b""
    status: int = 200
    drop: bool = False
    """True to cut the connection instead."""
    silent: bool = False
    """True to take the request and never answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call that came in."""

    method: str
    parameters: dict[str, Any]
    connection: object


def ok(result: Any) -> Said:
    return Said(body=json.dumps({"ok": True, "result": result}).encode())


def refusal(code: int, description: str, **parameters: Any) -> Said:
    answer: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        answer["parameters"] = parameters
    return Said(body=json.dumps(answer).encode(), status=code)


class ScriptedApi:
    """Without an answer in line a call is left waiting; getMe is answered in any case."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[Asked] = []
        self.lines: dict[str, deque[Said]] = {}
        self._moved = asyncio.Condition()

    def will_say(self, method: str, *answers: Said) -> None:
        self.lines.setdefault(method, deque()).extend(answers)

    def asked(self, method: str) -> list[Asked]:
        return [call for call in self.calls if call.method == method]

    async def until_asked(self, method: str, times: int) -> list[Asked]:
        """Wait until a method was called so often."""
        async with asyncio.timeout(10), self._moved:
            await self._moved.wait_for(lambda: len(self.asked(method)) >= times)
        return self.asked(method)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        method = request.path.rpartition("/")[2]
        assert request.path == f"/bot{TOKEN}/{method}"
        assert request.transport is not None
        call = Asked(
            method=method,
            parameters=json.loads(await request.read()),
            connection=request.transport.get_extra_info("peername"),
        )
        async with self._moved:
            self.calls.append(call)
            self._moved.notify_all()
        line = self.lines.get(method)
        said = line.popleft() if line else ok(ME) if method == "getMe" else Said(silent=True)
        if said.silent:
            await asyncio.sleep(3600)
        if said.drop:
            request.transport.abort()
        return web.Response(body=said.body, status=said.status, content_type="application/json")


@asynccontextmanager
async def scripted_api() -> AsyncIterator[ScriptedApi]:
    api = ScriptedApi()
    loop = asyncio.get_running_loop()

    def factory(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> Any:
        return web.BaseRequest(message, payload, protocol, writer, task, loop)

    server = web.Server(
        api.handle, request_factory=factory, handler_cancellation=True, access_log=None
    )
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield api
    finally:
        await runner.cleanup()
