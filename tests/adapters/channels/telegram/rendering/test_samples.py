"""What models write, and what a chat shows of it, one by one; and half of it, while it comes."""

import pytest

from minibot.adapters.channels.telegram.rendering.markup import render
from tests.adapters.channels.telegram.readable import readable
from tests.adapters.channels.telegram.telegram_rules import broken_rules
from tests.corpora.markdown import Sample
from tests.corpora.markdown_blocks import BLOCKS
from tests.corpora.markdown_code import CODE
from tests.corpora.markdown_inline import INLINE

pytestmark = pytest.mark.usefixtures("formatting_is_never_given_up")

SAMPLES = [*BLOCKS, *CODE, *INLINE]
_each = pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])


@_each
def test_sample_is_shown_as_expected(sample: Sample) -> None:
    parts = render(sample.markdown)

    assert readable(parts) == sample.shown
    assert [rule for part in parts for rule in broken_rules(part)] == []


@_each
def test_every_beginning_of_a_sample_keeps_the_rules(sample: Sample) -> None:
    for end in range(len(sample.markdown)):
        parts = render(sample.markdown[:end])

        assert [rule for part in parts for rule in broken_rules(part)] == []


# What is referred to from elsewhere, or folds up all that follows, is finished only at the end.
_FINISHED_LATER = {"footnotes", "reference links", "details never closed", "fence never closed"}


@pytest.mark.parametrize(
    "sample",
    [sample for sample in SAMPLES if sample.name not in _FINISHED_LATER],
    ids=lambda sample: sample.name,
)
def test_what_is_finished_looks_the_same_while_more_is_written(sample: Sample) -> None:
    ending = "**Next** `words`: [one](https://example.org/a) of ||two||\n\n```py\nx = '**'"
    for end in range(1, len(ending)):
        parts = render(f"{sample.markdown}\n\nEnd.\n\n{ending[:end]}")

        assert readable(parts).startswith(sample.shown)


def test_formatting_is_shown_as_soon_as_it_is_finished() -> None:
    text = "a **b** `c` [d](https://example.org) ||e|| ~~f~~ *g*"

    for begin, end in ((2, 7), (8, 11), (12, 36), (37, 42), (43, 48), (49, 52)):
        for length in range(end, len(text)):
            shown = readable(render(text[:length]))
            assert text[begin:end] not in shown
