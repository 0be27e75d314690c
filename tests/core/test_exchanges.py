"""Which turn answered what."""

from dataclasses import replace

import pytest

from minibot.core.exchanges import (
    MOST,
    MOST_TURNS,
    Exchange,
    ExchangeChange,
    dump_exchanges,
    parse_exchanges,
    says_the_same,
)
from minibot.core.messages import Attachment, AttachmentKind
from tests.contracts.storages import an_arrival


def by(item: int, *, entries: int = 2) -> Exchange:
    return Exchange(item=item, questions=(item, item + 100), turns=(1, 2), entries=entries)


def test_exchanges_come_back_and_the_oldest_are_forgotten() -> None:
    many = [by(number) for number in range(MOST + 3)]
    assert parse_exchanges(dump_exchanges(many)) == tuple(many[3:])


@pytest.mark.parametrize("text", ["", "x", "3", "[3]", "[[1, 2]]", '[[1, "", 3, 4]]'])
def test_what_cannot_be_read_is_nothing(text: str) -> None:
    assert parse_exchanges(text) == ()


def test_the_last_one_leaves_and_tells_how_many_entries_go_with_it() -> None:
    before = dump_exchanges([by(1, entries=4), by(2, entries=6)])
    after, dropped = ExchangeChange(drops=2, adds=by(3)).apply(before)
    assert ([each.item for each in parse_exchanges(after)], dropped) == ([1, 3], 6)


def test_one_that_is_not_the_last_stays() -> None:
    before = dump_exchanges([by(1), by(2)])
    assert ExchangeChange(drops=1).apply(before) == (before, 0)


def test_nothing_is_left_of_the_only_one_and_of_those_before_a_fresh_start() -> None:
    assert ExchangeChange(drops=1).apply(dump_exchanges([by(1)])) == ("", 2)
    assert ExchangeChange(forget=True).apply(dump_exchanges([by(1)])) == ("", 0)
    assert ExchangeChange(drops=1).apply("") == ("", 0)


def test_so_many_turns_are_remembered_of_an_answer_given_anew_and_anew() -> None:
    exchange = replace(by(99), turns=tuple(range(50)))
    assert exchange.all_turns == (*range(50 - MOST_TURNS + 1, 50), 99)


def test_words_and_files_make_the_difference_between_two_forms_of_a_message() -> None:
    message = an_arrival("1").message
    assert message is not None
    photo = Attachment(kind=AttachmentKind.PHOTO, file_id="a", key="k")
    assert says_the_same(message, replace(message, id="9", quoted_text="link preview"))
    assert not says_the_same(message, replace(message, text="other"))
    assert not says_the_same(message, replace(message, attachments=(photo,)))
    one, again = (replace(photo, file_id=name) for name in "ab")
    assert says_the_same(
        replace(message, attachments=(one,)), replace(message, attachments=(again,))
    )
