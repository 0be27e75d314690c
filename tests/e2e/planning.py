"""People who plan something with the real process, and what became of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from minibot.adapters.config import load
from minibot.adapters.storage.agenda import open_agenda
from minibot.core.jobs import Job
from minibot.core.ports import Entry
from minibot.core.tasks import TaskState
from tests.e2e.forking import forked
from tests.e2e.launch import Launch
from tests.e2e.process import Installation, Minibot, Sections
from tests.e2e.serving import OWNER, WITHIN, sent, serving, until
from tests.e2e.talking import Talk, call, play
from tests.peers.telegram.wire import Json

AS_A_TEST: Sections = {
    "runtime": {"environment": "test"},
    "scheduler": {"poll_interval_ms": 50},
}
"""What lets the clock be moved, and has that be seen soon."""

PROMISED, PROGRESS = "📌", "⏳"
MINUTE, HOUR, DAY = 60, 3600, 86_400


class Planner:
    """The owner, who has the model plan things, and watches their chat and the clock."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.talk = Talk(installation, OWNER)
        self._shift = self._shift_at_start = 0.0
        self._asked = 0

    async def start(self, launch: Launch = forked, *, crash_point: str = "") -> Minibot:
        self._shift_at_start = self._shift
        minibot = await self.installation.start(launch, crash_point=crash_point)
        await minibot.listening()
        return minibot

    def move_clock(self, seconds: float) -> None:
        """Put the clock forward, or back."""
        self._shift += seconds
        self.installation.set_clock(self._shift)

    def set_time(self, moment: str) -> None:
        """Set the clock to a moment in ISO 8601."""
        self._shift = datetime.fromisoformat(moment).timestamp() - time.time()
        self.installation.set_clock(self._shift)

    async def have_called(self, *calls: Json) -> Json:
        """Have the model make calls in one turn; gives the answer."""
        return await self.answer_to(self.want(*calls))

    def want(self, *calls: Json) -> str:
        """Say what makes the model call tools, one a step; gives the words of its answer."""
        self._asked += 1
        answer = f"Wish {self._asked} is noted."
        play(self.installation, f"^Wish {self._asked}$", *calls, answer)
        # Not before the process came up by its clock, or it was written while that was away.
        now = int(time.time() + max(self._shift, self._shift_at_start))
        self.talk.look_from_here()
        self.talk.say(f"Wish {self._asked}", date=now)
        return answer

    async def answer_to(self, answer: str) -> Json:
        return (await self.talk.shown(answer))[-1]

    async def plan(self, name: str, **arguments: object) -> Json:
        """Have the model call one of the tools that promise something."""
        answer = await self.have_called(call(name, **arguments))
        assert PROMISED in answer["text"], answer["text"]
        return answer

    async def remind(self, text: str, **when: object) -> Json:
        return await self.plan("schedule", text=text, kind="reminder", **when)

    async def everything_due_was_said(self) -> None:
        """Wait until a reminder is said that is due after all others, and all is settled."""
        self._asked += 1
        probe = f"probe {self._asked}"
        await self.remind(probe, delay_seconds=1)
        await until(lambda: self.said(probe, "⏰"))
        await self.over()

    async def over(self) -> None:
        """Wait until nothing is in hand or under way."""
        await self._until_none(is_under_way)

    async def all_over(self) -> None:
        """Wait until nothing is to come at all."""
        await self._until_none(lambda entry: not entry.over or is_under_way(entry))

    async def _until_none(self, is_open: Callable[[Entry], bool]) -> None:
        async with asyncio.timeout(WITHIN):
            while any(map(is_open, await stored(self.installation))):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def said(self, *words: str) -> list[str]:
        """Give what the owner was told that holds all of these, without receipts and progress."""
        texts = [str(event["text"]) for event in sent(self.installation, OWNER)]
        told = [text for text in texts if PROMISED not in text and not text.startswith(PROGRESS)]
        return [text for text in told if all(word in text for word in words)]


@asynccontextmanager
async def planning(folder: Path) -> AsyncIterator[Planner]:
    """Run the peers for somebody whose clock can be moved, and see that all ends well."""
    async with serving(folder, sections=AS_A_TEST) as installation:
        planner = Planner(installation)
        planner.move_clock(0)
        yield planner
        minibot = installation.runs[-1]
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def stored(installation: Installation) -> Sequence[Entry]:
    """Read jobs and tasks from where they are kept."""
    settings = load(installation.config).settings
    async with open_agenda(
        backend=settings.tasks.storage.backend, path=settings.agenda_path, lock_timeout_ms=10_000
    ) as store:
        return await store.load()


def is_under_way(entry: Entry) -> bool:
    """Say whether something of it is in hand, or to be told."""
    if isinstance(entry, Job):
        return entry.in_hand is not None
    has_ended = entry.state in (TaskState.SUCCEEDED, TaskState.FAILED)
    return not entry.over or (has_ended and not entry.reported)


def asked(installation: Installation, words: str = "") -> list[Json]:
    """Give the model's records of what it was asked in the background, with some words in it."""
    return [
        record
        for record in installation.model.records
        if words in record["user_text"] and "task in the background" in record["user_text"]
    ]
