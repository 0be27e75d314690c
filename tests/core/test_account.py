"""The account of an answer, as it is stored."""

from datetime import UTC, datetime

import pytest

from minibot.core.account import AnswerAccount, dump_account, parse_account
from minibot.core.llm import Usage

ACCOUNT = AnswerAccount(
    reference="m12",
    answered_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    models=("openai/a", "claude/b"),
    tools=("calculate", "note_save"),
    usage=Usage(input_tokens=10, output_tokens=2, cached_tokens=3, reasoning_tokens=1),
    cost=0.25,
    first_seconds=0.5,
    seconds=2.5,
    exchanges=4,
    facts=2,
    summary=True,
    prompt=True,
)


def test_account_is_read_back() -> None:
    assert parse_account(dump_account(ACCOUNT)) == ACCOUNT


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "{}", '{"answered_at": "soon"}'])
def test_what_is_no_account_is_none(text: str) -> None:
    assert parse_account(text) is None


def test_account_of_another_version_is_none() -> None:
    newer = dump_account(ACCOUNT).replace('"facts"', '"facts_of_then"')
    assert parse_account(newer) is None


def test_usage_adds_up() -> None:
    twice = ACCOUNT.usage + ACCOUNT.usage
    assert twice == Usage(input_tokens=20, output_tokens=4, cached_tokens=6, reasoning_tokens=2)
