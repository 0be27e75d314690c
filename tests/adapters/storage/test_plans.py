"""No statement walks a whole table, unless it is said here why it may."""

import pkgutil
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module

import pytest

from minibot.adapters.storage import sqlite
from minibot.adapters.storage.sqlite.migrations import create_schema
from minibot.adapters.storage.sqlite.statement import Statement, Transaction

WALK = re.compile(
    r"SCAN (?!"
    # An index that holds only the rows wanted.
    r"(inbox|outbox) USING (COVERING )?INDEX (inbox|outbox)_(unfinished|dead|waiting)"
    # A search index that is asked for words or for a row; with nothing behind it is walked.
    r"|\S+ VIRTUAL TABLE INDEX \d+:\S"
    # What a statement brings along, or has found so far: a table would go by its own name.
    r"|anon_\d+( VIRTUAL TABLE INDEX 1:)?$"
    r"|CONSTANT ROW$"
    # One row is all there is.
    r"|history_index$"
    r")"
)

MEANT = {
    "journal._JOURNALLED[0]": "once, at the start, over the steps of some days",
    "outcomes._SAID_IN[0]": "for a reaction that means something, over the parts of some days",
    "personal_statements.DELETE_BUTTONS[0]": "people erase hardly ever, and these are of some days",
    "personal_statements.DELETE_BUTTONS[1]": "as before",
    "preferences._ALL[0]": "choices are few and known by heart; they are read once, at the start",
}
"""Walks that are meant, and why."""


def statements_of(module: str) -> Iterator[tuple[str, Statement]]:
    for name, value in vars(import_module(f"{sqlite.__name__}.{module}")).items():
        found = value if isinstance(value, tuple) else (value,)
        for index, each in enumerate(found):
            if isinstance(each, Statement):
                yield f"{module}.{name}[{index}]", each


MODULES = sorted(module.name for module in pkgutil.iter_modules(sqlite.__path__))
STATEMENTS = dict(pair for module in MODULES for pair in statements_of(module))


def plan_of(statement: Statement) -> list[str]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        create_schema(Transaction(connection))
        parameters = [None] * statement.sql.count("?")
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", parameters).fetchall()
    return [step for *_, step in plan]


def walks(statement: Statement) -> list[str]:
    return [step for step in plan_of(statement) if WALK.match(step)]


def test_statements_of_every_module_were_found() -> None:
    modules = {name.partition(".")[0] for name in STATEMENTS}

    assert len(STATEMENTS) > 75
    assert modules > {
        "approvals",
        "chat_moves",
        "conversations",
        "history",
        "inbox_statements",
        "journal",
        "maintenance",
        "outbox",
        "preferences",
        "undo_log",
    }


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - MEANT.keys()))
def test_statement_walks_no_table(name: str) -> None:
    assert walks(STATEMENTS[name]) == []


@pytest.mark.parametrize("name", MEANT)
def test_walk_that_is_meant_is_one(name: str) -> None:
    assert walks(STATEMENTS[name])


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("outbox._MOVE[0]", "outbox_unfinished (channel=? AND chat_id=?)"),
        ("outbox._MESSAGE_ID[0]", "INDEX sqlite_autoindex_outbox_1 (key=?)"),
        ("journal._START[0]", "PRIMARY KEY (inbox_id=? AND step=? AND call_id=?)"),
        ("journal._FINISH[0]", "PRIMARY KEY (inbox_id=? AND step=? AND call_id=?)"),
        ("journal._STEPS[0]", "PRIMARY KEY (inbox_id=?)"),
        ("approvals._APPROVED_FOR_TASK[0]", "approvals_call (inbox_id=?)"),
    ],
)
def test_hot_lookup_uses_its_index_and_sorts_nothing(name: str, index: str) -> None:
    (step,) = plan_of(STATEMENTS[name])
    assert step.endswith(index)


def test_claim_of_a_line_finds_all_it_asks_for_in_the_index_of_what_is_open() -> None:
    index = "USING INDEX inbox_unfinished (conversation=? AND urgent=? AND boot_id"
    plan = plan_of(STATEMENTS["inbox_statements.CLAIM_HEAD[0]"])

    assert [step for step in plan if step.startswith("SEARCH")] == [
        "SEARCH inbox USING INTEGER PRIMARY KEY (rowid=?)",
        f"SEARCH inbox {index}=?)",
        f"SEARCH inbox {index}>?)",
        f"SEARCH other {index}=? AND id>?)",
    ]
    assert not [step for step in plan if "TEMP B-TREE" in step]


@pytest.mark.parametrize(
    ("name", "searches"),
    [
        (
            "FINISH_ANSWERED",
            [
                "inbox USING INTEGER PRIMARY KEY (rowid=?)",
                "earlier USING COVERING INDEX inbox_answered (conversation=? AND answered_at>?)",
            ],
        ),
        ("EXCHANGES", ["inbox USING INDEX inbox_answered (conversation=? AND answered_at>?)"]),
        ("ACCOUNT", ["inbox USING INDEX inbox_answered (conversation=? AND answered_at>?)"]),
    ],
)
def test_answers_are_found_by_their_index_in_order(name: str, searches: list[str]) -> None:
    plan = plan_of(STATEMENTS[f"inbox_statements.{name}[0]"])

    steps = [step for step in plan if step != "CORRELATED SCALAR SUBQUERY 1"]
    assert steps == [f"SEARCH {search}" for search in searches]


def test_waking_reads_the_few_that_wait_in_order() -> None:
    plan = plan_of(STATEMENTS["inbox_statements.WAKE_WAITING[0]"])

    assert [step for step in plan if step.endswith("INDEX inbox_waiting")]
    assert not [step for step in plan if "TEMP B-TREE FOR ORDER BY" in step]
