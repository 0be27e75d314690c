"""The memory of recent entries never disagrees with the database."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.storage.sqlite.recent_entries import (
    CHARACTERS,
    CONVERSATIONS,
    UNREAD,
    RecentEntries,
)
from minibot.core.llm import Role, Utterance
from minibot.core.personal import Summary

CHAT = "telegram:1"


def said(text: str) -> Utterance:
    return Utterance(role=Role.USER, text=text)


def commit(memory: RecentEntries, *texts: str, put_away: bool = False) -> None:
    with memory.change(CHAT) as change:
        change.committed([said(text) for text in texts], put_away=put_away)


def read(memory: RecentEntries, *texts: str, whole: bool) -> None:
    token = memory.begin_read(CHAT)
    memory.keep_read(CHAT, token, [said(text) for text in texts], whole=whole)
    memory.end_read(CHAT, token)


def test_what_was_never_read_has_to_be_read() -> None:
    memory = RecentEntries()

    commit(memory, "one")

    assert memory.find(CHAT, 5) is None


def test_a_change_extends_what_was_read() -> None:
    memory = RecentEntries()
    read(memory, "one", whole=True)

    commit(memory, "two", "three")

    assert memory.find(CHAT, 2) == [said("two"), said("three")]
    assert memory.find(CHAT, 9) == [said("one"), said("two"), said("three")]


def test_a_part_does_not_pass_for_the_whole() -> None:
    memory = RecentEntries()
    read(memory, "two", "three", whole=False)

    assert memory.find(CHAT, 2) == [said("two"), said("three")]
    assert memory.find(CHAT, 3) is None


def test_putting_all_away_leaves_the_whole_known() -> None:
    memory = RecentEntries()

    commit(memory, "new", put_away=True)

    assert memory.find(CHAT, 9) == [said("new")]


def test_a_failed_change_is_forgotten_and_later_reads_are_kept() -> None:
    memory = RecentEntries()
    read(memory, "one", whole=True)

    with pytest.raises(OSError, match="full"), memory.change(CHAT):
        raise OSError("full")

    assert memory.find(CHAT, 1) is None
    read(memory, "one", whole=True)
    assert memory.find(CHAT, 1) == [said("one")]


def test_a_cancelled_change_makes_the_conversation_uncertain_for_good() -> None:
    memory = RecentEntries()

    with pytest.raises(asyncio.CancelledError), memory.change(CHAT):
        raise asyncio.CancelledError

    read(memory, "old", whole=True)
    assert memory.find(CHAT, 1) is None


def test_a_read_that_overlaps_a_change_keeps_nothing() -> None:
    memory = RecentEntries()
    before = memory.begin_read(CHAT)
    with memory.change(CHAT) as change:
        during = memory.begin_read(CHAT)
        memory.keep_read(CHAT, during, [said("old")], whole=True)
        memory.end_read(CHAT, during)
        change.committed([said("new")], put_away=False)
    memory.keep_read(CHAT, before, [said("old")], whole=True)
    memory.end_read(CHAT, before)

    assert memory.find(CHAT, 1) is None


def read_summary(memory: RecentEntries, summary: Summary | None) -> None:
    token = memory.begin_read(CHAT)
    memory.keep_summary(CHAT, token, summary)
    memory.end_read(CHAT, token)


SUMMARY = Summary(text="in short", through=3, untrusted=False)


@pytest.mark.parametrize("summary", [None, SUMMARY])
def test_a_summary_is_kept_beside_the_entries(summary: Summary | None) -> None:
    memory = RecentEntries()
    read_summary(memory, summary)
    assert memory.find_summary(CHAT) is UNREAD  # there is nothing to keep it beside
    read(memory, "a", whole=True)
    assert memory.find_summary(CHAT) is UNREAD
    read_summary(memory, summary)
    assert memory.find_summary(CHAT) is summary
    commit(memory, "b")
    assert memory.find_summary(CHAT) is summary


def test_a_summary_goes_with_what_it_sums_up() -> None:
    memory = RecentEntries()
    read(memory, "a", whole=True)
    read_summary(memory, SUMMARY)
    commit(memory, "b", put_away=True)
    assert memory.find_summary(CHAT) is UNREAD


def test_a_summary_that_was_read_during_a_change_is_not_kept() -> None:
    memory = RecentEntries()
    read(memory, "a", whole=True)
    token = memory.begin_read(CHAT)
    commit(memory, "b")
    memory.keep_summary(CHAT, token, SUMMARY)
    memory.end_read(CHAT, token)
    assert memory.find_summary(CHAT) is UNREAD


def test_of_a_long_conversation_the_newest_entries_are_kept() -> None:
    memory = RecentEntries()
    read(memory, "x" * CHARACTERS, "short", whole=True)

    assert memory.find(CHAT, 1) == [said("short")]
    assert memory.find(CHAT, 2) is None

    commit(memory, "shorter")
    assert memory.find(CHAT, 2) == [said("short"), said("shorter")]
    assert memory.find(CHAT, 3) is None


def test_of_many_conversations_the_oldest_is_dropped() -> None:
    memory = RecentEntries()
    for number in range(CONVERSATIONS + 1):
        token = memory.begin_read(f"telegram:{number}")
        memory.keep_read(f"telegram:{number}", token, [], whole=True)
        memory.end_read(f"telegram:{number}", token)

    assert memory.find("telegram:0", 1) is None
    assert memory.find(f"telegram:{CONVERSATIONS}", 1) == []


STEPS = ["read", "add", "start anew", "put away", "take back", "fail", "overlap"]


@given(st.lists(st.sampled_from(STEPS), max_size=40))
def test_the_memory_is_right_or_silent(steps: list[str]) -> None:
    memory = RecentEntries()
    shown: list[Utterance] = []
    away: list[Utterance] = []
    for number, step in enumerate(steps):
        entry = said(str(number))
        token = memory.begin_read(CHAT)
        seen = shown[-4:]
        if step in ("add", "overlap"):
            shown = [*shown, entry]
            commit(memory, entry.text)
        elif step == "start anew":
            shown, away = [entry], [*away, *shown]
            commit(memory, entry.text, put_away=True)
        elif step in ("put away", "take back"):
            with memory.change(CHAT):
                if step == "put away":
                    shown, away = shown[-1:], [*away, *shown[:-1]]
                else:
                    shown, away = [*away, *shown], []
        elif step == "fail":
            with pytest.raises(OSError, match="full"), memory.change(CHAT):
                raise OSError("full")
        if step in ("read", "overlap"):
            memory.keep_read(CHAT, token, seen, whole=len(seen) < 4)
        memory.end_read(CHAT, token)
        for count in (1, 3, 9):
            assert memory.find(CHAT, count) in (None, shown[-count:])
