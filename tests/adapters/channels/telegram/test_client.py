"""Every answer of the Bot API, and every failure to give one, becomes an error of ours."""

import socket

import pytest

from minibot.adapters.channels.telegram.client import BadRequest, PollConflict, TelegramClient
from minibot.adapters.channels.telegram.methods import GetMe, GetUpdates, SendMessage
from minibot.core.errors import (
    ChannelError,
    ChatClosed,
    ChatMoved,
    SendFailed,
    SendRefused,
    SlowDown,
    TokenRefused,
)
from tests.adapters.channels.telegram.scripted_api import TOKEN, Said, ScriptedApi, ok, refusal

SEND = SendMessage(chat_id=7, text="hello")


async def failure(client: TelegramClient, *, timeout: float = 5.0) -> ChannelError:
    """Send, and give the error that comes of it; it may not hold the token."""
    with pytest.raises(ChannelError) as caught:
        await client.call(SEND, timeout=timeout)
    error: BaseException | None = caught.value
    while error is not None:
        assert TOKEN not in f"{error} {error!r} {vars(error)}"
        error = error.__cause__
    return caught.value


async def test_a_result_comes_back_as_it_was_sent(api: ScriptedApi, client: TelegramClient) -> None:
    result = {"message_id": 1, "field_of_the_future": {"x": [1, None, "é"]}}
    api.will_say("sendMessage", ok(result))

    assert await client.call(SEND, timeout=5) == result
    assert api.calls[0].parameters == {
        "chat_id": 7,
        "text": "hello",
        "link_preview_options": {"is_disabled": True},
    }


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (refusal(400, "Bad Request: can't parse entities"), BadRequest),
        (refusal(401, "Unauthorized"), TokenRefused),
        (refusal(404, "Not Found"), TokenRefused),
        (refusal(403, "Forbidden: bot was blocked by the user"), ChatClosed),
        (refusal(409, "Conflict: terminated by other getUpdates request"), PollConflict),
        (refusal(413, "Request Entity Too Large"), SendRefused),
        (refusal(500, "Internal Server Error"), SendFailed),
        (refusal(502, "Bad Gateway: restart"), SendFailed),
        (refusal(418, "I'm a teapot"), SendFailed),
        (refusal(429, "Too Many Requests"), SendFailed),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Said) else value.__name__,
)
async def test_each_refusal_has_its_error(
    api: ScriptedApi, client: TelegramClient, said: Said, kind: type[ChannelError]
) -> None:
    api.will_say("sendMessage", said)

    error = await failure(client)

    assert type(error) is kind
    if kind is not TokenRefused:
        assert str(error) in said.body.decode()


@pytest.mark.parametrize("code", [400, 401, 403, 409, 413, 500])
async def test_a_token_that_is_quoted_at_us_is_not_passed_on(
    api: ScriptedApi, client: TelegramClient, code: int
) -> None:
    quoting = f"no route to /bot{TOKEN}/sendMessage " * 100
    api.will_say("sendMessage", refusal(code, quoting))
    with pytest.raises(ChannelError) as caught:
        await client.call(SEND, timeout=5)
    assert "no route to /bot***/sendMessage" in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert len(str(caught.value)) < 400


async def test_a_request_to_slow_down_carries_the_seconds(
    api: ScriptedApi, client: TelegramClient
) -> None:
    api.will_say("sendMessage", refusal(429, "Too Many Requests: retry after 17", retry_after=17))

    error = await failure(client)

    assert isinstance(error, SlowDown)
    assert error.retry_after == 17


async def test_a_moved_chat_carries_its_new_id(api: ScriptedApi, client: TelegramClient) -> None:
    text = "Bad Request: group chat was upgraded to a supergroup chat"
    api.will_say("sendMessage", refusal(400, text, migrate_to_chat_id=-1001234567890))

    error = await failure(client)

    assert isinstance(error, ChatMoved)
    assert error.new_chat_id == "-1001234567890"


@pytest.mark.parametrize("status", [200, 401, 404, 502])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><title>502 Bad Gateway</title></html>",
        b"null",
        b"[]",
        b'"ok"',
        b'{"ok":true,"resul',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
    ids=["empty", "html", "null", "list", "text", "cut", "bytes", "deep"],
)
async def test_an_answer_that_is_none_may_be_asked_for_again(
    api: ScriptedApi, client: TelegramClient, body: bytes, status: int
) -> None:
    api.will_say("sendMessage", Said(body=body, status=status))

    error = await failure(client)

    assert type(error) is SendFailed
    assert len(str(error)) < 300


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"ok":true}',
        b'{"ok":false}',
        b'{"ok":"yes","result":{}}',
        b'{"ok":false,"parameters":{"retry_after":"soon"}}',
        b'{"ok":false,"parameters":[],"description":{"a":1}}',
    ],
)
async def test_an_object_of_another_shape_may_be_asked_for_again(
    api: ScriptedApi, client: TelegramClient, body: bytes
) -> None:
    api.will_say("sendMessage", Said(body=body))

    assert type(await failure(client)) is SendFailed


async def test_success_with_an_error_status_is_no_success(
    api: ScriptedApi, client: TelegramClient
) -> None:
    api.will_say("sendMessage", Said(body=b'{"ok":true,"result":{"message_id":1}}', status=500))

    assert type(await failure(client)) is SendFailed


async def test_half_a_surrogate_pair_in_an_answer_is_read(
    api: ScriptedApi, client: TelegramClient
) -> None:
    api.will_say("getMe", Said(body=b'{"ok":true,"result":{"first_name":"a\\ud83d"}}'))

    assert await client.call(GetMe(), timeout=5) == {"first_name": "a\ud83d"}


async def test_what_json_cannot_carry_is_left_to_telegram_to_refuse(
    api: ScriptedApi, client: TelegramClient
) -> None:
    api.will_say("sendMessage", refusal(400, "Bad Request: strings must be encoded in UTF-8"))
    api.will_say("getUpdates", ok([]))

    with pytest.raises(BadRequest):
        await client.call(SendMessage(chat_id=7, text="half a pair \ud83d"), timeout=5)
    far = GetUpdates(offset=2**70, timeout=1, limit=1, allowed_updates=[])
    assert await client.call(far, timeout=5) == []


async def test_a_slow_answer_is_given_up(api: ScriptedApi, client: TelegramClient) -> None:
    error = await failure(client, timeout=0.05)

    assert type(error) is SendFailed
    assert str(error) == "timed out"
    assert len(api.calls) == 1


async def test_a_cut_connection_may_be_tried_again(
    api: ScriptedApi, client: TelegramClient
) -> None:
    api.will_say("sendMessage", Said(drop=True), ok({"message_id": 5}))

    assert type(await failure(client)) is SendFailed
    assert await client.call(SEND, timeout=5) == {"message_id": 5}


async def test_a_refused_connection_may_be_tried_again() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = TelegramClient(TOKEN, f"http://127.0.0.1:{unused.getsockname()[1]}")

        assert type(await failure(client)) is SendFailed
        await client.close()


async def test_a_reset_drops_connections_and_the_next_call_opens_one(
    api: ScriptedApi, client: TelegramClient
) -> None:
    api.will_say("getMe", *[ok({})] * 3)

    for _ in range(2):
        await client.call(GetMe(), timeout=5)
    await client.reset()
    await client.call(GetMe(), timeout=5)

    first, second, third = (call.connection for call in api.calls)
    assert first == second
    assert second != third
