"""The Bot API methods by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.peers.telegram import (
    commands,
    drafts,
    editing,
    forum,
    profile,
    reactions,
    sending,
    updates,
)
from tests.peers.telegram.wire import bad_request
from tests.peers.telegram.world import Call

_METHODS: dict[str, Callable[[Call], Awaitable[Any]]] = {
    "getme": profile.get_me,
    "getupdates": updates.get_updates,
    "setwebhook": updates.set_webhook,
    "deletewebhook": updates.delete_webhook,
    "getwebhookinfo": updates.get_webhook_info,
    "logout": profile.accept,
    "close": profile.accept,
    "setmycommands": commands.set_my_commands,
    "deletemycommands": commands.delete_my_commands,
    "getmycommands": commands.get_my_commands,
    "getchat": profile.get_chat,
    "getchatmember": profile.get_chat_member,
    "getfile": profile.get_file,
    "answercallbackquery": profile.answer_callback,
    "sendmessage": sending.send_message,
    "sendmessagedraft": drafts.send_draft,
    "sendrichmessagedraft": drafts.send_rich_draft,
    "sendrichmessage": sending.send_rich,
    "sendmediagroup": sending.send_media_group,
    "sendchataction": sending.send_chat_action,
    "forwardmessage": sending.forward_message,
    "copymessage": sending.copy_message,
    "editmessagetext": editing.edit_text,
    "editmessagecaption": editing.edit_caption,
    "editmessagereplymarkup": editing.edit_markup,
    "deletemessage": editing.delete_message,
    "deletemessages": editing.delete_messages,
    "editephemeralmessagetext": editing.edit_ephemeral_text,
    "editephemeralmessagecaption": editing.edit_ephemeral_caption,
    "editephemeralmessagereplymarkup": editing.edit_ephemeral_markup,
    "deleteephemeralmessage": editing.delete_ephemeral,
    "setmessagereaction": reactions.set_reaction,
    "createforumtopic": forum.create_topic,
    "editforumtopic": forum.edit_topic,
    "closeforumtopic": forum.close_topic,
    "reopenforumtopic": forum.reopen_topic,
    "deleteforumtopic": forum.delete_topic,
}
# Getters that answer the same always; their setters are accepted like any unknown method.
_EMPTY: dict[str, Any] = {
    "getmydescription": {"description": ""},
    "getmyshortdescription": {"short_description": ""},
    "getmyname": {"name": "Fake Bot"},
    "getchatmenubutton": {"type": "default"},
    "getchatmembercount": 2,
    "getforumtopiciconstickers": [],
    "getuserprofilephotos": {"total_count": 0, "photos": []},
}


async def execute(call: Call) -> Any:
    """Run one method and answer its ``result``; whatever is wrong with the call is an ApiError."""
    name = call.method.lower()
    handler = _METHODS.get(name)
    try:
        if handler is not None:
            return await handler(call)
        if name in sending.MEDIA_FIELDS:
            return sending.send_media(call, sending.MEDIA_FIELDS[name])
        if name in _EMPTY:
            return _EMPTY[name]
        return sending.send_unknown(call)
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        # A parameter of another shape than documented: a list for an object, a word for a number.
        raise bad_request(f"can't parse parameters of {call.method}: {exc!r}") from exc
