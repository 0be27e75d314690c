"""Keeps the menus of commands that a channel shows as they should be."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Mapping

from minibot.app.channels import ChannelSet
from minibot.app.first_of import first_of
from minibot.app.handlers.command import Command
from minibot.app.handlers.commands import described
from minibot.core.access import TELEGRAM
from minibot.core.errors import ChannelError, SendRefused, SlowDown, StorageError
from minibot.core.menus import Audience, CommandMenu, MenuEntry
from minibot.core.ports import Clock, Preferences, SettingsSource
from minibot.core.settings import Settings
from minibot.core.texts import LANGUAGES, texts_in

log = logging.getLogger(__name__)

PLACE = f"{TELEGRAM}:menus"
"""Stands where `Preferences` have a conversation."""

CHOICE = "offered"

SOON_SECONDS = 0.5
"""Wait before another try, at first: the channel may just be starting."""

LATE_SECONDS = 600.0
"""The longest wait. An owner who never wrote to the bot cannot be given a menu yet."""


class CommandMenus:
    """Offers menus after the start and after every change of the settings.

    What was offered before is not offered again, by this process or another: a digest of each
    menu is kept. Whatever fails is tried again later, and nothing else waits for it.
    """

    def __init__(
        self,
        commands: Mapping[str, Command],
        *,
        channels: ChannelSet,
        settings: SettingsSource,
        preferences: Preferences,
        clock: Clock,
    ) -> None:
        self._commands = commands
        self._channels = channels
        self._settings = settings
        self._preferences = preferences
        self._clock = clock
        self._changed = asyncio.Event()

    def follow_settings(self) -> None:
        """Look at the settings again, because they changed."""
        self._changed.set()

    async def run(self) -> None:
        """Offer them until cancelled."""
        pause = SOON_SECONDS
        while True:
            self._changed.clear()
            least = await self.offer()
            if least is None:
                await self._changed.wait()
            else:
                await first_of(self._clock.sleep(max(pause, least)), self._changed.wait())
            pause = SOON_SECONDS if self._changed.is_set() else min(pause * 2, LATE_SECONDS)

    async def offer(self) -> float | None:
        """Offer what differs from what was offered last.

        Gives None when all is as it should be, else the seconds to wait at least.
        """
        settings = self._settings.current
        if not settings.channels.telegram.enabled:
            return None
        offered = self._offered()
        wanted = {menu.key: menu for menu in menus_of(self._commands, settings)}
        account = settings.channels.telegram.bot_id
        wait: float | None = None
        refused = ""
        before = dict(offered)
        for menu in (*(_taken_away(key) for key in offered if key not in wanted), *wanted.values()):
            digest = _digest(account, menu)
            if offered.get(menu.key) == digest or menu.person_id == refused != "":
                continue
            error = await self._offer(menu)
            is_refused = isinstance(error, SendRefused)
            if is_refused and not menu.entries:
                error = None  # whoever cannot be reached sees no menu
            if error is None:
                offered[menu.key] = digest
                if not menu.entries:
                    del offered[menu.key]
                continue
            log.info("a menu waits", extra={"menu": menu.key, "problem": str(error)})
            wait = error.retry_after if isinstance(error, SlowDown) else 0.0
            if not is_refused:
                break
            refused = menu.person_id  # there is no chat with them yet, whatever the language
        if offered != before:
            await self._keep(offered)
        return wait

    async def _offer(self, menu: CommandMenu) -> ChannelError | None:
        """Offer one; gives what was wrong."""
        channel = self._channels.find(TELEGRAM)
        if channel is None:
            return ChannelError("the channel is not there yet")
        try:
            await channel.offer_menu(menu)
        except ChannelError as error:
            return error
        return None

    def _offered(self) -> dict[str, str]:
        """Give digests of what was offered, by the keys of the menus."""
        try:
            found = json.loads(self._preferences.get(PLACE, CHOICE) or "{}")
        except ValueError:
            return {}
        if not isinstance(found, dict):
            return {}
        known = [each.value for each in Audience]  # a newer minibot may have had more
        return {key: kept for key, kept in found.items() if key.partition(":")[0] in known}

    async def _keep(self, offered: Mapping[str, str]) -> None:
        try:
            await self._preferences.set(PLACE, CHOICE, json.dumps(offered))
        except StorageError:
            log.exception("which menus were offered is not kept; they are offered once more")


def menus_of(commands: Mapping[str, Command], settings: Settings) -> list[CommandMenu]:
    """Make every menu there should be."""
    owners = [str(owner) for owner in settings.channels.telegram.owners]
    audiences = [(Audience.PRIVATE, ""), (Audience.GROUPS, "")]
    audiences += [(Audience.PERSON, owner) for owner in owners]
    return [
        CommandMenu(
            audience=audience,
            person_id=person,
            language=language,
            entries=_entries(commands, audience, language),
        )
        for audience, person in audiences
        for language in ("", *(code for code in LANGUAGES if code != "en"))
    ]


def _entries(
    commands: Mapping[str, Command], audience: Audience, language: str
) -> tuple[MenuEntry, ...]:
    texts = texts_in(language)
    return tuple(
        MenuEntry(name=name, description=described(name, command, texts))
        for name, command in commands.items()
        if (command.in_groups if audience is Audience.GROUPS else command.in_private)
        and (audience is Audience.PERSON or not command.owner_only)
    )


def _taken_away(key: str) -> CommandMenu:
    audience, person, language = (*key.split(":"), "", "")[:3]
    return CommandMenu(audience=Audience(audience), person_id=person, language=language)


def _digest(account: str, menu: CommandMenu) -> str:
    shown = [account, *(f"{entry.name} {entry.description}" for entry in menu.entries)]
    return hashlib.sha256("\n".join(shown).encode()).hexdigest()[:16]
