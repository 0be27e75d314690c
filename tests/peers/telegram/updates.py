"""getUpdates and webhooks."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable

from tests.peers.telegram.webhook import Target, Webhook
from tests.peers.telegram.wire import ApiError, Json, Uploads, bad_request, bool_param, int_param
from tests.peers.telegram.world import Bot, Call

_MAX_LONG_POLL = 50
_REPEAT_WAIT_S = 3.0  # what a repeated offset with a shorter timeout waits
_REPEAT_CUT_S = 0.5  # within this time a repeated offset gets one update
_FUTURE = 10  # offsets further ahead than this are ignored


async def get_updates(call: Call) -> list[Json]:
    bot, params, t = call.bot, call.params, call.t
    if bot.webhook is not None:
        await _conflict_delay(call)
        raise ApiError(
            409,
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first",
        )
    bot.polls += 1
    bot.last_poll_t = t
    if bot.first_poll_t is None:
        bot.first_poll_t = t
    offset = int_param(params, "offset")
    limit = min(max(int_param(params, "limit", default=100), 1), 100)
    timeout = float(min(max(int_param(params, "timeout"), 0), _MAX_LONG_POLL))
    _set_allowed(bot, params)
    if call.world.poll_quirks and offset == bot.prev_offset:
        if timeout < _REPEAT_WAIT_S and t < bot.prev_poll_at + _REPEAT_WAIT_S:
            timeout = _REPEAT_WAIT_S
        if t < bot.prev_poll_at + _REPEAT_CUT_S:
            limit = 1
    bot.prev_offset, bot.prev_poll_at = offset, t
    _confirm(bot, offset)
    while not bot.updates:
        remaining = t + timeout - time.monotonic()
        if remaining <= 0:
            return []
        await _wait_for_update(call, remaining)
    return _batch(bot, limit)


def _confirm(bot: Bot, offset: int) -> None:
    """Forget the updates below ``offset``; a negative one counts from the end."""
    if offset > bot.next_update_id + _FUTURE:
        return
    if offset < 0:
        surplus = max(0, len(bot.updates) + offset)
    else:
        surplus = 0
        for update in bot.updates:
            if update["update_id"] >= offset:
                break
            surplus += 1
    for _ in range(surplus):
        bot.delivered.discard(bot.updates.popleft()["update_id"])
    bot.confirmed += surplus


async def _wait_for_update(call: Call, seconds: float) -> None:
    """Become the bot's one poller until an update comes, time is up or another takes over."""
    bot, loop = call.bot, asyncio.get_running_loop()
    bot.abort_poll(
        "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running"
    )
    future: asyncio.Future[None] = loop.create_future()
    bot.poll = future
    timer = loop.call_later(seconds, _end_poll, future)
    try:
        await future
    except ApiError:
        await _conflict_delay(call)
        raise
    finally:
        timer.cancel()
        if bot.poll is future:
            bot.poll = None


def _end_poll(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _conflict_delay(call: Call) -> None:
    """The first conflict in a while is answered at once, those after it late."""
    now, delay = time.monotonic(), call.world.conflict_delay
    if now >= call.bot.next_conflict_at:
        call.bot.next_conflict_at = now + delay
    else:
        await asyncio.sleep(delay)


def _batch(bot: Bot, limit: int) -> list[Json]:
    batch = [bot.updates[i] for i in range(min(limit, len(bot.updates)))]
    for update in batch:
        if update["update_id"] in bot.delivered:
            bot.redelivered += 1
        bot.delivered.add(update["update_id"])
    return batch


def _set_allowed(bot: Bot, params: Json) -> None:
    allowed = params.get("allowed_updates")
    if allowed is None:
        return
    if isinstance(allowed, str):
        try:
            allowed = json.loads(allowed) if allowed else []
        except ValueError:
            raise bad_request("can't parse allowed_updates JSON object") from None
    if not isinstance(allowed, list):
        raise bad_request("allowed_updates must be an array")
    bot.allowed_updates = {str(item) for item in allowed} or None


# webhooks


async def set_webhook(call: Call) -> bool:
    bot, params = call.bot, call.params
    url = str(params.get("url") or "")
    if not url:
        return await delete_webhook(call)
    secret = str(params.get("secret_token") or "")
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    if bot.webhook is not None:
        await bot.webhook.close()
    bot.abort_poll("Conflict: terminated by setWebhook request")
    _set_allowed(bot, params)
    if bool_param(params, "drop_pending_updates"):
        bot.updates.clear()
    connections = min(max(int_param(params, "max_connections", default=40), 1), 100)
    bot.webhook = _open(call, Target(url=url, secret=secret, max_connections=connections))
    for update in list(bot.updates):
        bot.webhook.push(update)
    return True


def _open(call: Call, target: Target) -> Webhook:
    world, bot = call.world, call.bot

    def execute(method: str, params: Json) -> Awaitable[object]:
        uploads: Uploads = {}
        return world.call(bot, method, params=params, uploads=uploads, t=time.monotonic())

    return Webhook(target, world.webhook_backoff, confirm=bot.drop_update, execute=execute)


async def delete_webhook(call: Call) -> bool:
    bot = call.bot
    if bot.webhook is not None:
        await bot.webhook.close()
        bot.webhook = None
    if bool_param(call.params, "drop_pending_updates"):
        bot.updates.clear()
    return True


async def get_webhook_info(call: Call) -> Json:
    hook = call.bot.webhook
    info: Json = {
        "url": hook.target.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(call.bot.updates),
    }
    if hook is not None:
        info["max_connections"] = hook.target.max_connections
        info["ip_address"] = "127.0.0.1"
        if hook.last_error_date is not None:
            info["last_error_date"] = hook.last_error_date
            info["last_error_message"] = hook.last_error_message
    if call.bot.allowed_updates is not None:
        info["allowed_updates"] = sorted(call.bot.allowed_updates)
    return info
