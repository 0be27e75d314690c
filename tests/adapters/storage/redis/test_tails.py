"""What is known and what waits is bounded."""

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest

from minibot.adapters.storage.redis.entry import Entry
from minibot.adapters.storage.redis.tails import (
    CHARACTERS,
    CONVERSATIONS,
    ENTRIES,
    WAITING_CHARACTERS,
    Addition,
    Dropping,
    PuttingAway,
    Tail,
    Tails,
)
from minibot.core.llm import Role
from minibot.core.personal import Summary
from tests.contracts.storages import said
from tests.fakes import START

HOUR = timedelta(hours=1)


@pytest.fixture
def tails() -> Tails:
    return Tails()


@pytest.fixture
def tail(tails: Tails) -> Tail:
    return tails.of("telegram:42")


def addition(*texts: str, author: str = "") -> Addition:
    entries = (Entry(utterance=said(text), author=author, written_at=START) for text in texts)
    return Addition(token=texts[0], entries=tuple(entries))


def put_away(tail: Tail, *, keep: int = 0) -> int:
    return tail.put_away(PuttingAway(token=f"keep {keep}", keep=keep))


def dropping(*, count: int) -> Dropping:
    return Dropping(token=f"drop {count}", count=count)


def known(tail: Tail) -> list[str]:
    return [entry.text for entry in tail.newest(10_000)]


def waiting(tail: Tail) -> Iterator[str | int]:
    for change in tail.waiting:
        if isinstance(change, PuttingAway):
            yield change.keep
        elif isinstance(change, Dropping):
            yield -change.count
        else:
            yield from (entry.utterance.text for entry in change.entries)


def test_what_waits_too_long_loses_its_oldest(
    tails: Tails, tail: Tail, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(ENTRIES + 2):
        tail.add(addition(str(number)))
        tails.bound(tail)

    assert list(waiting(tail)) == [str(number) for number in range(2, ENTRIES + 2)]
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert known(tail) == list(waiting(tail))


def test_long_texts_count_for_more(tails: Tails, tail: Tail) -> None:
    for letter in "abc":
        tail.add(addition(letter * (CHARACTERS // 2)))
        tails.bound(tail)

    assert [text[0] for text in waiting(tail) if isinstance(text, str)] == ["b", "c"]
    assert [text[0] for text in known(tail)] == ["b", "c"]


def test_all_conversations_together_are_bounded(tails: Tails) -> None:
    for number in range(WAITING_CHARACTERS // CHARACTERS + 5):
        each = tails.of(f"telegram:{number}")
        each.add(addition("x" * CHARACTERS))
        tails.bound(each)

    assert sum(each.characters_waiting for each in tails.all()) == WAITING_CHARACTERS


def test_putting_away_is_never_given_up(tails: Tails, tail: Tail) -> None:
    tail.add(addition("a"))
    put_away(tail, keep=1)
    tail.add(addition("b"))
    put_away(tail)
    tail.add(addition("c"))

    given_up = [tail.give_up_oldest() for _ in range(4)]

    assert given_up == [1, 1, 1, 0]
    assert list(waiting(tail)) == [0]


def test_putting_away_again_and_again_takes_no_room(tail: Tail) -> None:
    for _ in range(5):
        put_away(tail, keep=3)
        put_away(tail, keep=1)

    assert list(waiting(tail)) == [1]


def test_newest_exchanges_can_be_kept(tail: Tail) -> None:
    tail.add(addition("a", "b", "c"))

    assert put_away(tail, keep=3) == 0
    assert put_away(tail, keep=4) == 0
    assert put_away(tail, keep=2) == 1
    assert known(tail) == ["b", "c"]


def test_what_the_server_shows_replaces_what_is_known(tail: Tail) -> None:
    tail.add(addition("a", "b", "c"))
    entries = addition("b", "c").entries

    tail.learn(entries, whole=False)
    assert known(tail) == ["a", "b", "c"]
    tail.learn(entries, whole=True)
    assert known(tail) == ["b", "c"]
    tail.learn([], whole=True)
    assert known(tail) == []


def test_silence_ends_what_is_known_and_what_waits(tail: Tail) -> None:
    tail.add(addition("a"))
    tail.summary = Summary(text="", through=1, untrusted=False)

    tail.forget_when_silent(START + HOUR - timedelta(microseconds=1), HOUR)
    assert known(tail) == ["a"]
    tail.forget_when_silent(START + HOUR, HOUR)

    assert known(tail) == list(waiting(tail)) == []
    assert tail.summary is None


def test_only_what_is_concerned_is_dropped(tail: Tail) -> None:
    tail.add(addition("mine", author="7"))
    put_away(tail)
    tail.add(addition("theirs", author="8"))

    assert tail.drop(lambda entry: entry.author == "7") == 1
    assert list(waiting(tail)) == [0, "theirs"]
    assert known(tail) == []


def test_conversations_that_were_not_used_lately_are_not_known(tails: Tails) -> None:
    for number in range(CONVERSATIONS + 10):
        tails.of(f"telegram:{number}").learn(addition("a").entries, whole=True)

    assert len(tails.all()) <= CONVERSATIONS + 1
    assert known(tails.of(f"telegram:{CONVERSATIONS + 9}")) == ["a"]
    assert known(tails.of("telegram:0")) == []


def test_conversation_that_waits_is_never_forgotten(tails: Tails, tail: Tail) -> None:
    tail.add(addition("a"))
    for number in range(CONVERSATIONS * 2):
        tails.of(f"slack:{number}")

    assert tails.holds(tail)
    assert tails.of("telegram:42") is tail


def test_known_entries_are_no_more_than_asked_for(tail: Tail) -> None:
    tail.add(addition("a", "b", "c"))

    assert [entry.role for entry in tail.newest(2)] == [Role.USER] * 2
    assert tail.newest(0) == []


def test_the_newest_are_known_no_more_once_they_are_dropped(tail: Tail) -> None:
    tail.add(addition("a", "b", "c"))

    assert tail.take_off(dropping(count=2)) == 2
    assert tail.take_off(dropping(count=2)) == 1

    assert known(tail) == []
    assert list(waiting(tail)) == ["a", "b", "c", -2, -2]


def test_a_summary_may_tell_of_what_is_dropped(tail: Tail) -> None:
    tail.summary = Summary(text="all", through=3, untrusted=False)
    tail.take_off(dropping(count=1))
    assert tail.summary is None


def test_what_is_given_up_is_not_dropped_once_more(tail: Tail) -> None:
    tail.add(addition("a", "b"))
    tail.add(addition("c"))
    tail.take_off(dropping(count=2))
    tail.add(addition("d"))
    tail.take_off(dropping(count=3))

    assert tail.give_up_oldest() == 2

    assert list(waiting(tail)) == ["c", -1, "d", -2]
