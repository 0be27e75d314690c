"""``python -m tests.crash --kills 300``: exit code 1 when anything was lost."""

import argparse
import asyncio
import logging
import os
import random
import sys
import tempfile
from pathlib import Path

from tests.crash.campaign import Course, Plan, kills, run_campaign
from tests.crash.verdict import Verdict, table
from tests.e2e.process import Mode

MODES: dict[str, tuple[Mode, ...]] = {
    "polling": ("long_polling",),
    "webhook": ("webhook",),
    "both": ("long_polling", "webhook"),
}
EXEC_EVERY = 25


def main() -> int:
    options = _parser().parse_args()
    # The peers complain when somebody dies while being answered, which is what this is about.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    modes = MODES[options.mode]
    shares = _shares(options.kills, len(modes))
    results = []
    for mode, count in zip(modes, shares, strict=True):
        rng = random.Random(f"{options.seed} {mode}")  # noqa: S311 - must be repeatable
        plan = Plan(
            mode=mode,
            ends=kills(count, rng),
            rng=rng,
            exec_every=1 if options.exec else EXEC_EVERY,
        )
        with tempfile.TemporaryDirectory(prefix="minibot-crash-") as folder:
            results.append(asyncio.run(run_campaign(Path(folder), plan, tell=_progress)))
    _say(table([verdict for verdict, _ in results]))
    for verdict, course in results:
        _say(_details(verdict, course))
    _say(f"seed {options.seed}\n")
    return 0 if all(verdict.passed for verdict, _ in results) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.crash",
        description="Kill minibot under load, again and again, and count what people lost.",
    )
    parser.add_argument(
        "--kills",
        type=int,
        default=int(os.environ.get("KILLS", "300")),
        help="of all modes together (default: the variable KILLS, or 300)",
    )
    parser.add_argument("--mode", choices=MODES, default="both")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--exec",
        action="store_true",
        help="run the command line every time, not only every 25th",
    )
    return parser


def _shares(total: int, parts: int) -> list[int]:
    return [total // parts + (number < total % parts) for number in range(parts)]


def _details(verdict: Verdict, course: Course) -> str:
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(course.kinds.items()))
    lines = [
        f"{verdict.mode}: {kinds}",
        f"  {course.execs} of the starts by the command line",
        f"  at most {verdict.most_crashes} crashes with the same message in hand",
    ]
    lines += [f"  surprise: {surprise}" for surprise in verdict.surprises[:20]]
    lines += [f"  unanswered: {fate}" for fate in verdict.fates[:20]]
    return "\n".join(lines) + "\n"


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
