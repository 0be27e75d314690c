"""What all methods that write messages share: the chat, the text, storing and changing."""

from __future__ import annotations

import json
import time

from tests.peers import entities
from tests.peers.telegram.wire import (
    ApiError,
    Json,
    bad_request,
    bool_param,
    int_param,
    is_int,
    json_param,
)
from tests.peers.telegram.world import Call, Chat

MAX_TEXT = 4096
_MAX_CAPTION = 1024
_MAX_DATA_BYTES = 64  # of a button
_MAX_IN_ROW = 8
_MAX_BUTTONS = 100
# What a button does when it is pressed: exactly one of these.
_ACTIONS = {
    "callback_data",
    "callback_game",
    "copy_text",
    "login_url",
    "pay",
    "switch_inline_query",
    "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat",
    "url",
    "web_app",
}
_MAX_RAW_BYTES = 1 << 15  # before entities are parsed
_TOO_LONG = {"text": "message is too long", "caption": "message caption is too long"}
_LIMITS = {"text": MAX_TEXT, "caption": _MAX_CAPTION}
_ENTITIES = {"text": "entities", "caption": "caption_entities"}


# the chat


def known_chat(call: Call) -> Chat:
    raw = call.params.get("chat_id")
    if raw is None or raw == "":
        raise bad_request("chat_id is empty")
    if not is_int(raw):
        raise bad_request("chat not found")
    chat = call.world.chats.get(int(raw))
    if chat is not None:
        return chat
    if call.world.strict_chats:
        raise bad_request("chat not found")
    return call.world.chat(int(raw))


def open_chat(call: Call, *, flood: bool = True) -> Chat:
    """The chat, if the bot may write to it now."""
    chat = known_chat(call)
    if chat.blocked:
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    if chat.kicked:
        raise ApiError(403, f"Forbidden: bot was kicked from the {chat.type} chat")
    if flood and call.world.flood is not None:
        call.world.flood.check(chat.id, call.t)
    return chat


# the content


def read_text(call: Call, key: str) -> tuple[str, list[Json]]:
    """Parse and check the parameter ``text`` or ``caption``."""
    text = str(call.params.get(key) or "")
    if len(text.encode("utf-8", "surrogatepass")) > _MAX_RAW_BYTES:
        raise bad_request("text is too long")
    found: list[Json] = []
    explicit = json_param(call.params, _ENTITIES[key])
    mode = call.params.get("parse_mode")
    if explicit:
        found = _explicit_entities(explicit, text, key=_ENTITIES[key])
    elif mode:
        text, found = _parsed(text, str(mode))
    text, found = entities.trim(text, found)
    size = entities.utf16_len(text) if call.world.length_unit == "utf16" else len(text)
    if size > _LIMITS[key]:
        raise bad_request(_TOO_LONG[key])
    return text, found


def _explicit_entities(explicit: object, text: str, *, key: str) -> list[Json]:
    if not isinstance(explicit, list):
        raise bad_request(f"can't parse {key}: expected an array")
    total = entities.utf16_len(text)
    for entity in explicit:
        start, length = int(entity.get("offset", -1)), int(entity.get("length", 0))
        if start < 0 or length < 0 or start + length > total:
            raise bad_request("entity begins or ends outside of the text")
    return explicit


def _parsed(text: str, mode: str) -> tuple[str, list[Json]]:
    try:
        return entities.parse(text, mode)
    except entities.EntityError as exc:
        if str(exc) == "unsupported parse_mode":
            raise bad_request("unsupported parse_mode") from None
        raise bad_request(f"can't parse entities: {exc}") from None


def rich_text(params: Json) -> str:
    """The readable text of a rich message, or of a plain one."""
    rich = params.get("rich_message")
    if isinstance(rich, str):
        try:
            rich = json.loads(rich)
        except ValueError:
            rich = None
    if isinstance(rich, dict):
        source = str(rich.get("markdown") or rich.get("html") or "")
        return source or json.dumps(rich.get("blocks") or "", ensure_ascii=False)
    return str(params.get("text") or params.get("caption") or "")


def _inline_keyboard(params: Json) -> Json | None:
    """Check the reply markup; only inline keyboards stay with the message."""
    markup = json_param(params, "reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    rows = [row for row in markup.get("inline_keyboard") or [] if row]
    for button in (button for row in rows for button in row):
        _check_button(button)
    if any(len(row) > _MAX_IN_ROW for row in rows) or sum(map(len, rows)) > _MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": rows} if rows else None


def _check_button(button: Json) -> None:
    if not isinstance(button.get("text"), str) or not button["text"].strip():
        raise bad_request("can't parse inline keyboard button: Text must be non-empty")
    actions = [key for key in button if key in _ACTIONS]
    if len(actions) != 1:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= _MAX_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")


def _reply_target(call: Call, chat: Chat) -> Json | None:
    reply = json_param(call.params, "reply_parameters")
    if isinstance(reply, dict):
        target = reply.get("message_id")
        lenient = bool(reply.get("allow_sending_without_reply"))
    else:
        target = call.params.get("reply_to_message_id")
        lenient = bool_param(call.params, "allow_sending_without_reply")
    if target is None or not is_int(target):
        return None
    message = call.bot.messages.get((chat.id, int(target)))
    if message is None and not lenient:
        raise bad_request("message to be replied not found")
    return message


# keeping


def quoted(message: Json) -> Json:
    """A message as it appears in a reply to it: one level deep."""
    return {k: v for k, v in message.items() if k != "reply_to_message"}


def store(call: Call, method: str, *, chat: Chat, content: Json, text: str) -> Json:
    """Create an outgoing message, remember it and write it to the transcript."""
    bot = call.bot
    keyboard = _inline_keyboard(call.params)
    reply_to = _reply_target(call, chat)
    message_id = bot.next_message_id
    bot.next_message_id += 1
    message: Json = {
        "message_id": message_id,
        "from": bot.user(),
        "chat": chat.to_json(),
        "date": int(time.time()),
        **content,
    }
    thread = call.params.get("message_thread_id")
    if is_int(thread):
        message["message_thread_id"] = int(str(thread))
        if chat.type == "supergroup":
            message["is_topic_message"] = True
    if keyboard is not None:
        message["reply_markup"] = keyboard
    if reply_to is not None:
        message["reply_to_message"] = quoted(reply_to)
    bot.messages[chat.id, message_id] = message
    bot.drafts.pop(chat.id, None)  # a message of the bot takes it away
    bot.sources[chat.id, message_id] = _content_key(message)
    record(call, method, chat_id=chat.id, message_id=message_id, text=text)
    return message


def own_message(call: Call, what: str) -> tuple[Chat, Json]:
    """The message a call means to ``edit`` or ``delete``."""
    if call.params.get("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = known_chat(call)
    message = call.bot.messages.get((chat.id, int_param(call.params, "message_id")))
    if message is None:
        raise bad_request(f"message to {what} not found")
    if what == "edit" and message["from"]["id"] != call.bot.id:
        raise bad_request("message can't be edited")
    return chat, message


def apply_edit(call: Call, method: str, *, chat: Chat, message: Json, changes: Json) -> Json:
    """Replace parts of a message; an empty part goes away, and so does an absent keyboard."""
    updated = {k: v for k, v in message.items() if k != "reply_markup" and k not in changes}
    updated.update({k: v for k, v in changes.items() if v})
    keyboard = _inline_keyboard(call.params)
    if keyboard is not None:
        updated["reply_markup"] = keyboard
    key = (chat.id, message["message_id"])
    content = _content_key(updated)
    if content == call.bot.sources.get(key):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are "
            "exactly the same as a current content and reply markup of the message"
        )
    updated["edit_date"] = int(time.time())
    call.bot.messages[key] = updated
    call.bot.sources[key] = content
    text = updated.get("text") or updated.get("caption") or ""
    record(call, method, chat_id=chat.id, message_id=key[1], text=text)
    return updated


def record(
    call: Call,
    method: str,
    *,
    chat_id: int,
    message_id: int | None,
    text: str = "",
    params: Json | None = None,
) -> None:
    """Write to the transcript what the bot did, with the call's parameters or these."""
    event = {
        "t": call.t,
        "method": method,
        "chat_id": chat_id,
        "message_id": message_id,
        "text": text,
    }
    call.world.transcript.record_out(event, call.params if params is None else params)


def _content_key(message: Json) -> tuple[str, str, str]:
    return (
        str(message.get("text") or message.get("caption") or ""),
        json.dumps(message.get("entities") or message.get("caption_entities") or []),
        json.dumps(message.get("reply_markup") or {}, sort_keys=True),
    )
