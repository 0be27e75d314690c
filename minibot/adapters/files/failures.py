"""Errors of the operating system in words for the model."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from minibot.adapters.files.paths import shown
from minibot.core.errors import ToolFailed

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_MAY_PASS = frozenset({errno.EIO, errno.EMFILE, errno.ENFILE, errno.EBUSY, errno.EINTR})


@contextmanager
def told(path: str) -> Iterator[None]:
    """Raise `ToolFailed` for what the system refuses to do with a path."""
    try:
        yield
    except FileNotFoundError:
        raise ToolFailed(f'there is no "{shown(path)}"') from None
    except IsADirectoryError:
        raise ToolFailed(f'"{shown(path)}" is a folder') from None
    except NotADirectoryError:
        raise ToolFailed(f'something on the way to "{shown(path)}" is no folder') from None
    except OSError as error:
        raise _failure(error, path) from None


def _failure(error: OSError, path: str) -> ToolFailed:
    if error.errno == errno.ELOOP:
        return ToolFailed(f'"{shown(path)}" is no plain file or folder, and is not touched')
    if error.errno in _FULL:
        return ToolFailed(
            "the disk is full: nothing was changed, and whoever runs minibot must act"
        )
    return ToolFailed(
        f'"{shown(path)}" cannot be used: {error.strerror or type(error).__name__}',
        transient=error.errno in _MAY_PASS,
    )
