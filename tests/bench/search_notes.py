"""Notes to be searched: all of one owner, and the same number shared by 500."""

import asyncio
import random
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from minibot.adapters.clock import SystemClock
from minibot.adapters.storage.sqlite.database import open_database
from minibot.adapters.storage.sqlite.notes import SqliteNotes
from minibot.core.notes import Note
from tests.bench.search import Question, Subject

MANY_OWNERS = 500
VOCABULARY = 40_000
COMMON = ("preference", "meeting", "the", "restaurant", "a", "to")
SYLLABLES = re.findall(
    r"\w+",
    "ba ca den el fi gor ha ist ju kel lo mar ne os pre qui ra sto tu ur ver wi ex yo za "
    "ing ment tion er al con dis ку ра ми то ле ней",
)
CHINESE = "我你他喜欢咖啡茶牛奶早上晚上会议日程家庭生日礼物电话号码地址工作学校朋友天气旅行"
START = datetime(2026, 1, 1, tzinfo=UTC)

Word = Callable[[int], str]
"""Gives a text to ask for; another one for another number."""


class Sample:
    """Makes up notes, the same ones every time."""

    def __init__(self) -> None:
        self._random = random.Random(7)  # noqa: S311
        self.words = sorted({self._word() for _ in range(VOCABULARY)})
        self._random.shuffle(self.words)

    def notes(self, owner: str, count: int) -> Iterator[Note]:
        for number in range(count):
            moment = START + timedelta(seconds=number)
            yield Note(
                owner=owner,
                title=f"{self._text(3)} {number}",
                data=self._data(),
                created_at=moment,
                updated_at=moment,
                source="telegram:42",
            )

    def some_word(self, number: int, *, letters: int = 6) -> str:
        word = self.words[number * 97 % len(self.words)]
        return word if len(word) >= letters else self.some_word(number + 1, letters=letters)

    def _data(self) -> str:
        if self._random.random() < 0.1:
            return "".join(self._random.choices(CHINESE, k=40))
        return f"{self._text(20)} {' '.join(self._random.sample(COMMON, 3))}"

    def _text(self, words: int) -> str:
        # A few words are in very many notes and most in very few, as in any language.
        return " ".join(
            self.words[int(len(self.words) * self._random.random() ** 4)] for _ in range(words)
        )

    def _word(self) -> str:
        return "".join(self._random.choices(SYLLABLES, k=self._random.randint(1, 5)))


async def subjects(folder: Path, rows: int) -> AsyncIterator[Subject]:
    for owners in (1, MANY_OWNERS):
        sample = Sample()
        async with open_database(folder / f"{owners}.db", clock=SystemClock()) as database:
            notes = SqliteNotes(database)
            names = [f"telegram:{number}" for number in range(1, owners + 1)]
            started = time.perf_counter()
            for name in names:
                await _fill(notes, sample, name, rows // owners)
            seconds = time.perf_counter() - started
            await database.checkpoint()
            size = (folder / f"{owners}.db").stat().st_size / 2**20
            sys.stdout.write(f"\nfilled in {seconds:.1f} s; the file has {size:.0f} MiB\n")
            yield Subject(
                name=f"notes, {rows:,} of {owners} owner(s)",
                questions=_questions(notes, sample, names[0], rows // owners),
            )


async def _fill(notes: SqliteNotes, sample: Sample, owner: str, count: int) -> None:
    waiting: list[Note] = []
    for note in sample.notes(owner, count):
        waiting.append(note)
        if len(waiting) == 200:
            await asyncio.gather(*(notes.save(each) for each in waiting))
            waiting.clear()
    await asyncio.gather(*(notes.save(each) for each in waiting))


def _questions(notes: SqliteNotes, sample: Sample, owner: str, count: int) -> list[Question]:
    titles = [note.title for note in Sample().notes(owner, min(count, 5000))]
    asked = [
        (f"search: {name}", query, 0)
        for name, query in (_words(sample.some_word, titles) | _odd_queries(sample)).items()
    ]
    asked += [("page 100", lambda _: "meeting", 990), ("page 1,000", lambda _: "meeting", 9_990)]
    return [
        *(_search(notes, owner, *each) for each in asked),
        *_gets(notes, owner, sample.some_word, titles),
        *_saves(notes, owner, sample.some_word),
    ]


def _words(word: Word, titles: Sequence[str]) -> dict[str, Word]:
    return {
        "a word": word,
        "two words": lambda n: f"{word(n)} {word(n + 1)}",
        "a word of a title": lambda n: _pick(titles, n).split()[0],
        "a whole title": lambda n: _pick(titles, n),
        "nothing there": lambda n: f"xqzj{n}wv",
        "mistyped, 1 edit": lambda n: word(n)[:2] + word(n)[3:],
        "mistyped, 2 edits": lambda n: _mistyped(word(n)),
        "three words mistyped": lambda n: " ".join(_mistyped(word(n + i)) for i in range(3)),
        "common": lambda n: COMMON[n % 4],
        "two common words": lambda n: f"{COMMON[n % 4]} {COMMON[(n + 1) % 4]}",
        "common, mistyped": lambda n: ("prefernece", "meetnig", "restuarant")[n % 3],
        "twenty words": lambda n: " ".join(word(n + i) for i in range(20)),
        "twenty common words": lambda _: " ".join(COMMON * 4),
    }


def _odd_queries(sample: Sample) -> dict[str, Word]:
    word = sample.some_word
    long_text = " ".join(word(n) for n in range(2000))[:10_000]
    return {
        "one letter": lambda n: "abcdefghijklmnopqrstuvwxyz"[n % 26],
        "two letters": lambda n: word(n)[:2],
        "a beginning": lambda n: word(n)[:4],
        "a part": lambda n: word(n)[2:6],
        "a part of common words": lambda n: ("eeti", "staur", "eferenc")[n % 3],
        "a Chinese character": lambda n: CHINESE[n % len(CHINESE)],
        "two Chinese characters": lambda n: CHINESE[n % 30 : n % 30 + 2],
        "10 KB of words": lambda _: long_text,
        "10 KB without a space": lambda n: word(n) * 2000,
        "10 KB of Chinese": lambda n: CHINESE[n % 9 :] * 250,
        "empty": lambda _: "",
    }


def _search(notes: SqliteNotes, owner: str, name: str, query: Word, offset: int) -> Question:
    return Question(name=name, ask=lambda n: notes.search(owner, query(n), limit=10, offset=offset))


def _gets(notes: SqliteNotes, owner: str, word: Word, titles: Sequence[str]) -> list[Question]:
    def reordered(n: int) -> str:
        *words, number = _pick(titles, n).split()
        return " ".join([*reversed(words), number])

    wanted: dict[str, Word] = {
        "exact": lambda n: _pick(titles, n),
        "mistyped": lambda n: _pick(titles, n)[1:3] + _pick(titles, n)[4:],
        "words in another order": reordered,
        "no such title": lambda n: f"{word(n)} of nothing {n}",
    }
    return [
        Question(name=f"get: {name}", ask=partial(_get, notes, owner, title))
        for name, title in wanted.items()
    ]


async def _get(notes: SqliteNotes, owner: str, title: Word, n: int) -> Note | None:
    return await notes.get(owner, title(n))


def _saves(notes: SqliteNotes, owner: str, word: Word) -> list[Question]:
    def note(n: int) -> Note:
        return Note(
            owner=owner,
            title=f"saved {n} {word(n)}",
            data=f"{word(n + 1)} {word(n + 2)} " * 10,
            created_at=START,
            updated_at=START,
        )

    return [
        Question(name="save", ask=lambda n: notes.save(note(n)), is_search=False),
        Question(name="save again", ask=lambda n: notes.save(note(n)), is_search=False),
        Question(name="delete", ask=lambda n: notes.delete(owner, note(n).title), is_search=False),
    ]


def _pick(titles: Sequence[str], n: int) -> str:
    return titles[n * 31 % len(titles)]


def _mistyped(word: str) -> str:
    return f"{word[:1]}{word[2:5]}x{word[5:]}"
