"""The console on pipes, files and pseudo-terminals."""

import asyncio
import io
import os
import pty
import tty
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

import pytest

from minibot.adapters.channels.console.channel import CHAT, LINE_LIMIT, ConsoleChannel
from minibot.core.errors import ChatClosed, StorageUnavailable
from minibot.core.messages import Arrival, Button, Part, Span, SpanKind
from minibot.core.outbox import OutgoingPart
from tests.adapters.channels.console.conversation import outgoing as outgoing_part
from tests.contracts.storages import ManualClock

BOLD = (Span(kind=SpanKind.BOLD, offset=0, length=2),)


class Store:
    """Implements `minibot.core.ports.Receive`; fails as often as told."""

    def __init__(self) -> None:
        self.kept: list[Arrival] = []
        self.failures = 0

    async def receive(self, arrivals: Sequence[Arrival]) -> None:
        if self.failures:
            self.failures -= 1
            raise StorageUnavailable("disk full")
        self.kept += arrivals

    @property
    def texts(self) -> list[str]:
        return [each.message.text for each in self.kept if each.message is not None]


def console(source: BinaryIO, target: TextIO | None = None) -> ConsoleChannel:
    out = target or io.StringIO()
    return ConsoleChannel(ManualClock(), source=source, target=out, greeting="Welcome")


def holding(path: Path, content: bytes = b"") -> BinaryIO:
    path.write_bytes(content)
    return path.open("rb")


async def read_all(path: Path, content: bytes, store: Store | None = None) -> Store:
    """Run the channel on a file until it ends."""
    store = store or Store()
    with holding(path, content) as source:
        await asyncio.wait_for(console(source).run(store.receive), timeout=10)
    return store


def outgoing(text: str, spans: tuple[Span, ...] = ()) -> OutgoingPart:
    return outgoing_part(Part(text=text, spans=spans))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "input"


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (b"", []),
        (b"\n\n  \n", []),
        (b"one\ntwo\n", ["one", "two"]),
        (b"one\ntwo", ["one", "two"]),
        (b"one\r\ntwo\r\n", ["one", "two"]),
        (b"  spaced out  \n", ["spaced out"]),
        ("Grüße, мир 👋\n".encode(), ["Grüße, мир 👋"]),
        (b"latin \xe9\n", ["latin \ufffd"]),
        (b"nul\0byte\n\0\n", ["nulbyte"]),
    ],
)
async def test_every_line_is_a_message(path: Path, content: bytes, texts: list[str]) -> None:
    store = await read_all(path, content)

    assert store.texts == texts


async def test_messages_have_numbers_of_their_own_in_every_run(path: Path) -> None:
    first = await read_all(path, b"a\nb\n")
    second = await read_all(path, b"a\n")

    assert [each.key for each in first.kept] == ["1", "2"]
    assert first.kept[0].account == first.kept[1].account != second.kept[0].account
    message = first.kept[1].message
    assert message is not None
    assert (message.id, message.private, message.addressed) == ("2", True, True)
    assert message.chat == CHAT


async def test_a_stop_does_not_wait_behind_the_turn(path: Path) -> None:
    store = await read_all(path, b"stop here\n/stop\n stop \n")

    assert [each.urgent for each in store.kept] == [False, True, True]


async def test_a_store_that_fails_is_offered_the_line_again(path: Path) -> None:
    store = Store()
    store.failures = 3

    await read_all(path, b"one\ntwo\n", store)

    assert store.texts == ["one", "two"]


async def test_a_very_long_line_is_cut_and_not_kept_in_memory(path: Path) -> None:
    store = await read_all(path, b"x" * (2 * LINE_LIMIT + 500_000) + b"\nnext\n")

    *pieces, last = store.texts
    assert last == "next"
    assert sum(map(len, pieces)) == 2 * LINE_LIMIT + 500_000
    assert max(map(len, pieces)) <= LINE_LIMIT + 65_536


@contextmanager
def pipe() -> Iterator[tuple[BinaryIO, int]]:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source:
        yield source, writing


async def test_a_line_on_a_pipe_is_a_message_before_the_pipe_ends() -> None:
    store = Store()
    with pipe() as (source, writing):
        task = asyncio.create_task(console(source).run(store.receive))
        os.write(writing, b"hal")
        os.write(writing, "lo 👋"[:3].encode() + "👋".encode()[:2])
        os.write(writing, "👋".encode()[2:] + b"\nand")
        async with asyncio.timeout(5):
            while not store.kept:  # noqa: ASYNC110 - a thread reads, nothing tells of it
                await asyncio.sleep(0.001)
        assert store.texts == ["hallo 👋"]

        os.close(writing)
        await asyncio.wait_for(task, timeout=5)
    assert store.texts == ["hallo 👋", "and"]


async def test_listening_can_be_given_up_while_nothing_comes() -> None:
    with pipe() as (source, writing):
        task = asyncio.create_task(console(source).run(Store().receive))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait((task,), timeout=5)

        assert task.cancelled()
        os.close(writing)


async def test_an_answer_is_a_line_without_formatting(path: Path) -> None:
    target = io.StringIO()
    with holding(path) as source:
        channel = console(source, target)
        assert await channel.send(outgoing("hi\nthere", BOLD)) == "1"
        assert await channel.send(outgoing("\x1b[2Jagain")) == "2"
        await channel.show_typing(CHAT)
        await channel.close()

    assert target.getvalue() == "hi\nthere\n␛[2Jagain\n"


async def test_a_closed_output_closes_the_chat(path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    target = os.fdopen(writing, "w")
    with holding(path) as source:
        channel = console(source, target)
        with pytest.raises(ChatClosed, match="output is closed"):
            await channel.send(outgoing("hi"))
        with pytest.raises(ChatClosed):
            await channel.send(outgoing("again"))
    with suppress(BrokenPipeError):
        target.close()


async def test_an_output_of_few_letters_shows_the_rest_as_questions(path: Path) -> None:
    raw = io.BytesIO()
    target = io.TextIOWrapper(raw, encoding="ascii")
    with holding(path) as source:
        await console(source, target).send(outgoing("Grüße"))

    assert raw.getvalue() == b"Gr??e\n"


class Terminal:
    """A pseudo-terminal with a channel at one end and a person at the other."""

    def __init__(self, channel: ConsoleChannel, person: int) -> None:
        self.channel = channel
        self.store = Store()
        self._person = person
        self._seen = ""

    def type(self, text: str) -> None:
        os.write(self._person, text.encode())

    async def shows(self, text: str) -> str:
        """Wait until the screen holds a text; gives all that was written since the start."""
        async with asyncio.timeout(5):
            while text not in self._seen:
                self._seen += (await asyncio.to_thread(os.read, self._person, 4096)).decode()
        return self._seen


@pytest.fixture
async def terminal() -> AsyncIterator[Terminal]:
    async with _terminal() as opened:
        yield opened


@asynccontextmanager
async def _terminal() -> AsyncIterator[Terminal]:
    person, computer = pty.openpty()
    tty.setraw(computer)
    with (
        os.fdopen(computer, "r+b", buffering=0) as source,
        os.fdopen(os.dup(computer), "w") as target,
    ):
        yield Terminal(console(source, target), person)
    os.close(person)


async def test_a_terminal_is_greeted_and_prompted(terminal: Terminal) -> None:
    task = asyncio.create_task(terminal.channel.run(terminal.store.receive))

    assert await terminal.shows("› ") == "Welcome\nyou › "
    terminal.type("\n")
    assert (await terminal.shows("› you ›")).count("you ›") == 2

    task.cancel()
    await asyncio.wait((task,))
    terminal.type("\n")  # lets the reading thread go


async def test_an_answer_on_a_terminal_is_painted_indented_and_followed_by_the_prompt(
    terminal: Terminal,
) -> None:
    await terminal.channel.send(outgoing("hi\nthere", BOLD))

    expected = "\r\x1b[K" + "minibot › " + "\x1b[1mhi\x1b[22m\n" + " " * 10 + "there\nyou › "
    assert await terminal.shows("you › ") == expected


async def test_buttons_on_a_terminal_are_indented_like_the_rest(terminal: Terminal) -> None:
    part = Part(text="Shall I?", buttons=((Button(label="Yes", data="y"),),))

    await terminal.channel.send(outgoing_part(part))

    expected = "\r\x1b[Kminibot › Shall I?\n" + " " * 10 + "  [1] Yes\nyou › "
    assert await terminal.shows("you › ") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Done", "\r\x1b[K\x1b[2mDone\x1b[22m\nyou › "), ("", "\r\x1b[Kyou › ")],
)
async def test_a_press_on_a_terminal_is_acknowledged_dimly(
    terminal: Terminal, text: str, expected: str
) -> None:
    await terminal.channel.acknowledge("1", text)

    assert await terminal.shows("you › ") == expected


async def test_a_closed_output_is_no_trouble_for_an_acknowledgement(path: Path) -> None:
    target = io.StringIO()
    target.close()
    with holding(path) as source:
        await console(source, target).acknowledge("1", "Done")
