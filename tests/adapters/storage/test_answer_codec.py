"""What is kept of an answer, as it is stored."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from minibot.adapters.storage.answer_codec import (
    decode_account,
    decode_exchange,
    encode_account,
    encode_exchange,
)
from minibot.core.account import AnswerAccount
from minibot.core.exchanges import Exchange
from minibot.core.llm import Usage

ACCOUNT = AnswerAccount(
    reference="m12",
    answered_at=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
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


@pytest.mark.parametrize(
    ("exchange", "length"),
    [
        (Exchange(item=7, questions=(7,), entries=2), 1),
        (Exchange(item=7, questions=(7, 8), entries=12), 13),
        (Exchange(item=7, questions=(5,), turns=(5, 6), entries=2), 13),
    ],
)
def test_exchange_is_read_back_and_most_take_hardly_any_room(
    exchange: Exchange, length: int
) -> None:
    stored = encode_exchange(exchange)
    assert decode_exchange(7, stored) == exchange
    assert len(stored) == length


@pytest.mark.parametrize("text", ["", "x", '"x"', "[3]", "[1, 2, 3]", '["x", [1], []]', "{}"])
def test_what_is_no_exchange_is_none(text: str) -> None:
    assert decode_exchange(7, text) is None


@pytest.mark.parametrize(
    "account",
    [
        ACCOUNT,
        replace(ACCOUNT, cost=None, first_seconds=None, tools=(), summary=False),
        AnswerAccount(reference="m1", answered_at=ACCOUNT.answered_at, models=()),
    ],
)
def test_account_is_read_back(account: AnswerAccount) -> None:
    assert decode_account(encode_account(account)) == account


def test_half_a_character_in_the_name_of_a_tool_does_no_harm() -> None:
    kept = decode_account(encode_account(replace(ACCOUNT, tools=("a\ud83d",))))
    assert kept == replace(ACCOUNT, tools=("a\ufffd",))


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "{}", '["m1", "soon"]'])
def test_what_is_no_account_is_none(text: str) -> None:
    assert decode_account(text) is None


def test_account_with_something_that_is_not_known_is_none() -> None:
    assert decode_account(f"{encode_account(ACCOUNT)[:-1]},9]") is None
