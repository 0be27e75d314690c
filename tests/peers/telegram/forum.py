"""Methods about topics, in forums and in private chats with a bot that has topics."""

from __future__ import annotations

import time
from dataclasses import replace

from tests.peers.telegram.keeping import record
from tests.peers.telegram.messages import open_chat
from tests.peers.telegram.topics import number_for_topic
from tests.peers.telegram.wire import Json, bad_request, int_param
from tests.peers.telegram.world import Call, Chat, Topic

_LONGEST_NAME = 128
_COLORS = {0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F}


async def create_topic(call: Call) -> Json:
    chat = _forum(call, "create a topic")
    name = _name(call)
    if not name:
        raise bad_request("topic name must be non-empty")
    topic = Topic(
        id=number_for_topic(call.bot),
        name=name,
        icon_color=int_param(call.params, "icon_color", default=0x6FB9F0),
        icon_emoji=str(call.params.get("icon_custom_emoji_id") or ""),
    )
    if topic.icon_color not in _COLORS:
        raise bad_request("invalid icon color specified")
    chat.topics[topic.id] = topic
    created: Json = {"name": name, "icon_color": topic.icon_color}
    if topic.icon_emoji:
        created["icon_custom_emoji_id"] = topic.icon_emoji
    call.bot.messages[chat.id, topic.id] = {
        "message_id": topic.id,
        "from": call.bot.user(),
        "chat": chat.to_json(),
        "date": int(time.time()),
        "message_thread_id": topic.id,
        "is_topic_message": True,
        "forum_topic_created": created,
    }
    _record(call, "createForumTopic", chat, topic)
    return {"message_thread_id": topic.id, **created}


async def edit_topic(call: Call) -> bool:
    chat, topic = _known(call, "edit the topic")
    icon = call.params.get("icon_custom_emoji_id")
    changed = replace(
        topic,
        name=_name(call) or topic.name,
        icon_emoji=topic.icon_emoji if icon is None else str(icon),
    )
    return _change(call, "editForumTopic", chat, topic, changed)


async def close_topic(call: Call) -> bool:
    chat, topic = _known(call, "close the topic", private=False)
    return _change(call, "closeForumTopic", chat, topic, replace(topic, closed=True))


async def reopen_topic(call: Call) -> bool:
    chat, topic = _known(call, "reopen the topic", private=False)
    return _change(call, "reopenForumTopic", chat, topic, replace(topic, closed=False))


async def delete_topic(call: Call) -> bool:
    chat, topic = _known(call, "delete the topic")
    del chat.topics[topic.id]
    for key, message in list(call.bot.messages.items()):
        if key[0] == chat.id and message.get("message_thread_id") == topic.id:
            del call.bot.messages[key]
    _record(call, "deleteForumTopic", chat, topic)
    return True


def _forum(call: Call, what: str, *, private: bool = True) -> Chat:
    """The chat of a call, if it has topics and the bot may do this there."""
    chat = open_chat(call, flood=False)
    if chat.type == "private" and private and call.world.topics_enabled:
        return chat
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    if not chat.bot_admin:
        raise bad_request(f"not enough rights to {what}")
    return chat


def _known(call: Call, what: str, *, private: bool = True) -> tuple[Chat, Topic]:
    chat = _forum(call, what, private=private)
    topic = chat.topics.get(int_param(call.params, "message_thread_id"))
    if topic is None:
        raise bad_request("TOPIC_ID_INVALID")
    return chat, topic


def _name(call: Call) -> str:
    name = str(call.params.get("name") or "").strip()
    if len(name) > _LONGEST_NAME:
        raise bad_request("topic name must be 1-128 characters long")
    return name


def _change(call: Call, method: str, chat: Chat, topic: Topic, changed: Topic) -> bool:
    if changed == topic:
        raise bad_request("TOPIC_NOT_MODIFIED")
    chat.topics[topic.id] = changed
    _record(call, method, chat, changed)
    return True


def _record(call: Call, method: str, chat: Chat, topic: Topic) -> None:
    more: Json = {"message_thread_id": topic.id}
    record(call, method, chat_id=chat.id, message_id=None, text=topic.name, more=more)
