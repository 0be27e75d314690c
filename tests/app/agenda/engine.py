"""The engine of jobs and tasks wired as in the container, the outside world replaced."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from minibot.adapters.calendar.calendar import SystemCalendar
from minibot.adapters.storage import Rows
from minibot.adapters.storage.agenda import AgendaRows, InMemoryAgenda
from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.held import Digests, HoldBack
from minibot.app.agenda.job_clock import JobClock
from minibot.app.agenda.quiet import QuietHours
from minibot.app.agenda.runs import Runs
from minibot.app.agenda.settler import Settler
from minibot.app.agenda.strategies import Done, Strategy
from minibot.app.agenda.workers import Workers
from minibot.app.event_bus import WhenFull
from minibot.app.handlers.agenda.works import Works
from minibot.app.pipeline import Answer, TurnContext, compose
from minibot.core.account import AnswerAccount
from minibot.core.events import TroubleNoticed
from minibot.core.exchanges import Exchange
from minibot.core.inbox import Outcome
from minibot.core.jobs import Job
from minibot.core.messages import ChatRef, IncomingMessage
from minibot.core.outbox import Draft, OutgoingPart
from minibot.core.ports import AgendaStore, Entry, Heard, Outcomes, SaidPart
from minibot.core.settings import Settings
from minibot.core.tasks import Task
from tests.app.faulty_storage import Faults, Killed
from tests.app.rig import Rig, in_background
from tests.fakes import FakeChannel, FakeClock, make_settings, settle


class JumpyClock(FakeClock):
    """A clock that somebody sets."""

    def __init__(self) -> None:
        super().__init__()
        self.shift = timedelta()

    def now(self) -> datetime:
        return super().now() + self.shift

    async def jump(self, shift: timedelta) -> None:
        """Set it forward or back, and let that be noticed."""
        self.shift += shift
        await self.advance(60)


class FaultyAgenda:
    """A store on a bad disk; calls are named ``agenda.write``."""

    def __init__(self, inner: AgendaStore, faults: Faults) -> None:
        self._inner = inner
        self._faults = faults

    async def load(self) -> list[Entry]:
        await self._faults.enter("agenda.load")
        return await self._inner.load()

    async def write(self, entries: Sequence[Entry], *, forget: Collection[str] = ()) -> None:
        await self._faults.enter("agenda.write")
        await self._inner.write(entries, forget=forget)
        await self._faults.leave("agenda.write")

    async def refresh(self) -> tuple[list[Entry], list[str]]:
        await self._faults.enter("agenda.refresh")
        return await self._inner.refresh()

    async def compact(self) -> None:
        await self._faults.enter("agenda.compact")
        await self._inner.compact()

    async def close(self) -> None:
        await self._inner.close()


class FaultyOutcomes:
    """Outcomes on a bad disk; the one call is named ``outcomes.find``."""

    def __init__(self, inner: Outcomes, faults: Faults) -> None:
        self._inner = inner
        self._faults = faults

    async def find(self, channel: str, account: str, key: str) -> Outcome | None:
        await self._faults.enter("outcomes.find")
        return await self._inner.find(channel, account, key)

    async def contents(self, inbox_id: int) -> IncomingMessage | None:
        return await self._inner.contents(inbox_id)

    async def heard(self, conversation: str, message_id: str, *, before: int) -> list[Heard]:
        return await self._inner.heard(conversation, message_id, before=before)

    async def exchanges(self, conversation: str) -> list[Exchange]:
        return await self._inner.exchanges(conversation)

    async def account(self, conversation: str) -> AnswerAccount | None:
        return await self._inner.account(conversation)

    async def said(self, inbox_id: int) -> list[SaidPart]:
        return await self._inner.said(inbox_id)

    async def said_in(self, chat: ChatRef, message_id: str) -> SaidPart | None:
        return await self._inner.said_in(chat, message_id)


class MortalChannel(FakeChannel):
    """A channel of a process that may die before and after a message reached its chat."""

    def __init__(self) -> None:
        super().__init__()
        self.faults = Faults()

    async def send(self, part: OutgoingPart) -> str:
        await self.faults.enter("channel.send")
        message_id = await super().send(part)
        await self.faults.leave("channel.send")
        return message_id


class Work:
    """A strategy that takes its time and says what it did, or runs into what a test says."""

    def __init__(self, clock: FakeClock, *, seconds: float = 0.0) -> None:
        self._clock = clock
        self._seconds = seconds
        self.steps: dict[str, list[Exception | Done]] = {}
        """By description; behind the last one all is well."""
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.most = 0

    async def __call__(self, task: Task, context: TurnContext) -> Done:
        self.begun.append(task.description)
        self.most = max(self.most, len(self.begun) - len(self.ended))
        try:
            if self._seconds:
                await self._clock.sleep(self._seconds)
            steps = self.steps.get(task.description)
            step = steps.pop(0) if steps else Done(text=f"did {task.description}")
            if isinstance(step, Exception):
                raise step
            return step
        finally:
            self.ended.append(task.description)


class Engine:
    """One process, and what it says. Its `successor` is what a restart finds."""

    def __init__(
        self,
        *,
        settings: Settings | None = None,
        strategies: dict[str, Strategy] | None = None,
        before: "Engine | None" = None,
        workers: bool = True,
    ) -> None:
        """Wire the parts.

        Args:
            before: the process whose files and chats these are.
            workers: False when there are no tasks, and nobody need look for them so often.
        """
        self.has_workers: bool = before.has_workers if before else workers
        self.clock: JumpyClock = before.clock if before else JumpyClock()
        self.agenda_rows: AgendaRows = before.agenda_rows if before else AgendaRows()
        self.rig: Rig = Rig(
            settings or make_settings(scheduler={"poll_interval_ms": 60_000}),
            rows=before.rig.rows if before else Rows(),
            clock=self.clock,
        )
        self.faults = self.rig.faults
        self.channel: MortalChannel = before.channel if before else MortalChannel()
        self.channel.faults = self.faults
        self.rig.channel = self.channel
        self.agenda = Agenda(
            FaultyAgenda(InMemoryAgenda(self.agenda_rows), self.faults), self.clock
        )
        self.work: Work = before.work if before else Work(self.clock)
        known: dict[str, Strategy] = before.strategies if before else {"llm_prompt": self.work}
        self.strategies: dict[str, Strategy] = strategies or known
        self.runs = Runs()
        self.quiet = QuietHours(self.rig.storage.preferences, self.clock)
        self.hold = HoldBack(self.agenda, self.quiet, self.clock)
        self.works = Works(
            self.agenda,
            self.runs,
            self.strategies,
            zone_of=lambda asker: "",
            clock=self.clock,
            hold=self.hold,
        )
        turns = self.rig.turns(compose(_unexpected, [self.works]))
        self.dispatcher = self.rig.dispatcher(turns.run)
        self.troubles: list[str] = []
        self.jobs = _job_clock(self)
        self.workers = _workers(self)
        self.settler = _settler(self)
        self.digests = Digests(
            self.agenda,
            self.quiet,
            channels=self.rig.channels,
            tell=self.rig.tell,
            end=self.settler.end_told,
            clock=self.clock,
        )

    def successor(self) -> "Engine":
        return type(self)(settings=self.rig.live.current, before=self)

    async def plant(self, *entries: Entry) -> None:
        """Store entries, as another process does."""
        await InMemoryAgenda(self.agenda_rows).write(entries)

    async def start(self) -> None:
        """Do what comes before everything runs."""
        await self.rig.storage.inbox.recover()
        await self.rig.storage.outbox.recover()
        await self.agenda.open()

    async def run(self) -> None:
        await self.start()
        async with asyncio.TaskGroup() as group:
            for part in self._parts():
                group.create_task(_completed(part))

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Engine"]:
        async with in_background(self.run):
            await settle(200)
            yield self

    async def live(self, moment: int, is_over: Callable[["Engine"], bool]) -> bool:
        """Be a process that dies at this moment, from 1; says whether all was over before."""
        self.faults.kill_at(moment)
        life = asyncio.create_task(self.run())
        for _ in range(200):
            if life.done() or is_over(self):
                break
            await self.clock.advance(5)
        survived = not life.done()
        assert not survived or is_over(self), "it gets nowhere"
        await self.end(life)
        return survived

    async def end(self, life: "asyncio.Task[None]", *, gently: bool = False) -> None:
        """Have a process that runs die at once, or shut down."""
        if not gently:
            self.faults.kill()
        life.cancel()
        await asyncio.wait([life])
        _refuse_others(life, Killed)

    async def advance(self, seconds: float, *, passes: int = 300) -> None:
        await self.clock.advance(seconds)
        await settle(passes)

    async def say(self, key: str, chat: ChatRef, markdown: str) -> None:
        parts = self.rig.channels.render(chat.channel, markdown)
        await self.rig.tell(
            [Draft(key=f"{key}:{n}", chat=chat, part=part) for n, part in enumerate(parts)]
        )

    def said(self) -> list[str]:
        return self.channel.said()

    def job(self, job_id: str) -> Job:
        job = self.agenda.job(job_id)
        assert job is not None
        return job

    def task(self, task_id: str) -> Task:
        task = self.agenda.task(task_id)
        assert task is not None
        return task

    def _parts(self) -> Sequence[Callable[[], Awaitable[None]]]:
        return (
            self._listen,
            self.rig.channels.run,
            self.rig.delivery.run,
            self.dispatcher.run,
            self.jobs.run,
            self.settler.run,
            *((self.workers.run, self.digests.run) if self.has_workers else ()),
        )

    async def _listen(self) -> None:
        with self.rig.bus.subscribe(
            "owner", TroubleNoticed, capacity=100, when_full=WhenFull.DROP_OLDEST
        ) as events:
            async for event in events:
                assert isinstance(event, TroubleNoticed)
                self.troubles.append(event.text)


def _job_clock(engine: Engine) -> JobClock:
    return JobClock(
        engine.agenda,
        SystemCalendar(),
        receive=engine.rig.admit,
        say=engine.say,
        settings=engine.rig.live,
        clock=engine.clock,
        random=lambda: 0.5,
    )


def _workers(engine: Engine) -> Workers:
    return Workers(
        engine.agenda,
        receive=engine.rig.admit,
        running=engine.rig.running,
        settings=engine.rig.live,
        clock=engine.clock,
    )


def _settler(engine: Engine) -> Settler:
    return Settler(
        engine.agenda,
        engine.runs,
        FaultyOutcomes(engine.rig.storage.outcomes, engine.faults),
        receive=engine.rig.admit,
        bus=engine.rig.bus,
        settings=engine.rig.live,
        clock=engine.clock,
    )


async def _completed(run: Callable[[], Awaitable[None]]) -> None:
    await run()


async def _unexpected(context: TurnContext) -> Answer:
    raise AssertionError(f"nobody wrote {context.message.text}")


def _refuse_others(life: "asyncio.Task[None]", expected: type[BaseException]) -> None:
    if life.cancelled():
        return
    match life.exception():
        case BaseExceptionGroup() as group:
            _, others = group.split(expected)
            if others is not None:
                raise others
        case BaseException() as error if not isinstance(error, expected):
            raise error
