"""Conversations of which nothing is kept."""

import pytest

from minibot.adapters.storage import Rows, in_memory_storage
from minibot.app.incognito import LONGEST, Incognito
from minibot.core.exchanges import Exchange
from minibot.core.llm import Role, Utterance
from tests.fakes import FakeClock

HERE, THERE = "telegram:42", "telegram:43"


def said(text: str) -> Utterance:
    return Utterance(role=Role.USER, text=text)


def by(item: int) -> Exchange:
    return Exchange(item=item, questions=(item,))


def incognito(rows: Rows) -> Incognito:
    return Incognito(in_memory_storage(FakeClock(), rows=rows).preferences)


@pytest.fixture
def rows() -> Rows:
    return Rows()


async def test_a_conversation_is_incognito_when_its_person_says_so(rows: Rows) -> None:
    each = incognito(rows)
    assert not each.is_on(HERE)
    await each.switch(HERE, on=True)
    assert each.is_on(HERE)
    assert not each.is_on(THERE)
    await each.switch(HERE, on=False)
    assert not each.is_on(HERE)


async def test_what_was_said_is_known_until_it_ends(rows: Rows) -> None:
    each = incognito(rows)
    await each.switch(HERE, on=True)
    each.add(HERE, (said("a"), said("b")), by(1))
    each.add(HERE, (said("c"),), by(2))
    assert [entry.text for entry in each.said(HERE)] == ["a", "b", "c"]
    assert each.said(THERE) == ()
    await each.switch(HERE, on=False)
    assert each.said(HERE) == ()


async def test_beginning_again_forgets(rows: Rows) -> None:
    each = incognito(rows)
    each.add(HERE, (said("a"),), by(3))
    await each.switch(HERE, on=True)
    assert each.said(HERE) == ()
    each.add(HERE, (said("b"),), by(4))
    each.forget(HERE)
    each.forget(HERE)
    assert each.said(HERE) == ()


async def test_it_stays_on_over_a_restart_and_knows_nothing_then(rows: Rows) -> None:
    before = incognito(rows)
    await before.switch(HERE, on=True)
    before.add(HERE, (said("a"),), by(5))
    after = incognito(rows)
    assert after.is_on(HERE)
    assert after.said(HERE) == ()


def test_only_so_much_is_kept(rows: Rows) -> None:
    each = incognito(rows)
    for number in range(LONGEST + 1):
        each.add(HERE, [said(str(number))], by(number))
    assert len(each.said(HERE)) == LONGEST
    assert each.said(HERE)[0].text == "1"


def test_a_snapshot_does_not_grow(rows: Rows) -> None:
    each = incognito(rows)
    each.add(HERE, (said("a"),), by(7))
    before = each.said(HERE)
    each.add(HERE, (said("b"),), by(8))
    assert len(before) == 1


async def test_the_last_exchange_can_be_left_out_and_dropped(rows: Rows) -> None:
    each = incognito(rows)
    each.add(HERE, (said("a"), said("b")), by(1))
    each.add(HERE, (said("c"),), by(2))
    assert each.last(HERE) == by(2)
    assert [entry.text for entry in each.said(HERE, but=by(2))] == ["a", "b"]
    each.drop(HERE, by(1))
    assert each.last(HERE) == by(2)
    each.drop(HERE, by(2))
    each.drop(HERE, by(1))
    each.drop(HERE, by(1))
    assert each.last(HERE) is None
    assert each.said(HERE) == ()
