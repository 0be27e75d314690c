"""The webhook: Telegram calls us, and is told 200 only when the update is stored."""

import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from minibot.adapters.channels.telegram.client import parse
from minibot.core.errors import StorageUnavailable
from minibot.core.settings import TelegramChannel

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
MAX_BODY_BYTES = 1 << 20
RETRY_AFTER_SECONDS = "1"

Store = Callable[[list[Any]], Awaitable[None]]


@asynccontextmanager
async def serve_webhook(settings: TelegramChannel, store: Store) -> AsyncIterator[None]:
    """Answer at the path of `webhook_url` on `webhook_host` and `webhook_port` while inside.

    Raises:
        OSError: the address is taken or not ours.
    """
    endpoint = _Endpoint(settings.webhook_secret.get_secret_value(), store)
    application = web.Application(client_max_size=MAX_BODY_BYTES)
    application.router.add_post(webhook_path(settings), endpoint.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.webhook_host, settings.webhook_port, reuse_address=True)
        await site.start()
        log.info(
            "webhook is listening",
            extra={"host": settings.webhook_host, "port": settings.webhook_port},
        )
        yield
    finally:
        await runner.cleanup()


def webhook_path(settings: TelegramChannel) -> str:
    return urlsplit(settings.webhook_url).path or "/"


class _Endpoint:
    def __init__(self, secret: str, store: Store) -> None:
        self._secret = secret.encode()
        self._store = store

    async def handle(self, request: web.Request) -> web.Response:
        given = request.headers.getall(SECRET_HEADER, [])
        if len(given) != 1 or not hmac.compare_digest(
            given[0].encode("utf-8", "surrogateescape"), self._secret
        ):
            return web.Response(status=401)
        try:
            update = parse(await request.read())
        except ValueError:
            log.error("a webhook call held no JSON")
            return web.Response(status=400)
        try:
            await self._store([update])
        except StorageUnavailable:
            log.exception("storage failed; Telegram is asked to call again")
            return web.Response(status=503, headers={"Retry-After": RETRY_AFTER_SECONDS})
        return web.Response()
