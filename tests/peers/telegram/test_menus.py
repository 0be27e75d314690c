"""Menus of commands by scope and language."""

from __future__ import annotations

from typing import Any

import pytest

from tests.peers.telegram.rig import Rig
from tests.peers.telegram.wire import Json

GROUP = -100


def menu(*names: str) -> list[Json]:
    return [{"command": name, "description": f"What {name} does"} for name in names]


def names(commands: list[Json]) -> list[str]:
    return [command["command"] for command in commands]


async def test_a_menu_is_kept_for_its_scope_and_language(rig: Rig) -> None:
    rig.app.chat(7)
    owner = {"scope": {"type": "chat", "chat_id": 7}}
    await rig.ok("setMyCommands", commands=menu("help"))
    await rig.ok("setMyCommands", commands=menu("hilfe"), language_code="de")
    await rig.ok("setMyCommands", commands=menu("restart"), **owner)
    assert await rig.ok("getMyCommands") == menu("help")
    assert await rig.ok("getMyCommands", scope={"type": "default"}) == menu("help")
    assert await rig.ok("getMyCommands", language_code="de") == menu("hilfe")
    assert await rig.ok("getMyCommands", **owner) == menu("restart")
    assert await rig.ok("getMyCommands", **owner, language_code="de") == []
    await rig.ok("deleteMyCommands", **owner)
    await rig.ok("setMyCommands", commands=[], language_code="de")
    assert await rig.ok("getMyCommands", **owner) == []
    assert await rig.ok("getMyCommands", language_code="de") == []
    assert rig.bot.commands == menu("help")
    events = [(e["method"], e["text"], e["scope"]["type"], e["language"]) for e in rig.app.events]
    assert events == [
        ("setMyCommands", "help", "default", ""),
        ("setMyCommands", "hilfe", "default", "de"),
        ("setMyCommands", "restart", "chat", ""),
        ("deleteMyCommands", "", "chat", ""),
        ("setMyCommands", "", "default", "de"),
    ]


async def test_somebody_sees_the_narrowest_menu_that_is_set(rig: Rig) -> None:
    rig.app.chat(7)
    rig.app.chat(GROUP)
    for scope, name, language in [
        ({"type": "default"}, "default", ""),
        ({"type": "default"}, "standard", "de"),
        ({"type": "all_private_chats"}, "private", ""),
        ({"type": "chat", "chat_id": 7}, "owner", ""),
        ({"type": "all_group_chats"}, "group", ""),
        ({"type": "all_chat_administrators"}, "admins", ""),
        ({"type": "chat_administrators", "chat_id": GROUP}, "these_admins", ""),
        ({"type": "chat_member", "chat_id": GROUP, "user_id": 5}, "member", ""),
    ]:
        await rig.ok(
            "setMyCommands", commands=menu(name), scope=scope, language_code=language or None
        )
    seen = rig.app.menu
    assert names(seen(7)) == names(seen(7, language="de")) == ["owner"]
    assert names(seen(8)) == ["private"]
    assert names(seen(GROUP, user_id=5, admin=True)) == ["member"]
    assert names(seen(GROUP, user_id=6, admin=True)) == ["these_admins"]
    assert names(seen(GROUP, user_id=6)) == ["group"]
    assert names(seen(-200, user_id=6, admin=True)) == ["admins"]
    await rig.ok("deleteMyCommands", scope={"type": "all_private_chats"})
    assert names(seen(8)) == ["default"]
    assert names(seen(8, language="de")) == ["standard"]
    assert names(seen(8, language="fr")) == ["default"]


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"commands": menu(*[f"c{n}" for n in range(101)])}, "BOT_COMMANDS_TOO_MUCH"),
        ({"commands": menu("Help")}, "BOT_COMMAND_INVALID"),
        ({"commands": menu("x" * 33)}, "BOT_COMMAND_INVALID"),
        ({"commands": menu("")}, "BOT_COMMAND_INVALID"),
        ({"commands": menu("a-b")}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "x", "description": " "}]}, "1-256 characters"),
        ({"commands": [{"command": "x", "description": "x" * 257}]}, "1-256 characters"),
        ({"commands": [{"command": "x"}]}, "1-256 characters"),
        ({"commands": ["x"]}, "can't parse"),
        ({"commands": None}, "can't parse commands"),
        ({"language_code": "deu"}, "language code"),
        ({"scope": "default"}, "can't parse"),
        ({"scope": {"type": "everybody"}}, "unsupported type"),
        ({"scope": {"type": "chat"}}, "can't find field 'chat_id'"),
        ({"scope": {"type": "chat_member", "chat_id": 7}}, "can't find field 'user_id'"),
        ({"scope": {"type": "chat", "chat_id": 9}}, "chat not found"),
        ({"scope": {"type": "chat_administrators", "chat_id": 7}}, "private chat"),
    ],
)
async def test_what_is_no_menu_is_refused(rig: Rig, params: Json, problem: str) -> None:
    rig.app.chat(7)
    status, text = await rig.fails("setMyCommands", **{"commands": menu("x")} | params)
    assert (status, problem in text) == (400, True), text
    assert rig.app.menu(7) == []


async def test_the_limits_themselves_are_allowed(rig: Rig) -> None:
    largest: list[dict[str, Any]] = [
        {"command": f"{n:a>32}", "description": "x" * 256} for n in range(100)
    ]
    await rig.ok("setMyCommands", commands=largest)
    assert await rig.ok("getMyCommands") == largest
    hidden = [{"command": "/x", "description": "x", "is_ephemeral": True}]
    await rig.ok("setMyCommands", commands=hidden)
    assert await rig.ok("getMyCommands") == [{**hidden[0], "command": "x"}]
    assert rig.app.menu(7) == [{**hidden[0], "command": "x"}]
