"""No statement walks a whole table."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from types import ModuleType

import pytest

from minibot.adapters.storage.sqlite import (
    conversations,
    history,
    inbox_statements,
    maintenance,
    outbox,
)
from minibot.adapters.storage.sqlite.schema import create_schema
from minibot.adapters.storage.sqlite.statement import Statement, Transaction

WALK = re.compile(
    r"SCAN (?!(inbox|outbox) USING (COVERING )?INDEX (inbox|outbox)_(unfinished|dead))"
)
"""Walking an index that holds only the rows wanted is fine; anything else is not."""


def statements_of(module: ModuleType) -> Iterator[tuple[str, Statement]]:
    for name, value in vars(module).items():
        found = value if isinstance(value, tuple) else (value,)
        for index, each in enumerate(found):
            if isinstance(each, Statement):
                yield f"{module.__name__.rpartition('.')[2]}.{name}[{index}]", each


STATEMENTS = dict(
    pair
    for module in (conversations, history, inbox_statements, maintenance, outbox)
    for pair in statements_of(module)
)


def test_statements_were_found() -> None:
    assert len(STATEMENTS) > 35


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement_walks_no_table(name: str) -> None:
    statement = STATEMENTS[name]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        create_schema(Transaction(connection))
        parameters = [None] * statement.sql.count("?")
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", parameters).fetchall()

    steps = [step for *_, step in plan]
    assert not [step for step in steps if WALK.match(step)], steps


@pytest.mark.parametrize(
    ("name", "index"),
    [
        (
            "inbox_statements.BUSY[0]",
            "inbox_unfinished (conversation=? AND urgent=? AND boot_id>?)",
        ),
        (
            "inbox_statements.HEAD[0]",
            "inbox_unfinished (conversation=? AND urgent=? AND boot_id=?)",
        ),
        ("history._RECENT[0]", "history_conversation (conversation=?)"),
        ("outbox._MOVE[0]", "outbox_unfinished (channel=? AND chat_id=?)"),
    ],
)
def test_hot_lookup_uses_its_index_and_sorts_nothing(name: str, index: str) -> None:
    statement = STATEMENTS[name]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        create_schema(Transaction(connection))
        parameters = [None] * statement.sql.count("?")
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", parameters).fetchall()

    (step,) = [step for *_, step in plan]
    assert step.endswith(index)
