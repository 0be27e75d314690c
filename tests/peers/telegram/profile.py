"""Methods about the bot itself, chats, files and button presses."""

from __future__ import annotations

from tests.peers.telegram.files import MAX_DOWNLOAD
from tests.peers.telegram.messages import known_chat
from tests.peers.telegram.wire import Json, bad_request, int_param
from tests.peers.telegram.world import Call, user_json

_MAX_TOAST = 200


async def get_me(call: Call) -> Json:
    return {
        **call.bot.user(),
        "can_join_groups": True,
        "can_read_all_group_messages": not call.world.privacy_mode,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": call.world.topics_enabled,
        "allows_users_to_create_topics": call.world.topics_enabled,
    }


async def accept(_call: Call) -> bool:
    return True


async def get_chat(call: Call) -> Json:
    return {**known_chat(call).to_json(), "accent_color_id": 0, "max_reaction_count": 11}


async def get_chat_member(call: Call) -> Json:
    chat = known_chat(call)
    user_id = int_param(call.params, "user_id")
    if user_id != call.bot.id:
        return {"status": "member", "user": user_json(user_id)}
    if not chat.bot_admin:
        return {"status": "member", "user": call.bot.user()}
    return {"status": "administrator", "user": call.bot.user(), "can_manage_topics": True}


async def get_file(call: Call) -> Json:
    stored = call.world.files.by_id.get(str(call.params.get("file_id", "")))
    if stored is None:
        raise bad_request("invalid file_id")
    if stored.size > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return {**stored.to_json(), "file_path": stored.path}


async def answer_callback(call: Call) -> bool:
    query_id = str(call.params.get("callback_query_id", ""))
    pressed_at = call.bot.callbacks.get(query_id)
    if pressed_at is None or call.t > pressed_at + call.world.callback_ttl:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    text = str(call.params.get("text") or "")
    if len(text) > _MAX_TOAST:
        raise bad_request("MESSAGE_TOO_LONG")
    del call.bot.callbacks[query_id]
    call.world.transcript.record(
        {
            "t": call.t,
            "dir": "out",
            "method": "answerCallbackQuery",
            "chat_id": None,
            "message_id": None,
            "text": text,
            "callback_query_id": query_id,
        }
    )
    return True
