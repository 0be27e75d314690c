"""What is typed reaches the command it is meant for."""

from pathlib import Path

import pytest

from minibot import __version__
from minibot.cli import main
from minibot.commands.report import ExitCode


def output_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str, str]:
    """Run a command that ends by itself; give its code and what it wrote."""
    code: object
    try:
        code = main(arguments)
    except SystemExit as error:
        code = error.code
    out, err = capsys.readouterr()
    return code, out, err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert output_of(capsys, "--version") == (0, f"minibot {__version__}\n", "")


def test_the_help_lists_commands_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = output_of(capsys, "--help")

    assert code == 0
    assert all(f"\n    {name} " in out for name in ("run", "chat", "check", "init"))
    assert all(f"\n  {code.value}  " in out or f"  {code.value}  " in out for code in ExitCode)


@pytest.mark.parametrize("command", ["run", "chat", "check", "init"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = output_of(capsys, command, "--help")

    assert code == 0
    assert "--config PATH" in out
    assert "config.toml" in out


@pytest.mark.parametrize("arguments", [[], ["rum"], ["run", "--conf"], ["check", "x.toml"]])
def test_what_is_not_understood_exits_with_two(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = output_of(capsys, *arguments)

    assert code == 2
    assert "usage: minibot" in err


@pytest.mark.parametrize("command", ["run", "chat", "check"])
def test_a_missing_file_is_a_hint_at_init(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing.toml"

    code, out, err = output_of(capsys, command, "--config", str(missing))

    assert code == ExitCode.CONFIGURATION
    assert out == ""
    assert str(missing) in err
    assert "minibot init" in err
