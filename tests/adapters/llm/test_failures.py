"""Errors get the right type and a text that is safe to show."""

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
