"""``python -m tests.demo [--out FILE] [--picture FILE]``: a conversation with the real process.

People and the model follow a script; what minibot makes of it is filmed as it reached Telegram,
and written as a page that needs nothing else. The picture is one of that page, and needs Chromium.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.demo.page import page
from tests.demo.picture import NoBrowser, take_picture
from tests.demo.script import FRIDAY, perform
from tests.demo.stage import on_stage

TITLE = "A day with minibot"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/demo.html"), help="the page")
    parser.add_argument("--picture", type=Path, help="a PNG of the page")
    options = parser.parse_args()
    out: Path = options.out
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.touch()
    except OSError as error:
        parser.error(f"--out: the page cannot be written there: {error}")
    out.write_text(asyncio.run(_played()), encoding="utf-8")
    sys.stdout.write(f"demo: {out}\n")
    if options.picture is None:
        return 0
    try:
        take_picture(out, options.picture)
    except NoBrowser as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"demo: {options.picture}, {options.picture.stat().st_size // 1024} kB\n")
    return 0


async def _played() -> str:
    with tempfile.TemporaryDirectory(prefix="minibot-demo-") as folder:
        async with on_stage(Path(folder), FRIDAY) as stage:
            await perform(stage)
            return page(TITLE, stage.scenes, stage.telegram.files)


if __name__ == "__main__":
    sys.exit(main())
