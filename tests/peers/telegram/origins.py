"""Who speaks, and who wrote what is sent on."""

from __future__ import annotations

import time

from tests.peers.telegram.wire import Json
from tests.peers.telegram.world import Chat, user_json

# Accounts Telegram writes for whoever does not write as a person (Bot API, Message.from).
_ANONYMOUS: Json = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
_CHANNEL: Json = {
    "id": 136817688,
    "is_bot": True,
    "first_name": "Channel",
    "username": "Channel_Bot",
}


def speaker(chat: Chat, user: Json, spec: Json) -> Json:
    """The fields of a message that tell who wrote it.

    In a channel that is the channel; an ``anonymous`` administrator speaks as the group, and
    ``as_channel`` (its number) as a channel.
    """
    if chat.type == "channel":
        signed = {"author_signature": spec["signature"]} if spec.get("signature") else {}
        return {"sender_chat": chat.to_json(), **signed}
    if spec.get("anonymous"):
        return {"from": _ANONYMOUS, "sender_chat": chat.to_json()}
    if spec.get("as_channel") is not None:
        return {"from": _CHANNEL, "sender_chat": _channel(int(spec["as_channel"]), spec)}
    return {"from": user}


def origin(author: object) -> Json:
    """Who wrote what is sent on.

    A user id, the name of somebody who hides behind it, ``{"channel": id, "title", "message_id",
    "signature"}`` or ``{"chat": id, "title"}`` of a group in whose name it was written.
    """
    written = int(time.time())
    if isinstance(author, int):
        return {"type": "user", "date": written, "sender_user": user_json(author)}
    if not isinstance(author, dict):
        return {"type": "hidden_user", "date": written, "sender_user_name": str(author)}
    signed = {"author_signature": author["signature"]} if author.get("signature") else {}
    if "channel" in author:
        chat = _channel(int(author["channel"]), author)
        number = int(author.get("message_id", 1))
        return {"type": "channel", "date": written, "chat": chat, "message_id": number, **signed}
    group = Chat(int(author["chat"]), "supergroup", str(author.get("title", "")))
    return {"type": "chat", "date": written, "sender_chat": group.to_json(), **signed}


def _channel(chat_id: int, said: Json) -> Json:
    return Chat(chat_id, "channel", str(said.get("title", ""))).to_json()
