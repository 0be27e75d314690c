"""``python -m minibot``."""

import gc
import os
import signal
import sys

from minibot.cli import main as run_command_line

STDIN, STDOUT, STDERR = range(3)


GARBAGE_THRESHOLDS = 10_000, 20, 50
"""Objects made beyond those freed before a collection, and collections of one generation before
one of the next. Nearly nothing here is part of a cycle, and with CPython's 700, 10, 10 looking for
that took an eighth of an answer's time."""


def main() -> None:
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    gc.disable()  # what imports make is no garbage; whoever runs long enables it behind them
    open_standard_streams()
    # Until somebody handles it better, Ctrl-C ends the program without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(run_command_line())


def open_standard_streams() -> None:
    """Open those that were closed before the start, on nothing.

    Else whatever is opened next gets their numbers, and uvloop aborts when it closes that.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= STDERR:
        pass
    os.close(descriptor)
    sys.stdin = sys.stdin or os.fdopen(STDIN, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(STDOUT, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(STDERR, "w", closefd=False)


if __name__ == "__main__":
    main()
