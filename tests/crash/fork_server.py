"""Starts minibot over and over, by forking a process that has done the imports.

Run as a process: a line of JSON on stdin starts one, ``{"pid": …}`` and in the end
``{"exit": …}`` answer on stdout. One runs at a time. What is forked holds modules and nothing
else: no thread, no loop, no open file but the standard ones.
"""

import importlib
import json
import os
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


def main() -> None:
    for module in MODULES:
        importlib.import_module(module)
    if threading.active_count() != 1:
        raise RuntimeError(f"an import started a thread: {threading.enumerate()}")
    _tell("ready", os.getpid())
    while line := sys.stdin.readline():
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _run_minibot(order)
        _tell("pid", pid)
        _, status = os.waitpid(pid, 0)
        _tell("exit", os.waitstatus_to_exitcode(status))


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


def _tell(key: str, value: int) -> None:
    sys.stdout.write(json.dumps({key: value}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
