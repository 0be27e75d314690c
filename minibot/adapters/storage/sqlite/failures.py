"""SQLite's errors in minibot's words."""

import sqlite3

from minibot.core.errors import StorageDamaged, StorageError, StorageUnavailable

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_UNAVAILABLE = _BUSY | {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}


def is_busy(error: sqlite3.Error) -> bool:
    """Say whether another connection holds the lock, so that trying again may help."""
    return _primary_code(error) in _BUSY


def breaks_foreign_key(error: sqlite3.Error) -> bool:
    return _code(error) == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY


def translate(error: sqlite3.Error) -> StorageError:
    """Give the error of minibot that tells a caller what can be done."""
    code = _primary_code(error)
    if code in _DAMAGED:
        return StorageDamaged(f"the database is damaged: {error}")
    if code in _UNAVAILABLE:
        return StorageUnavailable(f"the database cannot be used at the moment: {error}")
    return StorageError(f"the database refused: {error}")


def _primary_code(error: sqlite3.Error) -> int:
    # The low byte names the family, the rest the exact spot: SQLITE_IOERR_FSYNC is an IOERR.
    return _code(error) & 0xFF


def _code(error: sqlite3.Error) -> int:
    # Errors of the Python module itself, such as use after close, carry none.
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code
