"""How far words are from each other, and that the index misses none that is near."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.storage.typos import distance, forgiven, nearest, pieces, pieces_nearby


def naive_distance(one: str, other: str) -> int:
    """Count edits by the book: insert, delete, replace, exchange two neighbours."""
    table = {(i, -1): i + 1 for i in range(-1, len(one))}
    table |= {(-1, j): j + 1 for j in range(-1, len(other))}
    for i, letter in enumerate(one):
        for j, facing in enumerate(other):
            table[i, j] = min(
                table[i - 1, j] + 1,
                table[i, j - 1] + 1,
                table[i - 1, j - 1] + (letter != facing),
            )
            if i and j and letter == other[j - 1] and one[i - 1] == facing:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(one) - 1, len(other) - 1]


LETTERS = st.sampled_from("abcд")
WORDS = st.text(LETTERS, min_size=4, max_size=14)


@st.composite
def misspelled(draw: st.DrawFn) -> tuple[str, str]:
    """Give a word, and the same after up to three edits."""
    word = draw(WORDS)
    letters = list(word)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(letters) - 1))
        edit = draw(st.sampled_from(["replace", "insert", "delete", "exchange"]))
        if edit == "replace":
            letters[place] = draw(LETTERS)
        elif edit == "insert":
            letters.insert(place, draw(LETTERS))
        elif edit == "delete":
            letters.pop(place)
        elif place:
            letters[place - 1 : place + 1] = reversed(letters[place - 1 : place + 1])
    return word, "".join(letters)


@given(pair=misspelled(), limit=st.sampled_from([1, 2]))
def test_distance_is_the_number_of_edits(pair: tuple[str, str], limit: int) -> None:
    edits = naive_distance(*pair)

    assert distance(*pair, limit) == (edits if edits <= limit else None)


@given(pair=misspelled())
def test_every_near_word_shares_a_piece(pair: tuple[str, str]) -> None:
    typed, word = pair
    edits = forgiven(len(typed))

    shared = pieces_nearby(typed, edits) & set(pieces(word))

    assert shared or naive_distance(typed, word) > edits


@pytest.mark.parametrize(("letters", "edits"), [(3, 0), (4, 1), (7, 1), (8, 2), (30, 2)])
def test_longer_words_are_forgiven_more(letters: int, edits: int) -> None:
    assert forgiven(letters) == edits


def test_nearest_comes_first_and_the_word_itself_does_not_count() -> None:
    known = ["preferenced", "preference", "preferencing", "reference", "preferences", "tea"]

    assert nearest("preference", known, 2, limit=9) == ["preferenced", "preferences", "reference"]
    assert nearest("preference", known, 2, limit=1) == ["preferenced"]
