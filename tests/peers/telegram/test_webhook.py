"""Updates, pushed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.peers.telegram.rig import Rig, eventually

Handler = Callable[[web.BaseRequest], Any]


@asynccontextmanager
async def listener(handler: Handler, port: int = 0) -> AsyncIterator[str]:
    """A bot's webhook; leaving it is the bot's death."""
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


async def test_webhook_delivers_retries_and_takes_an_answer(rig: Rig) -> None:
    seen: list[tuple[str | None, str]] = []

    async def hook(request: web.BaseRequest) -> web.StreamResponse:
        update = await request.json()
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        seen.append((secret, update["message"]["text"]))
        if len(seen) == 1:
            return web.Response(status=500)
        return web.json_response({"method": "sendMessage", "chat_id": 7, "text": "from webhook"})

    await rig.control("config", {"webhook_retry_base": 0.02})
    async with listener(hook) as url:
        await rig.ok("setWebhook", url=url, secret_token="s3cret")
        assert (await rig.api("getUpdates"))[0] == 409
        await rig.inject(text="a")
        await rig.inject(text="b")
        done = await rig.control("wait", {"contains": "from webhook", "count": 2, "timeout": 5})
        assert done["ok"]
        assert seen == [("s3cret", "a"), ("s3cret", "a"), ("s3cret", "b")], "in order, retried"
        info = await rig.ok("getWebhookInfo")
        assert info["last_error_message"] == "Wrong response from the webhook: 500"
        assert info["pending_update_count"] == 0
        await rig.ok("deleteWebhook")
    assert (await rig.ok("getWebhookInfo"))["url"] == ""


async def test_dead_webhook_is_retried_until_the_bot_is_back_in_order_per_chat(rig: Rig) -> None:
    got: list[tuple[int, str]] = []

    async def hook(request: web.BaseRequest) -> web.StreamResponse:
        message = (await request.json())["message"]
        got.append((message["chat"]["id"], message["text"]))
        return web.Response()

    config = await rig.control("config", {"webhook_retry_base": 0.01, "webhook_retry_cap": 0.02})
    assert (config["webhook_retry_base"], config["webhook_retry_cap"]) == (0.01, 0.02)
    async with listener(hook) as url:
        await rig.ok("setWebhook", url=url)
        await rig.inject(text="0")
        await eventually(lambda: len(got) == 1)
    for number in range(1, 5):
        for chat_id in (7, 8):
            await rig.inject(chat_id=chat_id, text=str(number))
    webhook = rig.bot.webhook
    assert webhook is not None
    await eventually(lambda: webhook.failures >= 12)
    stats = await rig.ask("stats")
    assert (stats["pending_updates"], len(got)) == (8, 1)
    assert stats["webhook_failures"] >= 12
    port = int(url.split(":")[2].partition("/")[0])
    async with listener(hook, port):
        await eventually(lambda: len(got) == 9)
        await eventually(lambda: not rig.bot.updates)
    assert [text for chat, text in got if chat == 7] == ["0", "1", "2", "3", "4"]
    assert [text for chat, text in got if chat == 8] == ["1", "2", "3", "4"]


async def test_webhook_set_late_gets_what_was_pending(rig: Rig) -> None:
    texts: list[str] = []

    async def hook(request: web.BaseRequest) -> web.StreamResponse:
        texts.append((await request.json())["message"]["text"])
        return web.json_response({"method": "deleteWebhook"})

    await rig.inject(text="before")
    async with listener(hook) as url:
        await rig.ok("setWebhook", url=url)
        await eventually(lambda: rig.bot.webhook is None)
        await rig.inject(text="after")
    assert texts == ["before"]
    assert [u["message"]["text"] for u in await rig.ok("getUpdates")] == ["after"]
