"""The webhook's door: closed without the secret, and open no wider than needed with it."""

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from minibot.adapters.channels.telegram.webhook import serve_webhook, webhook_path
from minibot.core.errors import StorageUnavailable
from minibot.core.settings import TelegramChannel
from tests.adapters.channels.telegram.channel_rig import Rig, batch
from tests.adapters.channels.telegram.scripted_api import TOKEN, ScriptedApi, ok

SECRET = "canary_Secret-0123456789"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
UPDATE = {"update_id": 1, "message": {"text": "hi"}}


class Post:
    """A webhook that is being served, and a way to knock."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.http = http
        self.stored: list[Any] = []
        self.failing = False

    async def store(self, updates: list[Any]) -> None:
        if self.failing:
            raise StorageUnavailable("disk full")
        self.stored += updates

    async def __call__(
        self, body: bytes, *headers: tuple[str, str], method: str = "POST", path: str = "/hook/x"
    ) -> int:
        async with self.http.request(
            method, self.url + path, data=io.BytesIO(body), headers=headers
        ) as response:
            self.retry_after = response.headers.get("Retry-After")
            assert SECRET not in await response.text()
            return response.status


def webhook_settings(port: int, **more: Any) -> TelegramChannel:
    return TelegramChannel(
        enabled=True,
        bot_token=SecretStr(TOKEN),
        mode="webhook",
        webhook_url=more.pop("webhook_url", "https://example.org/hook/x"),
        webhook_secret=SecretStr(SECRET),
        webhook_port=port,
        **more,
    )


@pytest.fixture
async def post(free_port: int) -> AsyncIterator[Post]:
    async with aiohttp.ClientSession() as http:
        post = Post(f"http://127.0.0.1:{free_port}", http)
        async with serve_webhook(webhook_settings(free_port), post.store):
            yield post


async def test_an_update_with_the_secret_is_stored_and_confirmed(post: Post) -> None:
    assert await post(json.dumps(UPDATE).encode(), (HEADER, SECRET)) == 200

    assert post.stored == [UPDATE]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(HEADER, "")],
        [(HEADER, "wrong")],
        [(HEADER, SECRET[:-1])],
        [(HEADER, SECRET + "x")],
        [(HEADER, SECRET.lower())],
        [(HEADER, f'"{SECRET}"')],
        [(HEADER, "sécret-ключ-🔑")],
        [(HEADER, SECRET), (HEADER, SECRET)],
        [(HEADER, SECRET), (HEADER, "wrong")],
        [(HEADER, "wrong"), (HEADER, SECRET)],
        [("X-Telegram-Bot-Api-Secret", SECRET)],
        [("Authorization", f"Bearer {SECRET}")],
    ],
    ids=str,
)
async def test_without_the_secret_nothing_gets_in(
    post: Post, headers: list[tuple[str, str]]
) -> None:
    assert await post(json.dumps(UPDATE).encode(), *headers) == 401
    assert await post(b"{", *headers) == 401

    assert post.stored == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_only_posts_are_taken(post: Post, method: str) -> None:
    assert await post(b"{}", (HEADER, SECRET), method=method) == 405

    assert post.stored == []


@pytest.mark.parametrize("path", ["/", "/hook", "/hook/x/", "/hook/y", "/hook/x/z", "//hook/x"])
async def test_only_its_own_path_is_served(post: Post, path: str) -> None:
    assert await post(json.dumps(UPDATE).encode(), (HEADER, SECRET), path=path) == 404

    assert post.stored == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"update", b"\xff\xfe", b'{"update_id":1', b"[" * 5000]
)
async def test_what_is_no_json_is_refused(post: Post, body: bytes) -> None:
    assert await post(body, (HEADER, SECRET)) == 400

    assert post.stored == []


async def test_half_a_surrogate_pair_does_not_block_the_queue(post: Post) -> None:
    body = b'{"update_id":1,"message":{"text":"a\\ud83d"}}'

    assert await post(body, (HEADER, SECRET)) == 200

    assert post.stored == [{"update_id": 1, "message": {"text": "a\ud83d"}}]


async def test_a_body_may_have_one_mebibyte(post: Post) -> None:
    head, tail = b'{"update_id":"', b'"}'
    room = (1 << 20) - len(head) - len(tail)

    assert await post(head + b"a" * room + tail, (HEADER, SECRET)) == 200
    assert await post(head + b"a" * (room + 1) + tail, (HEADER, SECRET)) == 413

    assert len(post.stored) == 1


async def test_a_storage_that_fails_asks_telegram_to_come_again(post: Post) -> None:
    body = json.dumps(UPDATE).encode()
    post.failing = True

    assert await post(body, (HEADER, SECRET)) == 503
    assert post.retry_after == "1"

    post.failing = False
    assert await post(body, (HEADER, SECRET)) == 200
    assert post.stored == [UPDATE]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://example.org", "/"),
        ("https://example.org/", "/"),
        ("https://example.org/a/b?c=d#e", "/a/b"),
        ("https://user@example.org:8443/hook", "/hook"),
    ],
)
def test_the_path_is_that_of_the_public_address(url: str, path: str) -> None:
    assert webhook_path(webhook_settings(8443, webhook_url=url)) == path


async def test_a_channel_takes_updates_by_webhook(
    api: ScriptedApi, free_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    rig = Rig(
        api,
        mode="webhook",
        webhook_url="https://example.org/hook/x",
        webhook_secret=SECRET,
        webhook_port=free_port,
    )
    api.will_say("setWebhook", ok(True))
    good, *_ = batch(100)
    stranger = {"update_id": 101, "message": {"text": "let me in"}}
    async with aiohttp.ClientSession() as http, rig.running():
        await api.until_asked("setWebhook", 1)
        post = Post(f"http://127.0.0.1:{free_port}", http)
        bodies: list[object] = [good, stranger, 5, None, [], "x", {}]
        statuses = [await post(json.dumps(body).encode(), (HEADER, SECRET)) for body in bodies]
        rig.store.failures = 1
        statuses.append(await post(json.dumps(good).encode(), (HEADER, SECRET)))

    assert statuses == [200] * 7 + [503]
    assert rig.store.texts == ["100"]
    assert SECRET not in caplog.text
