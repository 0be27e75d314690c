"""Server-sent events, from bytes as the network cuts them."""

from collections.abc import Iterator
from dataclasses import dataclass

from minibot.core.errors import ModelReplyInvalid

MAX_EVENT_BYTES = 16 * 1024 * 1024
"""No provider sends an event of this size; a server that does would fill the memory."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    name: str
    data: bytes


class EventReader:
    """Splits a byte stream into events.

    It works on bytes: a line feed is never part of a longer UTF-8 sequence, so a character that
    the network cut in two is whole again once its line is. Lines end in LF or CRLF.
    """

    def __init__(self) -> None:
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._name = ""
        self._data: list[bytes] = []
        self._first_line = True

    def feed(self, chunk: bytes) -> Iterator[ServerEvent]:
        """Take bytes and give the events they complete."""
        head, newline, rest = chunk.partition(b"\n")
        self._keep(head)
        if not newline:
            return
        lines = [b"".join(self._pending), *rest.split(b"\n")]
        self._pending, self._pending_bytes = [], 0
        self._keep(lines.pop())
        for line in lines:
            event = self._read_line(line)
            if event is not None:
                yield event

    def finish(self) -> Iterator[ServerEvent]:
        """Give the last event when the stream ended without the blank line behind it."""
        for line in (b"".join(self._pending), b""):
            event = self._read_line(line)
            if event is not None:
                yield event
        self._pending, self._pending_bytes = [], 0

    def _keep(self, part: bytes) -> None:
        self._pending_bytes += len(part)
        if self._pending_bytes > MAX_EVENT_BYTES:
            raise ModelReplyInvalid("the model's server sent an event too large to be one")
        self._pending.append(part)

    def _read_line(self, line: bytes) -> ServerEvent | None:
        line = line.removesuffix(b"\r")
        if self._first_line:
            line = line.removeprefix(b"\xef\xbb\xbf")
            self._first_line = False
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")
        return None

    def _dispatch(self) -> ServerEvent | None:
        data, name = self._data, self._name
        self._data, self._name = [], ""
        return ServerEvent(name, b"\n".join(data)) if data else None
