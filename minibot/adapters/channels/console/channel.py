"""A conversation on the terminal; without one, a line in is a message and answers come out."""

import asyncio
import os
import sys
import threading
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import CancelledError
from typing import BinaryIO, TextIO

from minibot.adapters.channels.console.ansi import paint, without_escapes
from minibot.core.access import CONSOLE
from minibot.core.errors import ChatClosed, StorageUnavailable
from minibot.core.messages import Arrival, ChatRef, IncomingMessage, Person
from minibot.core.outbox import OutgoingPart
from minibot.core.ports import Clock, Receive

CHAT = ChatRef(channel=CONSOLE, chat_id="local")
PERSON = Person(id="local")
URGENT = frozenset({"/stop"})
PROMPT = "you › "
NAME = "minibot › "
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

    @property
    def name(self) -> str:
        return CONSOLE

    async def run(self, receive: Receive) -> None:
        """Read until the end of input."""
        if self._interactive:
            await self._write(f"{self._greeting}\n{PROMPT}")
        number = 0
        async for line in self._lines():
            text = line.decode("utf-8", "replace").replace("\0", "").strip()
            if text:
                number += 1
                await self._store(self._arrival(number, text), receive)
            elif self._interactive:
                await self._write(PROMPT)

    async def send(self, part: OutgoingPart) -> str:
        if self._interactive:
            painted = paint(part.part).replace("\n", "\n" + " " * len(NAME))
            await self._write(f"\r\x1b[K{NAME}{painted}\n{PROMPT}")
        else:
            await self._write(without_escapes(part.part.text) + "\n")
        self._sent += 1
        return str(self._sent)

    async def show_typing(self, chat: ChatRef) -> None:
        """A terminal needs no sign of life: the prompt is not back yet."""

    async def close(self) -> None:
        """Standard output stays open: it is not ours."""

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
        return Arrival(
            account=self._account,
            key=str(number),
            chat=CHAT,
            raw="",
            message=message,
            urgent=text in URGENT,
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

    async def _lines(self) -> AsyncIterator[bytes]:
        pending = b""
        async for chunk in _chunks(self._source.fileno()):
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                yield line
            if len(pending) > LINE_LIMIT:
                yield pending
                pending = b""
        yield pending


def standard_console(clock: Clock, greeting: str) -> ConsoleChannel:
    return ConsoleChannel(clock, source=sys.stdin.buffer, target=sys.stdout, greeting=greeting)


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
