"""Methods that change or remove messages, or react to them."""

from __future__ import annotations

from tests.peers.telegram.messages import (
    MAX_TEXT,
    apply_edit,
    known_chat,
    open_chat,
    own_message,
    read_text,
    record,
    rich_text,
)
from tests.peers.telegram.wire import Json, bad_request, int_param, json_param
from tests.peers.telegram.world import Call


async def edit_text(call: Call) -> Json:
    open_chat(call)
    chat, message = own_message(call, "edit")
    entities: list[Json] = []
    if call.params.get("rich_message"):
        text = rich_text(call.params)[:MAX_TEXT]
    elif call.params.get("text"):
        text, entities = read_text(call, "text")
    else:
        raise bad_request("message text is empty")
    if not text:
        raise bad_request("text must be non-empty")
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    changes = {"text": text, "entities": entities}
    return apply_edit(call, "editMessageText", chat=chat, message=message, changes=changes)


async def edit_caption(call: Call) -> Json:
    open_chat(call)
    chat, message = own_message(call, "edit")
    caption, entities = read_text(call, "caption")
    changes = {"caption": caption, "caption_entities": entities}
    return apply_edit(call, "editMessageCaption", chat=chat, message=message, changes=changes)


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


async def set_reaction(call: Call) -> bool:
    chat = open_chat(call, flood=False)
    message_id = int_param(call.params, "message_id")
    if (chat.id, message_id) not in call.bot.messages:
        raise bad_request("message to react not found")
    record(call, "setMessageReaction", chat_id=chat.id, message_id=message_id)
    return True
