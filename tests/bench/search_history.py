"""Conversations to be searched: all entries in one, and the same number shared by 500."""

import sys
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

from minibot.adapters.clock import SystemClock
from minibot.adapters.storage.sqlite.conversations import open_conversation
from minibot.adapters.storage.sqlite.database import Database, open_database
from minibot.adapters.storage.sqlite.history import SqliteHistory
from minibot.adapters.storage.sqlite.history_search import HistorySearch
from minibot.adapters.storage.sqlite.recent_entries import RecentEntries
from minibot.core.llm import Role, Utterance
from minibot.core.messages import ChatRef
from tests.bench.search import Question, Subject
from tests.bench.search_notes import CHINESE, COMMON, Sample

MANY_CONVERSATIONS = 500
BATCH_ENTRIES = 1_000
SEARCHED = "telegram:1"


async def subjects(folder: Path, rows: int) -> AsyncIterator[Subject]:
    for conversations in (1, MANY_CONVERSATIONS):
        path = folder / f"history-{conversations}.db"
        async with open_database(path, clock=SystemClock()) as database:
            history = SqliteHistory(database, RecentEntries())
            started = time.perf_counter()
            await _fill(database, history, conversations, rows)
            written = time.perf_counter()
            await database.checkpoint()
            before = path.stat().st_size
            await HistorySearch(database).catch_up()
            indexed = time.perf_counter()
            await database.checkpoint()
            sys.stdout.write(
                f"\nwritten in {written - started:.1f} s, {before / 2**20:.0f} MiB; indexed in "
                f"{indexed - written:.1f} s, {path.stat().st_size / 2**20:.0f} MiB\n"
            )
            yield Subject(
                name=f"history, {rows:,} entries in {conversations} conversation(s)",
                questions=_questions(history, Sample()),
            )


async def _fill(database: Database, history: SqliteHistory, conversations: int, rows: int) -> None:
    sample, now = Sample(), database.now()
    keys = [f"telegram:{number}" for number in range(1, conversations + 1)]
    for key in keys:
        await database.write(partial(open_conversation, chat=ChatRef.parse(key), now=now))
        entries = [
            Utterance(role=Role.ASSISTANT if number % 2 else Role.USER, text=note.data)
            for number, note in enumerate(sample.notes(key, rows // conversations))
        ]
        for start in range(0, len(entries), BATCH_ENTRIES):
            await history.append(key, entries[start : start + BATCH_ENTRIES])


def _questions(history: SqliteHistory, sample: Sample) -> list[Question]:
    word = sample.some_word

    def search(name: str, query: Callable[[int], str]) -> Question:
        return Question(name=name, ask=lambda n: history.search(SEARCHED, query(n), 10))

    async def say_and_search(n: int) -> None:
        said = f"{word(n)} {word(n + 1)} {word(n + 2)}"
        await history.append(SEARCHED, [Utterance(role=Role.USER, text=said)])
        await history.search(SEARCHED, word(n), 10)

    return [
        search("a word", word),
        search("two words", lambda n: f"{word(n)} {word(n + 1)}"),
        search("nothing there", lambda n: f"xqzj{n}wv"),
        search("a mistyped word, 1 edit", lambda n: word(n)[:2] + word(n)[3:]),
        search("a mistyped word, 2 edits", lambda n: _mistyped(word(n, letters=9))),
        search("three mistyped words", lambda n: _many(n, 3, lambda i: _mistyped(word(i)))),
        search("a common word", lambda n: COMMON[n % 4]),
        search("two common words", lambda n: f"{COMMON[n % 4]} {COMMON[(n + 1) % 4]}"),
        search("a common word, mistyped", lambda n: ("prefernece", "meetnig", "restuarant")[n % 3]),
        search("a common and a rare word", lambda n: f"{COMMON[n % 4]} {word(n)}"),
        search("one letter", lambda n: "abcdefghijklmnopqrstuvwxyz"[n % 26]),
        search("two letters", lambda n: word(n)[:2]),
        search("the beginning of a word", lambda n: word(n, letters=7)[:4]),
        search("two Chinese characters", lambda n: CHINESE[n % 30 : n % 30 + 2]),
        search("twenty words", lambda n: _many(n, 20, word)),
        search("twenty common words", lambda _: " ".join([*COMMON] * 4)),
        search("10 KB of text", lambda n: _many(n, 1_500, word)[:10_000]),
        search("10 KB without a space", lambda n: word(n) * 2_000),
        search("10 KB of Chinese", lambda n: CHINESE[n % 9 :] * 250),
        Question(name="say something, then search", ask=say_and_search, is_search=False),
        Question(name="info", ask=lambda _: history.info(SEARCHED), is_search=False),
    ]


def _many(first: int, count: int, word: Callable[[int], str]) -> str:
    return " ".join(word(first + index) for index in range(count))


def _mistyped(word: str) -> str:
    return f"{word[:1]}{word[2:5]}x{word[5:]}"
