"""Everything Python would print on standard error by itself goes through the log instead."""

import asyncio
import logging
import sys
import threading
from types import TracebackType
from typing import Any

_log = logging.getLogger("minibot.crash")

_LOOP_DETAILS = ("task", "future", "handle", "transport")


class ProcessHooks:
    """The interpreter's last words: uncaught exceptions and warnings."""

    def __init__(self) -> None:
        self._previous = (sys.excepthook, threading.excepthook, sys.unraisablehook)

    def install(self) -> None:
        """Take the hooks over."""
        sys.excepthook = _uncaught
        threading.excepthook = _uncaught_in_thread
        sys.unraisablehook = _unraisable
        logging.captureWarnings(True)

    def remove(self) -> None:
        """Give them back."""
        logging.captureWarnings(False)
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._previous


def log_loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what no task took care of; for `loop.set_exception_handler`."""
    error = context.get("exception")
    details: dict[str, object] = {name: context[name] for name in _LOOP_DETAILS if name in context}
    _log.error(
        "Unhandled error in the event loop: %s",
        context.get("message", "no details"),
        exc_info=error if isinstance(error, BaseException) else None,
        extra=details,
    )


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        _log.warning("Interrupted from the keyboard")
    else:
        _log.critical("Uncaught exception", exc_info=(kind, error, trace))


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is None or issubclass(args.exc_type, SystemExit):
        return
    _log.error(
        "Uncaught exception in a thread",
        exc_info=(args.exc_type, args.exc_value, args.exc_traceback),
        extra={"thread_name": args.thread.name if args.thread else "unknown"},
    )


def _unraisable(args: "sys.UnraisableHookArgs") -> None:
    _log.error(
        "Exception in a finaliser: %s",
        args.err_msg or "ignored",
        exc_info=args.exc_value,
        extra={"object": repr(args.object)},
    )
