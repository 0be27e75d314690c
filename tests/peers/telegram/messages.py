"""What all methods that write messages check: the chat, the text, the buttons, the answered."""

from __future__ import annotations

from collections.abc import Set
from itertools import accumulate

from tests.peers import entities
from tests.peers.telegram.wire import (
    ApiError,
    Json,
    bad_request,
    bool_param,
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
    if chat.moved_to is not None:
        text = "Bad Request: group chat was upgraded to a supergroup chat"
        raise ApiError(400, text, parameters={"migrate_to_chat_id": chat.moved_to})
    if chat.blocked:
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    if chat.kicked:
        raise ApiError(403, f"Forbidden: bot was kicked from the {chat.type} chat")
    if flood and call.world.flood is not None:
        call.world.flood.check(chat.id, call.t)
    return chat


# the content


def read_text(call: Call, key: str, *, unit: str | None = None) -> tuple[str, list[Json]]:
    """Parse and check the parameter ``text`` or ``caption``; ``unit`` is that of its limit."""
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
    in_utf16 = (unit or call.world.length_unit) == "utf16"
    size = entities.utf16_len(text) if in_utf16 else len(text)
    if size > _LIMITS[key]:
        raise bad_request(_TOO_LONG[key])
    return text, found


def _explicit_entities(explicit: object, text: str, *, key: str) -> list[Json]:
    if not isinstance(explicit, list):
        raise bad_request(f"can't parse {key}: expected an array")
    borders = _borders(text)
    total = max(borders)
    for entity in explicit:
        start, length = int(entity.get("offset", -1)), int(entity.get("length", 0))
        if start < 0 or length < 0 or start + length > total:
            raise bad_request("entity begins or ends outside of the text")
        if not {start, start + length} <= borders:
            raise bad_request("entity begins or ends in a middle of a UTF-16 symbol")
    return explicit


def _borders(text: str) -> Set[int]:
    """Where characters begin and end, in UTF-16 units."""
    return {0, *accumulate(1 + (character > "\uffff") for character in text)}


def _parsed(text: str, mode: str) -> tuple[str, list[Json]]:
    try:
        return entities.parse(text, mode)
    except entities.EntityError as exc:
        if str(exc) == "unsupported parse_mode":
            raise bad_request("unsupported parse_mode") from None
        raise bad_request(f"can't parse entities: {exc}") from None


def inline_keyboard(params: Json) -> Json | None:
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


def reply_target(call: Call, chat: Chat) -> Json | None:
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
