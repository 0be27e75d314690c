import pytest

from minibot.core.conversation import cost
from minibot.core.llm import Role, ToolCall, ToolSpec, Utterance
from minibot.core.tokens import tokens_of_text

FRAME = 4


def entry(text: str, *calls: ToolCall) -> Utterance:
    return Utterance(role=Role.ASSISTANT, text=text, tool_calls=calls)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param("abcdef", 2, id="ASCII"),
        pytest.param("привет", 4, id="two bytes a letter"),
        pytest.param("🙂🙂🙂", 4, id="four bytes a sign"),
        pytest.param("\ud800" * 6, 2, id="half a surrogate pair"),
    ],
)
def test_a_text_costs_what_it_takes_in_utf_8(text: str, tokens: int) -> None:
    assert tokens_of_text(text) == tokens
    assert entry(text).tokens == FRAME + tokens


def test_calls_cost_too_and_so_do_tools() -> None:
    call = ToolCall(id="long, but the provider's own", name="abc", arguments='{"é": 1}')
    spec = ToolSpec(name="abc", description="abcdef", parameters="{}")
    assert entry("abc", call).tokens == FRAME + (3 + 3 + 9) // 3
    assert spec.tokens == 11 // 3
    assert cost([entry("abc"), spec]) == FRAME + 1 + 3


def test_what_it_costs_is_no_part_of_what_it_is() -> None:
    assert entry("a") == entry("a")
    assert "tokens" not in repr(entry("a"))
