"""Topics of forums and of private chats."""

from __future__ import annotations

from typing import Any

import pytest

from tests.peers.telegram.rig import Rig
from tests.peers.telegram.wire import Json

FORUM = -100
NOT_FOUND = (400, "Bad Request: message thread not found")


async def forum(rig: Rig, **more: Any) -> None:
    await rig.control("chat", {"chat_id": FORUM, "is_forum": True, "bot_admin": True, **more})


async def test_a_topic_is_created_written_to_and_deleted(rig: Rig) -> None:
    await forum(rig)
    made = await rig.ok("createForumTopic", chat_id=FORUM, name="News", icon_color=0xFFD67E)
    here = {"chat_id": FORUM, "message_thread_id": made["message_thread_id"]}
    assert (made["name"], made["icon_color"]) == ("News", 0xFFD67E)
    sent = await rig.ok("sendMessage", text="x", **here)
    assert sent["message_thread_id"] == made["message_thread_id"]
    assert (sent["is_topic_message"], sent["chat"]["is_forum"]) == (True, True)
    assert await rig.ok("editForumTopic", **here, name="Old news") is True
    assert await rig.ok("deleteForumTopic", **here) is True
    assert await rig.fails("sendMessage", text="x", **here) == NOT_FOUND
    events = rig.app.transcript.select({"chat_id": FORUM, "dir": "out"})
    assert [(event["method"], event["text"]) for event in events] == [
        ("createForumTopic", "News"),
        ("sendMessage", "x"),
        ("editForumTopic", "Old news"),
        ("deleteForumTopic", "Old news"),
    ]


@pytest.mark.parametrize("method", ["sendMessage", "sendRichMessage", "sendDocument", "forward"])
async def test_nothing_goes_to_a_topic_that_is_not_there(rig: Rig, method: str) -> None:
    await forum(rig)
    message_id = (await rig.inject(text="hi"))["message_id"]
    what: dict[str, Json] = {
        "sendMessage": {"text": "x"},
        "sendRichMessage": {"rich_message": {"markdown": "x"}},
        "sendDocument": {"document": "https://example.org/x.txt"},
        "forward": {"from_chat_id": 7, "message_id": message_id},
    }
    name = "forwardMessage" if method == "forward" else method
    where = {"chat_id": FORUM, "message_thread_id": 99}
    assert await rig.fails(name, **where, **what[method]) == NOT_FOUND


async def test_the_general_topic_is_named_only_for_typing(rig: Rig) -> None:
    await forum(rig)
    general = {"chat_id": FORUM, "message_thread_id": 1}
    await rig.inject(chat_id=FORUM, text="hi", thread_id=1)
    assert "message_thread_id" not in (await rig.ok("getUpdates"))[0]["message"]
    assert await rig.fails("sendMessage", text="x", **general) == NOT_FOUND
    assert await rig.ok("sendChatAction", action="typing", **general) is True
    typing = await rig.fails("sendChatAction", action="typing", chat_id=FORUM, message_thread_id=9)
    assert typing == NOT_FOUND
    assert "is_topic_message" not in await rig.ok("sendMessage", chat_id=FORUM, text="x")


async def test_only_an_administrator_manages_topics_and_writes_to_closed_ones(rig: Rig) -> None:
    await forum(rig)
    thread = (await rig.ok("createForumTopic", chat_id=FORUM, name="x"))["message_thread_id"]
    here = {"chat_id": FORUM, "message_thread_id": thread}
    assert await rig.ok("closeForumTopic", **here) is True
    assert await rig.fails("closeForumTopic", **here) == (400, "Bad Request: TOPIC_NOT_MODIFIED")
    await rig.ok("sendMessage", text="x", **here)
    member = await rig.ok("getChatMember", chat_id=FORUM, user_id=rig.bot.id)
    assert (member["status"], member["can_manage_topics"]) == ("administrator", True)
    await forum(rig, bot_admin=False)
    assert await rig.fails("sendMessage", text="x", **here) == (400, "Bad Request: TOPIC_CLOSED")
    refused = await rig.fails("reopenForumTopic", **here)
    assert refused == (400, "Bad Request: not enough rights to reopen the topic")
    await forum(rig)
    assert await rig.ok("reopenForumTopic", **here) is True


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"name": " "}, "topic name must be non-empty"),
        ({"name": "x" * 129}, "topic name must be 1-128 characters long"),
        ({"name": "x", "icon_color": 5}, "invalid icon color specified"),
        ({"name": "x", "chat_id": -200}, "the chat is not a forum"),
        ({"name": "x", "chat_id": 7}, "the chat is not a forum"),
    ],
)
async def test_a_topic_that_cannot_be_is_not_created(rig: Rig, params: Json, problem: str) -> None:
    await forum(rig)
    rig.app.chat(-200)
    rig.app.chat(7)
    answer = await rig.fails("createForumTopic", **{"chat_id": FORUM} | params)
    assert answer == (400, f"Bad Request: {problem}")
    unknown = {"chat_id": FORUM, "message_thread_id": 5, "name": "y"}
    assert await rig.fails("editForumTopic", **unknown) == (400, "Bad Request: TOPIC_ID_INVALID")


async def test_a_private_chat_has_topics_when_the_bot_has_them(rig: Rig) -> None:
    rig.app.chat(7)
    assert (await rig.ok("getMe"))["has_topics_enabled"] is False
    await rig.control("config", {"topics_enabled": True})
    assert (await rig.ok("getMe"))["has_topics_enabled"] is True
    thread = (await rig.ok("createForumTopic", chat_id=7, name="Tea"))["message_thread_id"]
    await rig.ok("sendMessage", chat_id=7, text="x", message_thread_id=thread)
    draft = {"chat_id": 7, "draft_id": 1, "text": "x"}
    await rig.ok("sendMessageDraft", **draft, message_thread_id=thread)
    assert await rig.fails("sendMessageDraft", **draft, message_thread_id=99) == NOT_FOUND
    closing = await rig.fails("closeForumTopic", chat_id=7, message_thread_id=thread)
    assert closing == (400, "Bad Request: the chat is not a forum")


async def test_people_open_topics_write_in_them_and_delete_them(rig: Rig) -> None:
    await forum(rig)
    opened = await rig.inject(kind="topic", chat_id=FORUM, name="Garden")
    await rig.inject(chat_id=FORUM, text="hi", thread_id=opened["thread_id"])
    made, said = (update["message"] for update in await rig.ok("getUpdates"))
    assert made["forum_topic_created"]["name"] == "Garden"
    assert (said["message_thread_id"], said["is_topic_message"]) == (made["message_id"], True)
    answer = {"reply_parameters": {"message_id": said["message_id"]}}
    in_topic = await rig.ok("sendMessage", chat_id=FORUM, text="x", **answer)
    assert in_topic["message_thread_id"] == opened["thread_id"], "an answer stays in the topic"
    here = {"chat_id": FORUM, "message_thread_id": opened["thread_id"]}
    await rig.ok("sendMessage", text="x", **here)
    await forum(rig, topics=[])
    assert await rig.fails("sendMessage", text="x", **here) == NOT_FOUND
