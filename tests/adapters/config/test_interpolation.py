"""Variables in config.toml: whole names, one pass, and never a value in a message."""

import pytest

from minibot.core.settings import Settings
from tests.adapters.config.conftest import Folder
from tests.adapters.config.samples import API_KEY, TOKEN


def prompt(text: str) -> str:
    return f"[llm.context]\nsystem_prompt = '{text}'\n"


def said(settings: Settings) -> str:
    return settings.llm.context.system_prompt


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A}", "one"),
        ("a ${A} and ${B} end", "a one and two end"),
        ("${A}${A}", "oneone"),
        ("${NO:-other}", "other"),
        ("${NO:-}", ""),
        ("${EMPTY:-other}", "other"),
        ("${EMPTY}", ""),
        ("${A:-other}", "one"),
        ("${NO:-a:-b}", "a:-b"),
        ("$$", "$"),
        ("$${A}", "${A}"),
        ("$$${A}", "$one"),
        ("$A costs $5 {A}", "$A costs $5 {A}"),
        ("${REFERS}", "${A}"),
        ("${NO:-${A}", "${A"),
        ("${DOLLARS}", "$$"),
    ],
)
def test_references_are_followed_once(folder: Folder, text: str, expected: str) -> None:
    environ = {"A": "one", "B": "two", "EMPTY": "", "REFERS": "${A}", "DOLLARS": "$$"}
    assert said(folder.load(prompt(text), environ).settings) == expected


@pytest.mark.parametrize("body", ["", "A B", "1A", "A-B", "A:+x", "A:", "é", API_KEY, TOKEN])
def test_only_whole_names_are_followed(folder: Folder, body: str) -> None:
    (line,) = folder.refused(prompt(f"${{{body}}}"), {"A": "one"})
    assert line == (
        "2: llm.context.system_prompt: "
        "what stands in ${…} is not the name of a variable, as in ${LLM_API_KEY}"
    )


def test_a_reference_that_is_not_closed_is_told(folder: Folder) -> None:
    (line,) = folder.refused(prompt("${A"), {"A": "one"})
    assert '"${" is never closed' in line


def test_a_missing_variable_is_told_by_name_and_key(folder: Folder) -> None:
    (line,) = folder.refused("[llm]\napi_key = '${NOPE}'\nprovider = 'openai'\nmodel = 'm'\n")
    assert line.startswith("2: llm.api_key: variable NOPE is not set;")


def test_numbers_flags_and_lists_may_come_from_variables(folder: Folder) -> None:
    text = """\
[channels.console]
enabled = "${CONSOLE}"
[channels.telegram]
allowed_user_ids = "${PEOPLE}"
allowed_chat_ids = [-5, "${GROUP}"]
webhook_port = "${PORT}"
"""
    environ = {"CONSOLE": "yes", "PEOPLE": "1, 2", "GROUP": "-7", "PORT": "8080"}
    channels = folder.load(text, environ).settings.channels
    assert channels.console.enabled
    assert channels.telegram.allowed_user_ids == (1, 2)
    assert channels.telegram.allowed_chat_ids == (-5, -7)
    assert channels.telegram.webhook_port == 8080


def test_a_list_in_quotes_is_no_list(folder: Folder) -> None:
    (line,) = folder.refused("[channels.telegram]\nallowed_user_ids = '1, 2'\n")
    assert line == "2: channels.telegram.allowed_user_ids: must be a list, in [ ]"


def test_keys_are_not_interpolated(folder: Folder) -> None:
    (line,) = folder.refused("[llm]\n'${A}' = 'x'\n", {"A": "model"})
    assert line.startswith("2: llm.(unreadable name): unknown key")


TELEGRAM = """\
[channels.telegram]
{switch}
bot_token = "${{TELEGRAM_BOT_TOKEN}}"
api_base_url = "${{SERVER}}"
webhook_port = "${{PORT}}"
allowed_user_ids = ["${{ME}}"]
"""


@pytest.mark.parametrize("switch", ["enabled = false", "enabled = '${ON:-off}'", ""])
def test_a_table_that_is_off_needs_no_variables(folder: Folder, switch: str) -> None:
    telegram = folder.load(TELEGRAM.format(switch=switch)).settings.channels.telegram
    assert telegram == Settings().channels.telegram


def test_a_table_that_is_on_needs_all_of_them(folder: Folder) -> None:
    lines = folder.refused(TELEGRAM.format(switch="enabled = true"))
    assert [line.split(" ")[3] for line in lines] == ["TELEGRAM_BOT_TOKEN", "SERVER", "PORT", "ME"]


def test_a_switch_that_cannot_be_read_switches_nothing_off(folder: Folder) -> None:
    lines = folder.refused(TELEGRAM.format(switch="enabled = '${SWITCH}'"))
    assert [line.split(" ")[3] for line in lines][:2] == ["SWITCH", "TELEGRAM_BOT_TOKEN"]


def test_a_table_that_the_environment_switches_on_needs_all_of_them(folder: Folder) -> None:
    text = TELEGRAM.format(switch="enabled = false")
    assert len(folder.refused(text, {"MINIBOT_CHANNELS__TELEGRAM__ENABLED": "true"})) == 4


def test_a_table_that_the_environment_switches_off_needs_none(folder: Folder) -> None:
    text = TELEGRAM.format(switch="enabled = true")
    loaded = folder.load(text, {"MINIBOT_CHANNELS__TELEGRAM__ENABLED": "off"})
    assert not loaded.settings.channels.telegram.enabled


def test_variables_come_from_the_file_beside_but_the_environment_wins(folder: Folder) -> None:
    dotenv = "# mine\nexport A='from the file'\nB=\"two\\nlines\"\nC=${A}\n"
    loaded = folder.load(prompt("${A}|${B}|${C}"), {}, dotenv=dotenv)
    assert said(loaded.settings) == "from the file|two\nlines|${A}"
    loaded = folder.load(prompt("${A}"), {"A": "from outside"}, dotenv=dotenv)
    assert said(loaded.settings) == "from outside"
