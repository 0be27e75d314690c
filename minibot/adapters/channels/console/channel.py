"""A conversation on the terminal; without one, a line in is a message and answers come out."""

import asyncio
import logging
import os
import sys
import threading
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import CancelledError
from dataclasses import replace
from typing import BinaryIO, TextIO

from minibot.adapters.channels.console.ansi import dim, paint, without_escapes
from minibot.adapters.channels.console.menu import Menu
from minibot.adapters.channels.urgency import is_urgent
from minibot.core.access import CONSOLE
from minibot.core.errors import ChannelError, ChatClosed, MediaUnreadable, StorageUnavailable
from minibot.core.menus import CommandMenu
from minibot.core.messages import (
    Arrival,
    Attachment,
    ChatRef,
    IncomingMessage,
    Part,
    Person,
    Press,
    PreviewKind,
)
from minibot.core.outbox import OutgoingPart
from minibot.core.ports import Clock, Receive, Write

log = logging.getLogger(__name__)

CHAT = ChatRef(channel=CONSOLE, chat_id="local")
PERSON = Person(id="local")
PROMPT = "you › "
NAME = "minibot › "
EDITED = "✎ "
LONGEST_EDIT = 120
"""Characters of a changed message that are shown again."""
LINE_LIMIT = 1 << 20
"""Bytes of a line; a longer one is cut into several messages."""
STORAGE_PAUSE_SECONDS = 0.5


class ConsoleChannel:
    """Implements `minibot.core.ports.Channel` on standard input and output."""

    def __init__(self, clock: Clock, *, source: BinaryIO, target: TextIO, greeting: str) -> None:
        self._clock = clock
        self._source = source
        self._target = target
        self._greeting = greeting
        self._interactive = source.isatty() and target.isatty()
        self._account = uuid.uuid4().hex
        self._sent = 0
        self.topics = None
        self._menu: Menu | None = None
        """That of the newest message that has buttons."""

    @property
    def name(self) -> str:
        return CONSOLE

    async def run(self, receive: Receive) -> None:
        """Read until the end of input."""
        if self._interactive:
            await self._write(f"{self._greeting}\n{PROMPT}")
        number = 0
        async for line in _typed(self._source):
            text = line.decode("utf-8", "replace").replace("\0", "").strip()
            if text:
                number += 1
                await self._store(self._arrival(number, text), receive)
            elif self._interactive:
                await self._write(PROMPT)

    async def send(self, part: OutgoingPart) -> str:
        """Print a part; of a message that changes a line is shown, its old form stays above."""
        if part.part.removes and not part.edits:
            return ""
        if not part.edits:
            self._sent += 1
        menu = Menu(
            message_id=part.edits or str(self._sent),
            rows=[row for row in part.part.buttons if row],
        )
        self._remember(menu)
        lines = [*_lines(part, colours=self._interactive), *menu.lines()]
        if lines and self._interactive:
            indented = "\n".join(lines).replace("\n", "\n" + " " * len(NAME))
            await self._write(f"\r\x1b[K{NAME}{indented}\n{PROMPT}")
        elif lines:
            await self._write("\n".join(lines) + "\n")
        return menu.message_id

    def previews(self, *, private: bool) -> tuple[PreviewKind, ...]:
        return ()  # what is printed stays as it is

    async def show_draft(self, chat: ChatRef, draft_id: int, part: Part) -> None:
        """Nothing is shown that `previews` does not name."""

    async def show_typing(self, chat: ChatRef) -> None:
        """A terminal needs no sign of life: the prompt is not back yet."""

    async def download(self, attachment: Attachment, write: Write, *, max_bytes: int) -> None:
        raise MediaUnreadable("nothing can be sent along in a terminal")

    async def acknowledge(self, press_id: str, text: str) -> None:
        line = without_escapes(text)
        try:
            if self._interactive:
                await self._write(f"\r\x1b[K{dim(line)}\n{PROMPT}" if line else f"\r\x1b[K{PROMPT}")
            elif line:
                await self._write(f"{line}\n")
        except ChannelError as error:
            log.debug("a press was not acknowledged", extra={"problem": str(error)})

    async def offer_menu(self, menu: CommandMenu) -> None:
        """A terminal has no menu; /help lists the commands."""

    async def close(self) -> None:
        """Standard output stays open: it is not ours."""

    def _remember(self, menu: Menu) -> None:
        """Keep the newest buttons until their message is shown without them."""
        if menu.buttons:
            self._menu = menu
        elif self._menu is not None and self._menu.message_id == menu.message_id:
            self._menu = None

    def _arrival(self, number: int, text: str) -> Arrival:
        message = IncomingMessage(
            id=str(number),
            chat=CHAT,
            sender=PERSON,
            text=text,
            sent_at=self._clock.now(),
            private=True,
            addressed=True,
        )
        if self._menu is not None and (button := self._menu.chosen(text)) is not None:
            press = Press(id=str(number), data=button.data, message_id=self._menu.message_id)
            message = replace(message, id=press.message_id, text="", press=press)
        return Arrival(
            account=self._account,
            key=str(number),
            chat=CHAT,
            raw="",
            message=message,
            urgent=message.press is not None or is_urgent(text),
        )

    async def _store(self, arrival: Arrival, receive: Receive) -> None:
        while True:
            try:
                return await receive([arrival])
            except StorageUnavailable:
                await self._clock.sleep(STORAGE_PAUSE_SECONDS)

    async def _write(self, text: str) -> None:
        try:
            await asyncio.to_thread(_write, self._target, text)
        except (OSError, ValueError) as error:
            raise ChatClosed(f"standard output is closed: {error}") from error


def standard_console(clock: Clock, greeting: str) -> ConsoleChannel:
    return ConsoleChannel(clock, source=sys.stdin.buffer, target=sys.stdout, greeting=greeting)


def _lines(part: OutgoingPart, *, colours: bool) -> list[str]:
    """Give what is printed of a part beside its buttons."""
    if part.edits:
        changed = without_escapes(part.part.text).strip().partition("\n")[0]
        if len(changed) > LONGEST_EDIT:
            changed = changed[: LONGEST_EDIT - 1] + "…"
        return [EDITED + changed] if changed else []
    text = paint(part.part) if colours else without_escapes(part.part.text)
    lines = [text] if text else []
    if (file := part.part.file) is not None:
        lines.append(without_escapes(f"📎 {file.name}: {file.path}"))
    return lines


async def _typed(source: BinaryIO) -> AsyncIterator[bytes]:
    pending = b""
    async for chunk in _chunks(source.fileno()):
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            yield line
        if len(pending) > LINE_LIMIT:
            yield pending
            pending = b""
    yield pending


async def _chunks(descriptor: int) -> AsyncIterator[bytes]:
    """Read a descriptor to its end, in a thread: files and pipes and terminals alike.

    The thread reads the bare descriptor. One that waits inside ``sys.stdin`` when the process
    ends would hold its lock, and the interpreter aborts over that.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize=1)

    def read() -> None:
        while True:
            try:
                chunk = os.read(descriptor, 65_536)
            except OSError:
                chunk = b""
            waiting = queue.put(chunk)
            try:
                asyncio.run_coroutine_threadsafe(waiting, loop).result()
            except (RuntimeError, CancelledError):
                waiting.close()
                return  # the loop is gone, and with it the reader
            if not chunk:
                return

    threading.Thread(target=read, name="console input", daemon=True).start()
    while chunk := await queue.get():
        yield chunk


def _write(target: TextIO, text: str) -> None:
    encoding = target.encoding or "utf-8"
    target.write(text.encode(encoding, "replace").decode(encoding))
    target.flush()
