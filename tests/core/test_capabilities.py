from typing import Any

import pytest

from minibot.core.capabilities import Capabilities, capabilities_of, room_for_questions
from minibot.core.settings import LanguageModelSettings, ModelSettings


def model(name: str, **fields: Any) -> ModelSettings:
    settings = {"provider": "openai", "base_url": "http://x", "model": name, **fields}
    return LanguageModelSettings.model_validate(settings).chain[0]


@pytest.mark.parametrize(
    ("name", "vision", "tools", "context_tokens"),
    [
        ("gpt-4o-mini", True, True, 128_000),
        ("gpt-4", False, True, 8_192),
        ("openai/gpt-5-mini", True, True, 272_000),
        ("anthropic/claude-sonnet-4.5", True, True, 200_000),
        ("Claude-Haiku", True, True, 200_000),
        ("o1-mini-2024", False, False, 128_000),
        ("o1", True, True, 200_000),
        ("llama3.2", False, True, 131_072),
        ("llama3.2-vision:11b", True, True, 131_072),
        ("qwen2.5vl:7b", True, True, 32_768),
        ("mistral-large", False, True, 32_768),
        ("grok-2-vision-1212", True, True, 32_768),
        ("nobody-knows-it", False, True, 32_768),
    ],
)
def test_models_are_known_by_how_their_names_begin(
    name: str, vision: bool, tools: bool, context_tokens: int
) -> None:
    expected = Capabilities(vision=vision, tools=tools, context_tokens=context_tokens)
    assert capabilities_of(model(name)) == expected


def test_settings_have_the_last_word() -> None:
    said = {"vision": False, "tools": False, "context_tokens": 5_000}
    assert capabilities_of(model("gpt-4o", capabilities=said)) == Capabilities(
        vision=False, tools=False, context_tokens=5_000
    )


def test_room_is_left_for_the_answer() -> None:
    small = model("x", capabilities={"context_tokens": 8_000})
    assert room_for_questions(small) == 8_000 * 9 // 10 - 4_000
    brief = model("x", capabilities={"context_tokens": 8_000}, max_new_tokens=200)
    assert room_for_questions(brief) == 8_000 * 9 // 10 - 200
    assert room_for_questions(model("x", capabilities={"context_tokens": 1_000})) > 0
