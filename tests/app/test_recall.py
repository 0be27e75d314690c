"""Notes, with the newest of each owner at hand."""

import asyncio
from datetime import timedelta

import pytest

from minibot.adapters.storage import in_memory_storage
from minibot.app.recall import (
    HEADING,
    LONGEST_SHOWN,
    OWNERS,
    SHOWN_CHARACTERS,
    SHOWN_NOTES,
    CachedNotes,
)
from minibot.core.errors import StorageUnavailable
from minibot.core.notes import Note, NotePage
from minibot.core.ports import Notes
from tests.fakes import START, FakeClock, Gate, make_chat

ANN = "telegram:42"


def make_note(title: str, data: str = "x", owner: str = ANN) -> Note:
    return Note(owner=owner, title=title, data=data, created_at=START, updated_at=START)


class Watched:
    """Notes that count searches, stop behind one, and fail to save or search when told to."""

    def __init__(self) -> None:
        self._notes: Notes = in_memory_storage(FakeClock()).notes
        self.searches = 0
        self.gate: Gate | None = None
        self.failing = False
        self.away = False

    async def save(self, note: Note) -> Note | None:
        before = await self._notes.save(note)
        if self.failing:
            raise StorageUnavailable
        return before

    async def get(self, owner: str, title: str) -> Note | None:
        return await self._notes.get(owner, title)

    async def delete(self, owner: str, title: str) -> Note | None:
        return await self._notes.delete(owner, title)

    async def search(self, owner: str, query: str, *, limit: int, offset: int = 0) -> NotePage:
        self.searches += 1
        if self.away:
            raise StorageUnavailable
        found = await self._notes.search(owner, query, limit=limit, offset=offset)
        if self.gate is not None:
            gate, self.gate = self.gate, None
            await gate.pass_through()
        return found

    async def owners(self, person: str) -> list[str]:
        return await self._notes.owners(person)

    async def clear(self, owner: str) -> int:
        return await self._notes.clear(owner)


@pytest.fixture
def inner() -> Watched:
    return Watched()


@pytest.fixture
def notes(inner: Watched) -> CachedNotes:
    return CachedNotes(inner)


async def test_who_has_no_notes_has_nothing_to_show(notes: CachedNotes) -> None:
    assert await notes.facts(ANN) == ""


async def test_notes_are_shown_on_lines_of_their_own_the_newest_first(notes: CachedNotes) -> None:
    await notes.save(make_note("tea", "green,\n  no sugar"))
    await notes.save(make_note("cat", "Tom"))
    assert await notes.facts(ANN) == f"{HEADING}\n- cat: Tom\n- tea: green, no sugar"


async def test_what_is_known_is_not_looked_for_again(notes: CachedNotes, inner: Watched) -> None:
    await notes.save(make_note("tea"))
    assert await notes.facts(ANN) == await notes.facts(ANN)
    assert inner.searches == 1


async def test_every_change_is_seen(notes: CachedNotes) -> None:
    await notes.facts(ANN)
    await notes.save(make_note("tea"))
    assert "tea" in await notes.facts(ANN)
    await notes.delete(ANN, "TEA")
    assert await notes.facts(ANN) == ""
    await notes.save(make_note("cat"))
    assert "cat" in await notes.facts(ANN)
    assert await notes.clear(ANN) == 1
    assert await notes.facts(ANN) == ""


async def test_a_change_of_which_nobody_knows_whether_it_was_made_is_looked_at(
    notes: CachedNotes, inner: Watched
) -> None:
    await notes.facts(ANN)
    inner.failing = True
    with pytest.raises(StorageUnavailable):
        await notes.save(make_note("tea"))
    assert "tea" in await notes.facts(ANN)


async def test_a_change_during_a_look_is_seen_the_next_time(
    notes: CachedNotes, inner: Watched
) -> None:

    gate = inner.gate = Gate()
    look = asyncio.create_task(notes.facts(ANN))
    await gate.reached.wait()
    await notes.save(make_note("tea"))
    gate.open()
    await look
    assert "tea" in await notes.facts(ANN)


async def test_a_chat_that_moved_has_its_owners_read_anew(
    notes: CachedNotes, inner: Watched
) -> None:
    await notes.facts(ANN)
    await notes.follow_moved_chat(make_chat("-100"), "-200")
    await notes.facts(ANN)
    assert inner.searches == 2


async def test_a_chat_that_moves_during_a_look_has_its_owners_read_anew(
    notes: CachedNotes, inner: Watched
) -> None:
    gate = inner.gate = Gate()
    look = asyncio.create_task(notes.facts(ANN))
    await gate.reached.wait()
    await notes.follow_moved_chat(make_chat("-100"), "-200")
    gate.open()
    await look
    await notes.facts(ANN)
    assert inner.searches == 2


async def test_owners_are_kept_apart(notes: CachedNotes) -> None:
    await notes.save(make_note("tea"))
    await notes.save(make_note("plan", owner=f"{ANN}@-100"))
    assert "plan" not in await notes.facts(ANN)
    assert "tea" not in await notes.facts(f"{ANN}@-100")
    assert await notes.owners(ANN) == [ANN, f"{ANN}@-100"]


async def test_only_so_many_owners_are_remembered(notes: CachedNotes, inner: Watched) -> None:
    for number in range(OWNERS):
        await notes.facts(f"telegram:{number}")
    await notes.facts("telegram:0")
    assert inner.searches == OWNERS
    await notes.facts("telegram:one more")
    await notes.facts("telegram:0")  # asked for a moment ago
    assert inner.searches == OWNERS + 1
    await notes.facts("telegram:1")  # not asked for the longest
    assert inner.searches == OWNERS + 2


async def test_what_is_shown_is_limited(notes: CachedNotes) -> None:
    for number in range(SHOWN_NOTES + 1):
        await notes.save(make_note(f"note {number}"))
    lines = (await notes.facts(ANN)).splitlines()[1:]
    assert len(lines) == SHOWN_NOTES
    assert lines[0].startswith(f"- note {SHOWN_NOTES}")
    await notes.save(make_note("long", "y" * 5_000))
    (line,) = [line for line in (await notes.facts(ANN)).splitlines() if "long" in line]
    assert line == f"- long: {'y' * (LONGEST_SHOWN - 1)}…"


async def test_what_is_shown_together_is_limited(notes: CachedNotes) -> None:
    for number in range(SHOWN_NOTES):
        await notes.save(make_note(f"note {number}", "y" * LONGEST_SHOWN))
    lines = (await notes.facts(ANN)).splitlines()[1:]
    assert 5 < len(lines) < SHOWN_NOTES
    assert sum(map(len, lines)) <= SHOWN_CHARACTERS


async def test_the_rest_is_as_the_notes_do_it(notes: CachedNotes) -> None:
    later = START + timedelta(days=1)
    note = Note(owner=ANN, title="tea", data="green", created_at=START, updated_at=later)
    assert await notes.save(note) is None
    assert await notes.get(ANN, "TEA") == note
    assert (await notes.search(ANN, "green", limit=5)).notes == (note,)
    assert (await notes.search(ANN, "", limit=5, offset=1)).notes == ()


async def test_nobody_goes_without_an_answer_because_notes_cannot_be_read(
    notes: CachedNotes, inner: Watched
) -> None:
    await notes.save(make_note("tea"))
    inner.away = True
    assert await notes.facts(ANN) == ""
    inner.away = False
    assert "tea" in await notes.facts(ANN)
