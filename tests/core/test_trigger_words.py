"""Words that call minibot are found as words, in any script, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.core.trigger_words import is_called

CALLED: dict[str, tuple[str, str | tuple[str, ...]]] = {
    "alone": ("minibot", "minibot"),
    "in another case": ("MiniBot, hello", "minibot"),
    "at the end, before a mark": ("what do you think, minibot?", "minibot"),
    "between marks": ("(minibot)", "minibot"),
    "with a hyphen": ("minibot-style", "minibot"),
    "behind one inside another word": ("minibots and minibot", "minibot"),
    "with a sharp s": ("GROSSE STRASSE", "große straße"),
    "in Cyrillic": ("Привет, МИНИБОТ!", "минибот"),
    "composed": ("cafe\u0301 please", "Café"),
    "in wide letters": ("ｍｉｎｉｂｏｔ", "minibot"),
    "over two lines": ("hey\n  bot, hello", "hey bot"),
    "in Chinese": ("请问小助手今天如何", "小助手"),
    "in Japanese, before a particle": ("ミニボットは元気", "ミニボット"),
    "in Thai": ("สวัสดีมินิบอทครับ", "มินิบอท"),
    "beside a language without spaces": ("请minibot回答", "minibot"),
    "with a sign for a word": ("🤖 hello", "🤖"),
    "one of several": ("bob?", ("anna", "bob")),
}
SILENT: dict[str, tuple[str, str | tuple[str, ...]]] = {
    "inside a word": ("minibots", "minibot"),
    "at the end of a word": ("theminibot", "minibot"),
    "with a number": ("minibot2", "minibot"),
    "with an underscore": ("my_minibot", "minibot"),
    "inside a Cyrillic word": ("ёлками", "ёлка"),
    "with a vowel sign behind it": ("मिनी", "मिन"),
    "with an accent behind it": ("minibot\u0301", "minibot"),
    "inside a Japanese word": ("ミニボットン", "ミニボット"),
    "not at all": ("hello", "minibot"),
    "in nothing": ("", "minibot"),
    "no word": ("hello", ()),
}


def called(case: tuple[str, str | tuple[str, ...]]) -> bool:
    text, words = case
    return is_called(text, (words,) if isinstance(words, str) else words)


@pytest.mark.parametrize("case", CALLED)
def test_it_is_called(case: str) -> None:
    assert called(CALLED[case])


@pytest.mark.parametrize("case", SILENT)
def test_it_is_not_called(case: str) -> None:
    assert not called(SILENT[case])


@given(before=st.text(), after=st.text())
def test_a_word_with_spaces_around_it_is_found_in_any_text(before: str, after: str) -> None:
    assert is_called(f"{before} minibot {after}", ("minibot",))


@given(text=st.text(), word=st.text())
def test_no_text_and_no_word_break_it(text: str, word: str) -> None:
    assert is_called(text, (word,)) in (True, False)
