import logging
import re
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.observability.entry import Entry
from minibot.adapters.observability.layouts import JsonLines, Layout, Logfmt, PlainText, layout_for
from minibot.core.settings import Settings

NOON = 1_767_268_800.25


def entry(message: str = "Hello", exception: str = "", **fields: Any) -> Entry:
    return Entry(NOON, logging.INFO, "app.turn", message, fields, exception)


def test_logfmt_writes_pairs() -> None:
    line = Logfmt("minibot", "home")(entry("Turn finished", seconds=1.5, ok=True, note=None))
    assert line == (
        "time=2026-01-01T12:00:00.250Z level=INFO service=minibot environment=home "
        'component=app.turn message="Turn finished" seconds=1.5 ok=true note='
    )


def test_logfmt_escapes_quotes_backslashes_and_line_ends() -> None:
    line = Logfmt("s", "e")(entry('say "a\\b"\nlevel=ERROR'))
    assert line.endswith(r'message="say \"a\\b\"\nlevel=ERROR"')


def test_logfmt_obeys_both_separators() -> None:
    layout = Logfmt("s", "e", kv_separator=": ", record_separator=" | ")
    line = layout(entry("a|b", path="x:y", plain="z"))
    assert line.split(" | ")[1:] == [
        "level: INFO",
        "service: s",
        "environment: e",
        "component: app.turn",
        'message: "a|b"',
        'path: "x:y"',
        "plain: z",
    ]


def test_logfmt_cleans_field_names() -> None:
    names: dict[str, Any] = {"chat id": 1, "a=b": 2, "": 3, "c\nd": 4}
    line = Logfmt("s", "e")(entry(**names))
    assert line.endswith("chat_id=1 a_b=2 _=3 c_d=4")


def test_json_keeps_types_and_puts_the_exception_last() -> None:
    line = JsonLines("minibot", "home")(entry(exception="Trace\nback", seconds=1.5, note=None))
    assert orjson.loads(line) == {
        "time": "2026-01-01T12:00:00.250Z",
        "level": "INFO",
        "service": "minibot",
        "environment": "home",
        "component": "app.turn",
        "message": "Hello",
        "seconds": 1.5,
        "note": None,
        "exception": "Trace\nback",
    }


def test_plain_reads_like_a_sentence_and_indents_what_follows() -> None:
    text = PlainText("minibot", "home")(entry("Two\nlines", exception="Trace\r\nback", n=1))
    assert re.fullmatch(
        r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d INFO     minibot/home app\.turn: Two\n"
        r"    lines  n=1\n    Trace\n    back",
        text,
    )


@pytest.mark.parametrize(
    ("logs", "kind"),
    [
        ({}, Logfmt),
        ({"json": True}, Logfmt),
        ({"json": True, "logfmt": {"enabled": False}}, JsonLines),
        ({"logfmt": {"enabled": False}}, PlainText),
        ({"structured": False, "json": True}, PlainText),
    ],
)
def test_settings_choose_the_format(logs: dict[str, Any], kind: type) -> None:
    assert type(layout_for(Settings.model_validate({"logging": logs}))) is kind


def test_service_and_environment_come_from_the_settings() -> None:
    settings = Settings.model_validate(
        {"logging": {"service_name": "my bot"}, "runtime": {"environment": "cellar"}}
    )
    assert 'service="my bot" environment=cellar' in layout_for(settings)(entry())


ONE_LINE: list[Layout] = [
    Logfmt("s", "e"),
    Logfmt("s", "e", kv_separator=":", record_separator=";"),
    JsonLines("s", "e"),
]
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]))
FIELDS = st.dictionaries(ANYTHING, ANYTHING | st.integers(-(2**63), 2**63 - 1), max_size=3)


@given(ANYTHING, ANYTHING, FIELDS, st.sampled_from(ONE_LINE))
def test_nothing_said_makes_a_second_line(
    message: str, exception: str, fields: dict[str, Any], layout: Layout
) -> None:
    line = layout(Entry(NOON, logging.INFO, "c", message, fields, exception))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


@given(ANYTHING, ANYTHING, FIELDS)
def test_plain_text_indents_whatever_was_said(
    message: str, exception: str, fields: dict[str, Any]
) -> None:
    text = PlainText("s", "e")(Entry(NOON, logging.INFO, "c", message, fields, exception))
    first, *others = text.splitlines()
    assert re.match(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d INFO ", first)
    assert all(line.startswith("    ") or not line.strip() for line in others)
    assert "\x1b" not in text


@given(ANYTHING, ANYTHING)
def test_logfmt_values_cannot_forge_fields(message: str, value: str) -> None:
    line = Logfmt("s", "e")(entry(message, said=value, end="yes"))
    # Outside quotes there are exactly the fields that were given.
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "Q", line)
    names = [pair.split("=", 1)[0] for pair in bare.split(" ")]
    assert names == [
        "time", "level", "service", "environment", "component", "message", "said", "end",
    ]  # fmt: skip


@given(ANYTHING, ANYTHING)
def test_json_gives_back_what_was_said(message: str, value: str) -> None:
    line = orjson.loads(JsonLines("s", "e")(entry(message, said=value)))
    assert (line["message"], line["said"]) == (message, value)
