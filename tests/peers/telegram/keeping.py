"""Messages as they are kept, changed and written to the transcript."""

from __future__ import annotations

import json
import time

from tests.peers.telegram.ephemeral import receiver_of
from tests.peers.telegram.messages import inline_keyboard, known_chat, reply_target
from tests.peers.telegram.topics import thread_of
from tests.peers.telegram.wire import Json, bad_request, int_param
from tests.peers.telegram.world import Call, Chat, user_json


def quoted(message: Json) -> Json:
    """A message as it appears in a reply to it: one level deep."""
    return {k: v for k, v in message.items() if k != "reply_to_message"}


def store(call: Call, method: str, *, chat: Chat, content: Json, text: str) -> Json:
    """Create an outgoing message, remember it and write it to the transcript."""
    bot = call.bot
    message = _composed(call, chat, content)
    receiver = receiver_of(call, chat)
    if receiver is not None:
        return _store_ephemeral(call, method, message=message, receiver=receiver, text=text)
    message["message_id"] = message_id = bot.next_message_id
    bot.next_message_id += 1
    bot.messages[chat.id, message_id] = message
    bot.drafts.pop(chat.id, None)  # a message of the bot takes it away
    bot.sources[chat.id, message_id] = content_key(message)
    record(call, method, chat_id=chat.id, message_id=message_id, text=text)
    return message


def _composed(call: Call, chat: Chat, content: Json) -> Json:
    """All of a message but its number."""
    thread = thread_of(call, chat)
    keyboard = inline_keyboard(call.params)
    reply_to = reply_target(call, chat)
    message: Json = {
        "message_id": 0,
        "from": call.bot.user(),
        "chat": chat.to_json(),
        "date": int(time.time()),
        **content,
    }
    if thread is None and reply_to is not None and reply_to.get("is_topic_message"):
        thread = reply_to["message_thread_id"]
    if thread is not None:
        message["message_thread_id"] = thread
        message["is_topic_message"] = True
    if keyboard is not None:
        message["reply_markup"] = keyboard
    if reply_to is not None:
        message["reply_to_message"] = quoted(reply_to)
    return message


def _store_ephemeral(call: Call, method: str, *, message: Json, receiver: int, text: str) -> Json:
    """Keep what only one person in a group sees."""
    bot, chat_id = call.bot, message["chat"]["id"]
    number = bot.next_ephemeral_id
    bot.next_ephemeral_id += 1
    message |= {"receiver_user": user_json(receiver), "ephemeral_message_id": number}
    bot.ephemerals[chat_id, receiver, number] = message
    more: Json = {"receiver_user_id": receiver, "ephemeral_message_id": number}
    record(call, method, chat_id=chat_id, message_id=None, text=text, more=more)
    return message


def own_message(call: Call, what: str) -> tuple[Chat, Json]:
    """The message a call means to ``edit`` or ``delete``."""
    if call.params.get("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = known_chat(call)
    message = call.bot.messages.get((chat.id, int_param(call.params, "message_id")))
    if message is None:
        raise bad_request(f"message to {what} not found")
    if what == "edit" and (chat.id, message["message_id"]) not in call.bot.sources:
        raise bad_request("message can't be edited")
    return chat, message


def apply_edit(
    call: Call, method: str, *, chat: Chat, message: Json, changes: Json, shown: str | None = None
) -> Json:
    """Change a message of the bot; ``shown`` is how it reads then, if that changes."""
    updated = changed(call, message, changes)
    key = (chat.id, message["message_id"])
    content = content_key(updated)
    if content == call.bot.sources.get(key):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are "
            "exactly the same as a current content and reply markup of the message"
        )
    call.bot.messages[key] = updated
    call.bot.sources[key] = content
    text = updated.get("text") or updated.get("caption") or "" if shown is None else shown
    record(call, method, chat_id=chat.id, message_id=key[1], text=text)
    return updated


def changed(call: Call, message: Json, changes: Json) -> Json:
    """Replace parts of a message; an empty part goes away, and so does an absent keyboard."""
    updated = {k: v for k, v in message.items() if k != "reply_markup" and k not in changes}
    updated.update({k: v for k, v in changes.items() if v})
    keyboard = inline_keyboard(call.params)
    if keyboard is not None:
        updated["reply_markup"] = keyboard
    updated["edit_date"] = int(time.time())
    return updated


def record(
    call: Call,
    method: str,
    *,
    chat_id: int,
    message_id: int | None,
    text: str = "",
    params: Json | None = None,
    more: Json | None = None,
) -> None:
    """Write to the transcript what the bot did, with the call's parameters or these."""
    event = {
        "t": call.t,
        "method": method,
        "chat_id": chat_id,
        "message_id": message_id,
        "text": text,
        **(more or {}),
    }
    call.world.transcript.record_out(event, call.params if params is None else params)


def content_key(message: Json) -> tuple[str, str, str]:
    return (
        str(message.get("text") or message.get("caption") or message.get("rich_message") or ""),
        json.dumps(message.get("entities") or message.get("caption_entities") or []),
        json.dumps(message.get("reply_markup") or {}, sort_keys=True),
    )
