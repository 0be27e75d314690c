"""An installation that talks as much as it can, and must not tell a secret to any file."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from tests.e2e.process import Installation, Mode, Sections, installed
from tests.peers.telegram.wire import Json

OWNER, GUEST = 7, 8
WITHIN = 20.0

TALKATIVE: Sections = {
    "runtime": {"log_level": "DEBUG"},
    "logging.file": {"enabled": True},
    "llm.retry": {"min_wait_seconds": 0.05, "max_wait_seconds": 0.05},
    # What is seen of an answer before it is there depends on time, and has tests of its own.
    "streaming": {"transport": "off"},
}


@asynccontextmanager
async def serving(
    folder: Path,
    *,
    users: Sequence[int] = (OWNER, GUEST),
    mode: Mode = "long_polling",
    sections: Sections | None = None,
) -> AsyncIterator[Installation]:
    """Run the peers; in the end no file but config.toml holds a secret."""
    async with installed(folder, users=users, mode=mode, sections=TALKATIVE) as installation:
        installation.telegram.transcript.keep_params = True
        installation.model.settings.keep_bodies = 2000
        edit(installation, sections or {})
        yield installation
        await installation.end()
        found = leaks(installation)
        assert not found, found


def leaks(installation: Installation) -> list[str]:
    """Name the files that hold a secret."""
    folder, canaries = installation.config.parent, installation.canaries
    written = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".toml"]
    assert written
    return [
        f"{path.name}: {kind}"
        for path in written
        for kind in canaries.leaked_in(path.read_bytes().decode("latin-1"))
    ]


def edit(installation: Installation, changes: Sections) -> None:
    """Change keys of config.toml in place, as it was written by the harness."""
    installation.config.write_text(edited(installation.config.read_text(), changes))


def edited(text: str, changes: Sections) -> str:
    """Set keys in the text of a config.toml that has one key a line."""
    tables: dict[str, dict[str, str]] = {}
    table: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("["):
            table = tables.setdefault(line.strip("[]"), {})
        elif line:
            key, _, value = line.partition(" = ")
            table[key] = value
    for name, values in changes.items():
        tables.setdefault(name, {}).update({k: json.dumps(v) for k, v in values.items()})
    lines = [
        line
        for name, values in tables.items()
        for line in (f"[{name}]", *(f"{key} = {value}" for key, value in values.items()))
    ]
    return "\n".join(lines) + "\n"


async def until(condition: Callable[[], object], *, within: float = WITHIN) -> None:
    """Wait for what nothing tells of: the log, the database, the state of a peer."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def rows(installation: Installation, query: str) -> list[tuple[Any, ...]]:
    """Ask the database, whoever else has it open."""
    with closing(sqlite3.connect(installation.database, timeout=10)) as database:
        return database.execute(query).fetchall()


def sent(installation: Installation, chat_id: int | None = None) -> list[Json]:
    """Give what reached people, in order; `text` and the request's `params` are in it."""
    return [
        event
        for event in installation.telegram.events
        if event["dir"] == "out"
        and event["method"] == "sendMessage"
        and chat_id in (None, event["chat_id"])
    ]


def refusals(installation: Installation, chat_id: int) -> list[Json]:
    """Give the sendMessage calls of a chat that Telegram refused."""
    return [
        event
        for event in installation.telegram.events
        if (event["dir"], event["method"], event["chat_id"]) == ("error", "sendMessage", chat_id)
    ]


async def reads(installation: Installation, chat_id: int, words: str) -> Json:
    """Wait until a chat is shown some words; give the event."""
    wait = {"chat_id": chat_id, "contains": words, "timeout": WITHIN}
    found = await installation.telegram.transcript.wait(wait)
    assert found["ok"], installation.runs[-1].log[-4000:]
    return next(event for event in sent(installation, chat_id) if words in event["text"])
