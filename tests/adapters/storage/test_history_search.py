"""The search index of the history keeps up with whatever happens to the entries."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import column, func, select, table

from minibot.adapters.storage.in_memory.history import InMemoryHistory
from minibot.adapters.storage.sqlite.chat_moves import move_conversations
from minibot.adapters.storage.sqlite.conversations import open_conversation
from minibot.adapters.storage.sqlite.database import Database, open_database
from minibot.adapters.storage.sqlite.history import SqliteHistory
from minibot.adapters.storage.sqlite.history_search import (
    BATCH_ENTRIES,
    HistorySearch,
    index_batch,
    is_behind,
    remove_entries,
)
from minibot.adapters.storage.sqlite.history_tables import (
    history_pieces,
    history_places,
    history_words,
)
from minibot.adapters.storage.sqlite.lexicon import near_words
from minibot.adapters.storage.sqlite.recent_entries import RecentEntries
from minibot.adapters.storage.sqlite.schema import history
from minibot.adapters.storage.sqlite.statement import Statement, Transaction, param
from tests.contracts.storages import ManualClock, a_chat, said

KEY, OTHER = "telegram:42", "telegram:43"


class Searched:
    """A database with two conversations."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.history = SqliteHistory(database, RecentEntries())
        self.search = HistorySearch(database)

    async def say(self, *texts: str, conversation: str = KEY) -> None:
        await self.history.append(conversation, [said(text) for text in texts])

    async def found(self, query: str, conversation: str = KEY) -> list[str]:
        return [each.text for each in await self.history.search(conversation, query, 100)]

    async def remove(self, *texts: str, conversation: str = KEY) -> None:
        """Delete the entries that say exactly this."""

        def work(tx: Transaction) -> None:
            rows = tx.execute(_ENTRIES, {"of": conversation})
            remove_entries(tx, conversation, [row for row in rows if row[1] in texts])

        await self.database.write(work)

    async def check(self) -> None:
        """Have SQLite compare the index with itself."""
        await self.database.write(
            lambda tx: tx.run(
                "INSERT INTO history_search(history_search) VALUES('integrity-check')"
            )
        )

    async def blocks_with(self, word: str) -> int:
        """Count the pieces of the index that hold a word."""
        rows = await self.database.read(lambda tx: tx.execute(_BLOCKS, {"word": word}))
        return int(rows[0][0])

    async def move(self, old: str, new: str) -> None:
        """Have the chat of that id become another."""
        self.database.moves.expect()
        await self.database.write(lambda tx: move_conversations(tx, a_chat(old), new, 1))

    async def near(self, typed: str) -> list[str]:
        return await self.database.read(lambda tx: near_words(tx, typed, 1, limit=10))


_ENTRIES = Statement(
    select(history.c.id, history.c.text)
    .where(history.c.conversation == param("of"))
    .order_by(history.c.id)
)
_blocks = table("history_search_data", column("block"))
_BLOCKS = Statement(
    select(func.count()).select_from(_blocks).where(func.instr(_blocks.c.block, param("word")) > 0)
)
_TRACES = tuple(
    Statement(select(func.count()).select_from(table))
    for table in (history_words, history_pieces, history_places)
)


async def open_both(database: Database) -> Searched:
    for chat in (a_chat("42"), a_chat("43")):
        await database.write(partial(open_conversation, chat=chat, now=0))
    return Searched(database)


@pytest.fixture
async def searched(tmp_path: Path) -> AsyncIterator[Searched]:
    async with open_database(tmp_path / "data" / "minibot.db", clock=ManualClock()) as database:
        yield await open_both(database)


async def test_what_was_said_since_the_last_search_is_found(searched: Searched) -> None:
    await searched.say("green tea")
    assert await searched.found("tea") == ["green tea"]

    await searched.say("black tea")

    assert await searched.found("tea") == ["black tea", "green tea"]


async def test_index_is_made_in_batches(searched: Searched) -> None:
    await searched.say(*(f"cup {number}" for number in range(BATCH_ENTRIES + 1)))

    assert await searched.database.write(index_batch)
    assert await searched.database.read(is_behind)
    assert await searched.database.write(index_batch)
    assert not await searched.database.read(is_behind)
    assert not await searched.database.write(index_batch)
    assert len(await searched.found("cup")) == 100
    await searched.check()


async def test_long_entries_make_shorter_batches(searched: Searched) -> None:
    long = "word " * 12_000
    await searched.say(long, long, long, "short")

    await searched.database.write(index_batch)

    assert await searched.database.read(is_behind)
    assert await searched.found("short") == ["short"]


async def test_catching_up_leaves_nothing_for_the_search(searched: Searched) -> None:
    await searched.say("tea")

    await searched.search.catch_up()

    assert not await searched.database.read(is_behind)
    assert await searched.found("tea") == ["tea"]


async def test_searching_twice_at_once_is_like_searching_once(searched: Searched) -> None:
    await searched.say(*(f"cup {number}" for number in range(500)))

    one, other = await asyncio.gather(searched.found("cup 7"), searched.found("cup 7"))

    assert one == other
    assert one[0] == "cup 7"
    await searched.check()


async def test_index_is_made_anew_when_words_are_made_otherwise(searched: Searched) -> None:
    await searched.say("tea", "coffee")
    await searched.found("tea")

    await searched.database.write(lambda tx: tx.run("UPDATE history_index SET rules = 'older'"))
    await searched.say("tea time")

    assert await searched.found("tea") == ["tea", "tea time"]
    assert await searched.found("cofee") == ["coffee"]
    await searched.check()


async def test_entry_is_removed_from_an_index_made_otherwise(searched: Searched) -> None:
    await searched.say("tea", "coffee")
    await searched.found("tea")
    await searched.database.write(lambda tx: tx.run("UPDATE history_index SET rules = 'older'"))

    await searched.remove("tea")

    assert await searched.found("tea") == []
    assert await searched.found("coffee") == ["coffee"]
    await searched.check()


async def test_removed_entries_leave_no_trace(searched: Searched) -> None:
    await searched.say("my secret plan", "a plan")
    await searched.say("sekret", conversation=OTHER)
    await searched.found("plan")

    await searched.remove("my secret plan")

    assert await searched.found("secret") == []
    assert await searched.found("plan") == ["a plan"]
    assert await searched.near("secre") == []
    assert await searched.near("plann") == ["plan"]
    await searched.search.clean_up()
    await searched.check()


async def test_removed_words_are_gone_from_the_file(searched: Searched) -> None:
    await searched.say("my zebra", *(f"cup {number}" for number in range(50)))
    await searched.found("zebra")
    assert await searched.blocks_with("zebra")

    await searched.remove("my zebra")
    await searched.search.clean_up()

    assert not await searched.blocks_with("zebra")
    assert len(await searched.found("cup")) == 50
    await searched.check()


async def test_nothing_is_left_of_a_conversation_that_is_removed(searched: Searched) -> None:
    await searched.say("one secret", "another secret")
    await searched.found("secret")

    await searched.remove("one secret", "another secret")

    left = await searched.database.read(lambda tx: [tx.execute(each) for each in _TRACES])
    assert left == [[(0,)]] * 3


async def test_what_was_never_in_the_index_is_removed_too(searched: Searched) -> None:
    await searched.say("old plan")
    await searched.found("plan")
    await searched.say("new plan")

    await searched.remove("new plan")

    assert await searched.found("plan") == ["old plan"]
    await searched.check()


async def test_entry_with_the_id_of_a_removed_one_is_found(searched: Searched) -> None:
    await searched.say("first", "last")
    await searched.found("last")
    await searched.remove("last")

    await searched.say("latest", conversation=OTHER)

    assert await searched.found("latest", OTHER) == ["latest"]
    assert await searched.found("last") == []
    await searched.check()


async def test_conversation_that_moves_is_searched_where_it_is(searched: Searched) -> None:
    await searched.say("before")
    await searched.found("before")

    await searched.move("42", "-100")
    await searched.say("after")

    assert await searched.found("before", "telegram:-100") == ["before"]
    assert await searched.found("after", KEY) == ["after"]
    assert await searched.found("before", OTHER) == []


async def test_conversations_that_become_one_are_searched_together(searched: Searched) -> None:
    await searched.say("red apple")
    await searched.say("green apple", conversation=OTHER)
    await searched.found("apple")

    await searched.move("42", "43")
    await searched.say("yellow apple", conversation=OTHER)

    assert await searched.found("apple", OTHER) == ["yellow apple", "green apple", "red apple"]
    await searched.remove("red apple", "yellow apple", conversation=OTHER)
    assert await searched.found("apple", OTHER) == ["green apple"]
    await searched.check()


WORDS = ["house", "hose", "houses", "hous", "horse", "cat", "cats", "restaurant", "restaurnat"]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    texts=st.lists(TEXTS, max_size=8),
    removed=st.sets(TEXTS, max_size=2),
    query=st.lists(st.sampled_from([*WORDS, "ho", "huose", "resaurant", "ct"]), max_size=3),
)
def test_index_finds_what_is_found_without_one(
    texts: list[str], removed: set[str], query: list[str]
) -> None:
    async def compare() -> None:
        plain = InMemoryHistory(ManualClock())
        await plain.append(KEY, [said(text) for text in texts if text not in removed])
        with TemporaryDirectory() as folder:
            path = Path(folder) / "data" / "minibot.db"
            async with open_database(path, clock=ManualClock()) as database:
                searched = await open_both(database)
                await searched.say(*texts)
                await searched.search.catch_up()
                await searched.remove(*removed)
                expected = [each.text for each in await plain.search(KEY, " ".join(query), 100)]
                assert sorted(await searched.found(" ".join(query))) == sorted(expected)

    asyncio.run(compare())
