"""What config.toml says is what `Settings` hold, and what is wrong is said where it stands."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from minibot.adapters.config import load
from minibot.core.errors import ConfigurationError
from minibot.core.settings import Settings
from tests.adapters.config.conftest import Folder
from tests.adapters.config.samples import API_KEY, EVERY_TABLE, PASSWORD, TOKEN, WORKING


def test_every_table_and_key_is_read(folder: Folder) -> None:
    loaded = folder.load(EVERY_TABLE)
    settings = loaded.settings
    assert type(settings) is Settings
    assert settings.channels.telegram.allowed_user_ids == (123456789, 987654321)
    assert settings.llm.api_key.get_secret_value() == "sk-..."
    assert settings.llm.temperature == 0.4
    assert settings.memory.backend == "in_memory"
    assert settings.logging.json_lines is True
    assert settings.tasks.storage.sqlite.url == "sqlite+aiosqlite:///./data/tasks.db"
    (warning,) = loaded.warnings
    assert (warning.key, warning.line) == ("tasks.storage.sqlite.pool_size", 72)


def test_what_is_not_said_is_the_default(folder: Folder) -> None:
    assert folder.load("# nothing\n").settings == Settings()


def test_a_relative_data_folder_stays_as_it_was_written(folder: Folder) -> None:
    settings = folder.load('[runtime]\ndata_dir = "some/where"\n').settings
    assert settings.runtime.data_dir == Path("some/where")


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(folder: Folder) -> None:
    text = b"\xef\xbb\xbf" + WORKING.replace("\n", "\r\n").encode()
    assert folder.load(text).settings.llm.model == "gpt-4o-mini"


def test_the_environment_of_the_process_counts_when_no_other_is_given(folder: Folder) -> None:
    folder.load(WORKING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINIBOT_LLM__MODEL", "from-the-process")
        assert load(folder.path).settings.llm.model == "from-the-process"


def test_the_digest_tells_contents_apart(folder: Folder) -> None:
    first = folder.load(WORKING).digest
    assert folder.load(WORKING).digest == first
    assert folder.load(WORKING + "\n").digest != first
    assert folder.load(WORKING, dotenv="A=1\n").digest != first


def test_every_problem_is_told_at_once_with_its_key_and_line(folder: Folder) -> None:
    text = """\
[runtime]
log_level = "LOUD"
data_dir = 5

[llm]
modle = "gpt"
provider = "openai"
api_key = "${NOT_SET}"
context = { history_windw = 5, max_history_tokens = true }

[llm.retry]
attempts = 2.5
max_wait_seconds = inf

[channels.telegram]
enabled = "perhaps"
allowed_user_ids = [
  1,
  "@bob",
  true,
]
webhook_secret = "not allowed!"

[channels.slak]
enabled = false

[memory]
backend = "mongo"
"""
    assert folder.refused(text) == [
        "2: runtime.log_level: must be one of "
        "'TRACE', 'DEBUG', 'INFO', 'WARNING', 'ERROR' or 'CRITICAL'",
        "3: runtime.data_dir: must be a path, in quotes",
        "6: llm.modle: unknown key; did you mean llm.model?",
        "8: llm.api_key: variable NOT_SET is not set; "
        "put it into .env beside the file, or into the environment",
        "9: llm.context.history_windw: unknown key; did you mean llm.context.history_window?",
        "9: llm.context.max_history_tokens: must be a number, not true or false",
        "12: llm.retry.attempts: must be a whole number",
        "13: llm.retry.max_wait_seconds: must be a number that is not infinite",
        "16: channels.telegram.enabled: must be true or false",
        "19: channels.telegram.allowed_user_ids: item 2 must be a numeric id "
        "(names are not accepted: they can change hands)",
        "20: channels.telegram.allowed_user_ids: item 3 must be a numeric id "
        "(names are not accepted: they can change hands)",
        "22: channels.telegram.webhook_secret: must be 1-256 characters of A-Z a-z 0-9 _ -",
        "24: channels.slak: unknown table; did you mean channels.slack?",
        '28: memory.backend: "mongo" is not available; use "sqlalchemy", "redis" or "in_memory"',
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("llm = 5", "1: llm: must be a table"),
        ("[[channels.telegram]]", "1: channels.telegram: must be a table"),
        ("[llm]\nmodel = 5", "2: llm.model: must be text, in quotes"),
        ("[llm]\ntemperature = 3", "2: llm.temperature: must not be more than 2"),
        ("[llm]\ntimeouts.total_seconds = 0", "2: llm.timeouts.total_seconds: must be more than 0"),
        (
            "[channels.telegram]\nallowed_user_ids = 5",
            "2: channels.telegram.allowed_user_ids: must be a list, in [ ]",
        ),
        (
            "[channels.slack]\nenabled = true",
            "2: channels.slack.enabled: the Slack channel is not available in this version",
        ),
        (
            "[logging.logfmt]\nkv_separator = ''",
            "2: logging.logfmt.kv_separator: must not be shorter than 1",
        ),
        (
            "[logging.file]\npath = '../minibot.log'",
            "2: logging.file.path: must be a relative path; it lies below runtime.data_dir",
        ),
        (
            '[runtime]\ndata_dir = "a\\u0000b"',
            "2: runtime.data_dir: must not hold a NUL character",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_explained(folder: Folder, text: str, expected: str) -> None:
    assert folder.refused(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "# x\n[channels.telegram]\nenabled = true\n",
            "2: channels.telegram.bot_token: is missing: @BotFather gives you one; "
            "put it here or in .env and write ${TELEGRAM_BOT_TOKEN}",
        ),
        (
            "[channels.telegram]\nenabled = true\nbot_token = 'hello'\n",
            "3: channels.telegram.bot_token: does not look like a token: digits, a colon, a secret",
        ),
        (
            f"channels.telegram = {{ enabled = true, mode = 'webhook', bot_token = '{TOKEN}' }}\n",
            "1: channels.telegram.webhook_url: "
            "is missing: webhook mode needs a public https:// address",
        ),
        (
            "[llm]\nprovider = 'openai'\n",
            '1: llm.model: is missing: name a model of provider "openai"',
        ),
        (
            "[llm.retry]\n\nmin_wait_seconds = 50\n",
            "3: llm.retry.min_wait_seconds: is larger than max_wait_seconds",
        ),
        (
            "[memory.sqlalchemy]\nenabled = true\nurl = 'sqlite+aiosqlite:////tmp/x.db'\n",
            "3: memory.sqlalchemy.url: must name a file below "
            "runtime.data_dir, where everything minibot writes lies",
        ),
    ],
)
def test_keys_that_need_each_other_are_told_at_the_nearest_line(
    folder: Folder, text: str, expected: str
) -> None:
    assert folder.refused(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[llm]\nModel = 'x'", "2: llm.Model: unknown key; did you mean llm.model?"),
        (
            "history_window = 5",
            "1: history_window: unknown key; did you mean llm.context.history_window?",
        ),
        ("[telegram]", "1: telegram: unknown table; did you mean channels.telegram?"),
        (
            "[llm.context]\nzzz = 1",
            "2: llm.context.zzz: unknown key; "
            "[llm.context] knows: history_window, max_history_tokens, summary, system_prompt",
        ),
        (
            "[zzz]",
            "1: zzz: unknown table; the file knows: "
            "catch_up, channels, chat, llm, logging, media, memory, runtime, scheduler, "
            "streaming, tasks, tools",
        ),
        (
            "[[zzz]]",
            "1: zzz: unknown key; the file knows: "
            "catch_up, channels, chat, llm, logging, media, memory, runtime, scheduler, "
            "streaming, tasks, tools",
        ),
        (
            '[llm]\n"a b" = 1',
            "2: llm.(unreadable name): unknown key; [llm] knows: "
            + ", ".join(
                (
                    "api_key",
                    "base_url",
                    "capabilities",
                    "circuit_breaker",
                    "context",
                    "fallbacks",
                    "max_new_tokens",
                    "model",
                    "prices",
                    "provider",
                    "retry",
                    "temperature",
                    "timeouts",
                )
            ),
        ),
        (
            "[logging]\njson_lines = true",
            "2: logging.json_lines: unknown key; "
            "[logging] knows: file, json, logfmt, service_name, structured",
        ),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest_known(
    folder: Folder, text: str, expected: str
) -> None:
    assert folder.refused(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[llm]\nmodel = x\n",
            "2: not valid TOML at column 9: the value is missing or not valid; text needs quotes",
        ),
        (
            "[llm]\nmodel = 'x\n",
            "2: not valid TOML at the end of the file: the closing quote is missing",
        ),
        ("[llm\n", "1: not valid TOML at column 5: the closing ] of the table's name is missing"),
        (
            "\n[llm]\nmodel\n",
            "3: not valid TOML at column 6: after the name of a key an equals sign must follow",
        ),
        ("[llm]\n\n[llm]\n", "3: not valid TOML at column 5: this table is there a second time"),
        (
            "[llm]\nmodel = 'a'\nmodel = 'b'\n",
            "3: not valid TOML at column 12: this key is there a second time",
        ),
        (
            "[llm]\nmodel = [1,\n",
            "2: not valid TOML at the end of the file: "
            "the value is missing or not valid; text needs quotes",
        ),
        (
            "x = " + "9" * 5000,
            "not valid TOML: a number is too long or lists are nested too deeply",
        ),
        (
            "x = " + "[" * 3000,
            "not valid TOML: a number is too long or lists are nested too deeply",
        ),
        ("", "is empty; `minibot init` writes a new one once it is moved away"),
        (b"[llm]\nmodel = '\xff'\n", "2: is not UTF-8 text; save it as UTF-8"),
    ],
)
def test_a_file_that_is_not_toml_is_told_by_line_and_column(
    folder: Folder, text: str | bytes, expected: str
) -> None:
    assert folder.refused(text) == [expected]


def test_a_key_with_thousands_of_parts_is_just_an_unknown_key(folder: Folder) -> None:
    assert "unknown" in folder.refused("a." * 5000 + "b = 1")[0]


def test_a_missing_file_sends_to_init(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist; `minibot init` writes one"):
        load(tmp_path / "config.toml", {})


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is a directory, not a file"):
        load(tmp_path, {})


def test_what_is_not_a_plain_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(ConfigurationError, match="is not a plain file"):
            load(path, {})


def test_a_file_that_is_far_too_large_is_refused(folder: Folder) -> None:
    assert folder.refused("#" * 1_000_001) == ["is far too large for a configuration"]


def test_a_link_that_leads_to_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").symlink_to("config.toml")
    with pytest.raises(ConfigurationError, match="cannot be read: Too many levels of symbolic"):
        load(tmp_path / "config.toml", {})


def test_a_file_that_may_not_be_read_is_told(folder: Folder) -> None:
    folder.load(WORKING)
    folder.path.chmod(0)
    with (
        as_somebody_without_rights(),
        pytest.raises(ConfigurationError, match="not allowed to; check its owner and mode"),
    ):
        load(folder.path, {})


@contextmanager
def as_somebody_without_rights() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)  # root may read everything
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_name_that_no_file_can_have_is_told() -> None:
    with pytest.raises(ConfigurationError, match="is not the name of a file"):
        load(Path("config\0.toml"), {})


def test_a_secret_that_everybody_can_read_gives_a_warning(folder: Folder) -> None:
    assert folder.load(WORKING).warnings == ()
    folder.path.chmod(0o644)
    warnings = load(folder.path, {}).warnings
    assert [(warning.key, warning.line) for warning in warnings] == [
        ("channels.telegram.bot_token", 8),
        ("llm.api_key", 19),
        ("memory.redis.password", 31),
    ]
    assert all(f"chmod 600 {folder.path}" in warning.message for warning in warnings)


def test_a_readable_file_without_secrets_gives_none(folder: Folder) -> None:
    folder.load('[llm]\napi_key = "${KEY}"\n', dotenv="KEY=x\n")
    folder.path.chmod(0o644)
    assert load(folder.path, {}).warnings == ()


def test_variables_that_everybody_can_read_give_a_warning(folder: Folder) -> None:
    folder.load(WORKING, dotenv="A=1\n")
    folder.path.with_name(".env").chmod(0o644)
    (warning,) = load(folder.path, {}).warnings
    assert warning.key == ".env"


def test_nothing_shows_a_secret(folder: Folder) -> None:
    loaded = folder.load(WORKING)
    assert loaded.settings.channels.telegram.bot_token.get_secret_value() == TOKEN
    assert loaded.settings.memory.redis.password.get_secret_value() == PASSWORD
    for secret in (TOKEN, API_KEY, PASSWORD):
        assert secret not in repr(loaded)


def test_loading_is_quick(folder: Folder) -> None:
    folder.load(EVERY_TABLE)
    started = time.process_time()
    for _ in range(10):
        load(folder.path, {})
    assert (time.process_time() - started) / 10 < 0.5
