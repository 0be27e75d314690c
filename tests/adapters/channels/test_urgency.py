"""Which commands pass those who wait."""

import pytest

from minibot.adapters.channels.urgency import is_urgent


@pytest.mark.parametrize(
    "text",
    ["/stop", " /Stop\n", "/stop it please", "/status", "/help", "/start", "/whoami",
     "/dead", "/STATUS now", "stop", "Стоп!"],
)  # fmt: skip
def test_a_command_that_depends_on_nothing_is_urgent(text: str) -> None:
    assert is_urgent(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "stop that music",
        "/stopp",
        "/stop\nand more",
        "/new",
        "/revive m1",
        "please /stop",
        "/undo",
    ],
)
def test_everything_else_keeps_its_place(text: str) -> None:
    assert not is_urgent(text)
