"""MINIBOT_… beats .env, .env beats config.toml, and a mistake is told by the variable."""

import pytest

from minibot.adapters.config import load
from minibot.core.errors import ConfigurationError
from tests.adapters.config.conftest import Folder
from tests.adapters.config.samples import API_KEY, CANARIES, TOKEN, WORKING

MODEL = "MINIBOT_LLM__MODEL"
PEOPLE = "MINIBOT_CHANNELS__TELEGRAM__ALLOWED_USER_IDS"


def test_the_environment_beats_dotenv_beats_the_file(folder: Folder) -> None:
    assert folder.load(WORKING).settings.llm.model == "gpt-4o-mini"
    dotenv = f"{MODEL}=from-dotenv\n"
    assert folder.load(WORKING, dotenv=dotenv).settings.llm.model == "from-dotenv"
    environ = {MODEL.lower(): "from-outside"}
    assert folder.load(WORKING, environ, dotenv=dotenv).settings.llm.model == "from-outside"


def test_an_override_leaves_the_keys_beside_it(folder: Folder) -> None:
    llm = folder.load(WORKING, {"MINIBOT_LLM__CONTEXT__HISTORY_WINDOW": "3"}).settings.llm
    assert llm.context.history_window == 3
    assert llm.context.system_prompt == "You are Minibot,\na helpful assistant."
    assert llm.temperature == 0.4


@pytest.mark.parametrize("name", [MODEL, "minibot_llm__model", "Minibot_Llm__Model"])
def test_case_does_not_matter(folder: Folder, name: str) -> None:
    assert folder.load(WORKING, {name: "x"}).settings.llm.model == "x"


def test_upper_case_wins_over_other_spellings(folder: Folder) -> None:
    environ = {"minibot_llm__model": "low", MODEL: "up", "Minibot_llm__model": "mixed"}
    assert folder.load(WORKING, environ).settings.llm.model == "up"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,2", (1, 2)),
        (" 1 , 2, ", (1, 2)),
        ("1", (1,)),
        ("[1, 2]", (1, 2)),
        ('["1", 2]', (1, 2)),
        ("[1, 2,]", (1, 2)),
        ("['*']", ("*",)),
        ("*", ("*",)),
        ("", ()),
        ("[]", ()),
    ],
)
def test_a_list_has_many_spellings(
    folder: Folder, text: str, expected: tuple[int | str, ...]
) -> None:
    telegram = folder.load(WORKING, {PEOPLE: text}).settings.channels.telegram
    assert telegram.allowed_user_ids == expected


@pytest.mark.parametrize("text", ['{"model": "x", "temperature": 1}', "{model='x',temperature=1}"])
def test_a_table_is_json_or_toml_and_its_keys_can_be_overridden(folder: Folder, text: str) -> None:
    environ = {"MINIBOT_LLM": text, "MINIBOT_LLM__TEMPERATURE": "2"}
    llm = folder.load(WORKING, environ).settings.llm
    assert (llm.model, llm.temperature, llm.provider) == ("x", 2, "openai")


def test_what_the_environment_says_is_not_interpolated(folder: Folder) -> None:
    assert folder.load(WORKING, {MODEL: "${X} $$"}).settings.llm.model == "${X} $$"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "MINIBOT_LLM__TEMPERATURE",
            API_KEY,
            "llm.temperature: must be a number (set by MINIBOT_LLM__TEMPERATURE)",
        ),
        (
            PEOPLE,
            f"1,{API_KEY}",
            "channels.telegram.allowed_user_ids: item 2 must be a numeric id (names are not "
            f"accepted: they can change hands) (set by {PEOPLE})",
        ),
        (
            PEOPLE,
            f"[1, {API_KEY}",
            "channels.telegram.allowed_user_ids: must be a list: items between commas, "
            f"or JSON, or TOML in [ ] (set by {PEOPLE})",
        ),
        (
            PEOPLE,
            "[1]\nother = 2",
            "channels.telegram.allowed_user_ids: must be a list: items between commas, "
            f"or JSON, or TOML in [ ] (set by {PEOPLE})",
        ),
        (
            PEOPLE,
            "[" * 5000,
            "channels.telegram.allowed_user_ids: must be a list: items between "
            f"commas, or JSON, or TOML in [ ] (set by {PEOPLE})",
        ),
        (
            "MINIBOT_LLM",
            API_KEY,
            "llm: must be a table as JSON or TOML, in { } (set by MINIBOT_LLM)",
        ),
        (
            "MINIBOT_LLM",
            '{"modle": 1}',
            "llm.modle: unknown key; did you mean llm.model? (set by MINIBOT_LLM)",
        ),
        (
            "MINIBOT_LLM__MODLE",
            API_KEY,
            "MINIBOT_LLM__MODLE: unknown setting in the environment; "
            "did you mean MINIBOT_LLM__MODEL?",
        ),
        (
            "MINIBOT_LLM_MODEL",
            API_KEY,
            "MINIBOT_LLM_MODEL: unknown setting in the environment; "
            "did you mean MINIBOT_LLM__MODEL?",
        ),
        (
            "MINIBOT_LLM__MODEL__X",
            "1",
            "MINIBOT_LLM__MODEL__X: unknown setting in the environment; "
            "did you mean MINIBOT_LLM__MODEL?",
        ),
        (
            "MINIBOT_QQQQQQQQQQQQ",
            "1",
            "MINIBOT_QQQQQQQQQQQQ: unknown setting in the environment; "
            "a key of [llm] is written MINIBOT_LLM__…",
        ),
    ],
)
def test_a_mistake_is_told_by_the_variable(
    folder: Folder, name: str, text: str, expected: str
) -> None:
    assert folder.refused(WORKING, {name: text}) == [expected]


def test_a_mistake_in_dotenv_is_told_as_such(folder: Folder) -> None:
    assert folder.refused(WORKING, dotenv="MINIBOT_LLM__TEMPERATURE=hot\n") == [
        "llm.temperature: must be a number (set by MINIBOT_LLM__TEMPERATURE in .env)"
    ]


def test_problems_of_file_and_environment_are_told_together(folder: Folder) -> None:
    text = WORKING + "\n[runtme]\n"
    lines = folder.refused(text, {"MINIBOT_LLM__X": "1"}, dotenv=f"\n\n'{TOKEN}\n")
    assert [line.split(":")[0] for line in lines] == [".env", "MINIBOT_LLM__X", "37"]
    assert lines[0] == ".env: line 3 is not NAME=value"


def test_a_dotenv_that_cannot_be_read_is_told(folder: Folder) -> None:
    folder.load(WORKING)
    folder.path.with_name(".env").mkdir()
    with pytest.raises(ConfigurationError, match=r"config.toml: \.env: is a directory"):
        _reload(folder)
    folder.path.with_name(".env").rmdir()
    folder.path.with_name(".env").symlink_to("nowhere")
    with pytest.raises(ConfigurationError, match=r"config.toml: \.env: does not exist"):
        _reload(folder)
    folder.path.with_name(".env").unlink()
    folder.path.with_name(".env").write_bytes(b"A=1\nB=\xff\n")
    with pytest.raises(ConfigurationError, match=r"\.env: line 2 is not UTF-8 text"):
        _reload(folder)


def test_variables_of_a_service_of_the_same_name_are_no_settings(folder: Folder) -> None:
    environ = {
        "MINIBOT_SERVICE_HOST": "10.0.0.1",
        "MINIBOT_SERVICE_PORT": "80",
        "MINIBOT_SERVICE_PORT_WEBHOOK": "80",
        "MINIBOT_PORT": "tcp://10.0.0.1:80",
        "MINIBOT_PORT_80_TCP": "tcp://10.0.0.1:80",
        "MINIBOT_PORT_80_TCP_ADDR": "10.0.0.1",
    }
    assert folder.load(WORKING, environ).settings.llm.model == "gpt-4o-mini"


def test_a_secret_of_the_environment_is_not_shown(folder: Folder) -> None:
    loaded = folder.load(WORKING, {"MINIBOT_LLM__API_KEY": "sk-other-canary"})
    assert loaded.settings.llm.api_key.get_secret_value() == "sk-other-canary"
    for canary in (*CANARIES, "sk-other-canary"):
        assert canary not in repr(loaded)


def test_a_key_without_effect_gives_a_warning_from_the_environment_too(folder: Folder) -> None:
    loaded = folder.load(WORKING, {"MINIBOT_TASKS__STORAGE__SQLITE__POOL_SIZE": "2"})
    (warning,) = loaded.warnings
    assert warning.key == "tasks.storage.sqlite.pool_size"


def _reload(folder: Folder) -> None:
    load(folder.path, {})
