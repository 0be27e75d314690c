import json
import re
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from minibot.adapters.observability.redaction import MASK, Redactor, names_a_secret
from tests.adapters.observability.secrets import (
    AWKWARD_KEY,
    BOT_HALF,
    BOT_TOKEN,
    CANARIES,
    MODEL_KEY,
    SHORT,
)

KNOWING = Redactor([BOT_TOKEN, MODEL_KEY, AWKWARD_KEY, SHORT])
UNKNOWING = Redactor()
OTHER_TOKEN = "123456:ZZothers-others_others-others_oth"


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize(
    "spelling",
    [
        str,
        repr,
        json.dumps,
        lambda text: json.dumps(json.dumps({"k": text})),
        lambda text: json.dumps({"k": text}, ensure_ascii=False),
        lambda text: quote(text, safe=""),
        lambda text: re.sub("%..", lambda found: found[0].lower(), quote(text)),
        lambda text: str(URL("http://h/").with_query(k=text)),
        quote_plus,
        lambda text: repr({"k": text}),
        lambda text: repr(text.encode()),
    ],
)
def test_known_secrets_go_in_every_spelling(canary: str, spelling: object) -> None:
    assert callable(spelling)
    written = str(spelling(canary))
    redacted = KNOWING.redact(f"before {written} after")
    assert written.strip("b\"'") not in redacted
    assert "canary" not in redacted
    assert redacted.startswith("before ")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"token {OTHER_TOKEN}!", "token ***!"),
        (OTHER_TOKEN.replace(":", "%3A"), MASK),
        (
            f"https://api.telegram.org/bot{OTHER_TOKEN}/getMe",
            "https://api.telegram.org/bot***/getMe",
        ),
        ("http://127.0.0.1:81/bot42:short/getUpdates", "http://127.0.0.1:81/bot***/getUpdates"),
        ("http://h/file/bot42:short/photo.jpg", "http://h/file/bot***/photo.jpg"),
        ("Incorrect key sk-proj-abcd1234EFGH given", "Incorrect key *** given"),
        ("key AIzaSyD0123456789abcdef", "key ***"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: ***"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: ***"),
        ("{'Authorization': 'Bearer abc'}", "{'Authorization': '***'}"),
        ("(b'authorization', b'Bearer abc')", "(b'authorization', b'***')"),
        ('{"authorization":"abc"}', '{"authorization":"***"}'),
        ("sent with bearer abc12", "sent with bearer ***"),
        ("x-api-key: abc", "x-api-key: ***"),
        ("{'x-goog-api-key': 'abc', 'n': 1}", "{'x-goog-api-key': '***', 'n': 1}"),
        ("X-Telegram-Bot-Api-Secret-Token: hush", "X-Telegram-Bot-Api-Secret-Token: ***"),
        ("GET /v1/models?key=abc&page=2", "GET /v1/models?key=***&page=2"),
        ("bot_token=pw1 next=2", "bot_token=*** next=2"),
        ("password = 'two words', n=1", "password = '***', n=1"),
        ('{"api_key": "abc", "n": 1}', '{"api_key": "***", "n": 1}'),
        (r"{\"secret\": \"abc\", \"n\": 1}", r"{\"secret\": \"***\", \"n\": 1}"),
        ("redis://user:hunter2@localhost:6379/0", "redis://user:***@localhost:6379/0"),
    ],
)
def test_what_looks_like_a_secret_goes(text: str, clean: str) -> None:
    assert UNKNOWING.redact(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens=500 tokens: 12",
        "config.toml:3: channels.telegram.bot_token: bot_token is missing",
        "2026-11-20T16:15:03 took 00:01:12",
        "telegram:123456789 wrote at 12345678:00",
        "http://localhost:8080/path?page=2&keyboard=on",
        "the password was refused",
        "task-1 asks-for-more-than-it-gives",
        "monkey=1 key=outbox-5",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert UNKNOWING.redact(text) == text


def test_secret_of_other_letters_goes_out_of_json() -> None:
    secret = "gehörtniemandem"
    assert Redactor([secret]).redact(json.dumps([secret, "ö"])) == '["***", "\\u00f6"]'


def test_half_of_a_bot_token_is_a_secret() -> None:
    assert KNOWING.redact(f"x{BOT_HALF}y") == "x***y"


def test_short_secret_goes_as_a_value_and_not_out_of_words() -> None:
    assert KNOWING.redact("hpw1ab") == "hpw1ab"
    assert KNOWING.redact("webhook_secret=pw1") == "webhook_secret=***"


def test_secrets_learned_later_join_those_known() -> None:
    redactor = Redactor(["first-secret"])
    redactor.learn(["second-secret"])
    assert redactor.redact("first-secret second-secret") == "*** ***"


def test_empty_secret_changes_nothing() -> None:
    assert Redactor(["", "  "]).redact("a plain text") == "a plain text"


@pytest.mark.parametrize("name", ["token", "bot_token", "api_key", "apikey", "Authorization"])
def test_names_of_secrets(name: str) -> None:
    assert names_a_secret(name)


@pytest.mark.parametrize("name", ["tokens", "key", "outbox_key", "request_id", "max_tokens"])
def test_names_of_other_things(name: str) -> None:
    assert not names_a_secret(name)


@given(st.text(), st.text(), st.sampled_from([BOT_TOKEN, MODEL_KEY, AWKWARD_KEY]))
def test_no_surroundings_hide_a_known_secret(before: str, after: str, canary: str) -> None:
    assert canary not in KNOWING.redact(f"{before}{canary}{after}")


@given(
    st.lists(
        st.sampled_from([OTHER_TOKEN, "token=", "'", '"', "Bearer ", "a", " ", "://u:p@h", "\\"])
    )
)
def test_doing_it_twice_changes_nothing_more(pieces: list[str]) -> None:
    once = UNKNOWING.redact("".join(pieces))
    assert UNKNOWING.redact(once) == once


@pytest.mark.parametrize(
    "piece", ["1", "token='", "bearer ", "://u:", "authorization ", "_token ", "sk-", "/bot1", "1:"]
)
def test_cost_grows_with_the_length_only(piece: str) -> None:
    text = (piece * 40_000)[:40_000]
    started = time.perf_counter()
    UNKNOWING.redact(text)
    assert time.perf_counter() - started < 20  # quadratic ones take minutes
