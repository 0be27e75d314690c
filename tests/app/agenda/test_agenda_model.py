"""Random lives of an agenda against the simplest model there is.

Whatever is made, changed, fired, held up and killed, in whatever order: each moment that comes is
said once, none is lost, and what passed while nobody looked makes one run.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from minibot.adapters.storage.agenda import InMemoryAgenda
from minibot.app.agenda.agenda import Agenda
from minibot.core.jobs import Job, JobState, Recurrence, RecurrenceKind
from tests.app.agenda.engine import Engine
from tests.app.agenda.planning import make_job, once
from tests.fakes import START, Gate, make_chat

T = TypeVar("T")

PARTS, LIVES, STEPS = 4, 30, 50
GRACE = 3600
PASSES = 100
MOST = 8
"""Jobs in one life."""

SCHEDULED, PAUSED = JobState.SCHEDULED, JobState.PAUSED
DONE, CANCELLED = JobState.DONE, JobState.CANCELLED

PICK = st.integers(min_value=0, max_value=MOST - 1)
SOON = st.sampled_from([60, 60, 120, 600])
WHEN = st.integers(min_value=1, max_value=60)
"""Moments of a process's life."""


@dataclass(slots=True, kw_only=True)
class Expected:
    """What must be true of a job. Times are seconds since the start."""

    number: int
    every: int
    """0 for once."""
    start: int
    due: int | None
    state: JobState = SCHEDULED
    in_hand: int | None = None
    said: int = 0
    missed: int = 0
    gate: Gate | None = None
    """Stands before the next message to its chat, and all behind that."""
    stuck: Counter[str] = field(default_factory=Counter)

    @property
    def id(self) -> str:
        return f"j{self.number}"

    @property
    def waits_until(self) -> int | None:
        return self.due if self.state is SCHEDULED and self.in_hand is None else None

    def look(self, now: int) -> None:
        """Fire if it is time."""
        fired = self.waits_until
        if fired is None or fired > now:
            return
        self.due = self._next(now)
        if self.every and now - fired > GRACE:
            self._say("missed")
        else:
            self.in_hand = fired
            self._say("said")
        if self.in_hand is None:
            self._end()

    def let_through(self, now: int) -> None:
        """What was held up reaches its chat."""
        stuck, self.stuck, self.gate = self.stuck, Counter(), None
        for what in stuck.elements():
            self._say(what)
        self.look(now)

    def _say(self, what: str) -> None:
        if self.gate is not None:
            self.stuck[what] += 1
        elif what == "missed":
            self.missed += 1
        else:
            self.said += 1
            self.in_hand = None
            self._end()

    def _end(self) -> None:
        if self.due is None and self.state in (SCHEDULED, PAUSED):
            self.state = DONE

    def _next(self, now: int) -> int | None:
        if not self.every:
            return None
        return self.start + self.every * ((now - self.start) // self.every + 1)


class AgendaWorld(RuleBasedStateMachine):
    """One installation through as many processes as it takes."""

    steps = 0
    firings = 0
    deaths = 0

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._engine = Engine(workers=False)
        self._jobs: list[Expected] = []
        self._life = self._do(self._begin())

    def teardown(self) -> None:
        type(self).firings += sum(job.said + job.missed for job in self._jobs)
        self._do(self._end())
        self._runner.close()

    @property
    def _now(self) -> int:
        return int((self._engine.clock.now() - START).total_seconds())

    def _find(self, number: int, *states: JobState) -> Expected | None:
        job = self._jobs[number % len(self._jobs)]
        return job if job.state in states else None

    def _change(
        self, job: Expected, change: Callable[[Job, datetime], Job], *, elsewhere: bool = False
    ) -> None:
        """Change a job, in this process or in another, which is heard of within a minute."""
        now = self._engine.clock.now()
        self._do(self._changed(job.id, lambda each: change(each, now), elsewhere=elsewhere))
        if elsewhere:
            self._pass(60)

    def _pass(self, seconds: int) -> None:
        began = self._now
        self._do(self._engine.advance(seconds, passes=PASSES))
        while (moment := self._next_due()) is not None and moment <= began + seconds:
            for job in self._jobs:
                job.look(max(moment, began))

    def _pass_to_next(self) -> None:
        due = self._next_due()
        self._pass(60 if due is None else due - self._now)

    def _next_due(self) -> int | None:
        return min(
            (job.waits_until for job in self._jobs if job.waits_until is not None), default=None
        )

    def _restart(self, *, dying_at: int = 0) -> None:
        self._do(self._end())
        self._engine = self._engine.successor()
        self._engine.faults.kill_at(dying_at)
        self._life = self._do(self._begin())

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    async def _begin(self) -> "asyncio.Task[None]":
        life = asyncio.create_task(self._engine.run())
        await self._engine.advance(0, passes=PASSES)
        return life

    async def _end(self, *, gently: bool = False) -> None:
        type(self).deaths += not gently
        await self._engine.end(self._life, gently=gently)

    async def _changed(self, job_id: str, change: Callable[[Job], Job], *, elsewhere: bool) -> None:
        agenda = self._engine.agenda
        if elsewhere:
            agenda = Agenda(InMemoryAgenda(self._engine.agenda_rows), self._engine.clock)
            await agenda.open()
        await agenda.change_job(job_id, change)

    async def _stored(self) -> dict[str, Job]:
        entries = await InMemoryAgenda(self._engine.agenda_rows).load()
        return {entry.id: entry for entry in entries if isinstance(entry, Job)}


class AgendaMachine(AgendaWorld):
    """Does whatever people may do, and dies now and then."""

    @initialize()
    def begin(self) -> None:
        self.create(60, 0)
        self.create(60, 60)

    @precondition(lambda self: len(self._jobs) < MOST)
    @rule(after=SOON, every=st.sampled_from([0, 0, 60, 300, 600]))
    def create(self, after: int, every: int) -> None:
        now = self._now
        due = now + (every or after)
        job = Expected(number=len(self._jobs), every=every, start=now, due=due)
        self._jobs.append(job)
        recurrence = once(_at(due))
        if every:
            kind = RecurrenceKind.EVERY
            recurrence = Recurrence(kind=kind, rule=str(every), start=_at(now), zone="UTC")
        chat = make_chat(str(job.number))
        made = make_job(job.id, recurrence=recurrence, due=_at(due), chat=chat)
        self._do(self._engine.agenda.add(made))

    @rule(number=PICK, elsewhere=st.booleans())
    def pause(self, number: int, elsewhere: bool) -> None:
        if job := self._find(number, SCHEDULED):
            job.state = PAUSED
            self._change(job, lambda each, now: each.paused(now), elsewhere=elsewhere)

    @rule(number=PICK)
    def resume(self, number: int) -> None:
        if job := self._find(number, PAUSED):
            job.state, job.due = SCHEDULED, self._now + 60
            due = _at(job.due)
            self._change(job, lambda each, now: each.resumed(due, now))

    @rule(number=PICK, elsewhere=st.booleans())
    def cancel(self, number: int, elsewhere: bool) -> None:
        if job := self._find(number, SCHEDULED, PAUSED):
            job.state, job.due, job.in_hand = CANCELLED, None, None
            self._change(job, lambda each, now: each.cancelled(now), elsewhere=elsewhere)

    @rule(number=PICK, after=SOON, elsewhere=st.booleans())
    def snooze(self, number: int, after: int, elsewhere: bool) -> None:
        if job := self._find(number, *JobState):
            job.state, job.due = SCHEDULED, self._now + after
            due = _at(job.due)
            self._change(job, lambda each, now: each.rescheduled(due, now), elsewhere=elsewhere)

    @rule(seconds=st.sampled_from([1, 30, 60, 60, 90]))
    def wait(self, seconds: int) -> None:
        self._pass(seconds)

    @rule(number=PICK)
    def hold_up(self, number: int) -> None:
        """Have the next message to a chat get stuck."""
        job = self._find(number, *JobState)
        if job and job.gate is None:
            job.gate = Gate()
            self._engine.channel.fail(str(job.number), job.gate)

    @rule(number=PICK)
    def let_through(self, number: int) -> None:
        job = self._find(number, *JobState)
        if job is None or job.gate is None:
            return
        if job.gate.reached.is_set():
            job.gate.open()
        else:
            self._engine.channel.script[str(job.number)].remove(job.gate)
        self._do(self._engine.advance(0, passes=PASSES))
        job.let_through(self._now)

    @rule(call=st.sampled_from(["agenda.write", "inbox.admit", "inbox.claim_urgent"]))
    def storage_fails(self, call: str) -> None:
        self._engine.faults.fail(call, times=2)
        self._pass_to_next()
        self._pass(10)
        self._engine.faults.mend()

    @precondition(lambda self: not any(job.gate for job in self._jobs))
    @rule(moment=WHEN, again=st.integers(min_value=0, max_value=30))
    def die_as_something_is_due(self, moment: int, again: int) -> None:
        """Die in the middle of it, and the next process perhaps as well."""
        self._engine.faults.kill_at(moment)
        self._pass_to_next()
        self._restart(dying_at=again)
        self._restart()
        self._pass(10)

    @rule(seconds=st.sampled_from([60, 600, 3600, 7200, 86_400]), gently=st.booleans())
    def be_away(self, seconds: int, gently: bool) -> None:
        """Be off for a while, after a crash or a shutdown; what was being sent is sent again."""
        self._do(self._end(gently=gently))
        self._do(self._engine.clock.advance(seconds))
        self._restart()
        for job in self._jobs:
            if job.gate is not None and job.gate.reached.is_set() and job.stuck:
                job.let_through(self._now)
            job.look(self._now)

    @invariant()
    def what_is_stored_is_what_was_expected(self) -> None:
        type(self).steps += 1
        stored = self._do(self._stored())
        assert {
            job_id: (job.state, _since(job.due), _since(job.in_hand))
            for job_id, job in stored.items()
        } == {job.id: (job.state, job.due, job.in_hand) for job in self._jobs}

    @invariant()
    def each_moment_was_said_once(self) -> None:
        parts = {part.id: part for part in self._engine.channel.sent}.values()
        missed = Counter(part.chat.chat_id for part in parts if "missed this" in part.part.text)
        said = Counter(part.chat.chat_id for part in parts)
        said.subtract(missed)
        for job in self._jobs:
            chat = str(job.number)
            assert (said[chat], missed[chat]) == (job.said, job.missed), job


def _at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def _since(moment: datetime | None) -> int | None:
    return None if moment is None else int((moment - START).total_seconds())


@pytest.mark.timeout(600)  # a life that goes wrong is made shorter, which takes its time
@pytest.mark.parametrize("part", range(PARTS))
def test_random_lives_go_as_expected(part: int) -> None:
    class World(AgendaMachine):
        """Counts for itself."""

    World.__name__ = f"AgendaMachine{part}"  # other lives than the other parts have
    lives = settings(
        max_examples=LIVES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    while World.steps < 10_000 / PARTS:
        run_state_machine_as_test(World, settings=lives)

    assert World.firings > 100
    assert World.deaths > 100
