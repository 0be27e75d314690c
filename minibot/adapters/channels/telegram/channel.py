"""The Telegram channel: one bot, by polling or by webhook."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from minibot.adapters.channels.telegram.client import BadRequest, TelegramClient
from minibot.adapters.channels.telegram.forms import Form, thread
from minibot.adapters.channels.telegram.lean_aiogram import TelegramMethod
from minibot.adapters.channels.telegram.methods import (
    AnswerCallbackQuery,
    GetMe,
    SendChatAction,
    SetWebhook,
)
from minibot.adapters.channels.telegram.polling import SHORT_CALL_SECONDS, Poller
from minibot.adapters.channels.telegram.updates import (
    ALLOWED_UPDATES,
    Identity,
    Migration,
    UpdateReader,
)
from minibot.adapters.channels.telegram.utf16 import Ruler, utf16_length
from minibot.core.access import TELEGRAM
from minibot.core.errors import (
    ChannelError,
    ChatClosed,
    SendFailed,
    SlowDown,
    StorageUnavailable,
    TokenRefused,
)
from minibot.core.messages import Arrival, ChatRef
from minibot.core.outbox import OutgoingPart
from minibot.core.ports import Clock, Receive, SettingsSource
from minibot.core.settings import TelegramChannel as TelegramSettings

log = logging.getLogger(__name__)

T = TypeVar("T")
Store = Callable[[list[Any]], Awaitable[None]]

SEND_SECONDS = 30.0
TYPING_SECONDS = 5.0
ACKNOWLEDGE_SECONDS = 5.0
MAX_TOAST_UNITS = 200
STORAGE_PAUSE_SECONDS = 0.5

CLOSED_CHATS = ("chat not found", "user is deactivated", "peer_id_invalid", "bot was kicked")
SETTLED = (
    "message is not modified",
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
)
"""Refusals of an edit that leave nothing to do: it is done already, or there is no message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the channel needs of the rest."""

    settings: SettingsSource
    clock: Clock
    random: Callable[[], float]
    moved_chats: Callable[[], Mapping[str, str]]
    """Old chat key to new."""
    on_moved: Callable[[ChatRef, str], Awaitable[None]]
    """Told when a group got a new id."""
    on_conflict: Callable[[], None]
    """Told when another process polls with the same token."""
    hold_token: Callable[[str], AbstractContextManager[None]]
    """Entered while the token is in use. Raises `AlreadyRunning`."""


class TelegramChannel:
    """Implements `minibot.core.ports.Channel`."""

    def __init__(self, settings: TelegramSettings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._around = surroundings
        token = settings.bot_token.get_secret_value()
        self._inbound = TelegramClient(token, settings.api_base_url)
        self._outbound = TelegramClient(token, settings.api_base_url)
        self._typing_paused_until = 0.0

    @property
    def name(self) -> str:
        return TELEGRAM

    async def run(self, receive: Receive) -> None:
        """Listen until cancelled. Raises `TokenRefused`, `AlreadyRunning`."""
        with self._around.hold_token(self._settings.bot_token.get_secret_value()):
            reader = UpdateReader(
                await self._identify(),
                self._around.settings,
                moved_chats=self._around.moved_chats,
                clock=self._around.clock,
            )

            async def store(updates: list[Any]) -> None:
                await self._store(updates, reader, receive)

            if self._settings.mode == "webhook":
                await self._run_webhook(store)
            else:
                await self._run_polling(store)

    async def close(self) -> None:
        await self._inbound.close()
        await self._outbound.close()

    async def send(self, part: OutgoingPart) -> str:
        form = Form(part=part)
        while True:
            try:
                return await self._send(form)
            except BadRequest as error:
                if part.edits and _mentions(error, SETTLED):
                    log.info("a message was not edited", extra={"why": str(error)})
                    return part.edits
                simpler = form.simpler(str(error))
                if simpler is None:
                    raise
                log.warning(
                    "Telegram refused a form; sending it simpler", extra={"why": str(error)}
                )
                form = simpler

    async def show_typing(self, chat: ChatRef) -> None:
        if self._around.clock.monotonic() < self._typing_paused_until:
            return
        try:
            await self._outbound.call(
                SendChatAction(chat_id=int(chat.chat_id), message_thread_id=thread(chat)),
                timeout=TYPING_SECONDS,
            )
        except SlowDown as error:
            self._typing_paused_until = self._around.clock.monotonic() + error.retry_after
        except ChannelError as error:
            log.debug("typing could not be shown", extra={"problem": str(error)})

    async def acknowledge(self, press_id: str, text: str) -> None:
        method = AnswerCallbackQuery(callback_query_id=press_id, text=_in_passing(text) or None)
        try:
            await self._outbound.call(method, timeout=ACKNOWLEDGE_SECONDS)
        except ChannelError as error:
            log.debug("a press was not acknowledged", extra={"problem": str(error)})

    async def _identify(self) -> Identity:
        me = await self._persist(GetMe())
        return Identity(id=int(me["id"]), username=str(me.get("username", "")))

    async def _persist(self, method: TelegramMethod[T]) -> T:
        """Call until it succeeds; a refusal that will not change by itself is raised."""
        failures = 0
        while True:
            try:
                return await self._inbound.call(method, timeout=SHORT_CALL_SECONDS)
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
            self._inbound,
            clock=self._around.clock,
            random=self._around.random,
            on_conflict=self._around.on_conflict,
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
            allowed_updates=ALLOWED_UPDATES,
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

    async def _send(self, form: Form) -> str:
        upload = form.upload()
        method = form.method(upload)
        seconds = SEND_SECONDS + (upload.seconds if upload else 0.0)
        try:
            sent = await self._outbound.call(method, timeout=seconds, upload=upload)
        except TokenRefused as error:
            # Listening meets the same refusal and ends the daemon; the part waits meanwhile.
            raise SendFailed(str(error)) from error
        except BadRequest as error:
            if _mentions(error, CLOSED_CHATS):
                raise ChatClosed(str(error)) from error
            raise
        if form.part.edits:
            return form.part.edits
        # Delivered is delivered, whatever the answer looks like.
        return str(sent.get("message_id", "")) if isinstance(sent, dict) else ""


def _mentions(error: ChannelError, phrases: tuple[str, ...]) -> bool:
    return any(phrase in str(error).lower() for phrase in phrases)


def _in_passing(text: str) -> str:
    """Cut what is shown for a moment to the length that Telegram takes."""
    if utf16_length(text) <= MAX_TOAST_UNITS:
        return text
    return text[: Ruler(text).index(MAX_TOAST_UNITS - 1)] + "…"
