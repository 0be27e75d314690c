"""Starts minibot over and over, by forking a process that has done the imports.

Run as a process with the path of a socket: whoever connects and writes a line of JSON has one
started, and is answered ``{"pid": …}`` and in the end ``{"exit": …}``. It lives as long as its
stdin is open. What is forked holds modules and nothing else: no thread, no loop, no open file
but the standard ones.
"""

import importlib
import json
import os
import select
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

MODULES = (
    "aiohttp.web",
    "aiosqlite",
    "llm_async",
    "minibot.adapters.channels.telegram.channel",
    "minibot.adapters.channels.telegram.webhook",
    "minibot.adapters.llm.chat",
    "minibot.adapters.llm.network",
    "minibot.commands.run",
    "sqlalchemy.dialects.sqlite",
)


class Server:
    """Forks, and tells what becomes of the forked."""

    def __init__(self, path: str) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(64)
        self._waiting: dict[int, socket.socket] = {}
        """By process, who wants to hear of its end."""
        self._ended, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Serve until stdin is closed."""
        while True:
            ready, _, _ = select.select([sys.stdin, self._listener, self._ended], [], [])
            if self._ended in ready:
                os.read(self._ended, 1024)
                self._bury()
            if self._listener in ready:
                connection, _ = self._listener.accept()
                self._start(connection)
            if sys.stdin in ready:
                return

    def _start(self, connection: socket.socket) -> None:
        with connection.makefile("r") as lines:
            line = lines.readline()
        if not line:
            connection.close()
            return
        pid = os.fork()
        if pid == 0:
            self._let_go(connection)
            _run_minibot(json.loads(line))
        self._waiting[pid] = connection
        _tell(connection, "pid", pid)

    def _bury(self) -> None:
        while self._waiting:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            connection = self._waiting.pop(pid)
            _tell(connection, "exit", os.waitstatus_to_exitcode(status))
            connection.close()

    def _let_go(self, connection: socket.socket) -> None:
        """Close in a forked process what belongs to the server."""
        wake = signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in (self._ended, wake):
            os.close(descriptor)
        for each in (self._listener, connection, *self._waiting.values()):
            each.close()


def main() -> None:
    for module in MODULES:
        importlib.import_module(module)
    if threading.active_count() != 1:
        raise RuntimeError(f"an import started a thread: {threading.enumerate()}")
    Server(sys.argv[1]).serve()


def _run_minibot(order: dict[str, Any]) -> NoReturn:
    """Be in all that matters what ``python -m minibot run`` would be."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(nothing)
    os.close(output)
    from minibot.commands.run import run

    os.environ.update(order["hooks"])
    sys.exit(run(Path(order["config"])))


def _tell(connection: socket.socket, key: str, value: int) -> None:
    try:
        connection.sendall(json.dumps({key: value}).encode() + b"\n")
    except OSError:
        return  # nobody is there to hear it


if __name__ == "__main__":
    main()
