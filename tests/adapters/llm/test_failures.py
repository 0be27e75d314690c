"""Errors get the right type and a text that is safe to show."""

import json
from datetime import UTC, datetime

import pytest

from minibot.adapters.llm.failures import (
    EXCERPT_LENGTH,
    Censor,
    Refusal,
    failure_of_error_object,
    failure_of_status,
    retry_after,
)
from minibot.core.errors import (
    ContextTooLong,
    ModelAccessDenied,
    ModelBusy,
    ModelError,
    ModelRequestRefused,
    ModelUnreachable,
    PicturesUnsupported,
    ToolsUnsupported,
)

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
CENSOR = Censor("the-key")


def failure(status: int, body: str, hint: str = "") -> ModelError:
    return failure_of_status(Refusal(status=status, body=body.encode(), hint=hint), CENSOR)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Fri, 20 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:30 -0000"}, 30.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "Fri, 99 Nov 2026 12:00:30 GMT"}, None),
    ],
)
def test_retry_after_is_read_however_it_is_said(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers, NOW) == seconds


def test_google_says_the_wait_in_the_body() -> None:
    body = '[{"error": {"code": 429, "details": [{"@type": "x"}, {"retryDelay": "13s"}]}}]'
    busy = failure(429, body)
    assert isinstance(busy, ModelBusy)
    assert busy.retry_after == 13


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 8192 tokens.",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "The input token count (1200000) exceeds the maximum number of tokens allowed",
        "the request exceeds the available context size",
        "input length and `max_tokens` exceed context limit... context window",
    ],
)
def test_a_conversation_that_does_not_fit_is_told_apart(message: str) -> None:
    assert isinstance(failure(400, f'{{"error": {{"message": "{message}"}}}}'), ContextTooLong)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "registry.ollama.ai/library/gemma3:4b does not support tools"),
        (400, "'auto' tool choice requires --enable-auto-tool-choice and --tool-call-parser to be"),
        (400, "[{'type': 'extra_forbidden', 'loc': ('body', 'tools'), 'msg': 'not permitted'}]"),
        (400, "Value error, Currently only named tools are supported."),
        (404, "No endpoints found that support tool use. Try disabling 'add'."),
        (400, "Function calling is not enabled for models/gemma-3-27b-it"),
        (400, "Tool use with function calling is unsupported by the model."),
        (400, "`tool calling` is not supported with this model"),
        (400, "deepseek-reasoner does not support Function Calling"),
        (400, "Unsupported parameter: 'tools' is not supported with this model."),
        (400, "tools is not supported in this model. For a list of supported models, see"),
        (400, "This model doesn't support tool use."),
        (422, "Functions are not currently supported."),
        (500, "tools param requires --jinja flag"),
        (501, "tool calls are not available"),
    ],
)
def test_a_model_that_takes_no_tools_is_told_apart(status: int, message: str) -> None:
    body = json.dumps({"error": {"message": message}})
    assert type(failure(status, body)) is ToolsUnsupported
    inside = failure_of_error_object({"message": message}, CENSOR)
    assert type(inside) is ToolsUnsupported


@pytest.mark.parametrize(
    "message",
    [
        "Invalid schema for function 'add': 'minLength' is not permitted.",
        "tools.0.name: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'",
        "Invalid 'tools': array too long. Expected an array with maximum length 128.",
        "tools: Tool names must be unique.",
        "does not support this tool choice",
        "does not support tool_choice",
        "tool_choice 'required' is not supported in thinking mode",
        "messages with role 'tool' must be a response to a preceding message with 'tool_calls'",
        "The model `gpt-99` does not exist",
        "This model does not support assistant message prefill.",
    ],
)
def test_another_refusal_is_no_matter_of_tools(message: str) -> None:
    body = json.dumps({"error": {"message": message}})
    assert type(failure(400, body)) is ModelRequestRefused


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "This model does not support image input."),
        (400, "image_url is not supported with this model"),
        (400, "image_url is only for certain models; images are not supported here"),
        (404, "No endpoints found that support image input"),
        (422, "unknown variant `image_url`, expected `text`"),
        (400, "llama3 is not a multimodal model"),
        (500, "Failed: this model is missing data required for image input"),
        (400, "This model does not support images."),
    ],
)
def test_a_model_that_takes_no_pictures_is_told_apart(status: int, message: str) -> None:
    body = json.dumps({"error": {"message": message}})
    assert type(failure(status, body)) is PicturesUnsupported


def test_a_picture_that_is_no_good_says_nothing_about_the_model() -> None:
    body = json.dumps({"error": {"message": "You uploaded an unsupported image: use png or jpeg"}})
    assert type(failure(400, body)) is ModelRequestRefused


def test_no_tools_are_no_reason_when_the_server_is_away() -> None:
    assert type(failure(503, "tools are not available")) is ModelUnreachable
    assert type(failure(429, "tools are not available")) is ModelBusy


def test_what_a_provider_behind_openrouter_said_counts() -> None:
    raw = '{"error": {"message": "Tool use is not supported"}}'
    error = {"message": "Provider returned error", "code": 400, "metadata": {"raw": raw}}
    refused = failure(400, json.dumps({"error": error}))
    assert type(refused) is ToolsUnsupported
    assert "Provider returned error: {" in str(refused)


def test_another_bad_request_is_no_matter_of_length() -> None:
    assert isinstance(failure(400, '{"error": {"message": "unknown model"}}'), ModelRequestRefused)


def test_a_spent_quota_is_no_matter_of_patience() -> None:
    body = '{"error": {"code": "insufficient_quota", "message": "check your plan"}}'
    assert isinstance(failure(429, body), ModelAccessDenied)


@pytest.mark.parametrize(
    "body",
    [
        '{"error": {"message": "no such thing"}}',
        '{"error": "no such thing"}',
        '{"message": "no such thing"}',
        '{"detail": "no such thing"}',
        "no such thing",
        "\n no  such\tthing \x00",
    ],
)
def test_what_the_server_said_is_found_in_any_shape(body: str) -> None:
    assert str(failure(404, body)) == "the model's server answered 404 Not Found: no such thing"


def test_a_hint_says_what_to_do() -> None:
    assert str(failure(404, "", "check llm.base_url")).endswith("Not Found (check llm.base_url)")


@pytest.mark.parametrize(
    "secret",
    ["the-key", "sk-abcdef123456", "Bearer abc", "AIzaSyA1234567890", "123456:" + "a" * 35],
)
def test_secrets_are_taken_out(secret: str) -> None:
    text = str(failure(400, f'{{"error": {{"message": "wrong {secret} here"}}}}'))
    assert secret not in text
    assert "wrong [key] here" in text


def test_a_secret_at_the_cut_is_taken_out_whole() -> None:
    text = CENSOR.excerpt("x" * (EXCERPT_LENGTH - 4) + " the-key")
    assert "the" not in text
    assert len(text) <= EXCERPT_LENGTH


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"type": "overloaded_error", "message": "m"}, ModelUnreachable),
        ({"type": "rate_limit_error"}, ModelBusy),
        ({"code": "rate_limit_exceeded", "message": "m"}, ModelBusy),
        ({"code": 502, "message": "m"}, ModelUnreachable),
        ({"code": 429, "status": "RESOURCE_EXHAUSTED"}, ModelBusy),
        ({"code": "context_length_exceeded"}, ContextTooLong),
        ({"type": "invalid_request_error", "message": "prompt is too long"}, ContextTooLong),
        ({"type": "authentication_error"}, ModelAccessDenied),
        ({"code": "insufficient_quota", "message": "m"}, ModelAccessDenied),
        ({"type": "invalid_request_error", "message": "m"}, ModelRequestRefused),
        ("went wrong", ModelUnreachable),
        (None, ModelUnreachable),
    ],
)
def test_errors_inside_an_answer_are_typed(error: object, kind: type[ModelError]) -> None:
    assert type(failure_of_error_object(error, CENSOR)) is kind
