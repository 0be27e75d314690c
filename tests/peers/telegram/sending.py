"""Methods that create messages, or look as if they did."""

from __future__ import annotations

from tests.peers.telegram.files import media_json
from tests.peers.telegram.messages import MAX_TEXT, open_chat, read_text, record, rich_text, store
from tests.peers.telegram.wire import (
    ApiError,
    Json,
    bad_request,
    bool_param,
    int_param,
    is_int,
    json_param,
)
from tests.peers.telegram.world import Call, ShownDraft

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
# ``send*`` methods whose result is ``true`` and not a Message.
_RETURNS_TRUE = {
    "sendchataction",
    "sendmessagedraft",
    "sendrichmessagedraft",
    "sendgift",
    "sendchatjoinrequestwebapp",
}
_NOT_FORWARDED = {"message_id", "from", "chat", "date", "reply_markup", "reply_to_message"}


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


async def send_draft(call: Call) -> bool:
    chat = open_chat(call, flood=False)
    if chat.type != "private":
        raise bad_request("drafts can be sent only to private chats")
    if int_param(call.params, "draft_id") == 0:
        raise bad_request("invalid draft_id specified")
    text, _ = read_text(call, "text")
    thread = call.params.get("message_thread_id")
    call.bot.drafts[chat.id] = ShownDraft(
        id=int_param(call.params, "draft_id"),
        text=text,
        t=call.t,
        can_stop=bool_param(call.params, "can_stop"),
        keep_on_stop=bool_param(call.params, "keep_on_stop"),
        thread=int(str(thread)) if is_int(thread) else None,
    )
    record(call, "sendMessageDraft", chat_id=chat.id, message_id=None, text=text)
    return True


async def send_rich(call: Call) -> Json:
    chat = open_chat(call)
    text = rich_text(call.params)
    if not text and not (json_param(call.params, "rich_message") or {}).get("blocks"):
        raise bad_request("rich message must be non-empty")
    content = {"text": text[:MAX_TEXT]}
    return store(call, "sendRichMessage", chat=chat, content=content, text=text)


async def send_chat_action(call: Call) -> bool:
    chat = open_chat(call, flood=False)
    action = str(call.params.get("action", ""))
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    record(call, "sendChatAction", chat_id=chat.id, message_id=None, text=action, params={})
    return True


def send_media(call: Call, kind: str) -> Json:
    chat = open_chat(call)
    caption, entities = read_text(call, "caption")
    stored = call.world.files.resolve(kind, call.params, uploads=call.uploads)
    content: Json = {kind: media_json(kind, stored)}
    if caption:
        content["caption"] = caption
        if entities:
            content["caption_entities"] = entities
    return store(call, call.method, chat=chat, content=content, text=caption)


async def send_media_group(call: Call) -> list[Json]:
    media = json_param(call.params, "media")
    if not isinstance(media, list) or not 2 <= len(media) <= 10:
        raise bad_request("group send failed: wrong number of media")
    sent = []
    for item in media:
        kind = str(item.get("type", "photo"))
        params = {**call.params, **item, kind: item.get("media")}
        one = call._replace(method=f"send{kind.capitalize()}", params=params)
        sent.append(send_media(one, kind))
    return sent


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
    record(call, call.method, chat_id=chat.id, message_id=None, text=rich_text(call.params))
    return True
