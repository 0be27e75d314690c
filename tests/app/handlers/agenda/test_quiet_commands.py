"""Setting, showing and ending quiet hours in the chat."""

from typing import Any

import pytest

from minibot.app.agenda.quiet import QUIET_HOURS, QuietHours
from minibot.app.handlers.agenda.quiet_commands import NONE_SET, TURNED_OFF, QuietCommands
from minibot.app.handlers.commands import Commands
from minibot.app.pipeline import Answer, TurnContext, compose
from minibot.core.quiet import Hours
from tests.app.agenda.planning import Planning, make_asker
from tests.app.turn_context import make_context
from tests.fakes import make_chat

OWNER = "telegram:42"
NIGHT = Hours.parse("22-7")


class Chat:
    """The chat of Ann."""

    def __init__(self) -> None:
        self.planning = Planning()
        self.quiet = QuietHours(self.planning.preferences, self.planning.clock)
        commands = QuietCommands(planner=self.planning.planner, quiet=self.quiet)
        self._handle = compose(_fail, [Commands(commands.commands())])

    async def say(self, text: str, **fields: Any) -> str:
        return (await self._handle(make_context(text, **fields))).markdown

    async def live_in(self, zone: str) -> None:
        await self.planning.planner.keep_zone(make_asker(), zone)


async def _fail(_context: TurnContext) -> Answer:
    raise AssertionError


@pytest.fixture
def chat() -> Chat:
    return Chat()


async def test_without_any_it_is_explained(chat: Chat) -> None:
    assert await chat.say("/quiet") == NONE_SET


async def test_hours_are_kept_and_shown(chat: Chat) -> None:
    await chat.live_in("Europe/Berlin")  # where it is 6:06
    said = await chat.say("/quiet 22:00-7:00")
    assert said.startswith(
        "🌙 Quiet from **22:00** to **07:00** (Europe\\/Berlin). It is quiet now. What I have"
    )
    assert await chat.say("/quiet") == said
    assert chat.quiet.of(OWNER) == NIGHT
    assert chat.quiet.of("telegram:43") is None


async def test_outside_of_the_hours_it_is_not_quiet(chat: Chat) -> None:
    await chat.live_in("Europe/Berlin")
    said = await chat.say("/quiet 22:00-6:00")
    assert "It is quiet now" not in said
    assert chat.quiet.end(OWNER) is None


async def test_where_somebody_lives_is_asked_first(chat: Chat) -> None:
    said = await chat.say("/quiet 22-7")
    assert said == (
        "Which time zone are you in? Send `/timezone Berlin` (or any other city), and then "
        "`/quiet 22:00-07:00` once more."
    )
    assert chat.quiet.of(OWNER) is None


async def test_hours_are_those_of_the_person_wherever_they_are_set(chat: Chat) -> None:
    await chat.live_in("Europe/Berlin")
    await chat.say("/quiet 22-7", chat=make_chat("-100"), private=False)
    assert chat.quiet.of(OWNER) == NIGHT


async def test_hours_are_ended(chat: Chat) -> None:
    await chat.live_in("Europe/Berlin")
    await chat.say("/quiet 22-7")
    assert await chat.say("/quiet off") == TURNED_OFF
    assert chat.quiet.of(OWNER) is None
    assert await chat.say("/quiet OFF") == NONE_SET


async def test_what_are_no_hours_is_refused_and_changes_nothing(chat: Chat) -> None:
    await chat.live_in("Europe/Berlin")
    await chat.say("/quiet 22-7")
    said = await chat.say("/quiet at night")
    assert said.startswith(
        'That did not work: \\"at night\\" is not like 22\\:00\\-7\\:00. `/quiet'
    )
    assert chat.quiet.of(OWNER) == NIGHT


async def test_hours_that_a_later_version_wrote_are_none(chat: Chat) -> None:
    await chat.planning.preferences.set(OWNER, QUIET_HOURS, "weekends")
    assert chat.quiet.of(OWNER) is None
    assert chat.quiet.end(OWNER) is None
