"""Messages that users, channels and other bots write."""

from __future__ import annotations

import re
import time
from typing import NamedTuple

from tests.peers.entities import utf16_len
from tests.peers.telegram import topics
from tests.peers.telegram.contents import media, things
from tests.peers.telegram.keeping import quoted
from tests.peers.telegram.messages import MAX_TEXT
from tests.peers.telegram.origins import origin, speaker
from tests.peers.telegram.wire import Json
from tests.peers.telegram.world import Bot, Chat, Topic, World

_MEDIA = {"photo", "voice", "document", "audio", "video", "video_note", "sticker", "animation"}
_IN_ALBUMS = {"photo", "video", "document", "audio"}
_GROUPS = {"group", "supergroup"}
_PASSED_ON = ("media_group_id", "message_thread_id", "quote", "forward_origin")
# What Telegram detects in plain text.
_DETECTED = re.compile(
    r"(?P<bot_command>(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w{3,32})?)"
    r"|(?P<mention>(?<!\w)@\w{3,32})"
    r"|(?P<url>https?://\S+)"
)


class Action(NamedTuple):
    """One thing a user does."""

    world: World
    bot: Bot
    chat: Chat
    user: Json
    spec: Json
    kind: str
    t: float


def write(action: Action) -> Json:
    """Write a message, or edit one."""
    bot = action.bot
    message = _edited(action) if action.kind == "edit" else _new(action)
    _fill(action, message)
    if action.spec.get("reply_to") is not None:
        target = existing(action, action.spec["reply_to"], what="to reply to")
        message["reply_to_message"] = quoted(target)
    message.update({k: action.spec[k] for k in _PASSED_ON if k in action.spec})
    thread = int(action.spec.get("thread_id", topics.GENERAL))
    if thread != topics.GENERAL:
        message |= {"message_thread_id": thread, "is_topic_message": True}
        # What answers nothing else in a topic answers the message that opened it.
        if opening := bot.messages.get((action.chat.id, thread)):
            message.setdefault("reply_to_message", quoted(opening))
    if "forward_from" in action.spec:
        message["forward_origin"] = origin(action.spec["forward_from"])
    if isinstance(action.spec.get("extra"), dict):
        message.update(action.spec["extra"])
    remember(bot, message, chat=action.chat)
    return _deliver(action, message)


def _deliver(action: Action, message: Json) -> Json:
    """Let the bot hear of a message, if it may, and note it."""
    bot, chat = action.bot, action.chat
    update_id = None
    if not action.world.privacy_mode or chat.type not in _GROUPS or _addressed(bot, message):
        update_kind = "channel_post" if chat.type == "channel" else "message"
        edited = "edited_" if action.kind == "edit" else ""
        update_id = bot.push({f"{edited}{update_kind}": message})
    text = message.get("text") or message.get("caption") or ""
    note(action, message["message_id"], text=text, update_id=update_id)
    return {"update_id": update_id, "message_id": message["message_id"], "t": action.t}


def remember(bot: Bot, message: Json, *, chat: Chat) -> None:
    """Keep a message, and know the topic it is in."""
    message_id = message["message_id"]
    bot.messages[chat.id, message_id] = message
    bot.next_message_id = max(bot.next_message_id, message_id + 1)
    topics.learn_thread(chat, message.get("message_thread_id"))


def existing(action: Action, message_id: object, *, what: str) -> Json:
    """A message of the chat; ValueError when there is none by that number."""
    message = action.bot.messages.get((action.chat.id, int(str(message_id))))
    if message is None:
        raise ValueError(f"no such message {what}")
    return message


def note(action: Action, message_id: int | None, *, text: str, update_id: int | None) -> None:
    """Write to the transcript what a user did."""
    action.world.transcript.record(
        {
            "t": action.t,
            "dir": "in",
            "method": action.kind,
            "chat_id": action.chat.id,
            "message_id": message_id,
            "text": text,
            "update_id": update_id,
        }
    )


def _edited(action: Action) -> Json:
    previous = existing(action, action.spec["message_id"], what="to edit")
    return {**previous, "edit_date": int(time.time())}


def _new(action: Action) -> Json:
    return {
        "message_id": action.bot.next_message_id,
        **speaker(action.chat, action.user, action.spec),
        "chat": action.chat.to_json(),
        "date": int(action.spec.get("date", time.time())),
    }


# the content


def _fill(action: Action, message: Json) -> None:
    spec, kind = action.spec, action.kind
    text = spec.get("text")
    if text is not None and spec.get("mention"):
        text = f"@{action.bot.username} {text}"
    if kind in _MEDIA:
        message[kind] = media(action.world.files, kind, spec)
        _set_text(message, "caption", spec.get("caption", text))
    elif kind == "edit" and "text" not in message:
        _set_text(message, "caption", spec.get("caption", text))
    elif found := things(kind, spec, message_id=message["message_id"]):
        message.update(found)
    else:
        _set_text(message, "text", text)


def _set_text(message: Json, key: str, text: str | None) -> None:
    if text is None:
        return
    message[key] = text
    name = "entities" if key == "text" else "caption_entities"
    message.pop(name, None)
    if found := _detect(text):
        message[name] = found


def _detect(text: str) -> list[Json]:
    """Find commands, mentions and URLs."""
    if "/" not in text and "@" not in text:
        return []
    return [
        {
            "type": str(match.lastgroup),
            "offset": utf16_len(text[: match.start()]),
            "length": utf16_len(match.group(0)),
        }
        for match in _DETECTED.finditer(text)
    ]


def _addressed(bot: Bot, message: Json) -> bool:
    """Whether a bot in privacy mode sees this group message."""
    text = str(message.get("text") or message.get("caption") or "")
    if text.startswith("/") or f"@{bot.username}".lower() in text.lower():
        return True
    reply = message.get("reply_to_message") or {}
    return bool((reply.get("from") or {}).get("id") == bot.id)


# several at once


def write_album(action: Action) -> Json:
    """Write the ``items`` as one album: a message each, in one group, right behind each other."""
    items: list[Json] = action.spec["items"]
    kinds = {str(item.get("kind", "photo")) for item in items}
    mixed = len(kinds) > 1 and not kinds <= {"photo", "video"}
    if not 2 <= len(items) <= 10 or not kinds <= _IN_ALBUMS or mixed:
        raise ValueError(f"nobody can send an album of {len(items)} with {sorted(kinds)}")
    action.bot.next_album_id += 1
    group = action.spec.get("media_group_id", str(action.bot.next_album_id))
    shared = {k: v for k, v in action.spec.items() if k not in ("items", "kind", "caption", "text")}
    parts = [{**shared, **item, "media_group_id": group} for item in items]
    if action.spec.get("caption") is not None:  # clients write it under the first
        parts[0].setdefault("caption", action.spec["caption"])
    return {**_write_all(action, parts, default="photo"), "media_group_id": group}


def write_split(action: Action) -> Json:
    """Write a text as a client does that is too long for one message: in parts."""
    text = str(action.spec["text"])
    shared = {k: v for k, v in action.spec.items() if k not in ("kind", "reply_to")}
    parts = [{**shared, "text": part} for part in _parts(text)]
    if "reply_to" in action.spec:
        parts[0]["reply_to"] = action.spec["reply_to"]
    return _write_all(action, parts, default="text")


def _parts(text: str) -> list[str]:
    """Cut a text after every 4096 UTF-16 units, never within a character."""
    parts, size = [""], 0
    for character in text:
        width = utf16_len(character)
        if size + width > MAX_TEXT:
            parts.append("")
            size = 0
        parts[-1] += character
        size += width
    return parts


def _write_all(action: Action, parts: list[Json], *, default: str) -> Json:
    """Write one message a spec; give what is said of the first, and the numbers of all."""
    done = [
        write(action._replace(spec=spec, kind=str(spec.get("kind", default)))) for spec in parts
    ]
    return {
        **done[0],
        "update_ids": [one["update_id"] for one in done],
        "message_ids": [one["message_id"] for one in done],
    }


# what Telegram writes


def open_topic(action: Action) -> Json:
    """Open a topic, as people do in forums and may do in a chat with a bot that has topics."""
    name = str(action.spec.get("name", "Topic"))
    topic = Topic(id=topics.number_for_topic(action.bot), name=name)
    message = _new(action) | {"message_id": topic.id}
    action.chat.topics[topic.id] = topic
    created: Json = {"name": name, "icon_color": topic.icon_color}
    if action.spec.get("implicit"):  # made up by the client (Bot API 9.3)
        created["is_name_implicit"] = True
    message |= {"message_thread_id": topic.id, "is_topic_message": True}
    message["forum_topic_created"] = created
    remember(action.bot, message, chat=action.chat)
    return {**_deliver(action, message), "thread_id": topic.id}


def migrate(action: Action) -> Json:
    """Turn a group into the supergroup ``to``; both say so."""
    old, new = action.chat, action.world.chat(int(action.spec["to"]), "supergroup")
    new.title, new.bot_admin = old.title, old.bot_admin
    old.moved_to = new.id
    results = []
    for chat, told in (
        (old, {"migrate_to_chat_id": new.id}),
        (new, {"migrate_from_chat_id": old.id}),
    ):
        here = action._replace(chat=chat)
        message = _new(here) | told
        remember(here.bot, message, chat=chat)
        results.append(_deliver(here, message))
    return {**results[0], "update_ids": [one["update_id"] for one in results]}
