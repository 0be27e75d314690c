"""What a person reads on the terminal, and the exit code that goes with it."""

import os
import sys
from collections.abc import Iterable
from enum import IntEnum

from minibot.core.errors import (
    AlreadyRunning,
    ConfigurationError,
    MinibotError,
    Problem,
    StorageError,
    StorageUnavailable,
    TokenRefused,
)


class ExitCode(IntEnum):
    """Stable: service managers and scripts rely on them."""

    OK = 0
    ERROR = 1
    CONFIGURATION = 2
    ALREADY_RUNNING = 3
    STORAGE = 4
    TOKEN_REFUSED = 5


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def let_go_of_output() -> None:
    """Flush stdout; what its reader is not there to read is dropped.

    Python would try once more as it ends, and make that the exit code (sys.stdout, "Note on
    SIGPIPE").
    """
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def warn(source: str, warnings: Iterable[Problem]) -> None:
    for line in ConfigurationError(source, list(warnings)).lines():
        complain(f"warning: {line}")


def explain(error: MinibotError) -> ExitCode:
    """Say what ended the program; give the code to exit with."""
    match error:
        case ConfigurationError():
            for line in error.lines():
                complain(line)
            return ExitCode.CONFIGURATION
        case AlreadyRunning():
            complain(f"minibot: {error}")
            return ExitCode.ALREADY_RUNNING
        case StorageUnavailable():
            complain(f"minibot: {error}")
            return ExitCode.ERROR
        case StorageError():
            complain(f"minibot: {error}")
            return ExitCode.STORAGE
        case TokenRefused():
            complain(f"minibot: {error}. @BotFather gives you a new one.")
            return ExitCode.TOKEN_REFUSED
        case _:
            complain(f"minibot: {error}")
            return ExitCode.ERROR
