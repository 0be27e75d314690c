"""Menus of commands on Telegram."""

from minibot.adapters.channels.telegram.client import TelegramClient
from minibot.adapters.channels.telegram.methods import DeleteMyCommands, Json, SetMyCommands
from minibot.core.menus import Audience, CommandMenu

MENU_SECONDS = 10.0
LONGEST_DESCRIPTION = 256
"""Characters (Bot API, BotCommand)."""


async def offer_menu(client: TelegramClient, menu: CommandMenu) -> None:
    """Show a menu from now on, or take it away. Raises `ChannelError`."""
    scope, language = _scope(menu), menu.language or None
    if not menu.entries:
        method = DeleteMyCommands(scope=scope, language_code=language)
        await client.call(method, timeout=MENU_SECONDS)
        return
    commands = [
        {"command": entry.name, "description": entry.description[:LONGEST_DESCRIPTION]}
        for entry in menu.entries
    ]
    await client.call(
        SetMyCommands(commands=commands, scope=scope, language_code=language),
        timeout=MENU_SECONDS,
    )


def _scope(menu: CommandMenu) -> Json:
    """Name who sees it (Bot API, BotCommandScope). A private chat has the id of its person."""
    match menu.audience:
        case Audience.PRIVATE:
            return {"type": "all_private_chats"}
        case Audience.GROUPS:
            return {"type": "all_group_chats"}
        case Audience.PERSON:
            return {"type": "chat", "chat_id": int(menu.person_id)}
