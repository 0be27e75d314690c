"""Messages that one person in a group sees: who, and changing them."""

from __future__ import annotations

from tests.peers.telegram.messages import known_chat, open_chat
from tests.peers.telegram.wire import Json, bad_request, int_param, is_int, json_param
from tests.peers.telegram.world import Call, Chat

# Bot API 10.3: the methods that take ephemeral_message_parameters.
_METHODS = {
    "sendmessage",
    "sendrichmessage",
    "sendphoto",
    "sendlivephoto",
    "senddocument",
    "sendvoice",
    "sendaudio",
    "sendvideo",
    "sendvideonote",
    "sendanimation",
    "sendsticker",
    "sendlocation",
    "sendvenue",
    "sendcontact",
}


def receiver_of(call: Call, chat: Chat) -> int | None:
    """Who alone is to see the message; None for everybody."""
    asked = json_param(call.params, "ephemeral_message_parameters")
    if asked is None or call.method.lower() not in _METHODS:
        return None
    if not isinstance(asked, dict) or not is_int(asked.get("receiver_user_id")):
        raise bad_request("can't parse EphemeralMessageParameters: receiver_user_id is missing")
    if chat.type not in ("group", "supergroup"):
        raise bad_request("ephemeral messages can be sent only to groups")
    receiver = int(asked["receiver_user_id"])
    if receiver <= 0 or receiver == call.bot.id:
        raise bad_request("invalid receiver_user_id specified")
    query_id = asked.get("callback_query_id")
    if query_id and call.bot.pressed.get(str(query_id)) != receiver:
        raise bad_request("QUERY_ID_INVALID")
    if asked.get("replace_callback_query_message") and not query_id:
        raise bad_request("callback_query_id must be specified to replace its message")
    return receiver


def ephemeral_key(call: Call, *, writing: bool = True) -> tuple[int, int, int]:
    """Which ephemeral message a call means to change."""
    chat = open_chat(call) if writing else known_chat(call)
    receiver = int_param(call.params, "receiver_user_id")
    key = (chat.id, receiver, int_param(call.params, "ephemeral_message_id"))
    if key not in call.bot.ephemerals:
        raise bad_request("message to edit not found" if writing else "message to delete not found")
    return key


def in_transcript(key: tuple[int, int, int]) -> Json:
    """What an event says of an ephemeral message, which has no number of its own."""
    return {"receiver_user_id": key[1], "ephemeral_message_id": key[2]}
