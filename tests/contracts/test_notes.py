"""What every store of notes must do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minibot.core.errors import NotesFull
from minibot.core.notes import MAX_DATA, MAX_TITLE, Note
from minibot.core.ports import Notes
from tests.contracts.note_stores import NOTE_HOMES, OTHER, OWNER, NoteHome, a_note, fill
from tests.contracts.payloads import PAYLOADS


@pytest.fixture(params=NOTE_HOMES)
def note_home(request: pytest.FixtureRequest, tmp_path: Path) -> NoteHome:
    """Where notes are kept over several processes."""
    made: NoteHome = request.param(tmp_path)
    return made


@pytest.fixture
async def notes(note_home: NoteHome) -> AsyncIterator[Notes]:
    async with note_home.open() as opened:
        yield opened


async def test_note_comes_back_whole(notes: Notes) -> None:
    note = a_note("Coffee ☕", "Black,\n no sugar\u00a0— “ever”. \x00 🫖")

    assert await notes.save(note) is None

    assert await notes.get(OWNER, "Coffee ☕") == note


async def test_saving_again_replaces_and_gives_what_was_there(notes: Notes) -> None:
    first, second = a_note("Coffee", "black"), a_note("COFFEE", "with milk", minutes=5)
    await notes.save(first)

    assert await notes.save(second) == first

    kept = replace(second, created_at=first.created_at)
    assert await notes.get(OWNER, "coffee") == kept
    assert await notes.search(OWNER, "black", limit=10) == await notes.search(OTHER, "x", limit=1)
    assert (await notes.search(OWNER, "milk", limit=10)).notes == (kept,)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Coffee", "cOFFEE"),
        ("Straße", "STRASSE"),
        ("to  do\tlist", " To do list\n"),
        ("Ｗｉ－Ｆｉ", "wi-fi"),
        ("Cafe\u0301", "café"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ],
)
async def test_titles_that_are_the_same(notes: Notes, one: str, other: str) -> None:
    await notes.save(a_note(one, "first"))

    replaced = await notes.save(a_note(other, "second"))

    assert replaced is not None
    assert replaced.data == "first"
    assert (await notes.search(OWNER, "", limit=10)).total == 1
    assert await notes.delete(OWNER, one) is not None


@pytest.mark.parametrize(("one", "other"), [("Cafe", "Café"), ("C", "C++"), ("a b", "ab")])
async def test_titles_that_are_two(notes: Notes, one: str, other: str) -> None:
    await fill(notes, (one, "first"), (other, "second"))

    first, second = await notes.get(OWNER, one), await notes.get(OWNER, other)

    assert first is not None
    assert second is not None
    assert (first.data, second.data) == ("first", "second")


async def test_deleting_takes_exactly_the_title(notes: Notes) -> None:
    note = a_note("Coffee", "black")
    await notes.save(note)

    assert await notes.delete(OWNER, "Cofee") is None
    assert await notes.delete(OTHER, "Coffee") is None
    assert await notes.delete(OWNER, "  coffee ") == note

    assert await notes.delete(OWNER, "Coffee") is None
    assert await notes.get(OWNER, "Coffee") is None
    assert (await notes.search(OWNER, "black", limit=10)).total == 0


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        ("cofee preference", "Coffee preference"),
        ("Coffee preferrence", "Coffee preference"),
        ("coffee prefrences", "Coffee preference"),
        ("ocffee preference", "Coffee preference"),
        ("preference coffee", "Coffee preference"),
        ("preference cofee", "Coffee preference"),
        ("coffeepreference", "Coffee preference"),
        ("coffee-preference!", "Coffee preference"),
        ("berlin", "Berlin"),
        ("Berlni", "Berlin"),
        ("Brelin", "Berlin"),
        ("cafe", "Café"),
        ("resume", "Résumé"),
        ("список покупк", "Список покупок"),
        ("списко покупок", "Список покупок"),
        ("елка", "Ёлка"),
        ("Muller", "Müller"),
        ("budget q3 (2024)", "Q3 / Budget 2024"),
        ("2024-05-01", "2024 05 01"),
        ("我喜欢喝卡啡", "我喜欢喝咖啡"),
        ("moms birthday", "Mom's birthday"),
    ],
)
async def test_mistyped_title_finds_its_note(notes: Notes, wanted: str, title: str) -> None:
    others = ["Tea", "Wine list", "Budget 2023 / Q4", "Lisbon", "茶", "Недельный план"]
    await fill(notes, *((each, "") for each in (*others[:3], title, *others[3:])))

    found = await notes.get(OWNER, wanted)

    assert found is not None
    assert found.title == title


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        ("Paris", "Berlin"),
        ("tee", "Tea"),
        ("to", "Do"),
        ("C", "C++"),
        ("coffee", "Coffee preference"),
        ("cxffxx preference", "Coffee preference"),
        ("Meeting 2024-05-02", "Meeting 2024-05-01"),
        ("room 11", "Room 1"),
        ("2025", "2024"),
        ("report 2024-05-01", "Report 2024-01-05"),
        ("", "Tea"),
        (" ", "Tea"),
        ("!!!", "???"),
        ("?", "!"),
        ("x" * 10_000, "x"),
        ("tea " * 2_500, "Tea"),
    ],
)
async def test_other_title_finds_nothing(notes: Notes, wanted: str, title: str) -> None:
    await notes.save(a_note(title))

    assert await notes.get(OWNER, wanted) is None


async def test_exact_title_is_meant_before_near_ones(notes: Notes) -> None:
    await fill(notes, ("Martina", "near"), ("Martin", "exact"), ("Marlin", "near"))

    found = await notes.get(OWNER, "martin")

    assert found is not None
    assert found.data == "exact"


async def test_nearest_title_is_meant(notes: Notes) -> None:
    await fill(notes, ("kitchen lamp", "1 edit"), ("kitchen lamb s", "2 edits"))

    found = await notes.get(OWNER, "kitchen lanp")

    assert found is not None
    assert found.data == "1 edit"


async def test_of_equally_near_titles_the_one_saved_last_is_meant(notes: Notes) -> None:
    await fill(notes, ("Berta", "first"), ("Gerta", "second"), ("Herta", "third"))
    await notes.save(a_note("Gerta", "again"))

    found = await notes.get(OWNER, "Merta")

    assert found is not None
    assert found.data == "again"


@pytest.mark.parametrize(
    ("title", "data", "complaint"),
    [
        ("x" * (MAX_TITLE + 1), "", "the title of a note has 201 characters, and 200 is the most"),
        ("x", "y" * (MAX_DATA + 1), "the text of a note has 20001 characters, and 20000 is"),
        ("", "y", "a note needs a title"),
        (" \n\t\u3000", "y", "a note needs a title"),
    ],
)
async def test_note_that_cannot_be_kept_is_refused(
    notes: Notes, title: str, data: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        await notes.save(a_note(title, data))

    assert (await notes.search(OWNER, "", limit=10)).total == 0


@pytest.mark.parametrize("letter", ["x", "ы", "咖", "☕", "\x00", "'", "﷽"])
async def test_longest_note_is_kept(notes: Notes, letter: str) -> None:
    note = a_note(letter * MAX_TITLE, letter * MAX_DATA)

    await notes.save(note)

    assert await notes.get(OWNER, letter * MAX_TITLE) == note
    assert await notes.delete(OWNER, letter * MAX_TITLE) == note


async def test_text_that_utf8_cannot_carry_is_mended(notes: Notes) -> None:
    await notes.save(a_note("half \ud83d", "\udc00 done \ud83d\ude00", owner="o\ud800"))

    found = await notes.get("o\ud800", "half \ud83d")

    assert found is not None
    assert (found.owner, found.title, found.data) == ("o\ufffd", "half \ufffd", "\ufffd done 😀")
    assert (await notes.search("o\ud800", "\ud800 done", limit=10)).notes == (found,)
    assert await notes.owners("o\ud800") == ["o\ufffd"]
    assert await notes.delete("o\ud800", "half \ud83d") == found


async def test_number_of_notes_is_limited(note_home: NoteHome) -> None:
    async with note_home.open(most=2) as notes:
        await fill(notes, ("one", ""), ("two", ""))

        with pytest.raises(NotesFull, match="2 notes are kept, and no more can be: delete some"):
            await notes.save(a_note("three"))
        await notes.save(a_note("TWO", "replaced"))
        await notes.save(a_note("three", owner=OTHER))
        await notes.delete(OWNER, "one")
        await notes.save(a_note("three"))

        assert (await notes.search(OWNER, "", limit=10)).total == 2


async def test_clearing_deletes_the_notes_of_one_owner(notes: Notes) -> None:
    await fill(notes, *((f"note {number}", "coffee") for number in range(250)))
    await fill(notes, ("note 1", "coffee"), owner=OTHER)

    assert await notes.clear(OWNER) == 250
    assert await notes.clear(OWNER) == 0

    assert (await notes.search(OWNER, "", limit=10)).total == 0
    assert (await notes.search(OWNER, "coffee", limit=10)).total == 0
    assert await notes.get(OWNER, "note 1") is None
    assert (await notes.search(OTHER, "coffee", limit=10)).total == 1
    assert await notes.save(a_note("note 1")) is None


async def test_memories_of_a_person_are_named(notes: Notes) -> None:
    for owner in (
        "telegram:1@-1002",
        "telegram:1",
        "telegram:11",
        "telegram:1:2",
        "telegram:1A",
        "telegram:1@",
        "telegram:2@telegram:1",
        "Telegram:1",
    ):
        await notes.save(a_note("x", owner=owner))
    await notes.save(a_note("x", owner="telegram:1@-9"))
    await notes.delete("telegram:1@-9", "x")

    assert await notes.owners("telegram:1") == ["telegram:1", "telegram:1@", "telegram:1@-1002"]
    assert await notes.owners("telegram:11") == ["telegram:11"]
    assert await notes.owners("telegram:%") == []
    assert await notes.owners("") == []


async def test_notes_outlive_the_process(note_home: NoteHome) -> None:
    async with note_home.open() as notes:
        await fill(notes, ("Coffee", "black"), ("Tea", "green"), ("Wine", "red"))
        await notes.delete(OWNER, "Wine")
        before = await notes.search(OWNER, "", limit=10)

    async with note_home.open() as notes:
        assert await notes.search(OWNER, "", limit=10) == before
        assert [note.title for note in before.notes] == ["Tea", "Coffee"]
        assert (await notes.search(OWNER, "blak", limit=10)).total == 1
        assert await notes.get(OWNER, "cofee") == before.notes[1]


async def test_text_is_never_syntax(notes: Notes) -> None:
    secret = a_note("secret", "of somebody else", owner="somebody else")
    await notes.save(secret)
    in_data = [a_note(f"kept under {number}", text) for number, text in enumerate(PAYLOADS)]

    for note in in_data:
        await notes.save(note)
    for text in PAYLOADS:
        await notes.save(a_note(text, "by title"))
        await notes.save(a_note("by owner", text, owner=text))

    mended = {
        text: text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        for text in PAYLOADS
    }
    for text, note in zip(PAYLOADS, in_data, strict=True):
        found = await notes.search(OWNER, text, limit=1000)
        assert {each.owner for each in found.notes} == {OWNER}, text
        assert found.notes[0].title == mended[text]
        if any(letter.isalnum() for letter in text):
            assert note.title in [each.title for each in found.notes], text
        assert (await notes.get(OWNER, text)) == found.notes[0]
        kept = await notes.get(OWNER, note.title)
        assert kept is not None
        assert kept.data == mended[text]
        assert [each.data for each in (await notes.search(text, "", limit=9)).notes] == [
            mended[text]
        ]
        assert await notes.owners(text) == [mended[text]]
    assert (await notes.search("somebody else", "", limit=1000)).notes == (secret,)
    assert (await notes.search(OWNER, "", limit=1)).total == 2 * len(PAYLOADS)


OWNERS = ("telegram:1", "telegram:1@-5", "telegram:11")
TITLES = ("Harbour", "violet field", "Quartz 7", "июнь", "咖啡馆")
WORDS = ("harbour", "violet", "quartz", "июнь", "咖啡", "xylophone")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["save", "save", "save", "delete", "clear", "reopen"]),
        st.sampled_from(OWNERS),
        st.sampled_from(TITLES),
        st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join),
    ),
    max_size=25,
)


@pytest.mark.parametrize("make_home", NOTE_HOMES)
@settings(max_examples=20, deadline=None)
@given(steps=STEPS)
def test_owners_see_their_own_notes_and_no_others(
    make_home: Callable[[Path], NoteHome], steps: list[tuple[str, str, str, str]]
) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_play(make_home(Path(folder)), steps))


async def _play(home: NoteHome, steps: list[tuple[str, str, str, str]]) -> None:
    kept: dict[str, dict[str, Note]] = {owner: {} for owner in OWNERS}
    rest = iter(steps)
    reopened = True
    while reopened:
        reopened = False
        async with home.open() as notes:
            for action, owner, title, data in rest:
                if action == "reopen":
                    reopened = True
                    break
                await _do(notes, kept[owner], action, a_note(title, data, owner=owner))
                for each in OWNERS:
                    await _compare(notes, each, list(reversed(kept[each].values())))


async def _do(notes: Notes, kept: dict[str, Note], action: str, note: Note) -> None:
    if action == "save":
        assert await notes.save(note) == kept.pop(note.title, None)
        kept[note.title] = note
    elif action == "delete":
        assert await notes.delete(note.owner, note.title.upper()) == kept.pop(note.title, None)
    else:
        assert await notes.clear(note.owner) == len(kept)
        kept.clear()


async def _compare(notes: Notes, owner: str, kept: list[Note]) -> None:
    page = await notes.search(owner, "", limit=100)
    assert (list(page.notes), page.total) == (kept, len(kept))
    for title in TITLES:
        expected = next((note for note in kept if note.title == title), None)
        assert await notes.get(owner, title) == expected
    for word in WORDS:
        found = await notes.search(owner, word, limit=100)
        in_title = [note for note in kept if word in note.title.casefold()]
        in_data = [note for note in kept if note not in in_title and word in note.data]
        assert list(found.notes) == in_title + in_data
        assert found.total == len(in_title + in_data)
    assert (owner in await notes.owners("telegram:1")) == (bool(kept) and owner != "telegram:11")
