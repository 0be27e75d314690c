# ruff: noqa: INP001  # a script beside the package
"""Judges the coverage that `make test COVERAGE=1` measured.

Two gates: lines and branches of the whole package together, and the branches alone of the files
that keep the promise that no message is lost.
"""

import json
import subprocess
import sys
from pathlib import Path

WHOLE_PACKAGE = 90
PROMISE_KEEPERS = 95
KEEPERS = (
    "minibot/adapters/storage/*/inbox*.py",
    "minibot/adapters/storage/*/*outbox*.py",
    "minibot/app/dispatcher.py",
    "minibot/app/delivery.py",
)


def main() -> int:
    """Print both figures; 1 when one is too low."""
    coverage = str(Path(sys.executable).with_name("coverage"))
    measured = json.loads(subprocess.check_output([coverage, "json", "-q", "-o", "-"]))  # noqa: S603
    keepers = {str(path) for pattern in KEEPERS for path in Path().glob(pattern)}
    whole = measured["totals"]["percent_covered"]
    branches = _branches(measured["files"], keepers)
    good = whole >= WHOLE_PACKAGE and branches >= PROMISE_KEEPERS
    if not good:
        subprocess.run([coverage, "report"], check=False)  # noqa: S603
    sys.stdout.write(
        f"coverage: {whole:.1f} % of the package (gate {WHOLE_PACKAGE}), {branches:.1f} % of the "
        f"branches of inbox, outbox, dispatcher and delivery (gate {PROMISE_KEEPERS})\n"
    )
    return 0 if good else 1


def _branches(files: dict[str, dict[str, dict[str, int]]], keepers: set[str]) -> float:
    """Give the share of branches taken; a file no test ever imported counts as nothing taken."""
    if not keepers or keepers - files.keys():
        return 0.0
    summaries = [files[name]["summary"] for name in keepers]
    taken = sum(summary["covered_branches"] for summary in summaries)
    return 100 * taken / max(1, sum(summary["num_branches"] for summary in summaries))


if __name__ == "__main__":
    sys.exit(main())
