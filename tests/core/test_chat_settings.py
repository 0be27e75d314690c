"""What a chat chose, as it is stored."""

import json

import pytest

from minibot.core.chat_settings import (
    LONGEST_PROMPT,
    UNCHANGED,
    ChatSettings,
    DuringTurn,
    GroupMode,
    Switch,
    Verbosity,
    dump_chat_settings,
    parse_chat_settings,
)

EVERYTHING = ChatSettings(
    model="openai/gpt-5",
    prompt="Sprich wie ein Pirat 🏴‍☠️",
    temperature=0.3,
    streaming=Switch.OFF,
    verbosity=Verbosity.BRIEF,
    during_turn=DuringTurn.STEER,
    group_mode=GroupMode.ALWAYS,
    rich=Switch.ON,
    language="de",
)


def test_what_was_chosen_is_read_back() -> None:
    assert parse_chat_settings(dump_chat_settings(EVERYTHING)) == (EVERYTHING, ())


def test_nothing_is_stored_of_what_was_not_chosen() -> None:
    assert dump_chat_settings(UNCHANGED) == ""
    assert parse_chat_settings("") == (UNCHANGED, ())
    assert json.loads(dump_chat_settings(ChatSettings(rich=Switch.ON))) == {"rich": "on"}


def test_names_of_stored_choices_stay_as_others_read_them() -> None:
    stored = json.loads(dump_chat_settings(EVERYTHING))
    assert stored["streaming"] == "off"
    assert stored["during_turn"] == "steer"
    assert stored["rich"] == "on"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model", 7),
        ("prompt", "x" * (LONGEST_PROMPT + 1)),
        ("temperature", 2.1),
        ("temperature", -1),
        ("temperature", True),
        ("temperature", "warm"),
        ("streaming", "sometimes"),
        ("verbosity", None),
        ("during_turn", []),
        ("group_mode", {}),
        ("rich", 1),
        ("language", ["de"]),
    ],
)
def test_a_value_that_cannot_be_used_is_named_and_left_out(name: str, value: object) -> None:
    settings, problems = parse_chat_settings(json.dumps({"prompt": "Be kind.", name: value}))
    kept = "" if name == "prompt" else "Be kind."
    assert settings == ChatSettings(prompt=kept)
    (problem,) = problems
    assert name in problem


def test_a_temperature_that_is_no_number_is_left_out() -> None:
    settings, problems = parse_chat_settings('{"temperature": NaN}')
    assert (settings, len(problems)) == (UNCHANGED, 1)


@pytest.mark.parametrize("text", ["{", "[]", '"x"', "7", "[" * 100_000])
def test_what_is_no_object_is_as_if_nothing_was_chosen(text: str) -> None:
    settings, problems = parse_chat_settings(text)
    assert (settings, len(problems)) == (UNCHANGED, 1)


def test_what_a_newer_minibot_stored_is_kept() -> None:
    settings, problems = parse_chat_settings('{"rich": "on", "voice": {"speed": 2}}')
    assert (settings.rich, problems) == (Switch.ON, ())
    assert json.loads(dump_chat_settings(settings)) == {"rich": "on", "voice": {"speed": 2}}
