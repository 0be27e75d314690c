"""Methods that change or remove messages."""

from __future__ import annotations

from tests.peers.telegram.ephemeral import ephemeral_key, in_transcript
from tests.peers.telegram.keeping import apply_edit, changed, own_message, record
from tests.peers.telegram.messages import known_chat, open_chat, read_text
from tests.peers.telegram.rich import read_rich
from tests.peers.telegram.wire import Json, bad_request, json_param
from tests.peers.telegram.world import Call

_TEXTUAL = ("text", "entities", "rich_message")


async def edit_text(call: Call) -> Json:
    open_chat(call)
    chat, message = own_message(call, "edit")
    changes, shown = _new_text(call)
    if not any(message.get(key) for key in _TEXTUAL):
        raise bad_request("there is no text in the message to edit")
    changes = dict.fromkeys(_TEXTUAL) | changes
    return apply_edit(
        call, "editMessageText", chat=chat, message=message, changes=changes, shown=shown
    )


def _new_text(call: Call) -> tuple[Json, str]:
    """What a message is to have instead, and how that reads."""
    if call.params.get("rich_message") and call.world.rich_messages:
        rich = read_rich(call)
        return {"rich_message": rich.to_json()}, rich.text
    if not call.params.get("text"):
        raise bad_request("message text is empty")
    text, entities = read_text(call, "text")
    if not text:
        raise bad_request("text must be non-empty")
    return {"text": text, "entities": entities}, text


async def edit_caption(call: Call) -> Json:
    open_chat(call)
    chat, message = own_message(call, "edit")
    caption, entities = read_text(call, "caption")
    changes = {"caption": caption, "caption_entities": entities}
    return apply_edit(
        call, "editMessageCaption", chat=chat, message=message, changes=changes, shown=caption
    )


async def edit_markup(call: Call) -> Json:
    open_chat(call)
    chat, message = own_message(call, "edit")
    return apply_edit(call, "editMessageReplyMarkup", chat=chat, message=message, changes={})


async def delete_message(call: Call) -> bool:
    chat, message = own_message(call, "delete")
    _forget(call, chat.id, message_id=message["message_id"])
    return True


async def delete_messages(call: Call) -> bool:
    chat = known_chat(call)
    for message_id in json_param(call.params, "message_ids") or []:
        _forget(call, chat.id, message_id=int(message_id))
    return True


def _forget(call: Call, chat_id: int, *, message_id: int) -> None:
    call.bot.messages.pop((chat_id, message_id), None)
    call.bot.sources.pop((chat_id, message_id), None)
    record(call, "deleteMessage", chat_id=chat_id, message_id=message_id, params={})


# messages that one person sees


async def edit_ephemeral_text(call: Call) -> bool:
    key = ephemeral_key(call)
    changes, shown = _new_text(call)
    return _edit_ephemeral(call, key, changes=dict.fromkeys(_TEXTUAL) | changes, shown=shown)


async def edit_ephemeral_caption(call: Call) -> bool:
    key = ephemeral_key(call)
    caption, entities = read_text(call, "caption")
    changes = {"caption": caption, "caption_entities": entities}
    return _edit_ephemeral(call, key, changes=changes, shown=caption)


async def edit_ephemeral_markup(call: Call) -> bool:
    return _edit_ephemeral(call, ephemeral_key(call), changes={}, shown="")


def _edit_ephemeral(call: Call, key: tuple[int, int, int], *, changes: Json, shown: str) -> bool:
    call.bot.ephemerals[key] = changed(call, call.bot.ephemerals[key], changes)
    more = in_transcript(key)
    record(call, call.method, chat_id=key[0], message_id=None, text=shown, more=more)
    return True


async def delete_ephemeral(call: Call) -> bool:
    key = ephemeral_key(call, writing=False)
    del call.bot.ephemerals[key]
    record(call, call.method, chat_id=key[0], message_id=None, more=in_transcript(key))
    return True
