"""Jobs: triggers in time. What a job is, when it is due, and where it may go from where it stands.

Days and hours are those of the job's IANA zone, instants are UTC. When clocks change:

- An hour that does not exist (spring) moves to the first instant behind the gap.
- An hour that comes twice (autumn) counts once, the first time. Rules that run every hour or
  more often follow elapsed time instead and run in both.
- An interval is elapsed time and knows nothing of clocks.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from minibot.core.errors import IllegalTransition
from minibot.core.messages import ChatRef, Person


class JobKind(StrEnum):
    """What happens when a job is due."""

    REMINDER = "reminder"
    """Its text is said."""
    LLM_PROMPT = "llm_prompt"
    """Its text is put to the model, and what it answers is said."""


class Notify(StrEnum):
    """When a person is told what came of a run."""

    ALWAYS = "always"
    ON_CHANGE = "on_change"
    """When it is not what came of the run before."""
    NEVER = "never"


class Misfire(StrEnum):
    """What happens to a run that was missed by more than the grace of the settings."""

    RUN_LATE = "run_late"
    """It runs as soon as that is possible, and says when it was due."""
    SKIP_AND_TELL = "skip_and_tell"
    """It does not run, and the person is told that it was missed."""


class RecurrenceKind(StrEnum):
    """How the moments of a job are told."""

    ONCE = "once"
    EVERY = "every"
    CRON = "cron"
    RRULE = "rrule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """The moments at which a job is due."""

    kind: RecurrenceKind
    rule: str = ""
    """Seconds for ``every``; five fields for ``cron``; RFC 5545 for ``rrule``; nothing for
    ``once``."""
    start: datetime
    """The moment of ``once``; the moment from which ``every`` and ``rrule`` count. UTC."""
    zone: str
    """IANA name of the zone whose clock ``cron`` and ``rrule`` follow."""

    @property
    def repeats(self) -> bool:
        return self.kind is not RecurrenceKind.ONCE


class JobState(StrEnum):
    """Where a job stands. `TRANSITIONS` says where it may go."""

    SCHEDULED = "scheduled"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.SCHEDULED: frozenset(
        {JobState.SCHEDULED, JobState.PAUSED, JobState.DONE, JobState.FAILED, JobState.CANCELLED}
    ),
    JobState.PAUSED: frozenset(
        {
            JobState.PAUSED,
            JobState.SCHEDULED,
            JobState.DONE,  # its last run was in hand
            JobState.FAILED,
            JobState.CANCELLED,
        }
    ),
    JobState.DONE: frozenset({JobState.SCHEDULED}),  # snoozed
    JobState.FAILED: frozenset({JobState.SCHEDULED, JobState.CANCELLED}),  # run once more
    JobState.CANCELLED: frozenset({JobState.SCHEDULED}),  # taken back
}

OVER = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A trigger in time, and whose it is.

    Every change gives a new value with the next `version`; the store refuses one that is not
    the next.
    """

    id: str
    owner: str
    """Who may see and change it: a person as `minibot.core.owners.person_of` names them."""
    person: Person
    """Who asked for it; what it does is done for them."""
    chat: ChatRef
    """Where they asked, and are answered."""
    private: bool
    kind: JobKind
    text: str
    recurrence: Recurrence
    state: JobState = JobState.SCHEDULED
    due: datetime | None
    """When it is to run next; None when it is not."""
    in_hand: datetime | None = None
    """The moment for which it is running: handed over, and its result not yet delivered."""
    notify: Notify = Notify.ALWAYS
    misfire: Misfire = Misfire.RUN_LATE
    runs: int = 0
    """Times it came to its end."""
    failures: int = 0
    """Tries in a row that failed."""
    problem: str = ""
    last_run: datetime | None = None
    last_result: str = ""
    """A digest of what came of the last run, for `Notify.ON_CHANGE`."""
    created_at: datetime
    updated_at: datetime
    version: int = 1

    @property
    def over(self) -> bool:
        return self.state in OVER

    def fired(self, next_due: datetime | None, now: datetime) -> "Job":
        """Take the moment that is due in hand.

        Args:
            next_due: when it is due after that; moments that were missed are behind it.
        """
        if self.state is not JobState.SCHEDULED or self.in_hand or self.due is None:
            raise IllegalTransition(f"job {self.id} cannot fire: it is {self.state.value}")
        return self._next(now, in_hand=self.due, due=next_due)

    def settled(self, now: datetime, *, digest: str = "") -> "Job":
        """Note that what came of the run was delivered. Without a moment to come it is done."""
        return _end_run(
            self,
            now,
            state=_state_after_run(self, JobState.DONE),
            runs=self.runs + 1,
            failures=0,
            problem="",
            last_run=self.in_hand,
            last_result=digest or self.last_result,
        )

    def skipped(self, now: datetime) -> "Job":
        """Note that the moment in hand was missed for good, and said so."""
        return _end_run(
            self,
            now,
            state=_state_after_run(self, JobState.DONE),
            problem="missed while I was away",
        )

    def missed(self, next_due: datetime | None, now: datetime) -> "Job":
        """Let the moment that is due go by, and say so: both `fired` and `skipped`."""
        return replace(self.fired(next_due, now).skipped(now), version=self.version + 1)

    def retried(self, at: datetime, problem: str, now: datetime) -> "Job":
        """Note that a run failed and is tried again at a moment of its own."""
        return _end_run(
            self, now, state=self.state, due=at, failures=self.failures + 1, problem=problem
        )

    def failed(self, problem: str, now: datetime) -> "Job":
        """Note that a run failed for good. A job that repeats goes on with its next moment."""
        return _end_run(
            self, now, state=_state_after_run(self, JobState.FAILED), failures=0, problem=problem
        )

    def paused(self, now: datetime) -> "Job":
        return self._next(now, state=_moved_to(self, JobState.PAUSED))

    def resumed(self, next_due: datetime | None, now: datetime) -> "Job":
        """Go on, at the next moment from now; what was missed while it was paused is not."""
        if self.state is not JobState.PAUSED:
            raise IllegalTransition(f"job {self.id} is not paused: it is {self.state.value}")
        return self._next(now, state=JobState.SCHEDULED, due=next_due)

    def cancelled(self, now: datetime) -> "Job":
        return self._next(now, state=_moved_to(self, JobState.CANCELLED), due=None, in_hand=None)

    def finished(self, now: datetime) -> "Job":
        """Note that its person is through with it before its time, or before it was said."""
        if self.in_hand is not None:  # what is being said is; nothing comes after it
            return self._next(now, due=None)
        return self._next(now, state=_moved_to(self, JobState.DONE), due=None)

    def rescheduled(self, at: datetime | None, now: datetime) -> "Job":
        """Have it run at another moment: snoozed, run at once, edited or brought back."""
        state = _moved_to(self, JobState.SCHEDULED)
        return self._next(now, state=state, due=at, failures=0, problem="")

    def edited(
        self, now: datetime, *, text: str, recurrence: Recurrence, due: datetime | None
    ) -> "Job":
        """Change what it says or when."""
        if self.over:
            raise IllegalTransition(f"job {self.id} is over: it is {self.state.value}")
        return self._next(now, text=text, recurrence=recurrence, due=due)

    def moved(self, chat: ChatRef, now: datetime) -> "Job":
        """Follow a chat to its new id."""
        return self._next(now, chat=chat)

    def _next(self, now: datetime, **changes: object) -> "Job":
        return replace(self, **changes, updated_at=now, version=self.version + 1)  # type: ignore[arg-type]  # checked where each is written


def _end_run(job: Job, now: datetime, **changes: object) -> Job:
    if job.in_hand is None:
        raise IllegalTransition(f"job {job.id} has no run in hand")
    return job._next(now, **{"in_hand": None, **changes})


def _state_after_run(job: Job, end: JobState) -> JobState:
    """Say where a run leaves a job: with no moment to come it ends, paused meanwhile or not."""
    return job.state if job.due is not None or job.over else _moved_to(job, end)


def _moved_to(job: Job, state: JobState) -> JobState:
    if state not in TRANSITIONS[job.state]:
        raise IllegalTransition(
            f"job {job.id} cannot become {state.value}: it is {job.state.value}"
        )
    return state


def occurrence_key(job_id: str, due: datetime) -> str:
    """Name one moment of a job: what makes its run one, however often it is handed over."""
    return f"{job_id}:{due.isoformat()}"


def retry_at(failures: int, now: datetime) -> datetime:
    """Give the moment of the next try after so many that failed: 30 s, 1, 2, 4 … 60 minutes on."""
    return now + timedelta(seconds=min(30.0 * 2.0 ** min(failures, 16), 3600.0))
