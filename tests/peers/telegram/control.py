"""The ``/control/*`` interface, by which tests steer the server."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from aiohttp import web

from tests.peers.telegram.faults import Fault, Flood
from tests.peers.telegram.inject import inject
from tests.peers.telegram.wire import Json, json_response
from tests.peers.telegram.world import Topic, World

_SWITCHES: dict[str, Callable[[Any], Any]] = {
    "latency": float,
    "strict_chats": bool,
    "poll_quirks": bool,
    "conflict_delay": float,
    "privacy_mode": bool,
    "unknown_methods": str,
    "length_unit": str,
    "callback_ttl": float,
    "topics_enabled": bool,
    "rich_messages": bool,
}
_CAP_OF_BASE = 10  # a retry base given without a cap: the longest wait is so many times the base


class _Order(NamedTuple):
    world: World
    verb: str
    query: dict[str, str]
    body: Json


async def handle_control(world: World, request: web.BaseRequest, *, name: str) -> web.Response:
    endpoint = _ENDPOINTS.get(name)
    if endpoint is None:
        known = ", ".join(sorted(_ENDPOINTS))
        return json_response({"error": f"no control endpoint {name!r}; known: {known}"}, 404)
    try:
        raw = await request.read()
        body = json.loads(raw) if raw else {}
        if not isinstance(body, dict):
            raise ValueError("the body is not a JSON object")
        query = dict(request.query) if request.query_string else {}
        order = _Order(world, request.method, query, body)
        return json_response(await endpoint(order))
    except (AttributeError, KeyError, TypeError, ValueError, re.error) as exc:
        return json_response({"error": f"{type(exc).__name__}: {exc}"}, 400)


async def _inject(order: _Order) -> Json:
    specs = order.body.get("messages", [order.body])
    return {"results": [inject(order.world, spec) for spec in specs]}


async def _wait(order: _Order) -> Json:
    return await order.world.transcript.wait(order.body)


async def _transcript(order: _Order) -> Json:
    return {"events": order.world.transcript.select({**order.query, **order.body})}


async def _ledger(order: _Order) -> Json:
    return order.world.transcript.ledger()


async def _faults(order: _Order) -> Json:
    faults = order.world.faults
    if order.verb == "DELETE":
        faults.clear()
    elif order.verb == "POST":
        specs = order.body.get("faults", [order.body] if order.body else [])
        added = [Fault(**{k: v for k, v in spec.items() if k != "replace"}) for spec in specs]
        if order.body.get("replace"):
            faults.clear()
        faults.extend(added)
    return {
        "faults": [
            {"kind": f.kind, "method": f.method, "hits": f.hits, "times": f.times} for f in faults
        ]
    }


async def _config(order: _Order) -> Json:
    world, body = order.world, order.body
    for key, kind in _SWITCHES.items():
        if key in body:
            setattr(world, key, kind(body[key]))
    if "keep_params" in body:
        world.transcript.keep_params = bool(body["keep_params"])
    if "webhook_retry_base" in body:
        world.webhook_backoff.base = float(body["webhook_retry_base"])
        world.webhook_backoff.cap = world.webhook_backoff.base * _CAP_OF_BASE
    if "webhook_retry_cap" in body:
        world.webhook_backoff.cap = float(body["webhook_retry_cap"])
    if "flood" in body:
        options = body["flood"]
        world.flood = Flood(**(options if isinstance(options, dict) else {})) if options else None
    return {
        **{key: getattr(world, key) for key in _SWITCHES},
        "keep_params": world.transcript.keep_params,
        "webhook_retry_base": world.webhook_backoff.base,
        "webhook_retry_cap": world.webhook_backoff.cap,
        "flood": world.flood is not None,
    }


async def _chat(order: _Order) -> Json:
    for spec in order.body.get("chats", [order.body]):
        chat = order.world.chat(int(spec["chat_id"]), spec.get("type"))
        for key in ("type", "title", "blocked", "kicked", "is_forum", "bot_admin", "moved_to"):
            if key in spec:
                setattr(chat, key, spec[key])
        if "topics" in spec:  # all there are: what is missing is deleted
            chat.topics = {topic["id"]: Topic(**topic) for topic in spec["topics"]}
    return {"chats": len(order.world.chats)}


async def _message(order: _Order) -> Json:
    key = (int(order.query["chat_id"]), int(order.query["message_id"]))
    return {"message": order.world.default_bot.messages.get(key)}


async def _stats(order: _Order) -> Json:
    return order.world.stats()


async def _reset(order: _Order) -> Json:
    await order.world.reset()
    return {"ok": True}


_ENDPOINTS: dict[str, Callable[[_Order], Awaitable[Json]]] = {
    "inject": _inject,
    "wait": _wait,
    "transcript": _transcript,
    "ledger": _ledger,
    "faults": _faults,
    "config": _config,
    "chat": _chat,
    "message": _message,
    "stats": _stats,
    "reset": _reset,
}
