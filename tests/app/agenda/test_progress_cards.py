"""One card for work that takes its time: edited, never in the way, and ended for good."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from minibot.app.agenda.progress_cards import ARRIVAL_SECONDS, PICKED_UP, CardReach, ProgressCards
from minibot.app.agenda.strategies import Strategy
from minibot.core.errors import ChannelError, ChatClosed, SendFailed, SlowDown, ToolFailed
from minibot.core.outbox import OutboxState
from minibot.core.quiet import Hours
from minibot.core.settings import Settings
from minibot.core.tasks import Task, TaskState
from tests.app.agenda.engine import Engine, Work
from tests.app.agenda.planning import make_asker, make_task
from tests.fakes import START, Gate, make_chat, make_settings, settle

OWNER = make_asker().owner
REPORT = "✅ **read the news**\n\ndid read the news"
BATCH_REPORT = "📋 All 3 tasks are over, 3 of them done."


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def batch(*descriptions: str) -> list[Task]:
    return [
        make_task(f"t{number}", description=each, batch="b1", created_at=at(number / 100))
        for number, each in enumerate(descriptions)
    ]


class Screen(Engine):
    """An engine that shows how it gets on, with one worker unless the settings say more."""

    def __init__(
        self,
        *,
        settings: Settings | None = None,
        strategies: dict[str, Strategy] | None = None,
        before: Engine | None = None,
    ) -> None:
        one_worker = make_settings(scheduler={"poll_interval_ms": 60_000}, tasks={"workers": 1})
        super().__init__(settings=settings or one_worker, strategies=strategies, before=before)
        self.cards = ProgressCards(
            self.agenda,
            self.quiet,
            CardReach(
                outbox=self.rig.storage.outbox,
                tell=self.rig.tell,
                channels=self.rig.channels,
                is_free=self.rig.delivery.is_free,
            ),
            clock=self.clock,
        )

    def _parts(self) -> Sequence[Callable[[], Awaitable[None]]]:
        return (*super()._parts(), self.cards.run)

    def messages(self) -> list[str]:
        """What the chat looks like: messages that were edited as they are in the end."""
        shown: dict[str, str] = {}
        for number, sent in enumerate(self.channel.sent):
            shown[sent.edits or f"telegram-{number + 1}"] = sent.part.text
        return list(shown.values())

    def edits(self) -> list[str]:
        return [sent.part.text for sent in self.channel.sent if sent.edits]


def screen(seconds: float, **fields: Any) -> Screen:
    """Give one whose tasks take so long."""
    made = Screen(**fields)
    made.work = Work(made.clock, seconds=seconds)
    made.strategies["llm_prompt"] = made.work
    return made


async def test_task_of_its_own_that_is_quick_has_no_card() -> None:
    engine = screen(4)
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(60)
        assert engine.said() == [REPORT]


async def test_task_that_takes_long_has_a_card_that_ends_behind_the_report() -> None:
    engine = screen(12)
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(60)
        assert engine.said() == [
            "⏳ read the news (0:05)",
            "⏳ read the news (0:10)",
            REPORT,
            "✅ read the news (0:12)",
        ]
        assert engine.messages() == ["✅ read the news (0:12)", REPORT]


async def test_batch_has_one_card_from_the_beginning() -> None:
    engine = screen(4)
    await engine.plant(*batch("a", "b", "c"))
    async with engine.running():
        await engine.advance(60)
        said = engine.said()
        assert said[:3] == [
            "⏳ 0 of 3 done · now: a (0:00)",
            "⏳ 1 of 3 done · now: b (0:01)",
            "⏳ 2 of 3 done · now: c (0:02)",
        ]
        assert said[3].startswith(BATCH_REPORT)
        assert said[4:] == ["✅ 3 of 3 done"]
        assert len(engine.messages()) == 2


async def test_card_tells_of_failures_and_of_how_many_run() -> None:
    engine = screen(8, settings=make_settings(tasks={"workers": 2}))
    engine.work.steps["a"] = [ToolFailed("No.")]
    await engine.plant(*batch("a", "b", "c", "d"))
    async with engine.running():
        await engine.advance(12)
        assert engine.edits() == [
            "⏳ 0 of 4 done · now: a (0:05) and 1 more",
            "⏳ 1 of 4 done, 1 not · now: c (0:02) and 1 more",
        ]
        await engine.advance(12)
        assert engine.edits()[-1] == "⚠️ 3 of 4 done"


@pytest.mark.parametrize("fields", [{"job": "j1"}, {"quiet": True}])
async def test_what_nobody_waits_for_has_no_card(fields: dict[str, Any]) -> None:
    engine = screen(12)
    await engine.plant(make_task("t1", **fields))
    async with engine.running():
        await engine.advance(60)
        assert not any("⏳" in said or "(0:12)" in said for said in engine.said())


async def test_in_quiet_hours_no_card_is_shown() -> None:
    engine = screen(12)
    await engine.quiet.keep(OWNER, Hours.parse("5-6"))
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(60)
        assert engine.said() == []


async def test_card_stands_still_when_it_becomes_quiet_and_is_ended_all_the_same() -> None:
    engine = screen(30)
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(6)
        await engine.quiet.keep(OWNER, Hours.parse("5-6"))
        await engine.advance(54)
        assert engine.said() == ["⏳ read the news (0:05)", "✅ read the news (0:30)"]
        assert engine.task("t1").held


async def test_restart_goes_on_with_the_same_card() -> None:
    engine = screen(20)
    await engine.plant(make_task("t1"))
    life = asyncio.create_task(engine.run())
    await engine.advance(7)
    await engine.end(life)
    assert engine.messages() == ["⏳ read the news (0:05)"]

    after = engine.successor()
    assert isinstance(after, Screen)
    async with after.running():
        await after.advance(6)
        assert after.messages() == ["⏳ read the news (0:12)"]
        await after.advance(30)
        assert after.messages() == ["✅ read the news (0:27)", REPORT]


async def test_card_that_a_dying_process_left_open_is_ended_by_the_next_one() -> None:
    engine = screen(12)
    await engine.plant(make_task("t1"))
    life = asyncio.create_task(engine.run())
    await engine.advance(11)
    engine.faults.hold_before("outbox.enqueue")  # of its end
    await engine.advance(3)
    assert engine.task("t1").reported
    await engine.end(life)
    assert engine.messages() == ["⏳ read the news (0:10)", REPORT]

    after = engine.successor()
    assert isinstance(after, Screen)
    async with after.running():
        await after.advance(3)
        assert after.messages() == ["✅ read the news (0:12)", REPORT]
    count = len(after.said())
    last = after.successor()
    async with last.running():
        await last.advance(60)
        assert len(last.said()) == count


async def test_cards_of_long_ago_are_left_alone() -> None:
    engine = screen(12)
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(11)
        engine.faults.hold_before("outbox.enqueue")
        await engine.advance(3)
    engine.clock.shift = PICKED_UP
    after = engine.successor()
    assert isinstance(after, Screen)
    async with after.running():
        await after.advance(3)
        assert after.messages() == ["⏳ read the news (0:10)", REPORT]


async def test_card_does_not_end_before_the_report_has_arrived() -> None:
    engine = screen(12)
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(11)
        engine.channel.fail("42", SendFailed("no net"), gate := Gate())
        await engine.advance(20)
        assert gate.reached.is_set()
        assert engine.rig.part_states() == ["sent", "sending"]
        gate.open()
        await engine.advance(2)
        assert engine.said()[-2:] == [REPORT, "✅ read the news (0:12)"]


async def test_edit_that_is_told_to_wait_does_not_hold_up_the_report() -> None:
    engine = screen(12)
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(6)
        engine.channel.fail("42", SlowDown(40))
        await engine.advance(30)
        assert [each.part.text for each in engine.channel.tried[1:]] == [
            "⏳ read the news (0:10)",
            REPORT,
        ]
        await engine.advance(20)
        assert engine.said()[1:] == [REPORT, "✅ read the news (0:12)"]


async def test_edit_that_is_told_to_wait_is_not_tried_again_before() -> None:
    engine = screen(90)
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(6)
        engine.channel.fail("42", SlowDown(40))
        await engine.advance(43)
        assert len(engine.channel.tried) == 2
        await engine.advance(2)
        assert engine.edits() == ["⏳ read the news (0:50)"]


async def test_edit_that_hangs_does_not_hold_up_the_report_and_is_followed_by_the_end() -> None:
    engine = screen(12)
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(6)
        engine.channel.fail("42", gate := Gate())
        await engine.advance(20)
        assert engine.said() == ["⏳ read the news (0:05)", REPORT]
        gate.open()
        await engine.advance(2)
        assert engine.messages() == ["✅ read the news (0:12)", REPORT]
        assert engine.said()[-2:] == ["⏳ read the news (0:10)", "✅ read the news (0:12)"]


@pytest.mark.parametrize(
    ("error", "pause"), [(SendFailed("no net"), 5), (ChatClosed("blocked"), 60)]
)
async def test_edit_that_failed_is_made_anew_later(error: ChannelError, pause: float) -> None:
    engine = screen(100)
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(6)
        engine.channel.fail("42", error)
        await engine.advance(4)
        assert len(engine.channel.tried) == 2
        await engine.advance(pause - 1)
        assert len(engine.channel.tried) == 2
        await engine.advance(1)
        assert len(engine.edits()) == 1


async def test_edits_become_rare_when_it_takes_long() -> None:
    engine = screen(4000)
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(100)
        assert len(engine.edits()) == 19
        await engine.advance(3500)
        assert len(engine.edits()) < 120
        assert engine.edits()[-1].startswith("⏳ read the news (59:")
        await engine.advance(400)
        assert engine.edits()[-1] == "✅ read the news (1:06:40)"


async def test_card_gives_way_to_what_else_is_said_in_the_chat() -> None:
    engine = screen(30)
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(6)
        engine.channel.fail("42", gate := Gate())
        await engine.say("answer", make_chat(), "hello")
        await engine.advance(10)
        assert engine.edits() == []
        gate.open()
        await settle()
        await engine.advance(1)
        assert engine.edits() == ["⏳ read the news (0:17)"]


async def test_nothing_is_said_any_more_of_what_was_erased() -> None:
    engine = screen(30)
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(6)
        await engine.agenda.forget(["t1"])
        await engine.advance(60)
        assert engine.said() == ["⏳ read the news (0:05)"]


async def test_card_of_a_task_that_was_cancelled_says_so() -> None:
    engine = screen(30)
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(6)
        await engine.agenda.change_task("t1", lambda task: task.cancelled(engine.clock.now()))
        await engine.advance(60)
        assert engine.messages() == ["✖️ read the news"]


async def test_task_that_is_run_once_more_has_the_same_card() -> None:
    engine = screen(12)
    engine.work.steps["read the news"] = [ToolFailed("No net.")]
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(20)
        assert engine.messages()[0] == "⚠️ read the news"
        await engine.agenda.change_task("t1", lambda task: task.again(engine.clock.now()))
        await engine.advance(11)
        assert engine.messages()[0] == "⏳ read the news (0:10)"
        await engine.advance(10)
        assert engine.messages()[0] == "✅ read the news (0:12)"


async def test_task_that_is_tried_again_keeps_its_card() -> None:
    engine = screen(12)
    engine.work.steps["read the news"] = [ToolFailed("No net.", transient=True)]
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(18)
        assert engine.messages() == ["⏳ read the news: tried again"]
        await engine.advance(3)
        assert engine.edits() == ["⏳ read the news (0:10)", "⏳ read the news: tried again"]
        await engine.advance(27)
        assert engine.messages() == ["✅ read the news (0:12)", REPORT]


async def test_card_that_never_arrives_is_given_up() -> None:
    engine = screen(12)
    engine.channel.fail("42", ChatClosed("blocked"))
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(30 + ARRIVAL_SECONDS)
        assert engine.said() == [REPORT]
        assert engine.clock.naps  # of the others
        calls = engine.faults.calls["outbox.message_id"]
        await engine.advance(60)
        assert engine.faults.calls["outbox.message_id"] == calls


async def test_storage_that_fails_delays_a_card() -> None:
    engine = screen(12)
    engine.faults.fail("outbox.message_id", 2)
    await engine.plant(make_task("t1", state=TaskState.CANCELLED), make_task("t2"))
    async with engine.running():
        await engine.advance(4)
        engine.faults.fail("outbox.message_id")
        await engine.advance(2)
        assert engine.messages() == ["⏳ read the news (0:06)"]
        await engine.advance(60)
        assert engine.messages() == ["✅ read the news (0:12)", REPORT]


async def test_nothing_is_looked_up_while_nothing_runs() -> None:
    engine = screen(12)
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(60)
        assert 1.0 not in engine.clock.naps
        assert engine.rig.part_states() == [OutboxState.SENT.value] * 3
