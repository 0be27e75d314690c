"""How every history must be searched."""

import pytest

from minibot.core.llm import Role, Utterance
from minibot.core.ports import History
from tests.contracts.history_stores import KEY, OTHER, hear
from tests.contracts.storages import START, ManualClock, said


async def found(history: History, query: str, conversation: str = KEY) -> list[str]:
    return [excerpt.text for excerpt in await history.search(conversation, query, 10)]


async def test_entry_is_found_with_what_is_known_of_it(
    history: History, clock: ManualClock
) -> None:
    await hear(history, "before")
    clock.advance(5)
    entry = Utterance(role=Role.ASSISTANT, text="The ferry leaves at 9.", untrusted=True)
    await history.append(KEY, [entry])

    (excerpt,) = await history.search(KEY, "ferry", 5)

    assert (excerpt.role, excerpt.text, excerpt.untrusted) == (
        Role.ASSISTANT,
        "The ferry leaves at 9.",
        True,
    )
    assert (excerpt.written_at - START).total_seconds() == 5


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("My sister lives in Lyon.", "lyon"),
        ("My sister lives in Lyon.", "LYON sister"),
        ("My sister lives in Lyon.", "sist"),
        ("Ein Café am Rhein", "cafe"),
        ("cafe", "CAFÉ"),
        ("Straßenbahn", "strassenbahn"),
        ("Привет, ёлка", "елка"),
        ("mi número es 12345", "numero 123"),
        ("今日は寿司を食べた", "寿司"),
        ("pizza 🍕 tonight", "🍕"),
        ("snake_case_name", "case"),
        ("an e-mail to ann@example.org", "example.org"),
        ("what is C++?", "c++"),
    ],
)
async def test_words_are_found_whatever_their_case_and_accents(
    history: History, text: str, query: str
) -> None:
    await hear(history, "something else")
    await history.append(KEY, [said(text)])

    assert await found(history, query) == [text]


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("house", "hose"),
        ("house", "houuse"),
        ("house", "hause"),
        ("house", "huose"),
        ("house", "ouse"),
        ("restaurant", "restarant"),
        ("restaurant", "resturent"),
        ("appointment", "apointmant"),
        ("встреча", "встеча"),
    ],
)
async def test_mistyped_words_are_found(history: History, text: str, typed: str) -> None:
    await hear(history, "nothing like it")
    await history.append(KEY, [said(text)])

    assert await found(history, typed) == [text]


@pytest.mark.parametrize(
    ("text", "typed"),
    [("cat", "cet"), ("house", "hoose2"), ("12345", "12346"), ("house", "heuze"), ("a", "bbbb")],
)
async def test_other_words_are_not_taken_for_mistyped_ones(
    history: History, text: str, typed: str
) -> None:
    await history.append(KEY, [said(text)])

    assert await found(history, typed) == []


async def test_all_words_must_be_there(history: History) -> None:
    await history.append(KEY, [said("red apple"), said("green apple"), said("green pear")])

    assert await found(history, "apple green") == ["green apple"]
    assert await found(history, "apple pear") == []


async def test_the_very_words_come_before_beginnings_and_those_before_mistyped_ones(
    history: History,
) -> None:
    texts = ["the plant", "all planets", "a planet"]
    await history.append(KEY, [said(text) for text in texts])

    assert await found(history, "planet") == ["a planet", "all planets", "the plant"]
    assert await found(history, "plant") == ["the plant", "a planet"]
    assert await found(history, "plane") == ["a planet", "all planets", "the plant"]


async def test_of_equals_the_newest_comes_first(history: History, clock: ManualClock) -> None:
    for number in range(4):
        clock.advance(1)
        await history.append(KEY, [said("tea"), said(f"cup {number}", Role.ASSISTANT)])

    assert await found(history, "cup") == ["cup 3", "cup 2", "cup 1", "cup 0"]
    assert [each.text for each in await history.search(KEY, "cup", 2)] == ["cup 3", "cup 2"]
    assert await history.search(KEY, "cup", 0) == []


async def test_what_tools_said_is_not_searched(history: History) -> None:
    await history.append(KEY, [Utterance(role=Role.TOOL, text="weather", tool_call_id="1")])

    assert await found(history, "weather") == []


async def test_what_is_put_away_is_searched(history: History) -> None:
    await hear(history, "secret garden")
    await found(history, "garden")
    await history.put_away(KEY)
    await hear(history, "garden gnome")

    assert sorted(await found(history, "garden")) == [
        "garden gnome",
        "garden gnome!",
        "secret garden",
        "secret garden!",
    ]


async def test_other_conversations_are_not_searched(history: History) -> None:
    await hear(history, "lighthouse", conversation=OTHER)

    assert await found(history, "lighthouse") == []
    assert await found(history, "lighthose") == []
    assert await found(history, "lighthouse", OTHER) == ["lighthouse", "lighthouse!"][::-1]


HOSTILE = [
    "NEAR(tea, 2)",
    "tea AND",
    "AND OR NOT",
    "tea*",
    '"tea',
    'tea"',
    '"',
    "''; DROP TABLE history",
    "-tea",
    "words:tea",
    "text:tea {tea}",
    "^tea",
    "tea + tea",
    "(tea",
    "tea)",
    "\\tea\\",
    "tea\x00tea",
    "\ud83d tea",
    "%tea_",
    "rank MATCH 'tea'",
]


@pytest.mark.parametrize("query", HOSTILE)
async def test_no_query_is_syntax(history: History, query: str) -> None:
    await history.append(KEY, [said(query.replace("\x00", " ")), said("coffee")])

    texts = await found(history, query)

    assert len(texts) == (query != '"')
    assert "coffee" not in texts


@pytest.mark.parametrize("query", ["", "   ", "?!", "\n", "—", "'", "*"])
async def test_query_without_words_finds_nothing(history: History, query: str) -> None:
    await history.append(KEY, [said("tea"), said(query)])

    assert await found(history, query) == []


async def test_query_may_be_long(history: History) -> None:
    long = " ".join(f"word{number}" for number in range(1500))
    await history.append(KEY, [said(long), said("word1")])

    assert await found(history, long) == [long]
    assert await found(history, "x" * 10_000) == []
