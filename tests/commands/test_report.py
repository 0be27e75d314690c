"""Every way to end has its code and its words."""

import pytest

from minibot.commands.report import explain, warn
from minibot.core.errors import (
    AlreadyRunning,
    ConfigurationError,
    IllegalTransition,
    MinibotError,
    Problem,
    StorageDamaged,
    StorageUnavailable,
    TokenRefused,
)

PROBLEMS = [
    Problem(key="llm.modle", message="unknown key", line=3),
    Problem(key="", message="is empty"),
]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigurationError("config.toml", PROBLEMS), 2),
        (AlreadyRunning("taken (pid 5)"), 3),
        (StorageDamaged("minibot.db is damaged"), 4),
        (IllegalTransition("no way"), 4),
        (StorageUnavailable("disk full"), 1),
        (TokenRefused("Unauthorized"), 5),
        (MinibotError("whatever"), 1),
    ],
)
def test_every_error_has_its_exit_code(
    error: MinibotError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(error) == code

    out, err = capsys.readouterr()
    assert out == ""
    assert str(error) in err


def test_problems_are_told_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    explain(ConfigurationError("config.toml", PROBLEMS))

    expected = "config.toml:3: llm.modle: unknown key\nconfig.toml: is empty\n"
    assert capsys.readouterr().err == expected


def test_warnings_are_marked_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    warn("config.toml", PROBLEMS[:1])

    assert capsys.readouterr().err == "warning: config.toml:3: llm.modle: unknown key\n"
