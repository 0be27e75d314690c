"""The real process between a Telegram and a model that listen on the loopback.

::

    async with installed(tmp_path, users=[7]) as installation:
        minibot = await installation.start()
        await minibot.listening()
        installation.say(7)
        assert await installation.answered(1)
        assert await minibot.stop() == 0

Both secrets are canaries: they must not occur in anything the process writes.
"""

import asyncio
import json
import os
import re
import secrets
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals
from typing import Literal

from aiohttp import web

from tests.e2e.forking import forked
from tests.e2e.launch import Child, Launch, Start
from tests.peers import llm
from tests.peers.telegram import FakeTelegram
from tests.peers.telegram import start as start_telegram

Mode = Literal["long_polling", "webhook"]
Sections = Mapping[str, Mapping[str, object]]
"""Changes to config.toml, by the dotted name of a table."""

LISTENS_WITHIN = 20.0
ENDS_WITHIN = 12.0
ANSWER = r"ack[a-z0-9]*?end"
ACCIDENTS = ("Traceback", "Task was destroyed", "never awaited", "never retrieved", "fatal error")
"""What a log of a healthy process never says."""


class Tally:
    """A count that can be waited for."""

    def __init__(self) -> None:
        self.count = 0
        self._moved = asyncio.Event()

    def add(self) -> None:
        self.count += 1
        self._moved.set()

    async def exceeds(self, number: int) -> None:
        while self.count <= number:
            self._moved.clear()
            await self._moved.wait()


@dataclass(frozen=True, slots=True)
class Heard:
    """Whether a tally has moved since somebody looked."""

    tally: Tally
    before: int

    def __bool__(self) -> bool:
        return self.tally.count > self.before

    async def wait(self) -> None:
        await self.tally.exceeds(self.before)


class WatchedTelegram(FakeTelegram):
    """Tells when a process begins to listen, and when one ends its poll."""

    def __init__(self, token: str) -> None:
        super().__init__([token], keep_params=False)
        self.listens = Tally()
        self.hangups = Tally()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        method = request.path.rpartition("/")[2]
        if method != "getUpdates":
            response = await super().handle(request)
            if method == "setWebhook":
                self.listens.add()
            return response
        self.listens.add()
        try:
            return await super().handle(request)
        except asyncio.CancelledError:
            self.hangups.add()
            raise


def _canary(prefix: str) -> str:
    return f"{prefix}canary{secrets.token_hex(16)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canaries:
    """Made-up secrets. A token of its own lets installations run side by side."""

    bot_id: int = field(default_factory=lambda: 10**9 + secrets.randbelow(10**9))
    bot_secret: str = field(default_factory=lambda: _canary("AA"))
    api_key: str = field(default_factory=lambda: _canary("sk-"))
    webhook_secret: str = field(default_factory=lambda: _canary("wh-"))

    @property
    def bot_token(self) -> str:
        return f"{self.bot_id}:{self.bot_secret}"

    def leaked_in(self, text: str) -> list[str]:
        kinds = ("bot_secret", "api_key", "webhook_secret")
        return [kind for kind in kinds if getattr(self, kind) in text]


class Minibot:
    """One run of the process."""

    def __init__(self, child: Child, output: Path, *, heard: "Heard", canaries: Canaries) -> None:
        self.pid = child.pid
        self._output = output
        self._heard = heard
        self._canaries = canaries
        self._exit = asyncio.ensure_future(child.wait())

    @property
    def running(self) -> bool:
        return not self._exit.done()

    @property
    def log(self) -> str:
        """Everything it wrote so far."""
        return self._output.read_text(errors="replace")

    @property
    def has_listened(self) -> bool:
        """Telegram heard of it: it polled, or announced its webhook."""
        return bool(self._heard)

    async def listening(self) -> None:
        heard = asyncio.ensure_future(self._heard.wait())
        try:
            await asyncio.wait(
                (heard, self._exit), timeout=LISTENS_WITHIN, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            heard.cancel()
        assert self.has_listened, f"it never listened:\n{self.log[-4000:]}"

    def send(self, number: Signals) -> None:
        if self.running:
            os.kill(self.pid, number)

    async def exits_within(self, seconds: float) -> int | None:
        """Give the exit code, or None when it still runs by then."""
        await asyncio.wait((self._exit,), timeout=seconds)
        if not self._exit.done():
            return None
        leaked = self._canaries.leaked_in(self.log)
        assert not leaked, f"secrets in the output: {leaked}"
        return self._exit.result()

    async def stop(self, number: Signals = Signals.SIGTERM) -> int:
        """Signal it and give the exit code."""
        self.send(number)
        code = await self.exits_within(ENDS_WITHIN)
        assert code is not None, f"{number.name} did not end it:\n{self.log[-4000:]}"
        return code

    def accidents(self) -> list[str]:
        """Lines of the log that tell of a bug."""
        lines = self.log.splitlines()
        return [line for line in lines if any(sign in line for sign in ACCIDENTS)]


class Installation:
    """A data folder and its config.toml, and the peers that config.toml names."""

    def __init__(
        self,
        folder: Path,
        *,
        mode: Mode,
        canaries: Canaries,
        telegram: WatchedTelegram,
        model: llm.FakeLLM,
    ) -> None:
        self.mode = mode
        self.canaries = canaries
        self.telegram = telegram
        self.model = model
        self.config = folder / "config.toml"
        self.data = folder / "data"
        self.runs: list[Minibot] = []
        """Every start so far."""
        self.clock: Path | None = None
        """See `set_clock`."""
        self._said = 0

    @property
    def database(self) -> Path:
        return self.data / "minibot.db"

    @property
    def said(self) -> int:
        """Messages people wrote so far."""
        return self._said

    def configure(self, sections: Sections) -> None:
        """Write config.toml."""
        lines: list[str] = []
        for table, values in sections.items():
            lines.append(f"[{table}]")
            # A JSON string, number, flag or list of them reads the same in TOML.
            lines += [
                f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()
            ]
        self.config.write_text("\n".join(lines) + "\n")
        self.config.chmod(0o600)

    def set_clock(self, seconds: float) -> None:
        """Have the clock of the process be wrong by so much.

        Processes that were started before the first time go by the right one, as do those whose
        configuration does not say that they are a test.
        """
        self.clock = self.config.with_name("clock")
        unfinished = self.clock.with_suffix(".new")
        unfinished.write_text(str(seconds))
        unfinished.replace(self.clock)

    async def start(self, launch: Launch = forked, *, crash_point: str = "") -> Minibot:
        """Start it; `Minibot.listening` waits until it is up."""
        output = self.config.with_name(f"output-{len(self.runs):04}.log")
        output.touch(0o600)
        listens = self.telegram.listens
        before = listens.count
        start = Start(config=self.config, output=output, crash_point=crash_point, clock=self.clock)
        child = await launch(start)
        minibot = Minibot(child, output, heard=Heard(listens, before), canaries=self.canaries)
        self.runs.append(minibot)
        return minibot

    def say(self, chat_id: int, text: str = "Hello") -> str:
        """Let a person write; the answer holds the token given, with ``ack`` for ``rid``."""
        self._said += 1
        token = f"rid{self._said}end"
        self.telegram.inject({"chat_id": chat_id, "text": f"{text} {token}"})
        return token

    async def answered(self, count: int, *, within: float = 10.0) -> bool:
        """Wait until so many different messages have been answered since the beginning."""
        spec = {"pattern": ANSWER, "distinct": True, "count": count, "timeout": within}
        found = await self.telegram.transcript.wait(spec)
        return bool(found["ok"])

    async def end(self) -> None:
        """Kill what still runs."""
        for minibot in self.runs:
            minibot.send(Signals.SIGKILL)
            await minibot.exits_within(ENDS_WITHIN)

    def answers(self, chat_id: int | None = None) -> list[str]:
        """Give the tokens of the answers people see, those of a chat in the order they came."""
        chats = self.telegram.transcript.ledger()["chats"]
        told = chats.values() if chat_id is None else [chats.get(str(chat_id), {"out": []})]
        texts = (entry["final"] for chat in told for entry in chat["out"])
        return ["rid" + ack[3:] for text in texts for ack in re.findall(ANSWER, text)]


@asynccontextmanager
async def installed(
    folder: Path,
    *,
    users: Sequence[int],
    mode: Mode = "long_polling",
    sections: Sections | None = None,
) -> AsyncIterator[Installation]:
    """Run the peers and write a config.toml; whatever still runs in the end is killed.

    Args:
        users: who may talk to the bot.
        sections: keys of config.toml beyond those that name the peers.
    """
    canaries = Canaries()
    telegram = WatchedTelegram(canaries.bot_token)
    model = llm.FakeLLM(llm.Settings(api_key=canaries.api_key, keep_bodies=0))
    installation = Installation(
        folder, mode=mode, canaries=canaries, telegram=telegram, model=model
    )
    async with AsyncExitStack() as stack:
        at_telegram = await start_telegram(telegram)
        stack.push_async_callback(at_telegram.stop)
        at_model = await llm.start(model)
        stack.push_async_callback(at_model.stop)
        urls = (at_telegram.url, at_model.url)
        installation.configure(_merged(_sections(installation, urls, users), sections or {}))
        stack.push_async_callback(installation.end)
        yield installation


def _sections(
    installation: Installation, urls: tuple[str, str], users: Sequence[int]
) -> dict[str, dict[str, object]]:
    canaries = installation.canaries
    telegram_url, model_url = urls
    telegram: dict[str, object] = {
        "enabled": True,
        "bot_token": canaries.bot_token,
        "api_base_url": telegram_url,
        "allowed_user_ids": list(users),
        "mode": installation.mode,
    }
    if installation.mode == "webhook":
        port = _free_port()
        telegram |= {
            "webhook_url": f"http://127.0.0.1:{port}/telegram",
            "webhook_secret": canaries.webhook_secret,
            "webhook_port": port,
        }
    return {
        "runtime": {"data_dir": str(installation.data)},
        "channels.telegram": telegram,
        "llm": {
            "provider": "openai",
            "base_url": f"{model_url}/v1",
            "api_key": canaries.api_key,
            "model": "fake-model",
        },
        **{f"tools.{name}": {"enabled": True} for name in ("http_client", "kv_memory", "files")},
    }


def _merged(first: Sections, second: Sections) -> Sections:
    tables = [*first, *(table for table in second if table not in first)]
    return {table: {**first.get(table, {}), **second.get(table, {})} for table in tables}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
