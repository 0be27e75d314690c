"""What models write as rich messages: taken as they are, whole, and plain in their very place."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minibot.adapters.channels.telegram.rendering.markup import render
from minibot.adapters.channels.telegram.rendering.rich import fits, render_rich
from minibot.core.messages import Part
from tests.adapters.channels.telegram.markdown_documents import Document, document
from tests.adapters.channels.telegram.rendering.test_documents import EXAMPLES
from tests.adapters.channels.telegram.rich_rules import broken_rich_rules, lost_rich_words, seen
from tests.adapters.channels.telegram.telegram_rules import lost_words
from tests.corpora.markdown import Sample
from tests.corpora.markdown_blocks import BLOCKS
from tests.corpora.markdown_code import CODE
from tests.corpora.markdown_inline import INLINE
from tests.corpora.markdown_long import ANSWER, TANGLED

pytestmark = pytest.mark.usefixtures("formatting_is_never_given_up")

SAMPLES = [*BLOCKS, *CODE, *INLINE]
_each = pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])
_documents = st.builds(document, st.integers(0, 2**40), st.integers(1, 9))


def blocks(markdown: str) -> list[Any]:
    (part,) = render_rich(markdown)
    found: list[Any] = json.loads(part.rich)["blocks"]
    return found


@_each
def test_sample_is_taken_and_no_word_is_lost(sample: Sample) -> None:
    parts = render_rich(sample.markdown)

    assert [rule for part in parts for rule in broken_rich_rules(part)] == []
    lost_anyway = lost_words(sample.markdown, render(sample.markdown))
    assert set(lost_rich_words(sample.markdown, parts)) <= set(lost_anyway)


@_each
def test_plain_form_of_a_sample_is_what_everybody_else_gets(sample: Sample) -> None:
    plain = [Part(text=part.text, spans=part.spans) for part in render_rich(sample.markdown)]

    assert plain == list(render(sample.markdown))


@_each
def test_every_beginning_of_a_sample_is_taken(sample: Sample) -> None:
    for end in range(0, len(sample.markdown), 3):
        parts = render_rich(sample.markdown[:end])

        assert [rule for part in parts for rule in broken_rich_rules(part)] == []


@settings(max_examples=EXAMPLES, deadline=None)
@given(_documents)
def test_any_answer_is_taken_whole(made: Document) -> None:
    parts = render_rich(made.markdown)
    text = seen(parts)

    assert [rule for part in parts for rule in broken_rich_rules(part)] == []
    words = (*made.words, *made.tables, *made.notes)
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize("tangled", TANGLED.values(), ids=list(TANGLED))
def test_text_that_is_tangled_is_taken(tangled: str) -> None:
    markdown = tangled * (6_000 // len(tangled))

    assert [rule for part in render_rich(markdown) for rule in broken_rich_rules(part)] == []


def test_usual_answer_has_its_headings_lists_tables_and_formulas() -> None:
    found = blocks(ANSWER)

    assert [block["type"] for block in found] == [
        *("heading", "paragraph", "list", "table", "blockquote", "paragraph")
    ]
    assert [item["value"] for item in found[2]["items"]] == [1, 2, 3]
    assert [block["type"] for block in found[2]["items"][1]["blocks"]] == ["paragraph", "pre"]
    assert found[3]["cells"][0][2] == {
        "align": "right",
        "valign": "top",
        "text": "Size",
        "is_header": True,
    }
    expressions = [each for each in found[5]["text"] if isinstance(each, dict)]
    formulas = [each["expression"] for each in expressions if "expression" in each]
    assert formulas == ["n \\cdot 4096", "n"]


@pytest.mark.parametrize(
    "markdown",
    ["Hello.", "**bold** and `code`", "> said", "```py\nx = 1\n```", "a ||b|| [c](https://d.e)"],
)
def test_what_text_shows_as_well_stays_text(markdown: str) -> None:
    assert render_rich(markdown) == render(markdown)


def test_long_answer_is_cut_between_blocks_and_no_heading_is_left_behind() -> None:
    sections = [f"## Title {n}\n\n{f'word{n} ' * 150}\n\n- point {n}\n" for n in range(20)]

    parts = render_rich("\n".join(sections))

    assert len(parts) > 4
    assert all(part.rich for part in parts)
    firsts = [json.loads(part.rich)["blocks"][0] for part in parts]
    assert [block["type"] for block in firsts] == ["heading"] * len(parts)
    assert [rule for part in parts for rule in broken_rich_rules(part)] == []


def test_block_too_long_for_a_plain_message_is_plain_and_the_rest_is_rich() -> None:
    table = "| a | b |\n|---|---|\n" + f"| {'cell ' * 20} | x |\n" * 60

    parts = render_rich(f"# Before\n\n{table}\n# Behind\n\n- end")

    assert [bool(part.rich) for part in (parts[0], *parts[1:-1], parts[-1])] == [
        True,
        *[False] * (len(parts) - 2),
        True,
    ]
    assert "Before" in parts[0].rich
    assert [rule for part in parts for rule in broken_rich_rules(part)] == []


def test_answer_that_runs_from_right_to_left_says_so() -> None:
    hebrew, english = render_rich("# שלום\n\n- a"), render_rich("# Hi\n\n- שלום")

    assert json.loads(hebrew[0].rich)["is_rtl"] is True
    assert "is_rtl" not in json.loads(english[0].rich)


def test_tags_that_cross_markdown_end_where_it_does() -> None:
    assert blocks("<details><summary>s</summary>\n\n- a\n- b </details>\n- c\n\nd") == [
        {
            "type": "details",
            "summary": "s",
            "blocks": [
                {
                    "type": "list",
                    "items": [{"blocks": [{"type": "paragraph", "text": each}]} for each in "abc"],
                },
                {"type": "paragraph", "text": "d"},
            ],
        }
    ]


def nested(levels: int) -> list[Any]:
    found: list[Any] = [{"type": "paragraph", "text": "x"}]
    for _ in range(levels - 1):
        found = [{"type": "blockquote", "blocks": found}]
    return found


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (nested(16), True),
        (nested(17), False),
        ([{"type": "divider"}] * 500, True),
        ([{"type": "divider"}] * 501, False),
        ([{"type": "paragraph", "text": "😀" * 16_383}], True),
        ([{"type": "paragraph", "text": "😀" * 16_384 + "x"}], False),
        ([{"type": "mathematical_expression", "expression": "x" * 40_000}], False),
    ],
)
def test_limits_are_known(made: list[Any], expected: bool) -> None:
    assert fits(made) is expected
