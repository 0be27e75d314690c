"""What went wrong, as a typed error with a text that is safe to log."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from minibot.adapters.llm.fields import Object, as_object, as_objects, as_text, parse
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

EXCERPT_LENGTH = 200

_CONTEXT_TOO_LONG = re.compile(
    r"context[ _-]?(length|window|size)|maximum (context|prompt|number of tokens)"
    r"|(prompt|input|request|conversation)[^.]{0,40} too (long|large)"
    r"|too many (input )?tokens|token count[^.]{0,60}exceeds|exceeds[^.]{0,60}token (limit|count)"
    r"|string_above_max_length",
    re.IGNORECASE,
)
_TOOLS = (
    r"['\"`]?\b(?:tools?(?:[ _-](?:use|usage|calls?|calling))?"
    r"|functions?(?:[ _-]call(?:s|ing))?)\b['\"`]?"
)
_NO_TOOLS = re.compile(
    # no word of a tool's choice or kind: another request may do without these
    r"(?:not|n't) (?:currently |yet )?support (?:the |this )?(?:use of )?"
    rf"{_TOOLS}(?! ?(?:choice|type))"
    rf"|{_TOOLS}(?: with function calling)? (?:is|are) "
    r"(?:un|not (?:currently |yet )?)(?:supported|enabled|available)"
    rf"|no endpoints found that support {_TOOLS}"
    r"|--enable-auto-tool-choice|tools param requires --jinja|only named tools are supported"
    r"|extra_forbidden[^}]{0,40}'tools'",
    re.IGNORECASE,
)
_PICTURES = (
    r"['\"`]?(?:vision|image(?:[ _-]?(?:input|content|url)s?)?|images|multi-?modal)\b['\"`]?"
)
_NO_PICTURES = re.compile(
    r"(?:not|n't|no) (?:currently |yet )?(?:support|accept|allow)\w* (?:for )?(?:the |any )?"
    rf"{_PICTURES}"
    rf"|{_PICTURES}(?: content)? (?:is|are) (?:un|not (?:currently |yet )?)"
    r"(?:supported|enabled|allowed)"
    rf"|no endpoints found that support {_PICTURES}"
    r"|unknown variant `image_url`|not a multimodal model|missing data required for image input",
    re.IGNORECASE,
)
_MAY_LACK_PICTURES = frozenset({400, 404, 415, 422, 500, 501})
_MAY_LACK_TOOLS = frozenset({400, 404, 405, 422, 500, 501})
_SECRETS = re.compile(
    r"\b(sk|pk|rk|gsk|xai|key)-[\w*-]{6,}"  # keys as most providers write them
    r"|\bAIza[\w-]{10,}"
    r"|\bBearer\s+\S+"
    r"|\b\d{6,}:[\w-]{30,}",  # a bot token
    re.IGNORECASE,
)
_NO_BALANCE = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_STATUS_OF_NAME = {
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "resource_exhausted": 429,
    "authentication_error": 401,
    "unauthenticated": 401,
    "invalid_api_key": 401,
    "billing_error": 402,
    "permission_error": 403,
    "permission_denied": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "context_length_exceeded": 400,
    "invalid_request_error": 400,
    "invalid_argument": 400,
    "invalid_prompt": 400,
}
"""Names providers give errors inside a stream, where there is no status line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An error as the server put it."""

    status: int
    body: bytes
    retry_after: float | None = None
    hint: str = ""


class Censor:
    """Takes secrets out of texts that leave this package."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def excerpt(self, text: str) -> str:
        """Give one short line without the key."""
        if self._secret:
            text = text.replace(self._secret, "[key]")
        text = _SECRETS.sub("[key]", text)
        printable = "".join(char if char.isprintable() else " " for char in text)
        line = " ".join(printable.split())
        return line if len(line) <= EXCERPT_LENGTH else line[: EXCERPT_LENGTH - 1] + "…"


def failure_of_status(refusal: Refusal, censor: Censor) -> ModelError:
    """Type the answer to a request that was not accepted."""
    error = as_object(as_object(_first(parse(refusal.body))).get("error"))
    said = _message(refusal.body, error)
    excerpt = censor.excerpt(said)
    text = f"{_status_line(refusal.status)}: {excerpt}" if excerpt else _status_line(refusal.status)
    names = _names(error)
    if refusal.status == 429 and names.isdisjoint(_NO_BALANCE):
        wait = refusal.retry_after
        return ModelBusy(text, retry_after=_wait_named(error) if wait is None else wait)
    if refusal.status in (401, 402, 403, 429):
        return ModelAccessDenied(text)
    if refusal.status in _MAY_LACK_TOOLS and _NO_TOOLS.search(said):
        return ToolsUnsupported(text)
    if refusal.status in _MAY_LACK_PICTURES and _NO_PICTURES.search(said):
        return PicturesUnsupported(text)
    if refusal.status in (408, 409, 425) or refusal.status >= 500:
        return ModelUnreachable(text)
    too_long = refusal.status in (400, 422) and _CONTEXT_TOO_LONG.search(said + " ".join(names))
    if refusal.status == 413 or too_long:
        return ContextTooLong(text)
    return ModelRequestRefused(f"{text} ({refusal.hint})" if refusal.hint else text)


def failure_of_error_object(error: object, censor: Censor) -> ModelError:
    """Type an error that came inside an answer that began well."""
    fields = as_object(error)
    names = _names(fields)
    status = next((_STATUS_OF_NAME[name] for name in sorted(names) if name in _STATUS_OF_NAME), 0)
    code = fields.get("code")
    if isinstance(code, int) and 400 <= code <= 599:
        status = code
    message = " ".join((*names, as_text(fields.get("message")) or as_text(error)))
    if any(each.search(message) for each in (_CONTEXT_TOO_LONG, _NO_TOOLS, _NO_PICTURES)):
        status = status or 400
    body = as_text(error) or as_text(fields.get("message")) or ", ".join(sorted(names))
    if not names.isdisjoint(_NO_BALANCE):
        return ModelAccessDenied(censor.excerpt(body))
    if not status:
        return ModelUnreachable(f"the model's server failed in mid-answer: {censor.excerpt(body)}")
    refusal = Refusal(status=status, body=body.encode("utf-8", "replace"))
    return failure_of_status(refusal, censor)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Read how many seconds a server asks to wait, in any of the three ways they say it."""
    milliseconds = _seconds(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    said = headers.get("retry-after")
    seconds = _seconds(said)
    if seconds is not None or not said:
        return seconds
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def _seconds(text: str | None) -> float | None:
    match = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{0,9})?)\s*s?\s*", text or "", re.ASCII)
    return float(match[1]) if match else None


def _wait_named(error: Object) -> float | None:
    """Read the wait that Google puts in the body instead of a header."""
    waits = (_seconds(as_text(item.get("retryDelay"))) for item in as_objects(error.get("details")))
    return next((wait for wait in waits if wait is not None), None)


def _first(tree: object) -> object:
    return tree[0] if isinstance(tree, list) and tree else tree


def _names(error: Object) -> frozenset[str]:
    said = (as_text(error.get(key)).lower() for key in ("code", "type", "status"))
    return frozenset(name for name in said if name)


def _message(body: bytes, error: Object) -> str:
    """Find what the server said, without the JSON around it.

    OpenRouter says that the provider behind it failed, and quotes it elsewhere.
    """
    whole = as_object(parse(body))
    quoted = as_text(as_object(error.get("metadata")).get("raw"))
    if quoted:
        return f"{as_text(error.get('message'))}: {quoted}"
    candidates = (
        error.get("message"),
        whole.get("error"),
        whole.get("message"),
        whole.get("detail"),
    )
    found = next((text for text in map(as_text, candidates) if text), "")
    return found or body.decode("utf-8", "replace")


def _status_line(status: int) -> str:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "unknown status"
    return f"the model's server answered {status} {phrase}"
