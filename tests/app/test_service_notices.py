"""What in a group is told to nobody but who wrote."""

from typing import Any

import pytest

from minibot.app.handlers.commands import Commands
from minibot.app.middleware import Apologise
from minibot.app.pipeline import Answer, TurnContext, compose
from minibot.core.errors import ModelRequestRefused, ModelUnavailable
from minibot.core.messages import Button
from tests.app.rig import Rig, say_done
from tests.app.turn_context import make_context
from tests.fakes import make_chat, make_message

GROUP: dict[str, Any] = {"chat": make_chat("-100"), "private": False}
NOTICE = Answer(markdown="only you", notice=True)
BUTTONS = ((Button(label="Undo", data="un:1:x"),),)


async def receivers(answer: Answer, **fields: Any) -> set[str]:
    parts = await Rig().composer.compose(make_message(**fields), answer)
    return {part.only_for for part in parts}


async def test_a_notice_is_for_who_wrote() -> None:
    assert await receivers(NOTICE, **GROUP) == {"42"}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(markdown="for all"),
        Answer(markdown="pressed by others", notice=True, buttons=BUTTONS),
        Answer(markdown="in its place", notice=True, replaces="preview:1"),
        Answer(markdown="saved", receipts="saved", notice=True),
    ],
)
async def test_all_else_is_for_everybody(answer: Answer) -> None:
    assert await receivers(answer, **GROUP) == {""}


async def test_in_private_there_is_nobody_else() -> None:
    assert await receivers(NOTICE) == {""}


@pytest.mark.parametrize("text", ["/help", "/start"])
async def test_help_and_greeting_are_notices(text: str) -> None:
    handle = compose(say_done, [Commands({})])
    assert (await handle(make_context(text, **GROUP))).notice
    forwarded = make_context(text, foreign=True, **GROUP)
    assert (await handle(forwarded)).notice


@pytest.mark.parametrize("error", [ModelRequestRefused(), ModelUnavailable()])
async def test_apologies_are_notices(error: Exception) -> None:
    async def fail(_context: TurnContext) -> Answer:
        raise error

    handle = compose(fail, [Apologise(Rig().clock)])
    assert (await handle(make_context(**GROUP))).notice
