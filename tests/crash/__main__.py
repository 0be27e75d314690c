"""``python -m tests.crash --kills 300``: exit code 1 when anything was lost or done twice."""

import argparse
import asyncio
import logging
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.crash.agenda_campaign import all_is_over, run_agenda_campaign
from tests.crash.campaign import Course, Plan, kills, run_campaign
from tests.crash.errands import WORK
from tests.crash.load import TALK, Load
from tests.crash.streaming_campaign import WATCHING, run_streaming_campaign
from tests.crash.tool_campaign import run_tool_campaign
from tests.crash.verdict import Verdict, table
from tests.crash.wishes import Wishers

CAMPAIGNS = ("polling", "webhook", "tools", "agenda", "streaming")
EXEC_EVERY = 25


class Findings(Protocol):
    """What was found out beyond the answers."""

    @property
    def passed(self) -> bool: ...

    def table(self) -> str: ...

    def details(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one campaign came to."""

    verdict: Verdict
    course: Course
    findings: Findings | None = None
    """Of what tools did, or what became of promises, where there were any."""

    @property
    def passed(self) -> bool:
        return self.verdict.passed and (self.findings is None or self.findings.passed)


def main() -> int:
    options = _parser().parse_args()
    # The peers complain when somebody dies while being answered, which is what this is about.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    names = CAMPAIGNS if options.campaign == "all" else (options.campaign,)
    results = [
        _run(name, count, seed=options.seed, exec_every=1 if options.exec else EXEC_EVERY)
        for name, count in zip(names, _shares(options.kills, len(names)), strict=True)
    ]
    _report(results)
    _say(f"seed {options.seed}\n")
    return 0 if all(result.passed for result in results) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.crash",
        description="Kill minibot under load, again and again, and count what people lost.",
    )
    parser.add_argument(
        "--kills",
        type=int,
        default=int(os.environ.get("KILLS", "300")),
        help="of all campaigns together (default: the variable KILLS, or 300)",
    )
    parser.add_argument(
        "--campaign",
        choices=("all", *CAMPAIGNS),
        default=os.environ.get("CAMPAIGN", "all"),
        help="how messages come, or that they make tools work or something be planned (default: "
        "the variable CAMPAIGN, or all one after the other)",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--exec",
        action="store_true",
        help="run the command line every time, not only every 25th",
    )
    return parser


def _shares(total: int, parts: int) -> list[int]:
    return [total // parts + (number < total % parts) for number in range(parts)]


def _run(name: str, count: int, *, seed: int, exec_every: int) -> Result:
    rng = random.Random(f"{seed} {name}")  # noqa: S311 - must be repeatable
    wishers = Wishers()
    loads: dict[str, Load] = {
        "tools": WORK,
        "agenda": wishers.load(),
        "streaming": WATCHING,
    }
    load = loads.get(name, TALK)
    plan = Plan(
        mode="webhook" if name == "webhook" else "long_polling",
        ends=kills(count, rng, load),
        rng=rng,
        load=load,
        until_over=all_is_over if name == "agenda" else None,
        exec_every=exec_every,
        title=name,
    )
    with tempfile.TemporaryDirectory(prefix="minibot-crash-") as folder:
        return asyncio.run(_carry_out(name, Path(folder), plan, wishers))


async def _carry_out(name: str, folder: Path, plan: Plan, wishers: Wishers) -> Result:
    findings: Findings | None = None
    match name:
        case "tools":
            verdict, course, findings = await run_tool_campaign(folder, plan, tell=_progress)
        case "streaming":
            verdict, course, findings = await run_streaming_campaign(folder, plan, tell=_progress)
        case "agenda":
            verdict, course, findings = await run_agenda_campaign(
                folder, plan, wishers, tell=_progress
            )
        case _:
            verdict, course = await run_campaign(folder, plan, tell=_progress)
    return Result(verdict=verdict, course=course, findings=findings)


def _report(results: Sequence[Result]) -> None:
    _say(table([result.verdict for result in results]))
    for result in results:
        _say(_details(result.verdict, result.course))
        if result.findings is not None:
            _say(result.findings.table())
            _say(result.findings.details())


def _details(verdict: Verdict, course: Course) -> str:
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(course.kinds.items()))
    lines = [
        f"{verdict.campaign}: {kinds}",
        f"  {course.execs} of the starts by the command line",
        f"  at most {verdict.most_crashes} crashes with the same message in hand",
    ]
    lines += [f"  surprise: {_abridged(surprise)}" for surprise in verdict.surprises[:20]]
    lines += [f"  unanswered: {fate}" for fate in verdict.fates[:20]]
    return "\n".join(lines) + "\n"


def _abridged(line: str) -> str:
    """Leave out the middle: a traceback says what matters at its ends."""
    return line if len(line) <= 800 else f"{line[:300]} … {line[-500:]}"


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
