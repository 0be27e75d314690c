"""What every history must do with summaries."""

import pytest

from minibot.core.personal import Summary
from minibot.core.ports import History
from tests.contracts.history_stores import KEY, OTHER, hear, said_by_users


async def summarise(history: History, text: str, *, through: int, untrusted: bool = False) -> None:
    await history.summarise(KEY, Summary(text=text, through=through, untrusted=untrusted))


async def test_summary_is_kept_until_there_is_another(history: History) -> None:
    await hear(history, "one", "two")
    backlog = await history.unsummarised(KEY, keep=0, limit=100)
    assert await history.summary(KEY) is None

    await summarise(history, "short", through=backlog.through)
    await summarise(history, "shorter", through=backlog.through, untrusted=True)

    summary = await history.summary(KEY)
    assert summary is not None
    assert (summary.text, summary.through, summary.untrusted) == (
        "shorter",
        backlog.through,
        True,
    )
    assert await history.summary(OTHER) is None


async def test_summary_goes_when_all_is_put_away(history: History) -> None:
    await hear(history, "one", "two")
    backlog = await history.unsummarised(KEY, keep=0, limit=100)
    await summarise(history, "short", through=backlog.through)

    await history.put_away(KEY, keep=1)
    assert await history.summary(KEY) is not None
    await history.put_away(KEY)
    assert await history.summary(KEY) is None


async def test_taken_back_entries_are_summed_up_or_will_be(history: History) -> None:
    await hear(history, "one", "two")
    first = await history.unsummarised(KEY, keep=1, limit=100)
    await summarise(history, "about one", through=first.through)
    await history.put_away(KEY)
    await hear(history, "three", "four")
    later = await history.unsummarised(KEY, keep=1, limit=100)
    await summarise(history, "about three", through=later.through)

    await history.take_back(KEY)

    left = said_by_users((await history.unsummarised(KEY, keep=0, limit=100)).entries)
    summary = await history.summary(KEY)
    told = {None: [], "about one": ["one"]}[summary.text if summary else None]
    assert told + left == ["one", "two", "three", "four"]


async def test_what_was_put_away_does_not_come_back_in_short(history: History) -> None:
    await hear(history, "one", "two")
    backlog = await history.unsummarised(KEY, keep=0, limit=100)
    await history.put_away(KEY)
    await hear(history, "three")

    await summarise(history, "about one and two", through=backlog.through)

    assert await history.summary(KEY) is None


async def test_older_exchanges_are_to_be_summed_up(history: History) -> None:
    await hear(history, "one", "two", "three", "four")

    backlog = await history.unsummarised(KEY, keep=2, limit=100)
    assert said_by_users(backlog.entries) == ["one", "two"]
    assert len(backlog.entries) == 4

    await summarise(history, "short", through=backlog.through)
    after = await history.unsummarised(KEY, keep=2, limit=100)
    assert after.entries == ()
    await hear(history, "five")
    after = await history.unsummarised(KEY, keep=2, limit=100)
    assert said_by_users(after.entries) == ["three"]


@pytest.mark.parametrize(("limit", "expected"), [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (99, 4)])
async def test_exchanges_are_summed_up_whole(history: History, limit: int, expected: int) -> None:
    await hear(history, "one", "two", "three", "four", "five")

    backlog = await history.unsummarised(KEY, keep=1, limit=limit)

    assert len(backlog.entries) == 2 * expected


@pytest.mark.parametrize("keep", [4, 5, 100])
async def test_nothing_is_to_be_summed_up_of_the_newest(history: History, keep: int) -> None:
    await hear(history, "one", "two", "three", "four")

    assert (await history.unsummarised(KEY, keep=keep, limit=100)).entries == ()


async def test_nothing_put_away_is_to_be_summed_up(history: History) -> None:
    await hear(history, "one")
    await history.put_away(KEY)
    await hear(history, "two")

    backlog = await history.unsummarised(KEY, keep=0, limit=100)

    assert said_by_users(backlog.entries) == ["two"]
    assert (await history.unsummarised(OTHER, keep=0, limit=100)).entries == ()
