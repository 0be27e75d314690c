"""The other side of the conversation: what users do."""

from __future__ import annotations

import re
import time
from typing import NamedTuple

from tests.peers.entities import utf16_len
from tests.peers.telegram.files import media_json
from tests.peers.telegram.messages import quoted
from tests.peers.telegram.views import find_button
from tests.peers.telegram.webhook import update_chat_id
from tests.peers.telegram.wire import Json
from tests.peers.telegram.world import DRAFT_LIVES, Bot, Chat, World, user_json

_MEDIA = {"photo", "voice", "document", "audio", "video", "video_note"}
_GROUP_USER = 500_001
_PASSED_ON = ("media_group_id", "message_thread_id", "quote", "forward_origin")
# What Telegram detects in plain text.
_DETECTED = re.compile(
    r"(?P<bot_command>(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w{3,32})?)"
    r"|(?P<mention>(?<!\w)@\w{3,32})"
    r"|(?P<url>https?://\S+)"
)


class _Action(NamedTuple):
    """One thing a user does."""

    world: World
    bot: Bot
    chat: Chat
    user: Json
    spec: Json
    kind: str
    t: float


def inject(world: World, spec: Json) -> Json:
    """Make a user do something; ``update_id`` is None when the bot does not get to hear of it.

    A spec that makes no sense raises AttributeError, KeyError, TypeError or ValueError.
    """
    t = time.monotonic()
    bot = world.bots[spec["token"]] if spec.get("token") else world.default_bot
    if "update" in spec:
        return _inject_raw(world, bot, spec=spec, t=t)
    chat_id = int(spec["chat_id"])
    chat = world.chat(chat_id, spec.get("chat_type"))
    user_id = int(spec.get("user_id", chat_id if chat_id > 0 else _GROUP_USER))
    user = user_json(user_id) | spec.get("user", {})
    action = _Action(world, bot, chat, user, spec, str(spec.get("kind", "text")), t)
    if action.kind == "callback":
        return _press(action)
    if action.kind == "stop":
        return _stop(action)
    return _write(action)


def _inject_raw(world: World, bot: Bot, *, spec: Json, t: float) -> Json:
    """Queue an update as it is, however wrong; only its number is the server's."""
    content = {k: v for k, v in spec["update"].items() if k != "update_id"}
    update_id = bot.push(content, unfiltered=bool(spec.get("unfiltered")))
    kind, payload = next(iter(content.items()), ("", None))
    message = payload if isinstance(payload, dict) else {}
    chat_id = update_chat_id(content) or None
    message_id = message.get("message_id")
    if chat_id is not None:
        chat = message.get("chat")
        chat_type = chat.get("type") if isinstance(chat, dict) else None
        world.chat(chat_id, chat_type if isinstance(chat_type, str) else None)
        if isinstance(message_id, int) and isinstance(message.get("from"), dict):
            _remember(bot, message, chat_id=chat_id)
    text = message.get("text") or message.get("caption") or ""
    event = {
        "t": t,
        "dir": "in",
        "method": f"update:{kind}",
        "chat_id": chat_id,
        "message_id": message_id,
        "text": text if isinstance(text, str) else "",
        "update_id": update_id,
    }
    world.transcript.record(event)
    return {"update_id": update_id, "t": t}


# messages


def _write(action: _Action) -> Json:
    world, bot, chat = action.world, action.bot, action.chat
    message = _edited(action) if action.kind == "edit" else _new(action)
    _fill(action, message)
    if action.spec.get("reply_to") is not None:
        target = _existing(action, action.spec["reply_to"], what="to reply to")
        message["reply_to_message"] = quoted(target)
    message.update({k: action.spec[k] for k in _PASSED_ON if k in action.spec})
    if "forward_from" in action.spec:
        message["forward_origin"] = _origin(action.spec["forward_from"])
    if isinstance(action.spec.get("extra"), dict):
        message.update(action.spec["extra"])
    _remember(bot, message, chat_id=chat.id)
    update_id = None
    if not world.privacy_mode or chat.type == "private" or _addressed(bot, message):
        update_kind = "edited_message" if action.kind == "edit" else "message"
        update_id = bot.push({update_kind: message})
    text = message.get("text") or message.get("caption") or ""
    _record(action, message["message_id"], text=text, update_id=update_id)
    return {"update_id": update_id, "message_id": message["message_id"], "t": action.t}


def _origin(author: object) -> Json:
    """Who wrote what is sent on: a user id, or the name of somebody who hides behind it."""
    written = int(time.time())
    if isinstance(author, int):
        return {"type": "user", "date": written, "sender_user": user_json(author)}
    return {"type": "hidden_user", "date": written, "sender_user_name": str(author)}


def _remember(bot: Bot, message: Json, *, chat_id: int) -> None:
    message_id = message["message_id"]
    bot.messages[chat_id, message_id] = message
    bot.next_message_id = max(bot.next_message_id, message_id + 1)


def _edited(action: _Action) -> Json:
    previous = _existing(action, action.spec["message_id"], what="to edit")
    return {**previous, "edit_date": int(time.time())}


def _new(action: _Action) -> Json:
    return {
        "message_id": action.bot.next_message_id,
        "from": action.user,
        "chat": action.chat.to_json(),
        "date": int(action.spec.get("date", time.time())),
    }


def _existing(action: _Action, message_id: object, *, what: str) -> Json:
    message = action.bot.messages.get((action.chat.id, int(str(message_id))))
    if message is None:
        raise ValueError(f"no such message {what}")
    return message


def _fill(action: _Action, message: Json) -> None:
    spec, kind = action.spec, action.kind
    text = spec.get("text")
    if text is not None and spec.get("mention"):
        text = f"@{action.bot.username} {text}"
    if kind in _MEDIA:
        message[kind] = _media(action)
        caption = spec.get("caption", text)
        if caption is not None:
            message["caption"] = caption
            message["caption_entities"] = _detect(caption)
    elif kind == "location":
        message["location"] = {
            "latitude": float(spec.get("latitude", 0.0)),
            "longitude": float(spec.get("longitude", 0.0)),
        }
    elif text is not None:
        message["text"] = text
        message.pop("entities", None)
        entities = _detect(text)
        if entities:
            message["entities"] = entities


def _media(action: _Action) -> Json | list[Json]:
    info: Json = action.spec.get("file") or {}
    stored = action.world.files.add_injected(action.kind, info)
    media = media_json(action.kind, stored)
    if isinstance(media, dict):
        if info.get("name"):
            media["file_name"] = info["name"]
        if info.get("mime"):
            media["mime_type"] = info["mime"]
        if info.get("duration"):
            media["duration"] = int(info["duration"])
    return media


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


# buttons


def _press(action: _Action) -> Json:
    bot = action.bot
    message, data = _pressed_button(action)
    query_id = str(bot.next_update_id * 1000 + action.world.rng.randrange(1000))
    bot.callbacks[query_id] = action.t
    query = {
        "id": query_id,
        "from": action.user,
        "message": message,
        "chat_instance": str(action.chat.id),
        "data": data,
    }
    update_id = bot.push({"callback_query": query})
    _record(action, message["message_id"], text=data, update_id=update_id)
    return {"update_id": update_id, "callback_query_id": query_id, "t": action.t}


def _pressed_button(action: _Action) -> tuple[Json, str]:
    """The message and what is sent of the button; ``data`` may be forged, as a client may."""
    spec = action.spec
    message_id = spec.get("message_id")
    if "label" in spec:
        number = None if message_id is None else int(message_id)
        return find_button(action.bot, action.chat.id, str(spec["label"]), message_id=number)
    message = _existing(action, message_id, what="for the callback")
    return message, str(spec.get("data", ""))


def _stop(action: _Action) -> Json:
    """Press the client's own Stop beside the draft that is shown."""
    bot, chat = action.bot, action.chat
    draft = bot.drafts.get(chat.id)
    if draft is None or not draft.can_stop or action.t - draft.t > DRAFT_LIVES:
        raise ValueError(f"there is no draft to be stopped in chat {chat.id}")
    if not draft.keep_on_stop:
        del bot.drafts[chat.id]
    stopped: Json = {"chat": chat.to_json(), "draft_id": draft.id}
    if draft.thread is not None:
        stopped["message_thread_id"] = draft.thread
    update_id = bot.push({"stopped_message_generation": stopped})
    _record(action, None, text=draft.text, update_id=update_id)
    return {"update_id": update_id, "draft_id": draft.id, "t": action.t}


def _record(action: _Action, message_id: int | None, *, text: str, update_id: int | None) -> None:
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
