"""Everything that is wrong is told at once, and nothing is started."""

import os
from pathlib import Path

import pytest

from minibot.commands.check import check
from minibot.commands.report import ExitCode

TOKEN = "123456789:AAcanaryBotTokenThatMustNeverBeShown0000"
GOOD = f"""\
[runtime]
data_dir = "FOLDER/data"
[channels.telegram]
enabled = true
bot_token = "{TOKEN}"
allowed_user_ids = [7, 8]
[llm]
provider = "openai"
model = "gpt-4o-mini"
api_key = "sk-canary-key-that-must-never-be-shown"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.touch(0o600)
    path.write_text(GOOD.replace("FOLDER", str(tmp_path)))
    return path


def change(config: Path, old: str, new: str) -> None:
    text = config.read_text()
    assert old in text
    config.write_text(text.replace(old, new))


def test_a_good_file_is_summed_up(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(config) is ExitCode.OK

    out, err = capsys.readouterr()
    assert err == ""
    assert "is fine: model openai/gpt-4o-mini, Telegram by long_polling, for 2 people" in out
    assert "canary" not in out
    assert not (config.parent / "data").exists()


@pytest.mark.parametrize(
    ("users", "whom"), [("[]", "nobody yet"), ('["*"]', "everybody"), ('["*", 7]', "everybody")]
)
def test_the_summary_says_who_may_talk(
    users: str, whom: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(config, "[7, 8]", users)

    assert check(config) is ExitCode.OK
    assert f"for {whom}," in capsys.readouterr().out


def test_every_problem_is_told_with_its_line(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(config, "[7, 8]", '["@ada"]')
    change(config, 'model = "gpt-4o-mini"', 'modle = "gpt-4o-mini"\ntemperature = 5')
    change(config, "enabled = true", 'enabled = true\nmode = "smoke signals"')

    assert check(config) is ExitCode.CONFIGURATION

    out, err = capsys.readouterr()
    assert out == ""
    assert "canary" not in err
    told = [line.removeprefix(f"{config}:").split(": ")[:2] for line in err.splitlines()]
    assert ["5", "channels.telegram.mode"] in told
    assert ["7", "channels.telegram.allowed_user_ids"] in [
        [line, key.partition("[")[0].removesuffix(".0")] for line, key in told
    ]
    assert ["10", "llm.modle"] in told
    assert ["11", "llm.temperature"] in told


def test_no_channel_is_a_problem(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(config, "enabled = true", "enabled = false")

    assert check(config) is ExitCode.CONFIGURATION
    assert "no channel is switched on" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_a_problem(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(config, f"{config.parent}/data", "/minibot-data")

    assert check(config) is ExitCode.CONFIGURATION
    assert "runtime.data_dir: / is no folder we may write to" in capsys.readouterr().err


def test_a_file_in_place_of_the_folder_is_a_problem(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (config.parent / "data").write_text("")

    assert check(config) is ExitCode.CONFIGURATION
    assert f"{config.parent / 'data'} is no folder" in capsys.readouterr().err


def test_secrets_that_everybody_can_read_are_a_warning(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.chmod(0o644)

    assert check(config) is ExitCode.OK

    err = capsys.readouterr().err
    assert err.startswith("warning: ")
    assert "chmod 600" in err
    assert "canary" not in err


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("redis://h:abc/0", "memory.redis.url: is no address of a Redis server"),
        ("redis://h/zero", "memory.redis.url: must end with the number of a database"),
        ("redis://h/0?colour=red", "memory.redis.url: has a parameter no connection takes"),
    ],
)
def test_an_address_of_redis_that_cannot_be_used_is_told(
    url: str, problem: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("redis")
    memory = f'[memory]\nbackend = "redis"\n[memory.redis]\nurl = "{url}"\n'
    config.write_text(config.read_text() + memory)

    assert check(config) is ExitCode.CONFIGURATION
    assert problem in capsys.readouterr().err


def test_speech_without_its_model_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = config.parent / "whisper"
    with config.open("a") as file:
        file.write(f"""[media.transcription]
enabled = true
engine = "local"
model = "{folder}"
""")

    assert check(config) is ExitCode.CONFIGURATION
    assert f"there is no folder {folder}" in capsys.readouterr().err
