"""The memory of recent entries never disagrees with the database."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.storage.sqlite.recent_entries import CHARACTERS, CONVERSATIONS, RecentEntries
from minibot.core.llm import Role, Utterance

CHAT = "telegram:1"


def said(text: str) -> Utterance:
    return Utterance(role=Role.USER, text=text)


def commit(memory: RecentEntries, *texts: str, cleared: bool = False) -> None:
    with memory.change(CHAT) as change:
        change.committed([said(text) for text in texts], cleared=cleared)


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


def test_clearing_leaves_the_whole_known() -> None:
    memory = RecentEntries()

    commit(memory, "new", cleared=True)

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
        change.committed([said("new")], cleared=False)
    memory.keep_read(CHAT, before, [said("old")], whole=True)
    memory.end_read(CHAT, before)

    assert memory.find(CHAT, 1) is None


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


@given(st.lists(st.sampled_from(["read", "add", "clear", "fail", "overlap"]), max_size=40))
def test_the_memory_is_right_or_silent(steps: list[str]) -> None:
    memory = RecentEntries()
    stored: list[Utterance] = []
    for number, step in enumerate(steps):
        entry = said(str(number))
        if step == "read":
            token = memory.begin_read(CHAT)
            memory.keep_read(CHAT, token, stored[-4:], whole=len(stored) < 4)
            memory.end_read(CHAT, token)
        elif step in ("add", "clear", "overlap"):
            token = memory.begin_read(CHAT)
            seen = list(stored)
            with memory.change(CHAT) as change:
                stored = [entry] if step == "clear" else [*stored, entry]
                change.committed([entry], cleared=step == "clear")
            if step == "overlap":
                memory.keep_read(CHAT, token, seen, whole=True)
                memory.end_read(CHAT, token)
            else:
                memory.end_read(CHAT, token)
        else:
            with pytest.raises(OSError, match="full"), memory.change(CHAT):
                raise OSError("full")
        for count in (1, 3, 9):
            assert memory.find(CHAT, count) in (None, stored[-count:])
