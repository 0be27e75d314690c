"""What every store of notes must find, and in which order."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from minibot.core.ports import Notes
from tests.contracts.note_stores import NOTE_HOMES, OTHER, OWNER, NoteHome, a_note, fill, titles


@pytest.fixture(params=NOTE_HOMES)
async def notes(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Notes]:
    home: NoteHome = request.param(tmp_path)
    async with home.open() as opened:
        yield opened


@pytest.mark.parametrize(
    ("query", "text"),
    [
        # words, wherever they are
        ("coffee", "black coffee, no sugar"),
        ("sugar COFFEE", "Coffee without sugar"),
        ("e-mail", "mail me, or e-mail"),
        ("12:30", "lunch is at 12:30"),
        ("C++", "knows C++ and Rust"),
        ("snake", "snake_case"),
        # beginnings and parts
        ("c", "coffee"),
        ("co", "coffee"),
        ("coff", "coffee"),
        ("offe", "coffee"),
        ("fee", "coffee"),
        ("maschine", "eine neue Kaffeemaschine"),
        ("kaffee", "eine neue Kaffeemaschine"),
        ("dampfschifffahrts", "Donaudampfschifffahrtsgesellschaft"),
        ("gesellschaft", "Donaudampfschifffahrtsgesellschaft"),
        ("3f9a", "key 77b03f9a21"),
        # mistyped
        ("cofee", "coffee"),
        ("coffeee", "coffee"),
        ("coffse", "coffee"),
        ("cofefe", "coffee"),
        ("cafe", "cate"),
        ("tset", "a test"),
        ("ants", "one ant"),
        ("preferense", "preference"),
        ("prefferense", "preference"),
        ("perferecne", "preferecen"),
        ("restuarant", "restaurant"),
        ("cofee wihtout suger", "coffee without sugar"),
        # accents, case and width
        ("cafe", "Café"),
        ("CAFÉ", "cafe"),
        ("naive", "naïve"),
        ("strasse", "Große Straße"),
        ("lodz", "Łódź"),
        ("kobenhavn", "København"),
        ("istanbul", "İstanbul"),
        ("wifi", "ＷＩＦＩ"),
        ("fish", "ﬁsh"),
        ("nguyen", "Nguyễn"),
        # other scripts
        ("молоко", "купить Молоко"),
        ("молко", "молоко"),
        ("елка", "ёлка"),
        ("локо", "молоко"),
        ("αθηνα", "Αθήνα"),
        ("שלום", "שָׁלוֹם עולם"),
        ("قهوه", "أحب قهوه"),
        ("咖啡", "我喜欢喝咖啡"),
        ("咖", "我喜欢喝咖啡"),
        ("喜欢喝", "我喜欢喝咖啡"),
        ("我 咖啡", "我喜欢喝咖啡"),
        ("コーヒー", "私はコーヒーが好き"),
        ("ｺｰﾋｰ", "私はコーヒーが好き"),
        ("が", "私はコーヒーが好き"),
        ("커피", "나는 아이스커피를 좋아한다"),
        ("กาแฟ", "ฉันชอบกาแฟดำ"),
        ("हिन्दी", "मैं हिन्दी बोलता हूँ"),
        ("☕", "time for☕!"),
        ("👩‍👩‍👧", "we are 👩‍👩‍👧 now"),
        ("iphone手机", "新的iPhone手机很好"),
    ],
)
async def test_words_are_found(notes: Notes, query: str, text: str) -> None:
    await fill(notes, ("in the title: " + text, ""), ("data", text), ("unlike", "zzz 999 ほ"))

    assert await titles(notes, query) == ["in the title: " + text, "data"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("tea", "the"),
        ("ee", "coffee"),
        ("2024", "2025"),
        ("room12", "room13"),
        ("coffee tea", "coffee"),
        ("cxffxe", "coffee"),
        ("xpreferenzzz", "preference"),
        ("咖啡", "咖 啡"),
        ("かき", "かぎ"),
        ("☕", "🍵"),
        ('"', 'he said "hello"'),
        ("*", "2 * 3"),
        ("-", "a - b"),
        ("\x00", "a\x00b"),
        ("()", "f()"),
        ("NEAR(", "coffee"),
        ("a AND b", "a b"),
        ("coffee NOT tea", "coffee"),
    ],
)
async def test_what_is_not_there_is_not_found(notes: Notes, query: str, text: str) -> None:
    await fill(notes, (f"title {text}", ""), ("data", text))

    assert await titles(notes, query) == []


async def test_title_of_signs_alone_is_found(notes: Notes) -> None:
    await fill(notes, ("*", "a star"), ("other", "*"))

    assert await titles(notes, " * ") == ["*"]


async def test_best_comes_first(notes: Notes) -> None:
    expected = [
        ("coffee", "the whole title"),
        ("my coffee", "a word of the title"),
        ("coffees", "the beginning of a word of the title"),
        ("a", "coffee, a word of the text"),
        ("b", "coffees, the beginning of a word of the text"),
        ("mycoffees", "a part of a word of the title"),
        ("c", "mycoffees, a part of a word of the text"),
        ("cofffee", "a mistyped word in the title"),
        ("d", "cofffee, a mistyped word of the text"),
    ]
    await fill(notes, *expected[::2], *expected[1::2])

    assert await titles(notes, "coffee") == [title for title, _ in expected]


async def test_more_words_in_the_title_are_better(notes: Notes) -> None:
    expected = [("berlin hotel", ""), ("berlin", "hotel"), ("trip", "a hotel in berlin")]
    await fill(notes, *expected)

    assert await titles(notes, "hotel berlin") == [title for title, _ in expected]


async def test_of_equals_the_one_saved_last_comes_first(notes: Notes) -> None:
    await fill(notes, *((name, "tea") for name in ("one", "two", "three")))
    await notes.save(a_note("one", "tea again"))

    assert await titles(notes, "tea") == ["one", "three", "two"]
    assert await titles(notes, "") == ["one", "three", "two"]
    assert await titles(notes, " \n") == ["one", "three", "two"]


async def test_pages_make_up_the_whole(notes: Notes) -> None:
    for number in range(57):
        kind = ("tea", "teapot", "steam", "x")[number % 4]
        await notes.save(a_note(f"{kind if number % 3 else 'y'} {number}", kind))
    whole = await notes.search(OWNER, "tea", limit=1000)

    pages = [await notes.search(OWNER, "tea", limit=7, offset=start) for start in range(0, 57, 7)]

    assert whole.total == len(whole.notes) == len({note.title for note in whole.notes}) == 43
    assert tuple(note for page in pages for note in page.notes) == whole.notes
    assert {page.total for page in pages} == {43}
    everything = [
        await notes.search(OWNER, "", limit=10, offset=start) for start in range(0, 60, 10)
    ]
    assert [note.title.split()[1] for page in everything for note in page.notes] == [
        str(number) for number in reversed(range(57))
    ]


@pytest.mark.parametrize("query", ["tea", "", "note 3"])
async def test_odd_pages_are_empty_and_still_counted(notes: Notes, query: str) -> None:
    await fill(notes, *((f"note {number}", "tea") for number in range(3, 4)))

    for limit, offset in ((0, 0), (-5, 0), (10, 1), (10, 10**9)):
        page = await notes.search(OWNER, query, limit=limit, offset=offset)
        assert (page.notes, page.total) == ((), 1)
    assert len((await notes.search(OWNER, query, limit=10**9, offset=-3)).notes) == 1


async def test_many_beginnings_are_all_counted(notes: Notes) -> None:
    await fill(notes, *((f"item{number:03}", "") for number in range(300)))

    assert (await notes.search(OWNER, "item", limit=10)).total == 300
    assert (await notes.search(OWNER, "item1", limit=10)).total == 100
    assert (await notes.search(OWNER, "tem", limit=10)).total == 300
    assert (await notes.search(OWNER, "em29", limit=10)).total == 10


LONG = " ".join(f"word{number} бук{number}" for number in range(700))


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        "a" * 10_000,
        "咖啡茶" * 3_000,
        "☕" * 10_000,
        "'\"*()" * 2_000 + "end",
        "nearby " * 1_400,
    ],
)
async def test_long_queries_find_what_they_say(notes: Notes, text: str) -> None:
    await fill(notes, ("long", text), ("other", "word1 coffee 茶 b"))

    assert await titles(notes, text) == ["long"]
    assert await titles(notes, f"☂ {text[:9_000]}") == []


async def test_long_query_forgives_the_word_nobody_wrote(notes: Notes) -> None:
    text = "alpha bravo charlie delta echo foxtrot golf hotel india juliett"
    await fill(notes, ("right", text), ("near", text.replace("india", "indiana")))

    assert await titles(notes, text) == ["right", "near"]
    assert await titles(notes, text.replace("charlie", "chralie")) == ["near", "right"]


async def test_other_owners_change_nothing(notes: Notes) -> None:
    mine = [("Coffee", "black"), ("Plan", "buy coffee"), ("Cofe", "")]
    await fill(notes, *mine)
    alone = await notes.search(OWNER, "coffee", limit=10)
    spelled_alone = await notes.search(OWNER, "cofffe", limit=10)

    await fill(
        notes, *((f"coffee {number}", "coffee coffees") for number in range(200)), owner=OTHER
    )

    assert await notes.search(OWNER, "coffee", limit=10) == alone
    assert await notes.search(OWNER, "cofffe", limit=10) == spelled_alone
    assert await titles(notes, "coffees") == ["Coffee", "Plan"]
    assert await titles(notes, "", owner="telegram:3") == []
