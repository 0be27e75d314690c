"""Words of others inside Markdown, and Markdown that somebody left unfinished."""

import pytest

from minibot.adapters.channels.telegram.rendering.markup import render
from minibot.app.markdown import closed, counted, literal, so_far

FENCED = "Look:\n\n```python\nprint(1)"


@pytest.mark.parametrize(
    "text",
    [
        "a *b* [c](d) 1. <e>",
        "plain ü 😀",
        "lunch is $5 and dinner $10",
        "Title\n===\nmore",
        "&amp; stays",
        "C:\\path ~~x~~ `y` ||z||",
        "1. one\n- two\n# three",
    ],
)
def test_words_of_others_are_only_text(text: str) -> None:
    (part,) = render(f"**Title**\n\n{literal(text)}")
    assert part.text == f"Title\n\n{text}"
    assert len(part.spans) == 1


def test_a_line_that_is_indented_is_no_code() -> None:
    words = literal("    two\n\tthree")
    (part,) = render(f"**Title**\n\n{words}")
    assert part.text == "Title\n\n\u00a0\u00a0\u00a0\u00a0two\n\u00a0\u00a0\u00a0\u00a0three"
    assert len(part.spans) == 1


@pytest.mark.parametrize(
    ("text", "end"),
    [
        (FENCED, "\n```"),
        (f"{FENCED}\n", "```"),
        (f"{FENCED}\n```", ""),
        ("~~~~\n~~~\n```", "\n~~~~"),
        ("```\n``` no end", "\n```"),
        ("``` not `code` ```", ""),
        ("    ```\nx", ""),
        ("- one\n  ```\n  x", ""),
        ("```\nx\n  ```", ""),
        ("", ""),
    ],
)
def test_a_block_of_code_that_was_cut_off_is_closed(text: str, end: str) -> None:
    assert closed(text) == text + end


def test_things_are_counted_in_words() -> None:
    assert [counted(number, "note") for number in (0, 1, 2)] == ["0 notes", "1 note", "2 notes"]
    assert counted(1, "entry", "entries") == "1 entry"
    assert counted(3, "entry", "entries") == "3 entries"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("A lake, **just", "A lake, **just**"),
        ("A lake, **", "A lake,"),
        ("A lake, **just** so", "A lake, **just** so"),
        ("Say `print(", "Say `print(`"),
        ("Say `a ** b", "Say `a ** b`"),
        ("Say ``a ` b", "Say ``a ` b``"),
        ("not ~~this ||but **that", "not ~~this ||but **that**||~~"),
        ("five \\*\\* stars", "five \\*\\* stars"),
        ("**Done.**\n\nNext **st", "**Done.**\n\nNext **st**"),
        ("Look:\n\n| Years | Amo", "Look:"),
        ("Look:\n\n| Years | Amount |\n|---", "Look:"),
        ("| a |\n|---|\n| 1", "| a |\n|---|\n| 1"),
        ("| a", ""),
        (FENCED, f"{FENCED}\n```"),
        ("", ""),
    ],
)
def test_what_is_still_being_written_shows_no_marks(written: str, shown: str) -> None:
    assert so_far(written) == shown
