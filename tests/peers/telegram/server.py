"""The server itself: routes, faults on the way, starting and stopping."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from tests.peers.telegram.control import handle_control
from tests.peers.telegram.faults import Fault
from tests.peers.telegram.methods import execute
from tests.peers.telegram.seen import Seen
from tests.peers.telegram.wire import (
    ApiError,
    Json,
    Uploads,
    bad_request,
    dumps,
    error_response,
    is_int,
    read_params,
)
from tests.peers.telegram.world import Bot, Call

DEFAULT_TOKEN = "123456:TEST-TOKEN"
_TOKEN = re.compile(r"\d+:[\w-]{3,}")
_FOREVER_S = 3600.0
_MAX_BODY = 64 * 1024 * 1024


class FakeTelegram(Seen):
    """Bot API under ``/bot<token>/``, files under ``/file/bot<token>/``, ``/control/*``."""

    def __init__(
        self,
        tokens: Iterable[str] = (DEFAULT_TOKEN,),
        *,
        username: str = "fake_test_bot",
        seed: int = 1,
        keep_params: bool = True,
    ) -> None:
        super().__init__(tokens, username=username, seed=seed, keep_params=keep_params)

    async def call(self, bot: Bot, method: str, *, params: Json, uploads: Uploads, t: float) -> Any:
        return await execute(Call(self, bot, method, params, uploads, t))

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one HTTP request."""
        t = time.monotonic()
        path = request.path
        if path.startswith("/bot"):
            token, _, method = path.removeprefix("/bot").partition("/")
            bot = self._bot(token)
            if bot is not None and method:
                return await self._handle_method(request, bot, method=method.rstrip("/"), t=t)
            if bot is None and _TOKEN.fullmatch(token):
                return error_response(ApiError(401, "Unauthorized"))
        elif path.startswith("/control/"):
            return await handle_control(
                self, request, name=path.removeprefix("/control").strip("/")
            )
        elif path.startswith("/file/bot"):
            return self._download(path.removeprefix("/file/bot"))
        return error_response(ApiError(404, "Not Found"))

    def _bot(self, token: str) -> Bot | None:
        return self.bots.get(token) or self.bots.get(unquote(token))

    async def _handle_method(
        self, request: web.BaseRequest, bot: Bot, *, method: str, t: float
    ) -> web.StreamResponse:
        try:
            params, uploads = await read_params(request)
        except ValueError:
            return error_response(bad_request("can't parse request parameters"))
        self.counts[method] += 1
        if self.latency:
            await asyncio.sleep(self.latency)
        fault = self._pick_fault(method, params)
        if fault is not None and fault.when == "before":
            faulty = await self._apply_fault(fault, request, method=method)
            if faulty is not None:
                return faulty
        reply = await self._answer(Call(self, bot, method, params, uploads, t))
        if fault is not None and fault.when == "after":
            return await self._apply_fault(fault, request, method=method) or reply
        return reply

    async def _answer(self, call: Call) -> web.Response:
        try:
            result = await execute(call)
        except ApiError as exc:
            self.errors[f"{exc.code} {exc.description[:80]}"] += 1
            self.transcript.record_error(call.method, call.params, exc=exc, t=call.t)
            return error_response(exc)
        body = dumps({"ok": True, "result": result})
        return web.Response(body=body, content_type="application/json")

    def _download(self, rest: str) -> web.Response:
        token, _, path = rest.partition("/")
        self.counts["file_download"] += 1
        if self._bot(token) is None:
            return error_response(ApiError(401, "Unauthorized"))
        stored = self.files.by_path.get(path)
        if stored is None:
            return error_response(ApiError(404, "Not Found"))
        return web.Response(body=stored.content(), content_type="application/octet-stream")

    def _pick_fault(self, method: str, params: Json) -> Fault | None:
        if not self.faults:
            return None
        raw = params.get("chat_id")
        chat_id = int(str(raw)) if is_int(raw) else None
        for fault in self.faults:
            if fault.matches(method, chat_id, rng=self.rng):
                return fault
        return None

    async def _apply_fault(
        self, fault: Fault, request: web.BaseRequest, *, method: str
    ) -> web.StreamResponse | None:
        """Do what the rule says; None lets the call go on."""
        self.errors[f"fault:{fault.kind}:{fault.when}"] += 1
        delay = fault.delay or (_FOREVER_S if fault.kind == "hang" else 0.0)
        if delay:
            await asyncio.sleep(delay)
        if fault.kind == "slow":
            return None
        if fault.kind in ("drop", "hang"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if fault.kind == "malformed":
            return web.Response(body=b"<html>502 Bad Gateway", content_type="text/html")
        error = fault.error()
        self.transcript.record_error(method, {}, exc=error, t=time.monotonic())
        return error_response(error)


class Running:
    """A started server."""

    def __init__(self, app: FakeTelegram, *, runner: web.ServerRunner, port: int) -> None:
        self.app = app
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._runner = runner

    async def stop(self) -> None:
        for bot in self.app.bots.values():
            await bot.close()
        await self._runner.cleanup()


async def start(app: FakeTelegram, *, host: str = "127.0.0.1", port: int = 0) -> Running:
    """Serve ``app`` on the running loop; ``port`` 0 picks a free one."""
    loop = asyncio.get_running_loop()

    # The bare server without routing and middlewares: this is also what speed is measured against.
    def request_factory(
        message: Any, payload: Any, protocol: Any, writer: Any, task: Any
    ) -> web.BaseRequest:
        return web.BaseRequest(
            message, payload, protocol, writer, task, loop, client_max_size=_MAX_BODY
        )

    server = web.Server(
        app.handle,
        request_factory=request_factory,
        handler_cancellation=True,
        access_log=None,
        keepalive_timeout=300,
    )
    runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=2048, reuse_address=True)
    await site.start()
    bound = int(runner.addresses[0][1])
    return Running(app, runner=runner, port=bound)
