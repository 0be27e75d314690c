import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from minibot.app.event_bus import EventBus
from minibot.app.live_settings import LiveSettings
from minibot.app.reload import Apply, Check, Reloader
from minibot.core.errors import ConfigurationError, Problem
from minibot.core.events import Event, SettingsChanged, SettingsRejected
from minibot.core.settings import Settings
from tests.app.rig import cancel, in_background, overheard
from tests.fakes import FakeFeed, Gate, make_settings, settle

BAD = ConfigurationError("config.toml", [Problem(key="llm.model", message="odd", line=3)])
REJECTED = SettingsRejected(problems=("config.toml:3: llm.model: odd",))


class Reloading:
    """A reloader with its surroundings; `applied` collects what the daemon was told."""

    def __init__(self, checks: Sequence[Check] = (), appliers: Sequence[Apply] = ()) -> None:
        self.before = make_settings()
        self.live = LiveSettings(self.before)
        self.feed = FakeFeed(self.before)
        self.bus = EventBus()
        self.applied: list[Settings] = []
        self.reloader = Reloader(
            self.feed,
            self.live,
            bus=self.bus,
            checks=checks,
            appliers=[self._apply, *appliers],
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[list[Event]]:
        async with (
            overheard(self.bus, SettingsChanged, SettingsRejected) as events,
            in_background(self.reloader.run),
        ):
            yield events

    async def _apply(self, settings: Settings) -> None:
        assert self.live.current is settings, "in force before anybody is told"
        self.applied.append(settings)


def other(**runtime: object) -> Settings:
    return make_settings(runtime={"environment": "other", **runtime})


async def refuse(_old: Settings, _new: Settings) -> None:
    raise BAD


async def test_valid_edit_is_swapped_in_once_and_told() -> None:
    reloading = Reloading()
    new = other(data_dir="elsewhere")
    async with reloading.running() as events:
        reloading.feed.edit(new)
        await settle()
    assert reloading.live.current is new
    assert reloading.applied == [new]
    assert events == [
        SettingsChanged(
            generation=2,
            changed_keys=("runtime.data_dir", "runtime.environment"),
            restart_keys=("runtime.data_dir",),
        )
    ]


async def test_edit_without_a_difference_is_told_and_nothing_else() -> None:
    reloading = Reloading()
    async with reloading.running() as events:
        reloading.feed.edit(make_settings())
        await settle()
    assert reloading.live.generation == 1
    assert reloading.applied == []
    assert events == [SettingsChanged(generation=1, changed_keys=(), restart_keys=())]


async def test_unreadable_edit_keeps_the_settings_and_is_told() -> None:
    reloading = Reloading()
    async with reloading.running() as events:
        reloading.feed.edit(BAD)
        await settle()
        assert reloading.live.current is reloading.before
        assert events == [REJECTED]
        reloading.feed.edit(other())
        await settle()
    assert reloading.live.generation == 2
    assert reloading.applied == [other()]


async def test_edit_that_a_check_refuses_is_not_applied() -> None:
    reloading = Reloading(checks=[refuse])
    async with reloading.running() as events:
        reloading.feed.edit(other())
        await settle()
    assert reloading.live.current is reloading.before
    assert reloading.applied == []
    assert events == [REJECTED]


async def test_check_is_given_old_and_new() -> None:
    seen: list[tuple[Settings, Settings]] = []

    async def check(old: Settings, new: Settings) -> None:
        seen.append((old, new))

    reloading = Reloading(checks=[check])
    await reloading.reloader.offer(other())
    assert seen == [(reloading.before, other())]


async def test_reload_on_command_names_what_changed() -> None:
    reloading = Reloading()
    reloading.feed.content = other()
    assert await reloading.reloader.reload() == ("runtime.environment",)
    assert await reloading.reloader.reload() == ()
    assert reloading.applied == [other()]


async def test_refused_reload_on_command_is_raised_and_told() -> None:
    reloading = Reloading()
    reloading.feed.content = BAD
    async with overheard(reloading.bus, SettingsRejected) as events:
        with pytest.raises(ConfigurationError):
            await reloading.reloader.reload()
        await settle()
    assert events == [REJECTED]
    assert reloading.live.current is reloading.before


async def test_two_edits_are_applied_one_after_the_other() -> None:
    gate = Gate()
    order: list[str] = []

    async def slowly(settings: Settings) -> None:
        order.append(f"begin {settings.runtime.log_level}")
        await gate.pass_through()
        order.append(f"end {settings.runtime.log_level}")

    reloading = Reloading(appliers=[slowly])
    edits = [
        asyncio.create_task(reloading.reloader.offer(other(log_level=level)))
        for level in ("DEBUG", "ERROR")
    ]
    await gate.reached.wait()
    await settle()
    gate.open()
    await asyncio.gather(*edits)
    assert order == ["begin DEBUG", "end DEBUG", "begin ERROR", "end ERROR"]
    assert reloading.live.generation == 3


async def test_stopped_in_the_middle_every_part_follows_all_the_same() -> None:
    gate = Gate()
    followed: list[Settings] = []

    async def slowly(_settings: Settings) -> None:
        await gate.pass_through()

    async def last(settings: Settings) -> None:
        followed.append(settings)

    reloading = Reloading(appliers=[slowly, last])
    edit = asyncio.create_task(reloading.reloader.offer(other()))
    await gate.reached.wait()
    edit.cancel()
    await settle()
    gate.open()
    await cancel(edit)
    assert edit.cancelled()
    assert followed == [reloading.live.current] == [other()]
