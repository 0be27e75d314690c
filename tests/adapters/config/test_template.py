"""What `minibot init` writes can be loaded, says what was answered, and is private."""

import os
import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.config import Answers, compose, compose_env, load, write_private
from minibot.adapters.config.document import Files
from minibot.adapters.config.loader import interpret
from minibot.core.errors import ConfigurationError
from minibot.core.settings import Settings
from minibot.core.settings_diff import diff
from tests.adapters.config.samples import API_KEY, TOKEN

FAMILY = Answers(
    telegram=True,
    allowed_user_ids=(123456789, 987654321),
    provider="claude",
    model="some-model",
    system_prompt='Say "hello" for $5,\nand ${NOTHING} \\ more.',
    data_dir="/var/lib/minibot",
)


def loaded(answers: Answers, env: str = "") -> Settings:
    files = Files(config=compose(answers).encode(), dotenv=env.encode())
    result = interpret(files, Path("config.toml"), {})
    assert result.warnings == ()
    return result.settings


def test_answers_become_settings() -> None:
    settings = loaded(FAMILY, compose_env(bot_token=TOKEN, api_key=API_KEY))
    assert settings.channels.telegram.enabled
    assert settings.channels.telegram.bot_token.get_secret_value() == TOKEN
    assert settings.channels.telegram.allowed_user_ids == (123456789, 987654321)
    assert not settings.channels.console.enabled
    assert settings.llm.provider == "claude"
    assert settings.llm.model == "some-model"
    assert settings.llm.api_key.get_secret_value() == API_KEY
    assert settings.llm.context.system_prompt == FAMILY.system_prompt
    assert settings.runtime.data_dir == Path("/var/lib/minibot")


def test_no_answers_are_the_defaults_with_tools() -> None:
    assert diff(Settings(), loaded(Answers())) == (
        "tools.http_client.enabled",
        "tools.kv_memory.enabled",
        "tools.files.enabled",
    )


def test_a_server_of_ones_own_needs_no_key() -> None:
    answers = Answers(provider="openai", model="m", base_url="http://127.0.0.1:11434/v1")
    assert loaded(answers).llm.base_url == "http://127.0.0.1:11434/v1"
    settings = loaded(answers, compose_env(api_key=API_KEY))
    assert settings.llm.api_key.get_secret_value() == API_KEY


def test_a_missing_key_is_told_by_its_variable() -> None:
    with pytest.raises(ConfigurationError, match="llm.api_key: variable LLM_API_KEY is not set"):
        loaded(FAMILY, f"TELEGRAM_BOT_TOKEN={TOKEN}\n")


@given(prompt=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_comes_back_as_it_was(prompt: str) -> None:
    assert loaded(Answers(system_prompt=prompt)).llm.context.system_prompt == prompt


@given(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=30))
def test_any_secret_comes_back_as_it_was(secret: str) -> None:
    environment = loaded(FAMILY, compose_env(bot_token=TOKEN, api_key=secret or "x"))
    assert environment.llm.api_key.get_secret_value() == (secret or "x")


def test_other_readers_of_dotenv_understand_it(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(compose_env(bot_token=TOKEN, api_key="a 'quoted' #\\ key"))
    assert dotenv_values(path) == {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "LLM_API_KEY": "a 'quoted' #\\ key",
    }


def test_a_secret_of_two_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="single line"):
        compose_env(api_key="a\nMINIBOT_LLM__MODEL=b")


def test_a_written_file_is_private_and_loads_without_warning(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    write_private(path, compose(FAMILY))
    write_private(path.with_name(".env"), compose_env(bot_token=TOKEN, api_key=API_KEY))
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(file.name for file in path.parent.iterdir()) == [".env", "config.toml"]
    assert load(path, {}).warnings == ()


def test_a_file_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("mine")
    with pytest.raises(ConfigurationError, match="exists already and was left as it is"):
        write_private(path, "other")
    assert path.read_text() == "mine"
    assert os.listdir(tmp_path) == ["config.toml"]


def test_a_dangling_link_is_not_written_through(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match="exists already"):
        write_private(path, "text")
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="its folder cannot be created: File exists"):
        write_private(tmp_path / "file" / "config.toml", "text")


def test_a_name_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written: File name too long"):
        write_private(tmp_path / ("x" * 300), "text")


def without_links(source: Path, target: Path) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_a_file_system_without_hard_links_will_do(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    write_private(path, "mine", link=without_links)
    assert path.read_text() == "mine"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ConfigurationError, match="exists already"):
        write_private(path, "other", link=without_links)
    assert os.listdir(tmp_path) == ["config.toml"]
