"""Renders and writes log entries in a thread of its own, so that no caller waits for a disk.

The queue holds `CAPACITY` entries. When it is full, entries below WARNING are dropped; WARNING
and above wait up to `PATIENCE` seconds for room, but not again until the sinks have moved, for
a log nobody reads must not stop the bot. What was dropped is counted and said in the log.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from queue import SimpleQueue

from minibot.adapters.observability.entry import Entry, Value
from minibot.adapters.observability.sinks import Sink

CAPACITY = 10_000
PATIENCE = 0.25
LINGER = 0.02
"""Seconds the thread sleeps once it has written all there was, unless a warning comes: a thread
that is woken for each line competes with its caller for the interpreter just when the caller is
busiest."""
_POLL = 0.005


class Writer:
    """Takes entries from any thread, in order, and gives them to every sink as lines."""

    def __init__(
        self, render: Callable[[Entry], str], sinks: Sequence[Sink], *, capacity: int = CAPACITY
    ) -> None:
        self._render = render
        self.sinks = tuple(sinks)
        self.dropped = 0
        """Entries that never reached a sink since the start."""
        self._capacity = capacity
        self._reported = 0
        self._stalled = False
        self._failing: set[Sink] = set()
        # SimpleQueue, because its put may be interrupted by a finaliser that logs as well.
        self._queue: SimpleQueue[Entry | threading.Event | None] = SimpleQueue()
        self._writing = threading.RLock()
        self._hurry = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write in the background."""
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def put(self, entry: Entry) -> None:
        """Hand an entry over; without a running thread it is written before this returns."""
        if self._thread is None:
            self._write(entry)
        elif self._queue.qsize() < self._capacity or self._room_for(entry):
            self._queue.put(entry)
            if entry.level >= logging.WARNING:
                self._hurry.set()
        else:
            self.dropped += 1

    def flush(self, timeout: float = 2.0) -> bool:
        """Wait until everything handed over so far is written; False when it takes too long."""
        thread = self._thread
        if thread is None or thread is threading.current_thread():
            return True
        reached = threading.Event()
        self._queue.put(reached)
        self._hurry.set()
        return reached.wait(timeout)

    def stop(self, timeout: float = 2.0) -> None:
        """Write what is queued and end the thread; later entries are written by their callers."""
        thread = self._thread
        if thread is None:
            return
        self._queue.put(None)
        self._hurry.set()
        thread.join(timeout)
        if thread.is_alive():  # a sink hangs; to write here would hang as well
            return
        self._thread = None
        while not self._queue.empty():
            self._take(self._queue.get())

    def close_sinks(self) -> None:
        """Close files; streams belong to others."""
        with self._writing:
            for sink in self.sinks:
                sink.close()

    def _room_for(self, entry: Entry) -> bool:
        if entry.level < logging.WARNING or self._stalled:
            return False
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            time.sleep(_POLL)
            if self._queue.qsize() < self._capacity:
                return True
        self._stalled = True
        return False

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            self._take(item)
            if self._queue.empty():
                self._hurry.wait(LINGER)
                self._hurry.clear()

    def _take(self, item: Entry | threading.Event | None) -> None:
        if isinstance(item, threading.Event):
            item.set()
        elif item is not None:
            self._write(item)
            self._stalled = False
            if self.dropped > self._reported:
                self._report_dropped()

    def _report_dropped(self) -> None:
        lost, self._reported = self.dropped - self._reported, self.dropped
        self._write(_own_entry(logging.WARNING, "Log lines were dropped", {"dropped": lost}))

    def _write(self, entry: Entry) -> None:
        with self._writing:
            try:
                line = self._render(entry)
            except Exception as error:  # noqa: BLE001  # the log outlives a line it cannot write
                line = f"A log line could not be written: {type(error).__name__}"
            for sink in self.sinks:
                try:
                    sink.write(line)
                except (OSError, ValueError) as error:
                    self._failed(sink, error)
                else:
                    self._failing.discard(sink)

    def _failed(self, sink: Sink, error: OSError | ValueError) -> None:
        self.dropped += 1
        self._reported += 1  # said here, once a sink, instead of once a line
        if sink in self._failing:
            return
        self._failing.add(sink)
        fields: dict[str, Value] = {"sink": type(sink).__name__, "problem": str(error)}
        self._write(_own_entry(logging.ERROR, "The log cannot be written", fields))


def _own_entry(level: int, message: str, fields: dict[str, Value]) -> Entry:
    return Entry(time.time(), level, __name__.removeprefix("minibot."), message, fields, "")
