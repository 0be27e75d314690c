"""How a question is put in each provider's words."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from llm_async import ClaudeProvider, GoogleProvider, OpenAIProvider, OpenRouterProvider
from llm_async.models import Tool
from llm_async.providers.openai_responses import OpenAIResponsesProvider

from minibot.adapters.llm.chat import ChatWire
from minibot.adapters.llm.claude import ClaudeWire
from minibot.adapters.llm.fields import dump
from minibot.adapters.llm.google import GoogleWire
from minibot.adapters.llm.pictures import GONE
from minibot.adapters.llm.responses import ResponsesWire
from minibot.adapters.llm.wire import ToolFormat, Wire
from minibot.core.llm import Picture, Role, ToolCall, Utterance
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
    """Give what is sent, as the server reads it."""
    asked = question(**fields)  # type: ignore[arg-type]
    body: dict[str, Any] = json.loads(dump(WIRES[wire].payload(asked)))
    return body


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
    assert google["parametersJsonSchema"] == parameters


def test_claude_is_told_to_call_nothing_when_no_tool_is_offered() -> None:
    body = payload("claude", messages=tool_history())
    assert [tool["name"] for tool in body["tools"]] == ["add"]
    assert body["tool_choice"] == {"type": "none"}


@pytest.mark.parametrize("wire", ["claude", "google"])
def test_no_empty_text_is_sent_where_it_is_refused(wire: str) -> None:
    call = ToolCall(id="1", name="t", arguments="")
    messages = (
        Utterance(role=Role.USER, text=" "),
        Utterance(role=Role.ASSISTANT, text="", tool_calls=(call,)),
        Utterance(role=Role.TOOL, text="", tool_call_id="1"),
        Utterance(role=Role.ASSISTANT, text=""),
        Utterance(role=Role.USER, text="x"),
    )
    body = payload(wire, messages=messages)
    blocks = [
        block
        for message in body.get("messages") or body["contents"]
        for block in message.get("content") or message["parts"]
    ]
    assert len(blocks) == 5
    assert all(block["text"].strip() for block in blocks if "text" in block)


def test_a_chat_message_of_calls_alone_has_no_content() -> None:
    assert payload("openai", messages=tool_history())["messages"][3]["content"] is None


@pytest.mark.parametrize("wire", WIRES)
def test_arguments_that_are_no_json_do_not_poison_the_history(wire: str) -> None:
    call = ToolCall(id="1", name="t", arguments='{"a": ')
    messages = (
        Utterance(role=Role.USER, text="x"),
        Utterance(role=Role.ASSISTANT, text="", tool_calls=(call,)),
        Utterance(role=Role.TOOL, text="that was no JSON", tool_call_id="1"),
    )
    assert '"a": ' not in str(payload(wire, messages=messages))


def test_ids_of_other_providers_calls_are_made_to_fit() -> None:
    call = ToolCall(id="functions.add:0", name="t", arguments="{}")
    messages = (
        Utterance(role=Role.USER, text="x"),
        Utterance(role=Role.ASSISTANT, text="", tool_calls=(call,)),
        Utterance(role=Role.TOOL, text="y", tool_call_id=call.id),
    )
    for wire in ("claude", "openai", "openai_responses"):
        ids = re.findall(
            r'"(?:id|tool_use_id|tool_call_id|call_id)": ?"(.*?)"',
            json.dumps(payload(wire, messages=messages)),
        )
        assert len(ids) == 2
        assert ids[0] == ids[1]
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,40}", ids[0])
    assert call.id in str(payload("compatible", messages=messages))


def test_tools_are_serialised_once() -> None:
    shaped: list[int] = []

    def shape(tools: list[Tool]) -> list[dict[str, object]]:
        shaped.append(len(tools))
        return [{"name": tool.name} for tool in tools]

    form, again = ToolFormat(shape), replace(ADD)
    for tools in ((ADD,), (ADD,), (again,)):
        assert dump(form(tools)) == b'[{"name":"add"}]'
    assert shaped == [1]
    assert dump(form((ADD, again))) == b'[{"name":"add"},{"name":"add"}]'


def test_half_a_surrogate_pair_beside_tools_is_sent_as_a_question_mark() -> None:
    body = payload("openai", tools=(ADD,), system_prompt="broken \ud83d emoji")
    assert body["messages"][0]["content"] == "broken ? emoji"
    assert body["tools"][0]["function"]["name"] == "add"


def steps(number: int) -> tuple[Utterance, ...]:
    """Give a turn after so many of its steps, with what was said before it."""
    made = [
        tuple(ToolCall(id=f"call_{step}_{n}", name="add", arguments="{}") for n in range(2))
        for step in range(number)
    ]
    return (
        Utterance(role=Role.USER, text="earlier"),
        Utterance(role=Role.ASSISTANT, text="before"),
        Utterance(role=Role.USER, text="add, please"),
        *(
            entry
            for calls in made
            for entry in (
                Utterance(role=Role.ASSISTANT, text="", tool_calls=calls),
                *(Utterance(role=Role.TOOL, text="1", tool_call_id=call.id) for call in calls),
            )
        ),
    )


@pytest.mark.parametrize("wire", WIRES)
def test_each_step_begins_with_what_the_step_before_sent(wire: str) -> None:
    """Every provider's cache knows a question by its beginning."""

    def sent(number: int) -> list[Any]:
        body = payload(
            wire, model="anthropic/m", messages=steps(number), system_prompt="s", tools=(ADD,)
        )
        said = next(body[key] for key in ("messages", "contents", "input") if key in body)
        rest = {key: value for key, value in body.items() if value is not said}
        found: list[Any] = json.loads(json.dumps([rest, *said]), object_hook=unmarked)
        return found

    for number in range(3):
        before = sent(number)
        assert sent(number + 1)[: len(before)] == before


def unmarked(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != "cache_control"}


def marks(tree: object) -> list[dict[str, Any]]:
    """Find the blocks that are marked for the cache."""
    if isinstance(tree, list):
        return [found for each in tree for found in marks(each)]
    if not isinstance(tree, dict):
        return []
    below = [found for each in tree.values() for found in marks(each)]
    return [tree, *below] if "cache_control" in tree else below


def test_claude_is_told_what_to_keep_in_its_cache() -> None:
    body = payload("claude", messages=steps(2), system_prompt="s", tools=(ADD, ADD))
    assert all(block["cache_control"] == {"type": "ephemeral"} for block in marks(body))
    assert len(marks(body)) == 4
    assert marks(body["tools"]) == [body["tools"][-1]]
    assert marks(body["system"]) == body["system"]
    question, result = marks(body["messages"])
    assert (question["text"], result["tool_use_id"]) == ("add, please", "call_1_1")


def test_claude_marks_a_question_without_steps_once() -> None:
    assert [block["text"] for block in marks(payload("claude", messages=steps(0)))] == [
        "add, please"
    ]


def test_only_anthropics_models_behind_openrouter_are_told_what_to_keep() -> None:
    asked = {"messages": steps(1), "system_prompt": "s", "tools": (ADD,)}
    kept = marks(payload("openrouter", model="anthropic/claude-sonnet", **asked))
    assert [block["text"] for block in kept] == ["s", "add, please"]
    for wire in WIRES.keys() - {"claude", "openrouter"}:
        assert marks(payload(wire, model="anthropic/claude-sonnet", **asked)) == []
    assert marks(payload("openrouter", model="openai/gpt-5", **asked)) == []


@pytest.mark.parametrize(
    ("model", "marked"),
    [
        ("gemini-2.5-pro", False),
        ("gemini-3-pro", True),
        ("models/gemini-3-pro", True),
        ("gemini-3.1-flash", True),
        ("gemini-10-pro", True),
        ("gemini-flash-latest", True),
        ("gemma-3-27b-it", False),
    ],
)
def test_only_gemini_3_and_later_is_shown_the_mark_for_missing_signatures(
    model: str, marked: bool
) -> None:
    body = payload("google", model=model, messages=tool_history(calls=2))
    assert str(body).count("skip_thought_signature_validator") == marked


def test_google_is_given_the_mark_in_the_chat_format_too() -> None:
    base = "https://generativelanguage.googleapis.com/v1beta/openai"
    wire = ChatWire(OpenAIProvider("k", base))
    asked = question(model="gemini-3-pro", messages=tool_history(calls=2))
    calls = json.loads(dump(wire.payload(asked)))["messages"][3]["tool_calls"]
    signature = {"google": {"thought_signature": "skip_thought_signature_validator"}}
    assert [call.get("extra_content") for call in calls] == [signature, None]
    assert "extra_content" not in str(payload("openai", model="gemini-3-pro", messages=steps(1)))


@pytest.mark.parametrize("wire", WIRES)
def test_what_another_model_signed_is_shown_to_none(wire: str) -> None:
    signed = [
        "google:gemini-2.5-pro:SECRET",
        'chat:other:{"call": {"extra_content": {"x": "SECRET"}}}',
        'openrouter:google/gemini-3-pro:{"message": {"reasoning_details": ["SECRET"]}}',
        "SECRET",
    ]
    calls = tuple(
        ToolCall(id=f"call_{n}", name="add", arguments="{}", signature=text)
        for n, text in enumerate(signed)
    )
    results = (Utterance(role=Role.TOOL, text="1", tool_call_id=call.id) for call in calls)
    messages = (
        Utterance(role=Role.USER, text="x"),
        Utterance(role=Role.ASSISTANT, text="", tool_calls=calls),
        *results,
    )
    for model in ("gemini-2.5-flash", "gemini-3-pro", "anthropic/claude", "fake-model"):
        assert "SECRET" not in str(payload(wire, model=model, messages=messages))


PIXEL = b"\x89PNG pixel"
IN_BASE64 = b64encode(PIXEL).decode()


def looking(path: Path, *, marked_text: str = "what is it?") -> tuple[Utterance, ...]:
    path.write_bytes(PIXEL)
    picture = Picture(path=str(path), mime_type="image/png")
    return (Utterance(role=Role.USER, text=marked_text, pictures=(picture,)),)


@pytest.mark.parametrize(
    ("wire", "part"),
    [
        *(
            (
                wire,
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{IN_BASE64}"}},
            )
            for wire in ("openai", "compatible", "openrouter")
        ),
        (
            "openai_responses",
            {"type": "input_image", "image_url": f"data:image/png;base64,{IN_BASE64}"},
        ),
        (
            "claude",
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": IN_BASE64},
            },
        ),
        ("google", {"inlineData": {"mimeType": "image/png", "data": IN_BASE64}}),
    ],
)
def test_a_picture_has_each_providers_shape(wire: str, part: Any, tmp_path: Path) -> None:
    body = payload(wire, messages=looking(tmp_path / "p"))
    (message,) = [
        each
        for each in body.get("messages") or body.get("input") or body["contents"]
        if each["role"] == "user"
    ]
    parts = message.get("content") or message["parts"]
    assert part in parts
    assert [each["text"] for each in parts if "text" in each] == ["what is it?"]


@pytest.mark.parametrize("wire", WIRES)
def test_a_picture_that_is_gone_is_told_in_words(wire: str, tmp_path: Path) -> None:
    messages = looking(tmp_path / "p")
    (tmp_path / "p").unlink()
    body = str(payload(wire, messages=messages))
    assert GONE in body
    assert "base64" not in body
    assert "inlineData" not in body


@pytest.mark.parametrize("wire", WIRES)
def test_a_picture_without_words_is_sent(wire: str, tmp_path: Path) -> None:
    assert IN_BASE64 in str(payload(wire, messages=looking(tmp_path / "p", marked_text="")))
