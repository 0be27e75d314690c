"""How text is cut into words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.storage.words import WINDOW, fold, runs, windows, words_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Coffee", "coffee"),
        ("Crème Brûlée", "creme brulee"),
        ("Straße", "strasse"),
        ("ŁÓDŹ", "lodz"),
        ("Æble & Œuvre", "aeble & oeuvre"),
        ("ёлка Й", "елка и"),
        ("ｆｕｌｌ", "full"),
        ("①½", "11⁄2"),
        ("ｶﾞ", "ガ"),
        ("커피", "커피"),
        ("soft\u00adhyphen zero\u200bwidth ☕\ufe0f", "softhyphen zerowidth ☕"),
        ("हिन्दी", "हिनदी"),
    ],
)
def test_folding_leaves_what_people_type(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(st.characters(), max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=60))
def test_runs_hold_no_character_a_query_could_mean_something_by(text: str) -> None:
    for run in runs(fold(text)):
        assert not set(run.text) & set("\"'*^:+-(){}, \t\n\x00_/\\")
        assert all(not char.isascii() or char.isalnum() for char in run.text)


def test_words_parts_and_what_can_be_mistyped() -> None:
    words = words_of("Tea, room12: coffee", "2024")

    assert words.whole == {"tea", "room12", "coffee", "2024"}
    assert words.parts == {"oom12", "om12", "m12", "offee", "ffee", "fee", "024"}
    assert words.spelled == {"tea", "coffee"}


def test_script_without_spaces_has_a_word_at_every_character() -> None:
    words = words_of("喝咖啡coffee☕")

    assert words.whole == {"喝咖啡", "咖啡", "啡", "coffee", "☕"}
    assert words.spelled == {"coffee"}


@given(st.text(st.sampled_from("abc"), min_size=1, max_size=45))
def test_windows_cover_a_text(text: str) -> None:
    found = windows(text)

    assert all(len(window) <= WINDOW for window in found)
    assert all(window in text for window in found)
    assert sum(map(len, found)) >= len(text)
    assert text.startswith(found[0])
    assert text.endswith(found[-1])


def test_giant_word_has_few_parts() -> None:
    words = words_of("ab1" * 5_000)

    assert {len(word) for word in words.whole} == {40}
    assert len(words_of("".join(map(str, range(5_000)))).parts) <= 256
