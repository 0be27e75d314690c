import subprocess
import sys

import pytest

from minibot.app.crash_points import NAMES, CrashPoints


def test_nothing_happens_by_default() -> None:
    points = CrashPoints()
    for name in NAMES:
        points.reach(name)


def test_others_and_earlier_times_pass() -> None:
    points = CrashPoints("P3:3")
    points.reach("P2")
    points.reach("P3")
    points.reach("P3")


@pytest.mark.parametrize(("order", "passed"), [("P3:2", 1), ("P7", 0)])
def test_process_ends_as_if_killed_at_the_time_named(order: str, passed: int) -> None:
    program = (
        "import sys\n"
        "from minibot.app.crash_points import CrashPoints\n"
        "order = sys.argv[1]\n"
        "points = CrashPoints(order)\n"
        "for number in range(9):\n"
        "    points.reach(order[:2])\n"
        "    print(number, flush=True)\n"
    )
    command = [sys.executable, "-c", program, order]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert ended.returncode == 137
    assert ended.stdout.split() == [str(number) for number in range(passed)]


@pytest.mark.parametrize("order", ["P10", "p3", "P3:0", "P3:-1", "P3:soon", ":1"])
def test_nonsense_is_refused(order: str) -> None:
    with pytest.raises(ValueError, match=r"P0|counts from 1|invalid literal"):
        CrashPoints(order)
