"""The questions, and the files that come of the answers."""

import io
import stat
import tomllib
from pathlib import Path

import pytest

from minibot.adapters.config import load
from minibot.commands.init import init
from minibot.commands.report import ExitCode


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "config.toml"


def answering(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """Type these lines, then end the input."""
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{answer}\n" for answer in answers)))


def test_the_shortest_way_leads_to_the_terminal_and_no_model(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(monkeypatch, "n", "")

    assert init(path) is ExitCode.OK

    settings = load(path).settings
    assert settings.llm.provider == "offline"
    assert settings.channels.console.enabled
    assert not settings.channels.telegram.enabled
    assert f"minibot run --config {path}" in capsys.readouterr().out


def test_answers_are_asked_for_again_until_they_make_sense(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(
        monkeypatch, "maybe", "N",
        "gpt", "OpenAI",
        "localhost:11434", "http://localhost:11434/v1",
        "", "  llama3  ",
        "",
    )  # fmt: skip

    assert init(path) is ExitCode.OK

    llm = load(path).settings.llm
    assert (llm.provider, llm.base_url, llm.model) == (
        "openai",
        "http://localhost:11434/v1",
        "llama3",
    )
    assert llm.api_key.get_secret_value() == ""
    out = capsys.readouterr().out
    assert "Please answer y or n." in out
    assert "One of: offline, openai" in out
    assert "It begins with http:// or https://" in out
    assert "This cannot be left out." in out


def test_secrets_go_to_a_file_of_their_own_that_only_the_owner_reads(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = "sk-canary\"with $odd 'characters'"
    answering(monkeypatch, "n", "claude", "", "claude-haiku-4-5", "", key)

    assert init(path) is ExitCode.OK

    dotenv = path.with_name(".env")
    assert [stat.S_IMODE(file.stat().st_mode) for file in (path, dotenv)] == [0o600, 0o600]
    assert "canary" not in path.read_text()
    assert "canary" not in capsys.readouterr().out
    loaded = load(path)
    assert loaded.settings.llm.api_key.get_secret_value() == key
    assert loaded.warnings == ()


@pytest.mark.parametrize("existing", ["config.toml", ".env"])
def test_nothing_that_exists_is_replaced(
    existing: str, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path.parent.mkdir()
    mine = path.with_name(existing)
    mine.write_text("mine")
    answering(monkeypatch, "n", "")

    assert init(path) is ExitCode.CONFIGURATION

    assert [file.name for file in path.parent.iterdir()] == [existing]
    assert mine.read_text() == "mine"
    assert f"{mine}: exists already" in capsys.readouterr().err


@pytest.mark.parametrize("answers", [[], ["n"], ["n", "openai"], ["n", "openai", "", "gpt-4o"]])
def test_walking_out_writes_nothing(
    answers: list[str],
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answering(monkeypatch, *answers)

    assert init(path) is ExitCode.ERROR

    assert not path.parent.exists()
    assert "Nothing was written." in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path.parent.write_text("a file")
    answering(monkeypatch, "n", "")

    assert init(path) is ExitCode.CONFIGURATION
    assert "cannot be created" in capsys.readouterr().err


def test_what_is_written_is_toml_with_the_questions_answers_only(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, "n", "openrouter", "", "openai/gpt-4o-mini", "sk-x")

    init(path)

    document = tomllib.loads(path.read_text())
    assert document["llm"]["model"] == "openai/gpt-4o-mini"
    assert document["llm"]["api_key"].startswith("${")
