"""The server itself, on aiohttp's low-level interface."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiohttp import web

from tests.peers.llm import embeddings
from tests.peers.llm.chat import ChatWire
from tests.peers.llm.claude import ClaudeWire
from tests.peers.llm.control import Control
from tests.peers.llm.conversation import (
    ApiError,
    DropConnection,
    Json,
    Reply,
    Wire,
    dumps,
    openai_error,
)
from tests.peers.llm.google import GoogleWire
from tests.peers.llm.planning import Question, Script
from tests.peers.llm.records import Records, head_of
from tests.peers.llm.responses import ResponsesWire
from tests.peers.llm.script import Fault, Rule, Settings

MODELS = ("gpt-4o", "gpt-4o-mini", "gpt-5-mini", "fake-model", "text-embedding-3-small")

GOOGLE_PATH = re.compile(r"models/(?P<model>.+):(?P<stream>streamG|g)enerateContent")
MID_STREAM = frozenset({"drop_mid_stream", "cut_mid_stream", "stall", "error_mid_stream"})
DROPS = frozenset({"drop_mid_stream", "drop_after_head"})
"""Faults that break an answer too that comes whole."""
FOREVER = 3600
STATUS_TEXTS = {429: "Rate limit reached for requests", 500: "The server had an error"}
STATUS_KINDS = {401: "authentication_error", 429: "rate_limit_error"}


class FakeLLM:
    """Answers model requests as its script says and keeps a ledger of them."""

    def __init__(self, settings: Settings | None = None, *, seed: int = 1) -> None:
        self.settings = settings or Settings()
        self.script = Script(self.settings, seed=seed)
        self.ledger = Records()
        self._control = Control(self.script, self.ledger)
        self._serial = 0
        self._wires: dict[str, Wire] = {
            "chat/completions": ChatWire(lambda: self.settings.strict),
            "responses": ResponsesWire(lambda: self.settings.strict),
            "messages": ClaudeWire(lambda: self.settings.strict),
            "generateContent": GoogleWire(lambda: self.settings.strict),
        }

    @property
    def rules(self) -> list[Rule]:
        return self.script.rules

    @property
    def faults(self) -> list[Fault]:
        return self.script.faults

    @property
    def records(self) -> list[Json]:
        """One entry per completion request."""
        return self.ledger.all

    @property
    def bodies(self) -> list[Json]:
        """The bodies of the newest completion requests, oldest first."""
        return list(self.ledger.bodies.values())

    def stats(self) -> Json:
        return self.ledger.stats()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        if request.path.startswith("/control"):
            return await self._handle_control(request)
        endpoint, extra = _endpoint(request.path)
        self.ledger.counts[endpoint] += 1
        if request.transport is not None:
            self.ledger.connections.add(request.transport.get_extra_info("peername"))
        began = time.monotonic()
        try:
            _check_key(self.settings, request, endpoint)
            return await self._route(request, endpoint, extra, began)
        except ApiError as error:
            self.ledger.errors[f"{error.status} {error.message[:60]}"] += 1
            wire = self._wires.get(endpoint)
            body = wire.error(error) if wire else openai_error(error)
            return _json_response(body, error.status, error.headers)
        except DropConnection:
            self.ledger.errors["dropped"] += 1
            if request.transport is not None:
                request.transport.abort()
            return web.Response()

    async def _route(
        self, request: web.BaseRequest, endpoint: str, extra: Json, began: float
    ) -> web.StreamResponse:
        if endpoint not in self._wires:
            _check_up(self.settings)
        if endpoint == "models":
            data = [{"id": model, "object": "model", "owned_by": "fake"} for model in MODELS]
            return _json_response({"object": "list", "data": data})
        if request.method != "POST":
            raise ApiError(405, "Method not allowed")
        if endpoint == "audio/transcriptions":
            await request.read()
            return _json_response({"text": "transcribed speech"})
        body = {**await _read_json(request), **extra}
        if endpoint == "embeddings":
            return _json_response(embeddings.answer(body, self.settings.embedding_dim))
        if endpoint in self._wires:
            return await self._complete(request, endpoint, body, began)
        raise ApiError(404, f"Unknown request URL: {request.method} {request.path}")

    async def _handle_control(self, request: web.BaseRequest) -> web.StreamResponse:
        name = request.path.removeprefix("/control").strip("/")
        try:
            body = await _read_json(request) if request.can_read_body else {}
            return _json_response(self._control.answer(request.method, name, body, request.query))
        except ApiError as error:
            return _json_response({"error": error.message}, error.status)

    async def _complete(
        self, request: web.BaseRequest, endpoint: str, body: Json, began: float
    ) -> web.StreamResponse:
        wire = self._wires[endpoint]
        question = self._read(wire, endpoint, body, began)
        keep = self.settings.keep_bodies
        with self.ledger.follow(endpoint, question, began=began, keep=keep) as record:
            fault = self.script.pick_fault(endpoint, question)
            if fault is not None:
                record["fault"] = fault.kind
                early = await self._apply(fault, wire)
                if early is not None:
                    record["outcome"] = "fault"
                    return early
            reply = self.script.plan(question)
            if fault is not None and fault.kind == "empty":
                reply.text, reply.calls = "", []
            record["input_tokens"] = reply.input_tokens
            record["tool_calls"] = [call.name for call in reply.calls]
            record["calls"] = [[call.name, call.arguments] for call in reply.calls]
            if body.get("stream") and not self.settings.ignore_stream:
                events = wire.events(body, reply, question.serial)
                response = await self._stream(request, wire, events, reply, fault)
            else:
                if fault is not None and fault.kind in DROPS:
                    raise DropConnection
                await reply.think()
                response = _json_response(wire.whole(body, reply, question.serial))
            record["outcome"] = "ok"
            return response

    def _read(self, wire: Wire, endpoint: str, body: Json, began: float) -> Question:
        """Understand a request, and record one that cannot be. Raises `ApiError`."""
        self._serial += 1
        serial = self._serial
        try:
            _check_up(self.settings)
            return self.script.understand(body, wire.turns(body), serial)
        except ApiError as error:
            record = head_of(serial, endpoint, body, began)
            self.ledger.turn_away(record, body, error, keep=self.settings.keep_bodies)
            raise

    async def _apply(self, fault: Fault, wire: Wire) -> web.StreamResponse | None:
        """Do what a fault does before the reply; None when the reply goes on."""
        self.ledger.errors[f"fault:{fault.kind}"] += 1
        if fault.delay:
            await asyncio.sleep(fault.delay)
        match fault.kind:
            case "status":
                raise _status_error(fault)
            case "hang":
                await asyncio.sleep(FOREVER)
            case "drop":
                raise DropConnection
            case "malformed":
                broken = b'{"id": "broken", "choices": [{'
                return web.Response(body=broken, content_type="application/json")
            case "html":
                page = b"<html><body><h1>Welcome</h1></body></html>"
                return web.Response(body=page, content_type="text/html")
            case "no_content":
                return _json_response(wire.without_content())
            case "raw":
                body = fault.body.encode("latin-1")
                return web.Response(body=body, status=fault.status, content_type=fault.content_type)
            case "context_length":
                message = "This model's maximum context length was exceeded."
                raise ApiError(400, message, "context_length_exceeded")
        return None

    async def _stream(
        self,
        request: web.BaseRequest,
        wire: Wire,
        events: AsyncIterator[bytes],
        reply: Reply,
        fault: Fault | None,
    ) -> web.StreamResponse:
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        response = web.StreamResponse(headers=headers)
        if reply.ttft > 0:
            await asyncio.sleep(reply.ttft)
        await response.prepare(request)
        if fault is not None and fault.kind == "drop_after_head":
            raise DropConnection
        breaks = fault if fault is not None and fault.kind in MID_STREAM else None
        limit = 1 + len(reply.chunks()) // 2
        if fault is not None and fault.kind == "garbage_mid_stream":
            events = _with_garbage(events, limit)
        elif fault is not None and fault.kind == "cut_end_mark":
            events = _without_last(events)
        sent = 0
        async for payload in events:
            if breaks is not None and sent == limit:
                await self._break_off(response, wire, breaks)
                break
            await self._write(response, payload)
            sent += 1
        await response.write_eof()
        return response

    async def _break_off(self, response: web.StreamResponse, wire: Wire, fault: Fault) -> None:
        """End a stream before its time; returns when it ends in good order."""
        if fault.kind == "drop_mid_stream":
            raise DropConnection
        if fault.kind == "stall":
            await asyncio.sleep(FOREVER)
        if fault.kind == "error_mid_stream":
            await self._write(response, wire.error_event(_status_error(fault)))

    async def _write(self, response: web.StreamResponse, payload: bytes) -> None:
        if self.settings.crlf:
            payload = payload.replace(b"\n", b"\r\n")
        if not self.settings.split_utf8:
            await response.write(payload)
            return
        for piece in re.split(rb"(?<=[\xc2-\xf4])", payload):
            await response.write(piece)


class Running:
    """A started server."""

    def __init__(self, app: FakeLLM, runner: web.ServerRunner, port: int) -> None:
        self.app = app
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._runner = runner

    async def stop(self) -> None:
        await self._runner.cleanup()


async def start(app: FakeLLM, host: str = "127.0.0.1", port: int = 0) -> Running:
    """Start on the running loop; port 0 picks a free one."""
    loop = asyncio.get_running_loop()

    def factory(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> Any:
        return web.BaseRequest(
            message, payload, protocol, writer, task, loop, client_max_size=64 * 1024 * 1024
        )

    server = web.Server(
        app.handle,
        request_factory=factory,
        handler_cancellation=True,
        access_log=None,
        keepalive_timeout=300,
    )
    runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=2048, reuse_address=True)
    await site.start()
    return Running(app, runner, runner.addresses[0][1])


async def _with_garbage(events: AsyncIterator[bytes], place: int) -> AsyncIterator[bytes]:
    """Break one event in two, and leave out its end."""
    number = 0
    async for event in events:
        yield event.rstrip()[: -len(event) // 3] + b"\n\n" if number == place else event
        number += 1


async def _without_last(events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    held: bytes | None = None
    async for event in events:
        if held is not None:
            yield held
        held = event


def _check_up(settings: Settings) -> None:
    if settings.down:
        raise ApiError(503, "Service Unavailable", kind="server_error")


def _check_key(settings: Settings, request: web.BaseRequest, endpoint: str) -> None:
    if not settings.api_key or endpoint == "models":
        return
    headers = request.headers
    bearer = headers.get("Authorization", "").removeprefix("Bearer ")
    given = headers.get("x-api-key") or headers.get("x-goog-api-key") or bearer
    if given != settings.api_key:
        message = "Incorrect API key provided."
        raise ApiError(401, message, "invalid_api_key", "authentication_error")


def _endpoint(path: str) -> tuple[str, Json]:
    """Give the endpoint's short name, and what the path itself says of the request."""
    name = re.sub(r"^(/api)?(/v1)?(beta)?/", "", path).strip("/")
    google = GOOGLE_PATH.fullmatch(name)
    if google is None:
        return name, {}
    return "generateContent", {
        "model": google["model"],
        "stream": google["stream"] == "streamG",
    }


async def _read_json(request: web.BaseRequest) -> Json:
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise ApiError(400, "We could not parse the JSON body of your request.") from None
    if not isinstance(body, dict):
        raise ApiError(400, "The body must be a JSON object.")
    return body


def _status_error(fault: Fault) -> ApiError:
    error = ApiError(
        fault.status,
        fault.message or STATUS_TEXTS.get(fault.status, f"Injected status {fault.status}"),
        "rate_limit_exceeded" if fault.status == 429 else "",
        STATUS_KINDS.get(fault.status, "server_error"),
    )
    error.headers.update(fault.headers)
    if fault.retry_after is not None:
        error.headers["Retry-After"] = f"{fault.retry_after:g}"
    return error


def _json_response(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    return web.Response(
        body=dumps(value), status=status, content_type="application/json", headers=headers
    )
