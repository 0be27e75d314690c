"""The real process between a Telegram and a model of our own, by a clock that is set by hand."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.demo.camera import Camera
from tests.demo.scenes import Film, Scene
from tests.e2e.planning import AS_A_TEST
from tests.e2e.process import Installation, Sections
from tests.e2e.serving import serving
from tests.e2e.talking import WITHIN, Talk
from tests.peers.telegram.wire import Json

ZONE = "Europe/Berlin"
MIA, TOM = 1001, 1005
GROUP = -100_2003

_SECTIONS: Sections = {
    "channels.telegram": {"allowed_chat_ids": [GROUP]},
    "streaming": {"transport": "auto"},
    "llm": {"model": "demo-model"},
    "llm.capabilities": {"vision": True},
    "llm.prices": {"input": 2.5, "output": 10.0},
    **AS_A_TEST,
}


class Stage:
    """Where a conversation is played and filmed."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.telegram = installation.telegram
        self.scenes: list[Scene] = []
        self._days: dict[int, date | None] = {}
        self._shift = 0.0
        bot = self.telegram.default_bot
        bot.username, bot.first_name = "minibot", "minibot"
        self._camera = Camera(self.telegram, self.now)

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self._shift, ZoneInfo(ZONE))

    def set_time(self, moment: str) -> None:
        """Set the clock of the process to a moment in ISO 8601."""
        wanted = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(ZONE))
        self._shift = wanted.timestamp() - time.time()
        self.installation.set_clock(self._shift)

    @contextmanager
    def scene(self, heading: str, chat: Json) -> Iterator[None]:
        """Film what happens in a chat inside."""
        since = len(self._camera.events)
        yield
        film = Film(self.telegram, since=self._days.get(chat["id"]))
        film.take(self._camera.select({"chat_id": chat["id"], "since": since}))
        self._days[chat["id"]] = film.day
        self.scenes.append(Scene(chat=chat, viewer=MIA, heading=heading, entries=film.entries))


class Person(Talk):
    """Somebody who writes by the clock of the stage."""

    def __init__(self, stage: Stage, person: int, chat: int = 0, *, name: str) -> None:
        super().__init__(stage.installation, person, chat, name=name)
        self._stage = stage

    def say(self, text: str, **more: object) -> int:
        # The process takes what was written long before it came up for something it has missed.
        return super().say(text, **{"date": int(self._stage.now().timestamp()), **more})

    async def ask(self, text: str, words: str = "", **more: object) -> Json:
        """Write something and wait for what holds some words, in whatever way it is shown."""
        self.look_from_here()
        self.say(text, **more)
        return await self.sees(words)

    async def sees(self, words: str) -> Json:
        """Wait until a message, sent or changed, holds some words; gives the event."""
        spec = {"chat_id": self.chat, "contains": words, "since": self.since, "timeout": WITHIN}
        found = await self.telegram.transcript.wait(spec)
        told = self.told()
        assert found["ok"], (self.chat, words, [event["text"] for event in told])
        messages = [event for event in told if event["message_id"] is not None]
        return next(event for event in messages if words in event["text"])

    async def tap(self, message: Json, label: str, words: str) -> Json:
        """Press a button and wait for what holds some words."""
        self.look_from_here()
        await self.press(message, label)
        return await self.sees(words)


@asynccontextmanager
async def on_stage(folder: Path, moment: str) -> AsyncIterator[Stage]:
    """Start the process at a moment by its clock; what is written into the folder is its own.

    Raises AssertionError, with what it logged, when it does not come up or has an accident.
    """
    async with serving(folder, users=(MIA, TOM), sections=_SECTIONS) as installation:
        stage = Stage(installation)
        stage.set_time(moment)
        minibot = await installation.start()
        await minibot.listening()
        yield stage
        assert await minibot.stop() == 0, minibot.log[-4000:]
        assert minibot.accidents() == []
