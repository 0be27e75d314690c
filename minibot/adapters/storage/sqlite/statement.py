"""Statements, and the little a unit of work needs to run them.

Statements are written in SQLAlchemy Core and turned to text once. A unit of work is a plain
function of a `Transaction`: it runs wherever a transaction can be had.
"""

import logging
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Text, bindparam, literal
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import CompilerElement

LOG = logging.getLogger(__name__)

T = TypeVar("T")
Row = tuple[Any, ...]
Params = Mapping[str, object]

_DIALECT = sqlite.dialect(paramstyle="qmark")
_NO_PARAMS: Params = {}


class Statement:
    """One statement as SQLite text, and the order of its parameters.

    Compiling costs a hundred times what running costs, hence once, when modules are imported.
    """

    def __init__(self, core: CompilerElement) -> None:
        compiled = core.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        self.sql = str(compiled)
        # DDL takes no parameters.
        self._names = (compiled.positiontup or []) if isinstance(compiled, SQLCompiler) else []
        self._constants = {
            name: value for name, value in (compiled.params or {}).items() if value is not None
        }

    def bind(self, params: Params) -> tuple[object, ...]:
        """Put parameters in the order of the text; one that is missing is a KeyError."""
        if self._constants:
            params = {**self._constants, **params}
        return tuple([params[name] for name in self._names])


def param(name: str) -> BindParameter[Any]:
    """Name a parameter that every execution gives."""
    # The value is there because compiling "in place" asks for one; bind() never uses it.
    return bindparam(name, None)


def fixed(value: str) -> BindParameter[str]:
    """Write a constant into the text itself.

    SQLite uses a partial index only for a query that repeats the index's own condition, and a
    parameter does not.
    """
    return literal(value, Text, literal_execute=True)


class Transaction:
    """What a unit of work works with."""

    __slots__ = ("_connection", "_echo", "rowcount")

    def __init__(self, connection: sqlite3.Connection, *, echo: bool = False) -> None:
        self._connection = connection
        self._echo = echo
        self.rowcount = 0
        """Rows the last statement changed."""

    def execute(self, statement: Statement, params: Params = _NO_PARAMS) -> list[Row]:
        """Run a statement and give all its rows."""
        if self._echo:
            # Without the values: they are what people wrote.
            LOG.debug("statement", extra={"sql": statement.sql})
        cursor = self._connection.execute(statement.sql, statement.bind(params))
        rows = cursor.fetchall()
        self.rowcount = cursor.rowcount
        return rows

    def run(self, sql: str) -> None:
        """Run text that SQLAlchemy has no words for: virtual tables, triggers, ALTER TABLE.

        Never with anything in it that was not written in this package.
        """
        self._connection.execute(sql).close()


Work = Callable[[Transaction], T]
"""A unit of work. It may be run again after a rollback, so it changes nothing but rows."""
