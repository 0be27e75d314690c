"""The index of notes in a database: in step with the notes, of one owner each, gone with them."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.storage.in_memory.notes import InMemoryNotes
from minibot.adapters.storage.in_memory.rows import Rows
from minibot.adapters.storage.note_matching import LOOSEST, entry_of, parse_query, tiers_of
from minibot.adapters.storage.sqlite.database import Database, open_database
from minibot.adapters.storage.sqlite.note_terms import Filing
from minibot.adapters.storage.sqlite.notes import SqliteNotes
from minibot.core.notes import MAX_COUNTED
from minibot.core.ports import Notes
from tests.contracts.note_stores import OTHER, OWNER, a_note, fill
from tests.contracts.payloads import PAYLOADS
from tests.contracts.storages import ManualClock

OWNERS = (OWNER, OTHER, "telegram:1@-5")
WORDS = (
    "coffee cofee coffees Kaffee Kaffeemaschine maschine the teh list preference prefereces "
    "naïve naive 2024 2025 room12 a ab abc abcd мама мыла раму рама 咖啡 我喜欢喝咖啡 喜欢 ☕ "
    "don't C++ -"
)
VOCABULARY = tuple(WORDS.split())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "minibot.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    async with open_database(path, clock=ManualClock()) as opened:
        yield opened


@pytest.fixture
def notes(database: Database) -> SqliteNotes:
    return SqliteNotes(database)


def rows_of(path: Path, table: str) -> set[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return set(connection.execute(f"SELECT * FROM {table}"))  # noqa: S608


def matches(path: Path, expression: str) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        sql = "SELECT rowid FROM note_index WHERE note_index MATCH ?"
        return [id_ for (id_,) in connection.execute(sql, [expression])]


def all_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_removed_notes_leave_nothing_in_the_index(notes: SqliteNotes, path: Path) -> None:
    await fill(notes, ("tea", "green"), ("Coffee", "black coffee"))
    await fill(notes, ("Coffee", "black"), owner=OTHER)
    tables = ("notes", "note_owners", "note_words", "note_pieces", "note_titles")
    before = {table: rows_of(path, table) for table in tables}
    counted = {row[:2]: row[2] for row in before["note_words"]}

    await fill(notes, ("Plan", "buy coffee, greet Анна 咖啡 2024"))
    await notes.save(a_note("Plan", "another one"))
    await notes.delete(OWNER, "plan")

    after = {table: rows_of(path, table) for table in tables}
    assert after == before
    assert counted[1, "coffee"] == 1
    assert (
        matches(path, Filing(1).terms(entry_of(a_note("x", "another"))).replace(" ", " OR ")) == []
    )
    await notes.clear(OWNER)
    await notes.clear(OTHER)
    assert not any(rows_of(path, table) for table in tables)


async def test_number_of_an_owner_is_never_given_again(notes: SqliteNotes, path: Path) -> None:
    await fill(notes, ("one", "coffee"))
    await notes.clear(OWNER)

    await fill(notes, ("one", "tea"), owner=OTHER)

    assert rows_of(path, "note_owners") == {(2, OTHER, 1)}


async def test_cleared_words_are_not_left_in_the_file(path: Path) -> None:
    secret = "rumpelstilzchen"
    async with open_database(path, clock=ManualClock()) as database:
        notes = SqliteNotes(database)
        await fill(notes, *((f"kept {number}", "coffee") for number in range(50)), owner=OTHER)
        await fill(notes, *((f"{secret} {number}", f"my {secret}") for number in range(150)))
    assert secret.encode() in all_bytes(path.parent)

    async with open_database(path, clock=ManualClock()) as database:
        assert await SqliteNotes(database).clear(OWNER) == 150

    left = all_bytes(path.parent)
    assert secret.encode() not in left
    assert secret[:8].encode() not in left
    assert b"coffee" in left


async def test_counting_ends_somewhere(notes: SqliteNotes) -> None:
    over = MAX_COUNTED + 5
    for start in range(0, over, 500):
        some = range(start, min(start + 500, over))
        await asyncio.gather(*(notes.save(a_note(f"t{number}")) for number in some))

    assert (await notes.search(OWNER, "t", limit=1)).total == MAX_COUNTED
    page = await notes.search(OWNER, "", limit=10, offset=over - 2)
    assert page.total == MAX_COUNTED
    assert [note.title for note in page.notes] == ["t1", "t0"]


async def test_title_is_found_in_a_large_family(notes: SqliteNotes) -> None:
    letters = "abcdefghi"
    family = [f"weekly report of {a}{b}{c}" for a in letters for b in letters for c in letters]
    await fill(notes, ("weekly report of Anna Lee", "meant"))
    await asyncio.gather(*(notes.save(a_note(f"{title} Annb Lzz")) for title in family))

    found = await notes.get(OWNER, "weekly report of Anan Lee")

    assert found is not None
    assert found.data == "meant"


@pytest.mark.parametrize("seed", range(8))
async def test_index_finds_what_looking_at_every_note_finds(database: Database, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    indexed, plain = SqliteNotes(database), InMemoryNotes(Rows())
    for _ in range(250):
        owner = chance.choice(OWNERS)
        action = chance.choices(["save", "delete", "get", "search", "clear"], [40, 8, 20, 31, 1])[0]
        if action == "save":
            note = a_note(made_up(chance, 3), made_up(chance, 8), owner=owner)
            assert await indexed.save(note) == await plain.save(note)
        elif action == "delete":
            title = await some_title(plain, owner, chance)
            assert await indexed.delete(owner, title) == await plain.delete(owner, title)
        elif action == "get":
            title = mistyped(chance, await some_title(plain, owner, chance))
            assert await indexed.get(owner, title) == await plain.get(owner, title), title
        elif action == "search":
            await compare_search(indexed, plain, owner, chance)
        else:
            assert await indexed.clear(owner) == await plain.clear(owner)


async def compare_search(
    indexed: SqliteNotes, plain: InMemoryNotes, owner: str, chance: random.Random
) -> None:
    query = made_up(chance, chance.choice([1, 1, 2, 3, 12]))
    limit, offset = chance.choice([(1000, 0), (3, 0), (2, 2), (5, 7)])
    found = await indexed.search(owner, query, limit=limit, offset=offset)
    assert found == await plain.search(owner, query, limit=limit, offset=offset), query


async def some_title(notes: Notes, owner: str, chance: random.Random) -> str:
    kept = (await notes.search(owner, "", limit=1000)).notes
    return chance.choice(kept).title if kept else made_up(chance, 2)


def made_up(chance: random.Random, words: int) -> str:
    some = chance.choices(VOCABULARY, k=chance.randint(1, words))
    return " ".join(mistyped(chance, word) for word in some)


def mistyped(chance: random.Random, text: str) -> str:
    if len(text) < 3 or chance.random() < 0.6:
        return text
    place = chance.randrange(len(text))
    letter = chance.choice("abcdeи啡")
    return chance.choice(
        (
            text[:place] + text[place + 1 :],
            text[:place] + letter + text[place:],
            text[:place]
            + text[place + 1 : place + 2]
            + text[place : place + 1]
            + text[place + 2 :],
            text[: place + 1],
        )
    )


def words_in(terms: Iterable[str]) -> set[str]:
    return {term[:9] for term in terms}


@given(st.one_of(st.sampled_from(PAYLOADS), st.text(max_size=80)))
def test_terms_belong_to_one_owner_and_hold_no_syntax(text: str) -> None:
    filing, query = Filing(0xABC), parse_query(text)
    terms = filing.terms(entry_of(a_note("x" + text, text))).split(" ")

    assert words_in(terms) <= {f"{letter}00000abc" for letter in "wptu"}
    assert all(char.isalnum() or not char.isascii() for term in terms for char in term)
    for tier in (*tiers_of(query), LOOSEST) if query.words else ():
        expression = filing.expression(query, tier, {})
        quoted = expression.split('"')[1::2]
        assert words_in(quoted) <= {f"{letter}00000abc" for letter in "wptu"}
        assert set("".join(expression.split('"')[::2])) <= set("() *ANDOR")
