"""Menus of commands, as Telegram is told of them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from minibot.core.errors import SendRefused, SlowDown
from minibot.core.menus import Audience, CommandMenu, MenuEntry
from tests.adapters.channels.telegram.channel_rig import Rig
from tests.adapters.channels.telegram.scripted_api import ScriptedApi, ok, refusal

ENTRIES = (MenuEntry(name="help", description="show this list"),)


@pytest.fixture
async def rig(api: ScriptedApi) -> AsyncIterator[Rig[ScriptedApi]]:
    opened = Rig(api)
    yield opened
    await opened.channel.close()


@pytest.mark.parametrize(
    ("menu", "told"),
    [
        (CommandMenu(audience=Audience.PRIVATE), {"scope": {"type": "all_private_chats"}}),
        (
            CommandMenu(audience=Audience.GROUPS, language="de"),
            {"scope": {"type": "all_group_chats"}, "language_code": "de"},
        ),
        (
            CommandMenu(audience=Audience.PERSON, person_id="7"),
            {"scope": {"type": "chat", "chat_id": 7}},
        ),
    ],
)
async def test_a_menu_without_entries_is_taken_away(
    rig: Rig[ScriptedApi], menu: CommandMenu, told: dict[str, Any]
) -> None:
    rig.api.will_say("deleteMyCommands", ok(True))
    await rig.channel.offer_menu(menu)
    (call,) = rig.api.calls
    assert (call.method, call.parameters) == ("deleteMyCommands", told)


async def test_a_menu_is_offered_with_descriptions_that_fit(rig: Rig[ScriptedApi]) -> None:
    rig.api.will_say("setMyCommands", ok(True))
    entries = (*ENTRIES, MenuEntry(name="long", description="x" * 300))
    await rig.channel.offer_menu(CommandMenu(audience=Audience.PRIVATE, entries=entries))
    (call,) = rig.api.calls
    assert call.parameters["commands"] == [
        {"command": "help", "description": "show this list"},
        {"command": "long", "description": "x" * 256},
    ]


@pytest.mark.parametrize(
    ("code", "description", "error"),
    [
        (400, "Bad Request: chat not found", SendRefused),
        (429, "Too Many Requests: retry after 5", SlowDown),
    ],
)
async def test_what_telegram_says_against_it_is_raised(
    rig: Rig[ScriptedApi], code: int, description: str, error: type[Exception]
) -> None:
    said = refusal(code, description, **({"retry_after": 5} if code == 429 else {}))
    rig.api.will_say("setMyCommands", said)
    menu = CommandMenu(audience=Audience.PERSON, person_id="7", entries=ENTRIES)
    with pytest.raises(error):
        await rig.channel.offer_menu(menu)
