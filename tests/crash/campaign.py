"""One campaign: start, end, start again, and in the end see what people got."""

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals

from minibot.app.crash_points import NAMES
from tests.crash.forking import fork_server
from tests.crash.load import CHATS, Sent, people_writing
from tests.crash.verdict import (
    Verdict,
    compare,
    fates,
    integrity,
    most_crashes,
    unfinished_texts,
)
from tests.e2e.process import (
    Installation,
    Launch,
    Minibot,
    Mode,
    command_line,
    installed,
)

LONGEST_LIFE = 0.4
"""Seconds between the first poll and a signal at the most."""
CRASHES_WITHIN = 4.0
"""A crash point not reached by then is replaced by a signal."""
CRASHED = 137
ANSWERED_WITHIN = 90.0
"""Longer than any message rests after crashes."""
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
    exec_every: int = 0
    """Every how many starts the true command line is run instead of a fork; 0 for never."""


@dataclass(slots=True)
class Course:
    """What happened besides the messages."""

    kinds: Counter[str] = field(default_factory=Counter)
    execs: int = 0
    surprises: list[str] = field(default_factory=list)


def kills(count: int, rng: random.Random) -> list[End]:
    """Half at a random instant, half at the crash points in turn."""
    ends = []
    for number in range(count):
        if number % 2 == 0:
            ends.append(End(after=rng.uniform(0, LONGEST_LIFE)))
            continue
        name = NAMES[number // 2 % len(NAMES)]
        ends.append(End(crash_point=f"{name}:{rng.randint(1, _BUSIEST.get(name, 12))}"))
    return ends


def stops(count: int, number: Signals, rng: random.Random) -> list[End]:
    """Signals that minibot obeys, at random instants."""
    return [End(number=number, after=rng.uniform(0, LONGEST_LIFE)) for _ in range(count)]


async def run_campaign(
    folder: Path, plan: Plan, tell: Callable[[str], None] = lambda line: None
) -> tuple[Verdict, Course]:
    """Carry out a plan in an empty folder.

    Args:
        tell: told now and then how far it is.
    """
    began = time.monotonic()
    course = Course()
    async with (
        installed(folder, users=CHATS, mode=plan.mode) as installation,
        fork_server() as fork,
    ):
        settings = installation.model.settings
        settings.ttft, settings.ttft_jitter = THINKS_SECONDS, THINKS_SECONDS_MORE
        installation.telegram.webhook_backoff.base = 0.05
        installation.telegram.webhook_backoff.cap = 1.0
        async with people_writing(installation, plan.rng) as sent:
            for number, end in enumerate(plan.ends, 1):
                by_fork = plan.exec_every == 0 or number % plan.exec_every
                course.execs += not by_fork
                launch = fork.launch if by_fork else command_line
                await _one_life(installation, end, launch, course)
                if number % 25 == 0:
                    tell(f"{plan.mode}: {number} of {len(plan.ends)}, {len(sent)} sent")
        await _finish(installation, sent, course)
        return _judge(installation, plan, sent, course, time.monotonic() - began), course


async def _one_life(installation: Installation, end: End, launch: Launch, course: Course) -> None:
    """Start a process and end it."""
    minibot = await installation.start(launch, crash_point=end.crash_point)
    if end.crash_point:
        kind, expected = end.crash_point.partition(":")[0], CRASHED
        code = await minibot.exits_within(CRASHES_WITHIN)
    else:
        kind, expected = "by itself", None
        await minibot.listening()
        code = await minibot.exits_within(end.after)
    if code is None:
        assert minibot.has_listened, "about to be ended, and it never listened"
        kind = end.number.name
        expected = -end.number if end.number is Signals.SIGKILL else 0
        code = await minibot.stop(end.number)
    course.kinds[kind] += 1
    _note(minibot, course, f"{kind}: exit code {code}" if code != expected else "")


async def _finish(installation: Installation, sent: Sequence[Sent], course: Course) -> None:
    """Let everything be answered, then stop in good order."""
    minibot = await installation.start()
    await minibot.listening()
    await installation.answered(len(sent), within=ANSWERED_WITHIN)
    code = await minibot.stop()
    _note(minibot, course, f"the last run: exit code {code}" if code else "")


def _note(minibot: Minibot, course: Course, surprise: str) -> None:
    if surprise:
        last_words = " | ".join(minibot.log.splitlines()[-3:])
        course.surprises.append(f"{surprise}: {last_words}")
    course.surprises += minibot.accidents()


def _judge(
    installation: Installation,
    plan: Plan,
    sent: Sequence[Sent],
    course: Course,
    seconds: float,
) -> Verdict:
    waiting = installation.telegram.default_bot.updates
    texts = [str(update) for update in waiting] + unfinished_texts(installation.database)
    in_line = {"rid" + rest for text in texts for rest in _TOKEN.findall(text)}
    answers = installation.answers()
    outcome = compare(sent, answers, in_line)
    return Verdict(
        mode=plan.mode,
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
        seconds=seconds,
    )
