"""Listens to one bot, by polling or by webhook, until everything that came is stored."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from minibot.adapters.channels.telegram.client import BadRequest, TelegramClient
from minibot.adapters.channels.telegram.methods import GetMe, Method, SetWebhook
from minibot.adapters.channels.telegram.polling import SHORT_CALL_SECONDS, Poller
from minibot.adapters.channels.telegram.topics import Places
from minibot.adapters.channels.telegram.updates import (
    Identity,
    Migration,
    UpdateReader,
    allowed_updates,
)
from minibot.core.errors import ChannelError, SlowDown, StorageUnavailable, TokenRefused
from minibot.core.messages import Arrival, ChatRef
from minibot.core.ports import Clock, Receive, RichForms, SettingsSource
from minibot.core.settings import TelegramChannel as TelegramSettings

log = logging.getLogger(__name__)

T = TypeVar("T")
Store = Callable[[list[Any]], Awaitable[None]]

STORAGE_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the channel needs of the rest."""

    settings: SettingsSource
    clock: Clock
    random: Callable[[], float]
    moved_chats: Callable[[], Mapping[str, str]]
    """Old chat key to new."""
    rich: RichForms
    on_moved: Callable[[ChatRef, str], Awaitable[None]]
    """Told when a group got a new id."""
    on_conflict: Callable[[], None]
    """Told when another process polls with the same token."""
    hold_token: Callable[[str], AbstractContextManager[None]]
    """Entered while the token is in use. Raises `AlreadyRunning`."""


class Listener:
    """Brings what people send to whoever stores it."""

    def __init__(
        self,
        settings: TelegramSettings,
        surroundings: Surroundings,
        client: TelegramClient,
        places: Places,
    ) -> None:
        self._settings = settings
        self._around = surroundings
        self._client = client
        self._places = places

    async def run(self, receive: Receive) -> None:
        """Listen until cancelled. Raises `TokenRefused`, `AlreadyRunning`."""
        with self._around.hold_token(self._settings.bot_token.get_secret_value()):
            reader = UpdateReader(
                await self._identify(),
                self._around.settings,
                moved_chats=self._around.moved_chats,
                places=self._places,
                clock=self._around.clock,
            )

            async def store(updates: list[Any]) -> None:
                await self._store(updates, reader, receive)

            if self._settings.mode == "webhook":
                await self._run_webhook(store)
            else:
                await self._run_polling(store)

    async def _identify(self) -> Identity:
        me = await self._persist(GetMe())
        return Identity(id=int(me["id"]), username=str(me.get("username", "")))

    async def _persist(self, method: Method[T]) -> T:
        """Call until it succeeds; a refusal that will not change by itself is raised."""
        failures = 0
        while True:
            try:
                return await self._client.call(method, timeout=SHORT_CALL_SECONDS)
            except (TokenRefused, BadRequest):
                raise
            except ChannelError as error:
                pause = error.retry_after if isinstance(error, SlowDown) else 0.5 * 2.0**failures
                failures = min(failures + 1, 6)
                log.warning(
                    "Telegram does not answer; trying again",
                    extra={"method": method.__api_method__, "problem": str(error)},
                )
                await self._around.clock.sleep(pause)

    async def _run_polling(self, store: Store) -> None:
        poller = Poller(
            self._client,
            clock=self._around.clock,
            random=self._around.random,
            on_conflict=self._around.on_conflict,
            wanted=lambda: allowed_updates(self._around.settings.current),
        )
        while True:
            updates = await poller.fetch()
            await self._insist(store, updates)
            poller.confirm(updates)
            await asyncio.sleep(0)  # whoever is to answer these goes first

    async def _run_webhook(self, store: Store) -> None:
        # aiohttp's server side costs 40 ms to import, which polling need not pay.
        from minibot.adapters.channels.telegram.webhook import serve_webhook

        async with serve_webhook(self._settings, store):
            await self._announce_webhook()
            await asyncio.get_running_loop().create_future()

    async def _announce_webhook(self) -> None:
        method = SetWebhook(
            url=self._settings.webhook_url,
            secret_token=self._settings.webhook_secret.get_secret_value(),
            allowed_updates=allowed_updates(self._around.settings.current),
        )
        await self._persist(method)

    async def _insist(self, store: Store, updates: list[Any]) -> None:
        """Keep the batch until it is stored: fetching it anew would be no safer."""
        while True:
            try:
                return await store(updates)
            except StorageUnavailable:
                log.exception("storage failed; the batch is kept and nothing is confirmed")
                await self._around.clock.sleep(STORAGE_PAUSE_SECONDS)

    async def _store(self, updates: list[Any], reader: UpdateReader, receive: Receive) -> None:
        arrivals: list[Arrival] = []
        for update in updates:
            match reader.read(update):
                case Arrival() as arrival:
                    arrivals.append(arrival)
                case Migration(old=old, new_chat_id=new):
                    await self._around.on_moved(old, new)
        if arrivals:
            await receive(arrivals)
