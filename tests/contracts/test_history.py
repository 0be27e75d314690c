"""What every history must do."""

import pytest

from minibot.adapters.storage import Storage
from minibot.core.errors import UnknownConversation
from minibot.core.llm import Picture, Role, ToolCall, Utterance
from minibot.core.personal import Summary
from minibot.core.ports import History
from tests.contracts.history_stores import KEY, OTHER, TOPIC, hear, shown
from tests.contracts.storages import START, ManualClock, said


async def test_entries_come_back_whole_and_in_order(history: History) -> None:
    call = ToolCall(id="c1", name="clock", arguments='{"zone": "UTC"}', signature="opaque=")
    entries = [
        said("what time is it? ⏰"),
        Utterance(role=Role.ASSISTANT, text="", tool_calls=(call,)),
        Utterance(role=Role.TOOL, text="12:00", tool_call_id="c1", untrusted=True),
        said("noon", Role.ASSISTANT),
    ]
    await history.append(KEY, entries[:1])
    await history.append(KEY, entries[1:], author="7")

    assert await history.recent(KEY, 10) == entries


async def test_pictures_come_back_also_to_who_reads_anew(history: History) -> None:
    pictures = tuple(Picture(path=f"/ü/{n}.jpg", mime_type="image/jpeg") for n in range(2))
    entries = [Utterance(role=Role.USER, text="look", pictures=pictures), said("and?")]
    await history.append(KEY, entries)

    assert await history.recent(KEY, 10) == entries
    assert list((await history.unsummarised(KEY, keep=0, limit=10)).entries) == entries


async def test_only_the_newest_are_given(history: History) -> None:
    await history.append(KEY, [said(str(number)) for number in range(5)])

    assert [entry.text for entry in await history.recent(KEY, 2)] == ["3", "4"]
    assert await history.recent(KEY, 0) == []
    assert await history.recent(KEY, -1) == []


async def test_limit_is_capped(history: History) -> None:
    await history.append(KEY, [said(str(number)) for number in range(1100)])

    recent = await history.recent(KEY, 10**9)

    assert len(recent) == 1000
    assert recent[-1].text == "1099"


async def test_conversations_are_kept_apart(history: History) -> None:
    await history.append(KEY, [said("mine")])

    assert await history.recent(OTHER, 10) == []
    assert await history.recent(TOPIC, 10) == []
    assert await history.recent("telegram:4", 10) == []
    assert await history.exists(KEY)
    assert not await history.exists(OTHER)


async def test_unknown_conversation_is_refused(storage: Storage) -> None:
    with pytest.raises(UnknownConversation):
        await storage.history.append("telegram:44", [said("hi")])

    assert not await storage.history.exists("telegram:44")


async def test_nothing_to_append_is_nothing(history: History) -> None:
    await history.append("telegram:44", [])

    assert await history.recent("telegram:44", 5) == []


async def test_half_a_surrogate_pair_is_mended(history: History) -> None:
    await history.append(KEY, [said("joined \ud83d\udc4b"), said("half \ud83d.")])

    joined, half = await history.recent(KEY, 2)

    assert joined.text == "joined 👋"
    assert half.text.startswith("half ")
    assert half.text.encode()


async def test_what_is_put_away_is_not_shown(history: History) -> None:
    await hear(history, "one", "two")
    await hear(history, "other", conversation=OTHER)

    assert await history.put_away(KEY) == 4

    assert await shown(history) == []
    assert not await history.exists(KEY)
    assert await shown(history, OTHER) == ["other"]
    assert await history.put_away(KEY) == 0


async def test_newest_exchanges_can_be_kept(history: History) -> None:
    call = ToolCall(id="c", name="clock", arguments="{}")
    await hear(history, "one", "two")
    await history.append(
        KEY,
        [
            said("three"),
            Utterance(role=Role.ASSISTANT, text="", tool_calls=(call,)),
            Utterance(role=Role.TOOL, text="12:00", tool_call_id="c"),
            said("noon", Role.ASSISTANT),
        ],
    )

    assert await history.put_away(KEY, keep=2) == 2
    assert await shown(history) == ["two", "three"]
    assert await history.put_away(KEY, keep=1) == 2
    assert [entry.role for entry in await history.recent(KEY, 9)] == [
        Role.USER,
        Role.ASSISTANT,
        Role.TOOL,
        Role.ASSISTANT,
    ]


@pytest.mark.parametrize("keep", [2, 3, 1000])
async def test_nothing_is_put_away_when_there_is_no_more_than_is_kept(
    history: History, keep: int
) -> None:
    await hear(history, "one", "two")

    assert await history.put_away(KEY, keep=keep) == 0
    assert await shown(history) == ["one", "two"]


async def test_what_was_put_away_last_is_taken_back_first(history: History) -> None:
    await hear(history, "one")
    await history.put_away(KEY)
    await hear(history, "two", "three")
    await history.put_away(KEY, keep=1)
    await hear(history, "four")

    assert await history.take_back(KEY) == 2
    assert await shown(history) == ["two", "three", "four"]
    assert await history.take_back(KEY) == 2
    assert await shown(history) == ["one", "two", "three", "four"]
    assert await history.take_back(KEY) == 0


async def test_nothing_of_another_conversation_is_taken_back(history: History) -> None:
    await hear(history, "mine")
    await hear(history, "other", conversation=OTHER)
    await history.put_away(KEY)
    await history.put_away(OTHER)

    assert await history.take_back(OTHER) == 2

    assert await shown(history) == []
    assert await shown(history, OTHER) == ["other"]


async def test_info_counts_what_is_shown_and_what_is_put_away(
    history: History, clock: ManualClock
) -> None:
    await hear(history, "one")
    clock.advance(60)
    await hear(history, "two", "three")
    await history.put_away(KEY, keep=2)

    info = await history.info(KEY)

    assert (info.exchanges, info.entries, info.put_away) == (2, 4, 2)
    assert info.since is not None
    assert (info.since - START).total_seconds() == 60


async def test_info_of_nothing(history: History) -> None:
    info = await history.info(KEY)

    assert (info.exchanges, info.entries, info.put_away, info.since) == (0, 0, 0, None)


async def test_newest_entries_are_dropped_for_good(history: History) -> None:
    await hear(history, "one", "two", "three")
    await hear(history, "other", conversation=OTHER)
    await history.search(KEY, "three", 9)  # so that they are in the index

    assert await history.drop(KEY, 2) == 2
    assert await history.drop(KEY, 0) == 0
    assert await shown(history) == ["one", "two"]
    assert await history.search(KEY, "three", 9) == []
    assert await shown(history, OTHER) == ["other"]
    assert await history.drop(OTHER, 9) == 2
    assert await history.drop(OTHER, 1) == 0

    await hear(history, "four")
    assert await shown(history) == ["one", "two", "four"]
    assert [each.text for each in await history.search(KEY, "four", 1)] != []


async def test_dropping_reaches_what_was_put_away_once_nothing_newer_is_left(
    history: History,
) -> None:
    await hear(history, "one", "two", "three")
    await history.put_away(KEY, keep=1)

    assert await history.drop(KEY, 4) == 4
    assert await shown(history) == []
    assert await history.take_back(KEY) == 2
    assert await shown(history) == ["one"]


async def test_a_summary_goes_with_what_it_tells_of(history: History) -> None:
    await hear(history, "one", "two", "three")
    backlog = await history.unsummarised(KEY, keep=1, limit=9)
    summary = Summary(text="one and two", through=backlog.through, untrusted=False)
    await history.summarise(KEY, summary)

    await history.drop(KEY, 2)
    assert await history.summary(KEY) == summary
    await history.drop(KEY, 2)
    assert await history.summary(KEY) is None
    assert [e.text for e in (await history.unsummarised(KEY, keep=0, limit=9)).entries] == [
        "one",
        "one!",
    ]
