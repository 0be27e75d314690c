"""Methods that create messages, or look as if they did."""

from __future__ import annotations

from tests.peers.telegram.files import media_json
from tests.peers.telegram.keeping import record, store
from tests.peers.telegram.messages import open_chat, read_text
from tests.peers.telegram.rich import read_rich
from tests.peers.telegram.topics import GENERAL, thread_of
from tests.peers.telegram.wire import (
    ApiError,
    Json,
    bad_request,
    int_param,
    json_param,
)
from tests.peers.telegram.world import Call

MEDIA_FIELDS = {
    "sendphoto": "photo",
    "senddocument": "document",
    "sendvoice": "voice",
    "sendaudio": "audio",
    "sendvideo": "video",
    "sendanimation": "animation",
    "sendvideonote": "video_note",
    "sendsticker": "sticker",
}
_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
_IN_ALBUMS = {"photo", "video", "document", "audio"}
# ``send*`` methods whose result is ``true`` and not a Message.
_RETURNS_TRUE = {
    "sendchataction",
    "sendgift",
    "sendchatjoinrequestwebapp",
}
_NOT_FORWARDED = {
    *("message_id", "from", "chat", "date", "sender_chat", "reply_markup", "reply_to_message"),
    *("media_group_id", "message_thread_id", "is_topic_message"),
}


async def send_message(call: Call) -> Json:
    chat = open_chat(call)
    if not call.params.get("text"):
        raise bad_request("message text is empty")
    text, entities = read_text(call, "text")
    if not text:
        raise bad_request("text must be non-empty")
    content: Json = {"text": text}
    if entities:
        content["entities"] = entities
    return store(call, "sendMessage", chat=chat, content=content, text=text)


async def send_rich(call: Call) -> Json:
    chat = open_chat(call)
    rich = read_rich(call)
    content: Json = {"rich_message": rich.to_json()}
    return store(call, "sendRichMessage", chat=chat, content=content, text=rich.text)


async def send_chat_action(call: Call) -> bool:
    chat = open_chat(call, flood=False)
    action = str(call.params.get("action", ""))
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    if chat.is_forum and int_param(call.params, "message_thread_id") == GENERAL:
        thread: int | None = GENERAL
    else:
        thread = thread_of(call, chat)
    more: Json = {} if thread is None else {"message_thread_id": thread}
    name = "sendChatAction"
    record(call, name, chat_id=chat.id, message_id=None, text=action, params={}, more=more)
    return True


def send_media(call: Call, kind: str) -> Json:
    chat = open_chat(call)
    content = _media_content(call, kind)
    caption = content.get("caption", "")
    return store(call, call.method, chat=chat, content=content, text=caption)


def _media_content(call: Call, kind: str) -> Json:
    caption, entities = read_text(call, "caption")
    stored = call.world.files.resolve(kind, call.params, uploads=call.uploads)
    content: Json = {kind: media_json(kind, stored)}
    if caption:
        content["caption"] = caption
        if entities:
            content["caption_entities"] = entities
    return content


async def send_media_group(call: Call) -> list[Json]:
    """Send an album: all of it, or, when anything is wrong with one of its parts, nothing."""
    chat = open_chat(call)
    media = json_param(call.params, "media")
    if not isinstance(media, list) or not 2 <= len(media) <= 10:
        raise bad_request("group send failed: wrong number of media")
    _check_album(media)
    contents = [_album_part(call, item) for item in media]
    call.bot.next_album_id += 1
    album = {"media_group_id": str(call.bot.next_album_id)}
    # An album has no buttons.
    plain = call._replace(params={k: v for k, v in call.params.items() if k != "reply_markup"})
    return [
        store(plain, call.method, chat=chat, content=part | album, text=part.get("caption", ""))
        for part in contents
    ]


def _check_album(media: list[Json]) -> None:
    kinds = {str(item.get("type")) for item in media}
    if unknown := kinds - _IN_ALBUMS:
        raise bad_request(f"can't parse InputMedia: type {min(unknown)!r} is not supported")
    for alone in ("document", "audio"):
        if alone in kinds and len(kinds) > 1:
            raise bad_request(f"{alone} can't be mixed with other media types")
    if len({bool(item.get("show_caption_above_media")) for item in media}) > 1:
        raise bad_request("parameter show_caption_above_media must be the same for all messages")


def _album_part(call: Call, item: Json) -> Json:
    kind = str(item["type"])
    if not item.get("media"):
        raise bad_request("can't parse InputMedia: media not found")
    return _media_content(call._replace(params={**item, kind: item["media"]}), kind)


async def forward_message(call: Call) -> Json:
    return _forward(call, "forwardMessage")


async def copy_message(call: Call) -> Json:
    return {"message_id": _forward(call, "copyMessage")["message_id"]}


def _forward(call: Call, method: str) -> Json:
    chat = open_chat(call)
    key = (int_param(call.params, "from_chat_id"), int_param(call.params, "message_id"))
    source = call.bot.messages.get(key)
    if source is None:
        raise bad_request("message to forward not found")
    content = {k: v for k, v in source.items() if k not in _NOT_FORWARDED}
    text = content.get("text") or content.get("caption") or ""
    return store(call, method, chat=chat, content=content, text=text)


def send_unknown(call: Call) -> Json | bool:
    """Answer a method this server does not model as the Bot API documents it."""
    name = call.method.lower()
    if call.world.unknown_methods != "ok":
        raise ApiError(404, "Not Found: method not found")
    if "chat_id" not in call.params or not name.startswith(("send", "forward")):
        return True
    if name not in _RETURNS_TRUE:
        return store(call, call.method, chat=open_chat(call), content={}, text="")
    chat = open_chat(call, flood=False)
    text = str(call.params.get("text") or call.params.get("caption") or "")
    record(call, call.method, chat_id=chat.id, message_id=None, text=text)
    return True
