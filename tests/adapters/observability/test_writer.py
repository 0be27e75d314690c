import logging
import threading
from collections.abc import Iterator

import pytest

from minibot.adapters.observability.entry import Entry
from minibot.adapters.observability.writer import Writer


class Gate:
    """A sink that takes nothing until it is opened."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.reached = threading.Event()
        self.open = threading.Event()

    def write(self, line: str) -> None:
        self.reached.set()
        self.open.wait(30)
        self.lines.append(line)

    def close(self) -> None:
        self.open.set()


class Broken:
    """A sink on a full disk."""

    def __init__(self) -> None:
        self.full = True
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.lines.append(line)

    def close(self) -> None: ...


def entry(message: str, level: int = logging.INFO) -> Entry:
    return Entry(0.0, level, "test", message, {}, "")


def text(item: Entry) -> str:
    return " ".join([item.message, *(f"{name}={value}" for name, value in item.fields.items())])


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def writer(gate: Gate) -> Iterator[Writer]:
    """Give a writer with room for three, whose thread is held at the gate by ``held``."""
    writer = Writer(text, [gate], capacity=3)
    writer.start()
    writer.put(entry("held"))
    assert gate.reached.wait(10)
    yield writer
    gate.open.set()
    writer.stop()


def test_entries_are_written_in_order_by_another_thread(writer: Writer, gate: Gate) -> None:
    writer.put(entry("one"))
    writer.put(entry("two"))
    assert gate.lines == []
    gate.open.set()
    assert writer.flush()
    assert gate.lines == ["held", "one", "two"]


def test_full_queue_drops_and_says_how_many(writer: Writer, gate: Gate) -> None:
    for number in range(8):
        writer.put(entry(str(number)))
    assert writer.dropped == 5
    gate.open.set()
    writer.flush()
    writer.put(entry("after"))
    writer.flush()
    assert gate.lines == ["held", "Log lines were dropped dropped=5", "0", "1", "2", "after"]


def test_warning_waits_for_room(writer: Writer, gate: Gate) -> None:
    for number in range(3):
        writer.put(entry(str(number)))
    opener = threading.Timer(0.02, gate.open.set)
    opener.start()
    writer.put(entry("important", logging.WARNING))
    opener.join()
    writer.flush()
    assert writer.dropped == 0
    assert gate.lines == ["held", "0", "1", "2", "important"]


def test_stuck_sink_delays_a_warning_once_and_not_for_long(writer: Writer, gate: Gate) -> None:
    for number in range(3):
        writer.put(entry(str(number)))
    done = threading.Event()

    def warn() -> None:
        for _ in range(200):
            writer.put(entry("important", logging.WARNING))
        done.set()

    threading.Thread(target=warn).start()
    assert done.wait(10), "200 waits instead of one"
    assert writer.dropped == 200


def test_flush_and_stop_give_up_on_a_stuck_sink(writer: Writer, gate: Gate) -> None:
    assert not writer.flush(timeout=0.01)
    writer.stop(timeout=0.01)
    writer.put(entry("later"))
    gate.open.set()
    writer.stop()
    assert gate.lines == ["held", "later"]


def test_stop_writes_everything_and_later_entries_are_written_at_once(gate: Gate) -> None:
    gate.open.set()
    writer = Writer(text, [gate])
    writer.start()
    for number in range(500):
        writer.put(entry(str(number)))
    writer.stop()
    assert gate.lines == [str(number) for number in range(500)]
    writer.put(entry("late"))
    assert gate.lines[-1] == "late"


def test_failing_sink_is_told_of_once_and_does_not_stop_the_other(gate: Gate) -> None:
    gate.open.set()
    broken = Broken()
    writer = Writer(text, [broken, gate])
    writer.put(entry("one"))
    writer.put(entry("two"))
    complaint = "The log cannot be written sink=Broken problem=[Errno 28] No space left on device"
    assert gate.lines == [complaint, "one", "two"]
    broken.full = False
    writer.put(entry("three"))
    assert broken.lines == ["three"]
    broken.full = True
    writer.put(entry("four"))
    assert gate.lines[-2:] == [complaint, "four"]


def test_line_that_cannot_be_rendered_stops_nothing(gate: Gate) -> None:
    gate.open.set()

    def fussy(item: Entry) -> str:
        if item.message == "bad":
            raise LookupError("secret")
        return item.message

    writer = Writer(fussy, [gate])
    writer.start()
    writer.put(entry("bad"))
    writer.put(entry("good"))
    writer.stop()
    assert gate.lines == ["A log line could not be written: LookupError", "good"]
