"""One campaign: start, end, start again, and in the end see what people got."""

import random
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals

from tests.crash.load import CHATS, TALK, Load, Sent, people_writing
from tests.crash.verdict import (
    Verdict,
    compare,
    fates,
    integrity,
    most_crashes,
    unfinished_texts,
)
from tests.e2e.forking import forked
from tests.e2e.launch import Launch, command_line
from tests.e2e.process import LISTENS_WITHIN, Installation, Minibot, Mode, installed

CRASHES_WITHIN = 4.0
"""A crash point not reached by then is replaced by a signal."""
CRASHED = 137
THINKS_SECONDS = 0.02
THINKS_SECONDS_MORE = 0.15
"""The model takes its time, or nothing would ever be cut short."""

_TOKEN = re.compile(r"(?:rid|ack)([a-z0-9]*?end)")
_BUSIEST = {"P0": 3, "P1": 3, "P3": 40}
"""How often a process may pass a crash point before it ends there, at the most; else 12."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How one run of the process ends: by a signal after a while, or at a crash point."""

    number: Signals = Signals.SIGKILL
    after: float = 0.0
    crash_point: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do in a campaign."""

    mode: Mode
    ends: Sequence[End]
    rng: random.Random
    load: Load = TALK
    until_over: Callable[[Installation], Awaitable[None]] | None = None
    """Waits for what is to come behind the answers, before the last process is stopped."""
    exec_every: int = 0
    """Every how many starts the true command line is run instead of a fork; 0 for never."""
    title: str = "kills"


@dataclass(slots=True)
class Course:
    """What happened besides the messages."""

    kinds: Counter[str] = field(default_factory=Counter)
    execs: int = 0
    surprises: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedOut:
    """A plan that was carried out."""

    sent: Sequence[Sent]
    course: Course
    seconds: float


def kills(count: int, rng: random.Random, load: Load = TALK) -> list[End]:
    """Half at a random instant, half at the crash points in turn."""
    ends = []
    for number in range(count):
        if number % 2 == 0:
            ends.append(End(after=rng.uniform(0, load.longest_life)))
            continue
        name = load.crash_points[number // 2 % len(load.crash_points)]
        ends.append(End(crash_point=f"{name}:{rng.randint(1, _BUSIEST.get(name, 12))}"))
    return ends


def stops(count: int, number: Signals, rng: random.Random) -> list[End]:
    """Signals that minibot obeys, at random instants."""
    return [End(number=number, after=rng.uniform(0, TALK.longest_life)) for _ in range(count)]


async def run_campaign(
    folder: Path, plan: Plan, tell: Callable[[str], None] = lambda line: None
) -> tuple[Verdict, Course]:
    """Carry out a plan in an empty folder.

    Args:
        tell: told now and then how far it is.
    """
    async with installed(folder, users=CHATS, mode=plan.mode) as installation:
        carried_out = await carry_out(installation, plan, tell)
        return judge(installation, plan, carried_out), carried_out.course


async def carry_out(
    installation: Installation, plan: Plan, tell: Callable[[str], None]
) -> CarriedOut:
    """Have people write and processes end, and then everything answered."""
    began = time.monotonic()
    course = Course()
    settings = installation.model.settings
    settings.ttft, settings.ttft_jitter = THINKS_SECONDS, THINKS_SECONDS_MORE
    installation.telegram.webhook_backoff.base = 0.05
    installation.telegram.webhook_backoff.cap = 1.0
    async with people_writing(installation, plan.load, plan.rng) as sent:
        for number, end in enumerate(plan.ends, 1):
            by_fork = plan.exec_every == 0 or number % plan.exec_every
            course.execs += not by_fork
            launch = forked if by_fork else command_line
            await _one_life(installation, end, launch, course)
            if number % 25 == 0:
                tell(f"{plan.title}: {number} of {len(plan.ends)}, {len(sent)} sent")
    await _finish(installation, sent, course, plan)
    return CarriedOut(sent=sent, course=course, seconds=time.monotonic() - began)


async def _one_life(installation: Installation, end: End, launch: Launch, course: Course) -> None:
    """Start a process and end it."""
    minibot = await installation.start(launch, crash_point=end.crash_point)
    if end.crash_point:
        code = await minibot.exits_within(CRASHES_WITHIN)
        if code is None and not minibot.has_listened:
            code = await minibot.exits_within(LISTENS_WITHIN)
    else:
        await minibot.listening()
        code = await minibot.exits_within(end.after)
    by_itself = code is not None
    if code is None:
        assert minibot.has_listened, f"about to be ended, and it never listened:\n{minibot.log}"
        code = await minibot.stop(end.number)
    asked = -end.number if end.number is Signals.SIGKILL else 0
    crashed = bool(end.crash_point) and code == CRASHED
    if crashed:  # perhaps at the last moment, with the signal on its way
        kind = end.crash_point.partition(":")[0]
    else:
        kind = "by itself" if by_itself else end.number.name
    course.kinds[kind] += 1
    surprising = not crashed and (by_itself or code != asked)
    _note(minibot, course, f"{kind}: exit code {code}" if surprising else "")


async def _finish(
    installation: Installation, sent: Sequence[Sent], course: Course, plan: Plan
) -> None:
    """Let everything be answered, then stop in good order."""
    minibot = await installation.start()
    await minibot.listening()
    await installation.answered(len(sent), within=plan.load.answered_within)
    if plan.until_over is not None:
        await plan.until_over(installation)
    code = await minibot.stop()
    _note(minibot, course, f"the last run: exit code {code}" if code else "")


def _note(minibot: Minibot, course: Course, surprise: str) -> None:
    if surprise:
        last_words = " | ".join(minibot.log.splitlines()[-3:])
        course.surprises.append(f"{surprise}: {last_words}")
    course.surprises += minibot.accidents()


def judge(installation: Installation, plan: Plan, carried_out: CarriedOut) -> Verdict:
    """Compare what people wrote with what they were answered."""
    sent, course = carried_out.sent, carried_out.course
    waiting = installation.telegram.default_bot.updates
    texts = [str(update) for update in waiting] + unfinished_texts(installation.database)
    in_line = {"rid" + rest for text in texts for rest in _TOKEN.findall(text)}
    answers = installation.answers()
    outcome = compare(sent, answers, in_line)
    return Verdict(
        campaign=plan.title,
        ends=len(plan.ends),
        sent=len(sent),
        answered=len(set(answers)),
        lost=len(outcome.lost),
        pending=len(outcome.pending),
        duplicates=outcome.duplicates,
        disorder=outcome.disorder,
        model_calls=sum(len(record["tokens"]) for record in installation.model.records),
        integrity=integrity(installation.database),
        most_crashes=most_crashes(installation.database),
        fates=tuple(fates(installation.database, [*outcome.lost, *outcome.pending])),
        surprises=tuple(course.surprises),
        seconds=carried_out.seconds,
    )
