"""Menus of commands: what is offered to whom, and when again."""

from dataclasses import dataclass, field

import pytest

from minibot.app.handlers.command import Command
from minibot.app.menus import CHOICE, LATE_SECONDS, PLACE, SOON_SECONDS, CommandMenus, menus_of
from minibot.app.pipeline import Answer, TurnContext
from minibot.core.errors import SendFailed, SendRefused, SlowDown
from minibot.core.menus import Audience, CommandMenu
from minibot.core.texts import LANGUAGES
from tests.app.rig import Rig, in_background
from tests.fakes import TOKEN, make_settings, settle

ALL = 15
"""Two audiences and an owner, in five languages."""


async def _run(_context: TurnContext, _rest: str) -> Answer:
    return Answer()


COMMANDS = {
    "help": Command(run=_run, help="show this list"),
    "reload": Command(run=_run, help="read the settings", owner_only=True),
    "export": Command(run=_run, help="get it all", in_groups=False),
    "groupmode": Command(run=_run, help="choose", in_private=False),
    "new-fangled": Command(run=_run, help="not translated"),
}


@dataclass
class Offering:
    rig: Rig = field(default_factory=Rig)

    def __post_init__(self) -> None:
        self.menus = CommandMenus(
            COMMANDS,
            channels=self.rig.channels,
            settings=self.rig.live,
            preferences=self.rig.storage.preferences,
            clock=self.rig.clock,
        )

    @property
    def offered(self) -> list[CommandMenu]:
        return self.rig.channel.menus


def entries(audience: Audience, language: str = "") -> dict[str, str]:
    (menu,) = (
        menu
        for menu in menus_of(COMMANDS, make_settings())
        if (menu.audience, menu.language) == (audience, language)
    )
    return {entry.name: entry.description for entry in menu.entries}


def test_everybody_is_shown_what_they_can_use() -> None:
    assert list(entries(Audience.PRIVATE)) == ["help", "export", "new-fangled"]
    assert list(entries(Audience.GROUPS)) == ["help", "groupmode", "new-fangled"]
    assert list(entries(Audience.PERSON)) == ["help", "reload", "export", "new-fangled"]


def test_commands_are_described_in_each_language() -> None:
    assert entries(Audience.PRIVATE)["help"] == "show this list"
    german = entries(Audience.PRIVATE, "de")
    assert (german["help"], german["new-fangled"]) == ("diese Liste zeigen", "not translated")


async def test_menus_are_offered_once_by_this_process_and_the_next() -> None:
    offering = Offering()
    async with in_background(offering.rig.channels.run, offering.menus.run):
        await settle()
        assert len(offering.offered) == ALL
        offering.menus.follow_settings()
        await settle()
        assert len(offering.offered) == ALL

    successor = Offering(Rig(rows=offering.rig.rows))
    async with in_background(successor.rig.channels.run, successor.menus.run):
        await settle()
    assert successor.offered == []


async def test_a_change_of_the_owners_gives_one_a_menu_and_takes_one_away() -> None:
    offering = Offering()
    async with in_background(offering.rig.channels.run, offering.menus.run):
        await settle()
        offering.offered.clear()
        telegram = {
            "enabled": True,
            "bot_token": TOKEN,
            "allowed_user_ids": ["*"],
            "owner_user_ids": [8],
        }
        offering.rig.live.replace(make_settings(channels={"telegram": telegram}))
        offering.menus.follow_settings()
        await settle()
    shown = [(menu.person_id, bool(menu.entries)) for menu in offering.offered]
    assert shown == [("7", False)] * 5 + [("8", True)] * 5


@pytest.mark.parametrize(
    ("error", "pause"), [(SendFailed("no network"), SOON_SECONDS), (SlowDown(30.0), 30.0)]
)
async def test_a_failure_has_the_rest_tried_again_after_a_pause(
    error: Exception, pause: float
) -> None:
    offering = Offering()
    offering.rig.channel.fail("menu private::de", error)
    async with in_background(offering.rig.channels.run, offering.menus.run):
        await settle()
        assert len(offering.offered) == 1
        assert offering.rig.clock.naps == [pause]
        await offering.rig.clock.advance(pause)
        assert len(offering.offered) == ALL
        assert offering.rig.clock.naps == []


async def test_a_menu_that_is_refused_holds_up_no_other_and_is_tried_again() -> None:
    offering = Offering()
    refusals = [SendRefused("chat not found")] * 20
    offering.rig.channel.fail("menu person:7:", *refusals)
    async with in_background(offering.rig.channels.run, offering.menus.run):
        await settle()
        assert len(offering.offered) == ALL - 5
        for _ in refusals:
            assert max(offering.rig.clock.naps, default=0.0) <= LATE_SECONDS
            await offering.rig.clock.advance(LATE_SECONDS)
        assert len(offering.offered) == ALL


async def test_taking_a_menu_from_one_who_cannot_be_reached_is_not_tried_again() -> None:
    offering = Offering()
    async with in_background(offering.rig.channels.run):
        await offering.menus.offer()
        telegram = {"enabled": True, "bot_token": TOKEN, "allowed_user_ids": ["*"]}
        offering.rig.live.replace(make_settings(channels={"telegram": telegram}))
        for code in ("", *LANGUAGES):
            offering.rig.channel.fail(f"menu person:7:{code}", SendRefused("chat not found"))
        assert await offering.menus.offer() is None
        offering.offered.clear()
        assert await offering.menus.offer() is None
    assert offering.offered == []


@pytest.mark.parametrize("kept", ["{", "[]", '{"odd:7:": "x"}'])
async def test_what_was_kept_and_cannot_be_read_is_as_if_nothing_was_offered(kept: str) -> None:
    offering = Offering()
    await offering.rig.storage.preferences.set(PLACE, CHOICE, kept)
    async with in_background(offering.rig.channels.run):
        assert await offering.menus.offer() is None
    assert len(offering.offered) == ALL


async def test_a_channel_that_is_off_is_offered_nothing() -> None:
    offering = Offering(Rig(make_settings(channels={})))
    async with in_background(offering.rig.channels.run, offering.menus.run):
        await settle()
    assert (offering.offered, offering.rig.clock.naps) == ([], [])
