import asyncio

import pytest

from minibot.app.channels import ChannelKind, ChannelSet
from minibot.app.supervisor import fatal_cause
from minibot.core.errors import AlreadyRunning, TokenRefused
from minibot.core.events import ComponentFailed, TroubleNoticed
from minibot.core.settings import Settings
from tests.app.rig import Rig, in_background, overheard
from tests.fakes import PLAIN, FakeChannel, make_arrival, make_chat, settle


def settings(credential: str = "1:a", *, telegram: bool = True, console: bool = False) -> Settings:
    return Settings.model_validate(
        {
            "channels": {
                "telegram": {"enabled": telegram, "bot_token": credential},
                "console": {"enabled": console},
            }
        }
    )


class Building:
    """Two kinds of channels; keeps every one that was built, and what its secret runs into."""

    def __init__(self, current: Settings) -> None:
        self.rig = Rig(current)
        self.built: list[FakeChannel] = []
        self.failures: dict[str, Exception] = {}
        self.channels: ChannelSet = self.rig.channel_set(
            {
                "telegram": ChannelKind(
                    enabled=lambda settings: settings.channels.telegram.enabled,
                    key=lambda settings: (_secret(settings),),
                    build=lambda settings: self._build("telegram", _secret(settings)),
                    **PLAIN,
                ),
                "console": ChannelKind(
                    enabled=lambda settings: settings.channels.console.enabled,
                    key=lambda settings: (),
                    build=lambda settings: self._build("console", ""),
                    **PLAIN,
                ),
            }
        )

    async def change(self, new: Settings) -> None:
        self.rig.live.replace(new)
        self.channels.follow_settings()
        await settle()

    def _build(self, name: str, secret: str) -> FakeChannel:
        channel = FakeChannel(name)
        channel.failure = self.failures.get(secret)
        self.built.append(channel)
        return channel


def _secret(settings: Settings) -> str:
    return settings.channels.telegram.bot_token.get_secret_value()


async def test_channels_that_are_on_listen_and_can_be_written_to() -> None:
    building = Building(settings(console=True))
    async with in_background(building.channels.run):
        assert building.channels.names() == ["console", "telegram"]
        assert building.channels.find("telegram") is building.built[0]
        receive = building.built[0].receive
        assert receive is not None
        await receive([make_arrival("1", chat=make_chat("5"))])
        assert len(building.rig.rows.inbox) == 1


async def test_channel_that_is_off_is_not_built() -> None:
    building = Building(settings(telegram=False))
    async with in_background(building.channels.run):
        assert building.channels.find("telegram") is None
        assert building.built == []


async def test_switching_on_and_off_follows_the_settings() -> None:
    building = Building(settings())
    async with in_background(building.channels.run):
        await building.change(settings(telegram=False, console=True))
        assert building.channels.names() == ["console"]
        old = building.built[0]
        assert old.closed
        assert old.receive is None
        await building.change(settings())
        assert building.channels.find("telegram") is building.built[2]
        assert not building.built[2].closed


async def test_channel_is_built_anew_when_its_key_changes_and_only_then() -> None:
    building = Building(settings("1:a"))
    async with in_background(building.channels.run):
        await building.change(settings("1:a"))
        assert len(building.built) == 1
        await building.change(settings("2:b"))
        assert [channel.closed for channel in building.built] == [True, False]
        assert building.channels.find("telegram") is building.built[1]
        assert building.built[1].receive is not None


@pytest.mark.parametrize("error", [TokenRefused(), AlreadyRunning()])
async def test_refusal_at_the_start_is_fatal(error: Exception) -> None:
    building = Building(settings("1:a", console=True))
    building.failures["1:a"] = error
    with pytest.raises(ExceptionGroup) as raised:
        await building.channels.run()
    assert fatal_cause(raised.value) is error


async def test_refusal_a_change_brought_leaves_the_channel_down_until_the_next() -> None:
    building = Building(settings("1:a", console=True))
    building.failures["2:b"] = TokenRefused("wrong token")
    async with (
        overheard(building.rig.bus, TroubleNoticed) as events,
        in_background(building.channels.run) as (running,),
    ):
        await building.change(settings("2:b", console=True))
        await settle()
        assert not running.done()
        assert events == [TroubleNoticed(topic="channel telegram", text="telegram: wrong token")]
        assert building.built[1].receive is not None, "the other one goes on"
        await building.change(settings("3:c", console=True))
        assert building.built[-1].receive is not None


async def test_refusal_of_the_only_channel_is_no_end_either() -> None:
    building = Building(settings("1:a"))
    building.failures["2:b"] = TokenRefused("wrong token")
    async with in_background(building.channels.run) as (running,):
        await building.change(settings("2:b"))
        await settle()
        assert not running.done()
        await building.change(settings("1:a"))
        assert building.built[-1].receive is not None


async def test_channel_that_dies_is_run_again() -> None:
    building = Building(settings("1:a"))
    building.failures["1:a"] = LookupError("a bug")
    async with (
        overheard(building.rig.bus, ComponentFailed) as events,
        in_background(building.channels.run),
    ):
        await settle()
        assert len(events) == 1
        building.built[0].failure = None
        await building.rig.clock.advance(1)
        assert building.built[0].receive is not None


async def test_set_ends_with_the_last_of_its_channels() -> None:
    building = Building(settings(console=True))
    async with in_background(building.channels.run) as (running,):
        building.built[1].end()
        await settle()
        assert not running.done()
        building.built[0].end()
        await settle()
        assert running.done()
        assert building.channels.names() == ["console", "telegram"], "answers still go out"


async def test_without_channels_it_waits_for_a_change() -> None:
    building = Building(settings(telegram=False))
    async with in_background(building.channels.run) as (running,):
        await settle()
        assert not running.done()
        await building.change(settings())
        assert building.channels.names() == ["telegram"]


async def test_those_who_stopped_listening_can_be_written_to_until_they_are_closed() -> None:
    building = Building(settings(console=True))
    async with in_background(building.channels.run) as (running,):
        await building.channels.stop_listening()
        assert [channel.receive for channel in building.built] == [None, None]
        assert building.channels.find("telegram") is not None
        await asyncio.wait((running,))
        assert not any(channel.closed for channel in building.built)
        await building.channels.close()
    assert all(channel.closed for channel in building.built)
    assert building.channels.names() == []


async def test_stop_before_the_start_and_without_channels_is_nothing() -> None:
    building = Building(settings(telegram=False))
    await building.channels.stop_listening()
    await building.channels.close()
