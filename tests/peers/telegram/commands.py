"""Menus of commands: one for every scope and language, and which of them somebody sees."""

from __future__ import annotations

import json
import re

from tests.peers.telegram.wire import ApiError, Json, bad_request, is_int, json_param
from tests.peers.telegram.world import Bot, Call, Chat

_MOST = 100
_NAME = re.compile(r"/?[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_DEFAULT: Json = {"type": "default"}
# Scopes, and what each has to name.
_SCOPES: dict[str, tuple[str, ...]] = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


async def set_my_commands(call: Call) -> bool:
    commands = json_param(call.params, "commands")
    if not isinstance(commands, list):
        raise bad_request("can't parse commands: expected an Array of BotCommand")
    if len(commands) > _MOST:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    key = _key(call)
    menu = [_command(item) for item in commands]
    if menu:
        call.bot.menus[key] = menu
    else:
        call.bot.menus.pop(key, None)
    _record(call, "setMyCommands", key=key, names=[command["command"] for command in menu])
    return True


async def get_my_commands(call: Call) -> list[Json]:
    return call.bot.menus.get(_key(call), [])


async def delete_my_commands(call: Call) -> bool:
    key = _key(call)
    call.bot.menus.pop(key, None)
    _record(call, "deleteMyCommands", key=key, names=[])
    return True


def menu(
    bot: Bot, chat: Chat, *, user_id: int | None = None, admin: bool = False, language: str = ""
) -> list[Json]:
    """Give the commands somebody sees in a chat (Bot API, "Determining list of commands")."""
    for scope in _scopes_seen(chat, user_id=user_id, admin=admin):
        for spoken in (language, "") if language else ("",):
            found = bot.menus.get((_scope_key(scope), spoken))
            if found is not None:
                return found
    return []


def _scopes_seen(chat: Chat, *, user_id: int | None, admin: bool) -> list[Json]:
    """The scopes somebody is in, the narrowest first."""
    here: Json = {"type": "chat", "chat_id": chat.id}
    if chat.type == "private":
        return [here, {"type": "all_private_chats"}, _DEFAULT]
    scopes: list[Json] = [{**here, "type": "chat_member", "user_id": user_id}]
    scopes += [{**here, "type": "chat_administrators"}] if admin else []
    scopes += [here]
    scopes += [{"type": "all_chat_administrators"}] if admin else []
    return [*scopes, {"type": "all_group_chats"}, _DEFAULT]


def _key(call: Call) -> tuple[str, str]:
    """Check scope and language of a call."""
    language = str(call.params.get("language_code") or "")
    if language and not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    scope = json_param(call.params, "scope")
    if scope is None:
        return _scope_key(_DEFAULT), language
    if not isinstance(scope, dict):
        raise bad_request("can't parse BotCommandScope: object expected as bot command scope")
    kind = str(scope.get("type"))
    if kind not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    needed = _SCOPES[kind]
    for name in needed:
        if not is_int(scope.get(name)):
            raise bad_request(f"can't parse BotCommandScope: can't find field {name!r}")
    if needed:
        _check_chat(call, kind, int(scope["chat_id"]))
    return _scope_key({"type": kind, **{name: int(scope[name]) for name in needed}}), language


def _check_chat(call: Call, kind: str, chat_id: int) -> None:
    chat = call.world.chats.get(chat_id)
    if chat is None and call.world.strict_chats:
        raise bad_request("chat not found")
    if chat is None or kind == "chat":
        return
    if chat.type == "private":
        raise ApiError(400, f"Bad Request: can't use the scope {kind} in a private chat")


def _scope_key(scope: Json) -> str:
    return json.dumps(scope, sort_keys=True)


def _command(item: Json) -> Json:
    name, description = item.get("command"), item.get("description")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not isinstance(description, str) or not 1 <= len(description.strip()) <= 256:
        raise bad_request("command description must be 1-256 characters long")
    command: Json = {"command": name.removeprefix("/"), "description": description.strip()}
    return command | ({"is_ephemeral": True} if item.get("is_ephemeral") else {})


def _record(call: Call, method: str, *, key: tuple[str, str], names: list[str]) -> None:
    event: Json = {
        "t": call.t,
        "method": method,
        "chat_id": None,
        "message_id": None,
        "text": " ".join(names),
        "scope": json.loads(key[0]),
        "language": key[1],
    }
    call.world.transcript.record_out(event, call.params)
