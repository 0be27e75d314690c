"""Whole answers made up at random: none is refused, no word is lost, no block of code broken.

``MARKDOWN_EXAMPLES=5000 pytest PATH`` tries so many of them.
"""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minibot.adapters.channels.telegram.rendering.documents import as_document
from minibot.adapters.channels.telegram.rendering.markup import plain, render
from tests.adapters.channels.telegram.markdown_documents import (
    Document,
    Faults,
    document,
    faults,
)
from tests.adapters.channels.telegram.telegram_rules import broken_rules

pytestmark = pytest.mark.usefixtures("formatting_is_never_given_up")

EXAMPLES = int(os.environ.get("MARKDOWN_EXAMPLES", "250"))

_documents = st.builds(document, st.integers(0, 2**40), st.integers(1, 6))


@settings(max_examples=EXAMPLES, deadline=None)
@given(_documents)
def test_any_answer_is_accepted_whole_and_in_order(made: Document) -> None:
    found = faults(made, render(made.markdown))

    assert found == Faults()


@settings(max_examples=EXAMPLES // 5, deadline=None)
@given(_documents, st.integers(0, 4000))
def test_any_beginning_of_an_answer_is_accepted(made: Document, length: int) -> None:
    for parts in (render(made.markdown[:length]), plain(made.markdown[:length])):
        assert [rule for part in parts for rule in broken_rules(part)] == []


def test_a_long_answer_becomes_a_file() -> None:
    markdown = "\r\n# What to do: now & then?\r\n\r\n" + "Text with **bold** words. " * 900
    parts = render(markdown)
    made = as_document(markdown, parts, most_parts=3)

    assert made is not None
    assert made.name == "what-to-do-now-then.md"
    assert made.text == f"{markdown.replace(chr(13), '').strip()}\n"


def test_an_answer_of_few_messages_stays_one() -> None:
    markdown = "Text. " * 900

    assert as_document(markdown, render(markdown), most_parts=2) is None


def test_a_file_has_a_name_whatever_it_begins_with() -> None:
    assert [
        made.name
        for markdown in ("***\n\n???", "привет, мир\n", "```\nx = 1\n```", "a" * 200)
        if (made := as_document(markdown, render(markdown), most_parts=0))
    ] == ["answer.md", "привет-мир.md", "x-1.md", "a" * 60 + ".md"]
