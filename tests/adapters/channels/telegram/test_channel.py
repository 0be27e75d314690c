"""Sending, typing, and what Telegram objects to."""

import asyncio
from dataclasses import replace

import pytest

from minibot.adapters.channels.telegram.updates import ALLOWED_UPDATES
from minibot.core.errors import (
    ChatClosed,
    ChatMoved,
    SendFailed,
    SendRefused,
    SlowDown,
)
from minibot.core.messages import ChatRef, Part, Span, SpanKind
from minibot.core.outbox import OutboxState, OutgoingPart
from tests.adapters.channels.telegram.channel_rig import Rig
from tests.adapters.channels.telegram.scripted_api import ME, Said, ScriptedApi, ok, refusal
from tests.contracts.storages import START

CHAT = ChatRef(channel="telegram", chat_id="-1001", thread_id="17")
SPANS = (
    Span(kind=SpanKind.BOLD, offset=0, length=2),
    Span(kind=SpanKind.TEXT_LINK, offset=3, length=1, url="https://example.org"),
    Span(kind=SpanKind.PRE, offset=4, length=1, language="python"),
)
PART = OutgoingPart(
    id=1,
    key="k",
    chat=CHAT,
    part=Part(text="😀 abc", spans=SPANS),
    reply_to="5",
    state=OutboxState.SENDING,
    attempts=1,
    created_at=START,
    not_before=START,
    inbox_id=1,
)
PLAIN = replace(PART, part=Part(text="abc"), reply_to="")
SENT = ok({"message_id": 77})
BAD_ENTITIES = refusal(400, "Bad Request: can't parse entities: unsupported offset")
TARGET_LOST = refusal(400, "Bad Request: message to be replied not found")


@pytest.fixture
def rig(api: ScriptedApi) -> Rig[ScriptedApi]:
    return Rig(api)


@pytest.fixture(autouse=True)
async def _closed(rig: Rig[ScriptedApi]) -> object:
    yield
    await rig.channel.close()


async def test_a_part_is_sent_with_entities_reply_and_topic(rig: Rig[ScriptedApi]) -> None:
    rig.api.will_say("sendMessage", SENT)

    assert await rig.channel.send(PART) == "77"

    assert rig.api.calls[0].parameters == {
        "chat_id": -1001,
        "text": "😀 abc",
        "message_thread_id": 17,
        "entities": [
            {"type": "bold", "offset": 0, "length": 2},
            {"type": "text_link", "offset": 3, "length": 1, "url": "https://example.org"},
            {"type": "pre", "offset": 4, "length": 1, "language": "python"},
        ],
        "reply_parameters": {"message_id": 5, "allow_sending_without_reply": True},
        "link_preview_options": {"is_disabled": True},
    }


async def test_a_plain_part_carries_nothing_that_is_not_needed(rig: Rig[ScriptedApi]) -> None:
    rig.api.will_say("sendMessage", SENT)

    await rig.channel.send(replace(PLAIN, chat=ChatRef(channel="telegram", chat_id="7")))

    assert rig.api.calls[0].parameters == {
        "chat_id": 7,
        "text": "abc",
        "link_preview_options": {"is_disabled": True},
    }


async def test_formatting_that_is_refused_is_left_out_once(rig: Rig[ScriptedApi]) -> None:
    rig.api.will_say("sendMessage", BAD_ENTITIES, SENT)

    assert await rig.channel.send(PART) == "77"

    first, second = (call.parameters for call in rig.api.calls)
    assert {key for key in first if key not in second} == {"entities"}
    assert second["text"] == first["text"]


async def test_a_text_that_is_refused_without_formatting_too_is_refused(
    rig: Rig[ScriptedApi],
) -> None:
    rig.api.will_say("sendMessage", BAD_ENTITIES, BAD_ENTITIES, SENT)

    with pytest.raises(SendRefused, match="can't parse entities"):
        await rig.channel.send(PART)

    assert len(rig.api.calls) == 2


async def test_a_lost_reply_target_is_left_out_and_the_formatting_kept(
    rig: Rig[ScriptedApi],
) -> None:
    rig.api.will_say("sendMessage", TARGET_LOST, SENT)

    assert await rig.channel.send(PART) == "77"

    first, second = (call.parameters for call in rig.api.calls)
    assert {key for key in first if key not in second} == {"reply_parameters"}


async def test_a_deleted_topic_gives_way_to_the_chat_itself(rig: Rig[ScriptedApi]) -> None:
    gone = refusal(400, "Bad Request: message thread not found")
    rig.api.will_say("sendMessage", gone, SENT)

    assert await rig.channel.send(PART) == "77"

    first, second = (call.parameters for call in rig.api.calls)
    lost = {key for key in first if key not in second}
    assert lost == {"message_thread_id", "reply_parameters"}


async def test_a_plain_text_that_is_refused_is_not_sent_again(rig: Rig[ScriptedApi]) -> None:
    rig.api.will_say("sendMessage", refusal(400, "Bad Request: message is too long"), SENT)

    with pytest.raises(SendRefused):
        await rig.channel.send(PLAIN)

    assert len(rig.api.calls) == 1


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (refusal(403, "Forbidden: bot was blocked by the user"), ChatClosed),
        (refusal(403, "Forbidden: user is deactivated"), ChatClosed),
        (refusal(400, "Bad Request: chat not found"), ChatClosed),
        (refusal(400, "Bad Request: PEER_ID_INVALID"), ChatClosed),
        (refusal(413, "Request Entity Too Large"), SendRefused),
        (refusal(429, "Too Many Requests", retry_after=3), SlowDown),
        (refusal(400, "Bad Request: upgraded", migrate_to_chat_id=-100777), ChatMoved),
        (refusal(500, "Internal Server Error"), SendFailed),
        (refusal(401, "Unauthorized"), SendFailed),
        (Said(body=b"<html>"), SendFailed),
        (Said(drop=True), SendFailed),
    ],
)
async def test_a_refusal_is_told_and_nothing_is_sent_twice(
    rig: Rig[ScriptedApi], said: Said, kind: type[Exception]
) -> None:
    rig.api.will_say("sendMessage", said, SENT)

    with pytest.raises(kind) as caught:
        await rig.channel.send(PART)

    assert type(caught.value) is kind
    assert len(rig.api.calls) == 1


@pytest.mark.parametrize("result", [True, [], None, "x", {}])
async def test_an_odd_confirmation_is_a_confirmation(rig: Rig[ScriptedApi], result: object) -> None:
    rig.api.will_say("sendMessage", ok(result))

    assert await rig.channel.send(PART) == ""


async def test_typing_is_shown_in_its_topic(rig: Rig[ScriptedApi]) -> None:
    rig.api.will_say("sendChatAction", ok(True))

    await rig.channel.show_typing(CHAT)

    expected = {"chat_id": -1001, "message_thread_id": 17, "action": "typing"}
    assert rig.api.calls[0].parameters == expected


@pytest.mark.parametrize(
    "said",
    [
        refusal(403, "Forbidden: bot was blocked by the user"),
        refusal(400, "Bad Request: chat not found"),
        refusal(401, "Unauthorized"),
        refusal(500, "Internal Server Error"),
        Said(body=b""),
        Said(drop=True),
    ],
)
async def test_typing_that_fails_is_no_trouble(rig: Rig[ScriptedApi], said: Said) -> None:
    rig.api.will_say("sendChatAction", said, ok(True))

    await rig.channel.show_typing(CHAT)
    await rig.channel.show_typing(CHAT)

    assert len(rig.api.calls) == 2


async def test_typing_rests_as_long_as_it_is_told(rig: Rig[ScriptedApi]) -> None:
    slow_down = refusal(429, "Too Many Requests", retry_after=9)
    rig.api.will_say("sendChatAction", slow_down, ok(True))

    await rig.channel.show_typing(CHAT)
    rig.clock.advance(8.9)
    await rig.channel.show_typing(CHAT)
    assert len(rig.api.calls) == 1

    rig.clock.advance(0.2)
    await rig.channel.show_typing(CHAT)
    assert len(rig.api.calls) == 2


async def test_sending_goes_on_while_a_poll_hangs(rig: Rig[ScriptedApi]) -> None:
    rig.api.will_say("sendMessage", SENT)
    async with rig.running():
        await rig.api.until_asked("getUpdates", 1)

        assert await asyncio.wait_for(rig.channel.send(PLAIN), timeout=5) == "77"


async def test_the_webhook_is_announced_with_its_secret_until_telegram_agrees(
    api: ScriptedApi, free_port: int
) -> None:
    rig = Rig(
        api,
        mode="webhook",
        webhook_url="https://example.org/hook",
        webhook_secret="s3cret_-",
        webhook_port=free_port,
    )
    api.will_say("getMe", ok(ME))
    api.will_say("setWebhook", refusal(502, "Bad Gateway"), ok(True))
    async with rig.running() as task:
        calls = await api.until_asked("setWebhook", 2)

        assert not task.done()

    assert calls[1].parameters == {
        "url": "https://example.org/hook",
        "secret_token": "s3cret_-",
        "allowed_updates": [*ALLOWED_UPDATES, "message_reaction"],
    }
    assert rig.clock.slept == [0.5]
    assert not api.asked("getUpdates")


async def test_a_webhook_address_that_is_refused_is_not_offered_for_ever(
    api: ScriptedApi, free_port: int
) -> None:
    rig = Rig(
        api,
        mode="webhook",
        webhook_url="https://example.org/hook",
        webhook_secret="s3cret_-",
        webhook_port=free_port,
    )
    api.will_say("getMe", ok(ME))
    api.will_say("setWebhook", refusal(400, "Bad Request: bad webhook: no https"))
    async with rig.running() as task:
        await asyncio.wait((task,), timeout=10)

        with pytest.raises(SendRefused, match="bad webhook"):
            task.result()
