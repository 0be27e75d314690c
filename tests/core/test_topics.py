"""What minibot calls a topic that nobody named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.core.topics import LONGEST_TITLE, title_of

TITLES = {
    "as it is": ("Summer in Rome", "Summer in Rome"),
    "without quotation marks and a full stop": ("“Summer in Rome.”", "Summer in Rome"),
    "without emphasis": ("**Summer** in `Rome`", "Summer in Rome"),
    "without the marks of a heading": ("# Summer in Rome", "Summer in Rome"),
    "the first line that has a word": ("\n---\nSummer\nin Rome", "Summer"),
    "with single spaces": ("Summer   in\tRome", "Summer in Rome"),
    "a question keeps its mark": ("Where is Rome?", "Where is Rome?"),
    "cut behind a whole word": (
        "How long does it take to walk from Rome to Milan in the summer?",
        "How long does it take to walk from Rome to…",
    ),
    "cut where there is no space": ("很" * 60, "很" * 47 + "…"),
    "nothing of nothing": ("", ""),
    "nothing of marks": ("?!\n…", ""),
}


@pytest.mark.parametrize("case", TITLES)
def test_a_title(case: str) -> None:
    text, title = TITLES[case]
    assert title_of(text) == title


@given(st.text())
def test_it_is_one_short_line_whatever_the_text(text: str) -> None:
    title = title_of(text)
    assert len(title) <= LONGEST_TITLE
    assert len(title.splitlines()) <= 1
    assert title == "" or any(map(str.isalnum, title))
