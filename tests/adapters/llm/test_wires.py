"""How a question is put in each provider's words."""

import json
from typing import Any

import pytest
from llm_async import ClaudeProvider, GoogleProvider, OpenAIProvider, OpenRouterProvider
from llm_async.providers.openai_responses import OpenAIResponsesProvider

from minibot.adapters.llm.chat import ChatWire
from minibot.adapters.llm.claude import ClaudeWire
from minibot.adapters.llm.google import GoogleWire
from minibot.adapters.llm.responses import ResponsesWire
from minibot.adapters.llm.wire import Wire
from minibot.core.llm import Role, ToolCall, Utterance
from tests.adapters.llm.rig import ADD, question, tool_history

WIRES: dict[str, Wire] = {
    "openai": ChatWire(OpenAIProvider("k")),
    "compatible": ChatWire(OpenAIProvider("k", "http://localhost:11434/v1")),
    "openrouter": ChatWire(OpenRouterProvider("k")),
    "openai_responses": ResponsesWire(OpenAIResponsesProvider("k")),
    "claude": ClaudeWire(ClaudeProvider("k")),
    "google": GoogleWire(GoogleProvider("k")),
}


def payload(wire: str, **fields: object) -> dict[str, Any]:
    return WIRES[wire].payload(question(**fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wire", "address"),
    [
        ("openai", "https://api.openai.com/v1/chat/completions"),
        ("compatible", "http://localhost:11434/v1/chat/completions"),
        ("openrouter", "https://openrouter.ai/api/v1/chat/completions"),
        ("openai_responses", "https://api.openai.com/v1/responses"),
        ("claude", "https://api.anthropic.com/v1/messages"),
        (
            "google",
            "https://generativelanguage.googleapis.com/v1beta/models/"
            "fake-model:streamGenerateContent?alt=sse",
        ),
    ],
)
def test_questions_go_to_the_provider_unless_told_otherwise(wire: str, address: str) -> None:
    assert WIRES[wire].address(question()) == address


@pytest.mark.parametrize("base", ["http://h/v1beta", "http://h/v1beta/models"])
def test_google_takes_its_address_with_or_without_models(base: str) -> None:
    wire = GoogleWire(GoogleProvider("k", base))
    address = wire.address(question(model="models/gemini-2.5-flash"))
    assert address == "http://h/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"


@pytest.mark.parametrize(
    ("wire", "place"),
    [
        ("openai", "max_completion_tokens"),
        ("compatible", "max_tokens"),
        ("openrouter", "max_tokens"),
        ("openai_responses", "max_output_tokens"),
        ("claude", "max_tokens"),
        ("google", "generationConfig.maxOutputTokens"),
    ],
)
def test_the_limit_has_the_name_each_provider_knows(wire: str, place: str) -> None:
    found: Any = payload(wire, max_new_tokens=99)
    for key in place.split("."):
        found = found[key]
    assert found == 99


def test_nothing_is_sent_that_was_not_asked_for() -> None:
    assert payload("compatible").keys() == {"model", "messages", "stream", "stream_options"}
    assert payload("openai_responses").keys() == {"model", "input", "stream", "store"}
    assert payload("claude").keys() == {"model", "max_tokens", "messages", "stream"}
    assert payload("google").keys() == {"contents"}


def test_responses_are_neither_stored_nor_held_to_strict_schemas() -> None:
    body = payload("openai_responses", tools=(ADD,))
    assert body["store"] is False
    assert body["tools"][0]["strict"] is False
    assert body["tools"][0]["name"] == "add"


def test_tools_have_each_providers_shape() -> None:
    parameters = json.loads(ADD.parameters)
    chat = payload("compatible", tools=(ADD,))["tools"][0]
    assert chat["function"]["parameters"] == parameters
    assert payload("claude", tools=(ADD,))["tools"][0]["input_schema"] == parameters
    google = payload("google", tools=(ADD,))["tools"][0]["functionDeclarations"][0]
    assert google["parameters"] == parameters


def test_claude_is_told_to_call_nothing_when_no_tool_is_offered() -> None:
    body = payload("claude", messages=tool_history())
    assert [tool["name"] for tool in body["tools"]] == ["add"]
    assert body["tool_choice"] == {"type": "none"}


def test_claude_gets_no_empty_text() -> None:
    call = ToolCall(id="1", name="t", arguments="")
    messages = (
        Utterance(role=Role.USER, text=" "),
        Utterance(role=Role.ASSISTANT, text="", tool_calls=(call,)),
        Utterance(role=Role.TOOL, text="", tool_call_id="1"),
    )
    body = payload("claude", messages=messages)
    blocks = [block for message in body["messages"] for block in message["content"]]
    assert all(block["text"].strip() for block in blocks if block["type"] == "text")


@pytest.mark.parametrize("wire", WIRES)
def test_arguments_that_are_no_json_do_not_poison_the_history(wire: str) -> None:
    call = ToolCall(id="1", name="t", arguments='{"a": ')
    messages = (
        Utterance(role=Role.USER, text="x"),
        Utterance(role=Role.ASSISTANT, text="", tool_calls=(call,)),
        Utterance(role=Role.TOOL, text="that was no JSON", tool_call_id="1"),
    )
    assert '"a": ' not in str(payload(wire, messages=messages))


def test_only_gemini_3_and_later_is_shown_the_mark_for_missing_signatures() -> None:
    for model, marked in (("gemini-2.5-pro", False), ("gemini-3-pro", True)):
        body = payload("google", model=model, messages=tool_history())
        assert ("skip_thought_signature_validator" in str(body)) is marked
