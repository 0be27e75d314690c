"""Long answers are cut where a reader would pause, and their formatting goes on."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minibot.adapters.channels.telegram.rendering.markup import (
    plain,
    render,
    render_caption,
    utf16_length,
)
from minibot.core.messages import Part, SpanKind
from tests.adapters.channels.telegram.telegram_rules import broken_rules, covered


def _rules(parts: tuple[Part, ...]) -> list[str]:
    return [rule for part in parts for rule in broken_rules(part)]


def test_a_text_that_just_fits_is_one_message() -> None:
    assert len(plain("x" * 4096)) == 1
    assert [len(part.text) for part in plain("x" * 4097)] == [4096, 1]
    assert len(plain("😀" * 2048)) == 1
    assert [len(part.text) for part in plain("😀" * 2049)] == [2048, 1]


def test_paragraphs_stay_whole() -> None:
    paragraph = "word " * 199 + "end."
    parts = plain("\n\n".join([paragraph] * 10))

    assert {len(part.text) % (len(paragraph) + 2) for part in parts} == {len(paragraph)}
    assert "\n\n".join(part.text for part in parts) == "\n\n".join([paragraph] * 10)


def test_lines_stay_whole_where_there_are_no_paragraphs() -> None:
    line = "word " * 19 + "end"
    parts = plain("\n".join([line] * 100))

    assert all(part.text.endswith("end") for part in parts)
    assert "\n".join(part.text for part in parts) == "\n".join([line] * 100)


def test_sentences_stay_whole_where_there_are_no_lines() -> None:
    parts = plain("Nothing but words up to here. " * 300)

    assert len(parts) > 1
    assert all(part.text.endswith("here.") for part in parts)


def test_words_stay_whole_where_there_are_no_sentences() -> None:
    words = "word" * 5 + " "
    parts = plain(words * 500)

    assert {word for part in parts for word in part.text.split(" ")} == {"word" * 5}


def test_a_word_longer_than_a_message_is_cut_without_loss() -> None:
    text = "".join(chr(ord("a") + n % 26) for n in range(9000))
    parts = plain(f"Here: {text} done")

    assert "".join(part.text for part in parts) == f"Here:{text} done"


def test_a_flood_of_emoji_is_cut_between_them() -> None:
    parts = plain("😀" * 100_000)

    assert _rules(parts) == []
    assert "".join(part.text for part in parts) == "😀" * 100_000
    assert {len(part.text) for part in parts[:-1]} == {2048}


@pytest.mark.parametrize("sign", ["👨‍👩‍👧", "👍🏽", "🇩🇪", "e\u0301\u0302", "1\ufe0f\u20e3", "नि"])
@pytest.mark.parametrize("lead", ["", "x", "xx", "xxx"])
def test_what_reads_as_one_character_is_never_torn(sign: str, lead: str) -> None:
    parts = plain(lead + sign * 3000)

    assert len(parts) > 1
    assert {part.text.removeprefix(lead).replace(sign, "") for part in parts} == {""}


def test_a_cut_code_block_goes_on_with_its_language() -> None:
    code = "\n".join(f"value_{n} = compute({n})" for n in range(400))
    parts = render(f"Before\n\n```python\n{code}\n```\n\nAfter")

    blocks = [
        (covered(part, span), span.language)
        for part in parts
        for span in part.spans
        if span.kind is SpanKind.PRE
    ]
    assert len(blocks) > 2
    assert {language for _, language in blocks} == {"python"}
    assert "\n".join(body for body, _ in blocks) == code
    assert _rules(parts) == []


def test_code_is_cut_before_a_line_without_indent() -> None:
    function = "def f():\n" + "    return compute(1, 2, 3)\n" * 6
    parts = render("```python\n" + function * 60 + "```")

    assert len(parts) > 1
    assert all(part.text.startswith("def f():") for part in parts)


def test_a_short_code_block_is_moved_on_rather_than_cut() -> None:
    code = "\n".join(f"line {n}" for n in range(60))
    parts = render("word " * 750 + f"\n\n```\n{code}\n```")

    assert [part.text for part in parts][-1] == code


@pytest.mark.parametrize(
    ("markdown", "kind"),
    [
        ("**" + "word " * 1500 + "end**", SpanKind.BOLD),
        ("> " + "word " * 1500 + "end", SpanKind.BLOCKQUOTE),
        ("[" + "word " * 1500 + "end](http://example.org/a)", SpanKind.TEXT_LINK),
        ("||" + "word " * 1500 + "end||", SpanKind.SPOILER),
    ],
)
def test_a_cut_mark_goes_on_in_the_next_message(markdown: str, kind: SpanKind) -> None:
    parts = render(markdown)

    assert len(parts) == 2
    for part in parts:
        (span,) = part.spans
        assert (span.kind, covered(part, span)) == (kind, part.text)


def test_no_message_has_more_marks_than_telegram_reads() -> None:
    markdown = " ".join(f"`b{n}` ~~i{n}~~" for n in range(400))
    parts = render(markdown)

    assert _rules(parts) == []
    marks = [covered(part, span) for part in parts for span in part.spans]
    assert marks == [f"{kind}{n}" for n in range(400) for kind in "bi"]


def test_a_short_message_with_too_many_marks_loses_what_means_least() -> None:
    (part,) = render(" ".join(f"**b{n}** _i{n}_ `c`" for n in range(60)))

    assert len(part.spans) == 60
    assert {span.kind for span in part.spans} == {SpanKind.CODE}

    (part,) = render(" ".join(f"**b{n}** _i{n}_" for n in range(60)))
    assert {span.kind for span in part.spans} == {SpanKind.BOLD}


def test_addresses_do_not_swell_a_request() -> None:
    url = "https://example.org/" + "x" * 1500
    parts = render(" ".join(f"[w{n}]({url})" for n in range(60)))

    assert _rules(parts) == []
    assert sum(len(part.spans) for part in parts) == 60


def test_a_heading_goes_with_what_it_heads() -> None:
    filler = "word " * 700
    parts = render(f"{filler}\n\n# Above\n\n## Below\n\n" + "Text of it. " * 100)

    assert [part.text.split("\n")[0] for part in parts[1:]] == ["Above"]


def test_words_that_lead_to_a_list_go_with_it() -> None:
    filler = "word " * 790
    parts = render(f"{filler}\n\nWhat to do:\n\n" + "- an item of it\n" * 50)

    assert parts[1].text.startswith("What to do:\n\n• an item")


@pytest.mark.parametrize("room", range(4060, 4100, 3))
def test_no_marker_ends_a_message_and_no_link_is_cut(room: int) -> None:
    link = "[two words](https://example.org)"
    parts = render("x" * room + f" `a b`\n1. item {link} {link}\n2. {link}")

    assert not parts[0].text.endswith(("1.", "2."))
    links = [covered(part, span) for part in parts for span in part.spans if span.url]
    assert links == ["two words"] * 3


def test_a_long_table_is_cut_between_rows_and_told_its_headings_again() -> None:
    rows = "".join(f"| name {n} | {n} |\n" for n in range(600))
    parts = render("| Name | Number |\n|---|---|\n" + rows)

    assert len(parts) > 2
    assert all(part.text.startswith("Name") for part in parts)
    assert _rules(parts) == []


def test_a_caption_is_short_and_the_rest_follows() -> None:
    parts = render_caption("A word and **more** of it. " * 200)

    assert utf16_length(parts[0].text) <= 1024
    assert len(parts) == 3
    assert _rules(parts) == []


def test_blank_lines_at_a_cut_are_dropped() -> None:
    parts = plain("a" * 3000 + "\n\n\n\n" + "b" * 3000)

    assert [part.text for part in parts] == ["a" * 3000, "b" * 3000]


def test_a_stretch_with_nothing_to_see_makes_no_message() -> None:
    parts = plain("a" * 3000 + "\n\n" + "\u200b" * 4000 + "\n\n" + "b" * 3000)

    assert [part.text[0] for part in parts] == ["a", "b"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(st.sampled_from("ab😀é\u0301\u200d👍🏽. \n"), min_size=1, max_size=40),
            st.integers(1, 400),
        ),
        max_size=12,
    )
)
def test_any_long_text_is_cut_without_loss(pieces: list[tuple[str, int]]) -> None:
    text = "".join(piece * times for piece, times in pieces)
    parts = plain(text)

    assert _rules(parts) == []
    kept = "".join("".join(part.text.split()) for part in parts)
    letters = [sign for sign in text if sign in "ab😀é👍"]
    assert [sign for sign in kept if sign in "ab😀é👍"] == letters
