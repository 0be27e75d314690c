from collections.abc import Iterator

import pytest

from minibot.core import errors
from minibot.core.errors import (
    ChatMoved,
    ConfigurationError,
    MinibotError,
    ModelBusy,
    ModelError,
    Problem,
    SlowDown,
    StorageUnavailable,
    TopicsImpossible,
)

NEEDING_ARGUMENTS = {ConfigurationError, SlowDown, ChatMoved, TopicsImpossible}


def family(kind: type[MinibotError]) -> Iterator[type[MinibotError]]:
    yield kind
    for derived in kind.__subclasses__():
        if derived.__module__ == errors.__name__:
            yield from family(derived)


@pytest.mark.parametrize("kind", list(family(MinibotError)))
def test_every_error_is_drawn_in_the_tree_and_speaks_for_itself(kind: type[MinibotError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")
    if kind not in NEEDING_ARGUMENTS:
        text = str(kind())
        assert text == kind.__doc__
        assert text.endswith(".")


def test_message_given_replaces_the_one_of_the_class() -> None:
    assert str(StorageUnavailable("disk full")) == "disk full"


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (Problem(key="llm.model", message="odd", line=12), "config.toml:12: llm.model: odd"),
        (Problem(key="llm.model", message="odd"), "config.toml: llm.model: odd"),
        (Problem(key="", message="not TOML", line=3), "config.toml:3: not TOML"),
        (Problem(key="", message="not there"), "config.toml: not there"),
    ],
)
def test_configuration_problem_says_where_and_what(problem: Problem, line: str) -> None:
    error = ConfigurationError("config.toml", [problem, Problem(key="a", message="b")])
    assert error.lines() == [line, "config.toml: a: b"]
    assert str(error) == f"{line}\nconfig.toml: a: b"


def test_errors_carry_what_their_handlers_need() -> None:
    assert SlowDown(2.5).retry_after == 2.5
    assert str(SlowDown(30.0)) == "the channel asks to wait 30 s"
    assert ChatMoved("-1001").new_chat_id == "-1001"
    assert "-1001" in str(ChatMoved("-1001"))
    assert ModelBusy(retry_after=4).retry_after == 4
    assert ModelBusy("429").retry_after is None


def test_transient_model_errors_are_those_worth_another_attempt() -> None:
    models = [kind for kind in ModelError.__subclasses__() if kind.transient]
    assert {kind.__name__ for kind in models} == {
        "ModelUnavailable",
        "ModelUnreachable",
        "ModelTimeout",
        "ModelBusy",
        "ModelReplyInvalid",
    }
