"""``python -m tests.chaos --turns 1000``: exit code 1 when anybody noticed more than a delay."""

import argparse
import asyncio
import logging
import os
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.turmoil import Turmoil, run_turmoil


def main() -> int:
    options = _parser().parse_args()
    # The peers complain when a client hangs up, which is what this is about.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    rng = random.Random(options.seed)  # noqa: S311 - must be repeatable
    with tempfile.TemporaryDirectory(prefix="minibot-chaos-") as folder:
        turmoil = asyncio.run(run_turmoil(Path(folder), options.turns, rng, tell=_progress))
    _say(_report(turmoil))
    _say(f"seed {options.seed}\n")
    return 0 if turmoil.passed else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos",
        description="Have half of all questions to the model fail, and see who notices.",
    )
    parser.add_argument(
        "--turns",
        type=int,
        default=int(os.environ.get("TURNS", "1000")),
        help="messages that people write (default: the variable TURNS, or 1000)",
    )
    parser.add_argument("--seed", type=int, default=1)
    return parser


def _report(turmoil: Turmoil) -> str:
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(turmoil.kinds.items()))
    return "\n".join(
        (
            turmoil.verdict.table() + turmoil.verdict.details(),
            turmoil.effects.table() + turmoil.effects.details(),
            f"{kinds}\n{turmoil.seconds:.0f} s\n",
        )
    )


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
