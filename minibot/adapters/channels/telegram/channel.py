"""The Telegram channel: one bot that listens and speaks."""

import logging
from dataclasses import replace

from minibot.adapters.channels.telegram.client import BadRequest, TelegramClient
from minibot.adapters.channels.telegram.downloads import download
from minibot.adapters.channels.telegram.forms import (
    Form,
    draft,
    knows_no_rich,
    without_rich,
)
from minibot.adapters.channels.telegram.listening import Listener, Surroundings
from minibot.adapters.channels.telegram.menus import offer_menu
from minibot.adapters.channels.telegram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    SendChatAction,
)
from minibot.adapters.channels.telegram.rendering.utf16 import Ruler, utf16_length
from minibot.adapters.channels.telegram.topics import Places, TelegramTopics
from minibot.core.access import TELEGRAM
from minibot.core.errors import (
    ChannelError,
    ChatClosed,
    SendFailed,
    SendRefused,
    SlowDown,
    TokenRefused,
)
from minibot.core.menus import CommandMenu
from minibot.core.messages import Attachment, ChatRef, Part, PreviewKind
from minibot.core.outbox import OutgoingPart
from minibot.core.ports import Receive, Topics, Write
from minibot.core.settings import TelegramChannel as TelegramSettings

log = logging.getLogger(__name__)

SEND_SECONDS = 30.0
TYPING_SECONDS = 5.0
ACKNOWLEDGE_SECONDS = 5.0
MAX_TOAST_UNITS = 200

CLOSED_CHATS = ("chat not found", "user is deactivated", "peer_id_invalid", "bot was kicked")
UNCHANGED = ("message is not modified",)
"""Refusals of an edit that was made before."""

GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
"""Refusals of an edit for which there is no message any more."""


class TelegramChannel:
    """Implements `minibot.core.ports.Channel`."""

    def __init__(self, settings: TelegramSettings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._around = surroundings
        token = settings.bot_token.get_secret_value()
        self._inbound = TelegramClient(token, settings.api_base_url)
        self._outbound = TelegramClient(token, settings.api_base_url)
        self._places = Places()
        self._topics = TelegramTopics(self._outbound, self._places)
        self._typing_paused_until = 0.0

    @property
    def name(self) -> str:
        return TELEGRAM

    @property
    def topics(self) -> Topics:
        return self._topics

    async def run(self, receive: Receive) -> None:
        """Listen until cancelled. Raises `TokenRefused`, `AlreadyRunning`."""
        await Listener(self._settings, self._around, self._inbound, self._places).run(receive)

    async def close(self) -> None:
        await self._inbound.close()
        await self._outbound.close()

    async def send(self, part: OutgoingPart) -> str:
        if part.part.removes:
            if not part.edits or await _remove(self._outbound, part):
                return part.edits
            # Left with a mark: deleting is refused after two days (Bot API, deleteMessage).
            part = replace(part, part=replace(part.part, removes=False), replaces="")
        if part.part.rich and not self._around.rich.wanted(part.chat):
            part = without_rich(part)
        if part.part.only_for:
            if await self._whisper(part):
                return ""  # it has no id by which it could be answered or changed
            part = replace(part, part=replace(part.part, only_for=""))
        return await self._deliver(part)

    async def _deliver(self, part: OutgoingPart) -> str:
        """Send a part, in the end in the simplest form there is."""
        form = Form(part=part)
        while True:
            try:
                return await self._send(form)
            except BadRequest as error:
                if form.part.edits and _mentions(error, UNCHANGED + GONE):
                    log.info("a message was not edited", extra={"why": str(error)})
                    if part.replaces and _mentions(error, GONE):
                        form = Form(part=replace(part, edits=""))
                        continue
                    return part.edits
                if form.is_rich and knows_no_rich(str(error)):
                    await self._around.rich.refused(part, str(error))
                simpler = form.simpler(str(error))
                if simpler is None:
                    raise
                log.warning(
                    "Telegram refused a form; sending it simpler", extra={"why": str(error)}
                )
                form = simpler

    def previews(self, *, private: bool) -> tuple[PreviewKind, ...]:
        return (PreviewKind.DRAFT, PreviewKind.EDIT) if private else (PreviewKind.EDIT,)

    async def show_draft(self, chat: ChatRef, draft_id: int, part: Part) -> None:
        await self._outbound.call(draft(chat, draft_id, part), timeout=TYPING_SECONDS)

    async def show_typing(self, chat: ChatRef) -> None:
        if self._around.clock.monotonic() < self._typing_paused_until:
            return
        try:
            await self._outbound.call(
                SendChatAction(
                    chat_id=int(chat.chat_id),
                    message_thread_id=self._places.typing_thread(chat),
                ),
                timeout=TYPING_SECONDS,
            )
        except SlowDown as error:
            self._typing_paused_until = self._around.clock.monotonic() + error.retry_after
        except ChannelError as error:
            log.debug("typing could not be shown", extra={"problem": str(error)})

    async def download(self, attachment: Attachment, write: Write, *, max_bytes: int) -> None:
        await download(self._outbound, attachment, write, max_bytes=max_bytes)

    async def acknowledge(self, press_id: str, text: str) -> None:
        method = AnswerCallbackQuery(callback_query_id=press_id, text=_in_passing(text) or None)
        try:
            await self._outbound.call(method, timeout=ACKNOWLEDGE_SECONDS)
        except ChannelError as error:
            log.debug("a press was not acknowledged", extra={"problem": str(error)})

    async def offer_menu(self, menu: CommandMenu) -> None:
        await offer_menu(self._outbound, menu)

    async def _whisper(self, part: OutgoingPart) -> bool:
        """Say something to one person in a group; False where that is refused."""
        try:
            await self._send(Form(part=part))
        except SendRefused as error:
            log.info("a notice cannot be for one person alone", extra={"why": str(error)})
            return False
        return True

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


async def _remove(client: TelegramClient, part: OutgoingPart) -> bool:
    """Delete a message; False where that is refused."""
    chat_id, message_id = int(part.chat.chat_id), int(part.edits)
    try:
        await client.call(
            DeleteMessage(chat_id=chat_id, message_id=message_id), timeout=SEND_SECONDS
        )
    except TokenRefused as error:
        raise SendFailed(str(error)) from error
    except BadRequest as error:
        log.info("a message was not deleted", extra={"why": str(error)})
        return "not found" in str(error).lower()
    return True


def _mentions(error: ChannelError, phrases: tuple[str, ...]) -> bool:
    return any(phrase in str(error).lower() for phrase in phrases)


def _in_passing(text: str) -> str:
    """Cut what is shown for a moment to the length that Telegram takes."""
    if utf16_length(text) <= MAX_TOAST_UNITS:
        return text
    return text[: Ruler(text).index(MAX_TOAST_UNITS - 1)] + "…"
