"""What was sent while minibot was away: sorted at the door, offered, and reported."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from minibot.adapters.storage import Rows
from minibot.app.catch_up import QUIET_SECONDS, REPORT_WITHIN_SECONDS, CatchUp
from minibot.app.pipeline import Answer, Handler, TurnContext, compose
from minibot.core.catch_up import Kept
from minibot.core.errors import StorageUnavailable
from minibot.core.events import Event, TroubleNoticed
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.messages import Arrival, ChatRef, Person, Press, Work, WorkKind
from minibot.core.outbox import OutgoingPart
from tests.app.rig import Rig, in_background, overheard, say_done
from tests.fakes import START, FakeClock, make_chat, make_message, make_settings, settle

GROUP = make_chat("-100")
WINDOW = 300
PRESSED = Press(id="p", data="x", message_id="m")
DUE = Work(kind=WorkKind.REMINDER, id="j", due=START)


def sent(
    key: str, seconds_before: float, chat: ChatRef | None = None, urgent: bool = False, **more: Any
) -> Arrival:
    """Give what a channel brings that was sent so long before the start."""
    moment = START - timedelta(seconds=seconds_before)
    message = make_message(f"text {key}", chat, id=f"id-{key}", sent_at=moment, **more)
    return Arrival(
        account="1000", key=key, chat=message.chat, raw="{}", message=message, urgent=urgent
    )


class Away:
    """A process that was away before it began."""

    def __init__(
        self, *, most: int = 50, rows: Rows | None = None, clock: FakeClock | None = None
    ) -> None:
        settings = make_settings(catch_up={"window_seconds": WINDOW, "max_per_chat": most})
        self.rig = rig = Rig(settings, rows=rows, clock=clock)
        self.missed = rig.storage.missed
        self.told: list[Event] = []
        self.catch_up = CatchUp(
            self.missed, rig.bus, rig.chats, tell=rig.tell, settings=rig.live, clock=rig.clock
        )

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Away"]:
        rig = self.rig
        async with (
            overheard(rig.bus, TroubleNoticed) as self.told,
            in_background(rig.channels.run, rig.delivery.run, self.catch_up.run),
        ):
            yield self

    async def receive(self, *arrivals: Arrival) -> list[str]:
        """Let a channel bring these; gives the keys of what is to be answered now."""
        rest = await self.catch_up.sort_out(arrivals)
        await self.rig.admit(rest)
        return [arrival.key for arrival in rest]

    async def answer(self, handle: Handler = say_done, chat: ChatRef | None = None) -> None:
        """Have all that is in line in a chat answered."""
        turns = self.rig.turns(compose(handle, [self.catch_up.quote]))
        conversation = (chat or make_chat()).key
        while isinstance(item := await self.rig.storage.inbox.claim(conversation), InboxItem):
            await turns.run(item)
        await settle()

    async def pass_time(self, seconds: float = QUIET_SECONDS) -> None:
        await self.rig.clock.advance(seconds)
        await settle()

    def cards(self) -> list[OutgoingPart]:
        return [part for part in self.rig.channel.sent if part.part.buttons]

    def notes(self) -> list[str]:
        return [event.text for event in self.told if isinstance(event, TroubleNoticed)]


def texts(parts: Sequence[OutgoingPart]) -> list[str]:
    return [part.part.text for part in parts]


async def test_the_window_decides_what_is_answered_and_the_rest_is_expired() -> None:
    away = Away()

    answered = await away.receive(
        sent("1", WINDOW + 1), sent("2", WINDOW), sent("3", 1), sent("4", 0), sent("5", -1)
    )

    assert answered == ["2", "3", "4", "5"]
    (kept,) = await away.missed.unoffered()
    assert kept.kept is Kept.TOO_OLD
    assert kept.message == sent("1", WINDOW + 1).message
    assert away.rig.state(kept.id) is InboxState.EXPIRED


@pytest.mark.parametrize(
    "arrival",
    [
        sent("1", 9999, urgent=True),
        sent("1", 9999, press=PRESSED),
        sent("1", 9999, work=DUE),
        sent("1", 9999, GROUP, private=False, addressed=False),
        Arrival(account="1000", key="1", chat=make_chat(), raw="{}", message=None, problem="odd"),
    ],
    ids=["urgent", "press", "own work", "not addressed", "unreadable"],
)
async def test_what_is_no_ordinary_message_goes_on_however_old(arrival: Arrival) -> None:
    away = Away()
    assert await away.catch_up.sort_out([arrival]) == [arrival]
    assert await away.missed.unoffered() == []


async def test_a_message_that_was_long_on_its_way_is_not_touched() -> None:
    away = Away()
    await away.pass_time(WINDOW * 10)
    assert await away.receive(sent("1", -1)) == ["1"]


async def test_so_many_are_answered_in_each_chat_and_it_says_that_it_cut() -> None:
    async with Away(most=2).serving() as away:
        there = [sent(str(n), 60 - n) for n in range(5)]
        elsewhere = [sent(f"g{n}", 60 - n, GROUP, private=False) for n in range(2)]

        assert await away.receive(*there[:3], *elsewhere) == ["0", "1", "g0", "g1"]
        assert await away.receive(*there) == ["0", "1"]  # its channel brings them again
        await away.pass_time()

        (card,) = away.cards()
    assert card.part.text == (
        "While I was away you sent me 3 older messages (the oldest on 4 Mar at 05:05 UTC). They "
        "are beyond the 2 that I answer by myself in one chat. Shall I answer them?"
    )


async def test_each_chat_is_asked_once_when_no_more_comes_in() -> None:
    async with Away().serving() as away:
        await away.receive(sent("1", 8000), sent("2", 7000, GROUP, private=False))
        await away.pass_time(QUIET_SECONDS - 0.5)
        await away.receive(sent("3", 600), sent("4", 10))
        await away.pass_time(QUIET_SECONDS - 0.5)
        assert away.cards() == []
        await away.pass_time(0.5)
        await away.pass_time(REPORT_WITHIN_SECONDS)

        in_group, in_private = sorted(away.cards(), key=lambda card: card.chat.chat_id)
    assert in_private.part.text == (
        "While I was away you sent me 2 older messages (the oldest on 4 Mar at 02:52 UTC). "
        "Shall I answer them?"
    )
    assert in_group.chat == GROUP
    assert in_group.part.text == (
        "While I was away an older message for me came in here (on 4 Mar at 03:09 UTC). "
        "Shall I answer it?"
    )
    assert [[each.label for each in row] for row in in_private.part.buttons] == [
        ["Answer all", "Skip"]
    ]


async def test_what_comes_later_gets_a_card_with_its_own_number() -> None:
    async with Away().serving() as away:
        await away.receive(sent("1", 8000), sent("2", 7000))
        await away.pass_time()
        await away.receive(sent("3", 6000))
        await away.pass_time(REPORT_WITHIN_SECONDS)

        first, second = texts(away.cards())
    assert "2 older messages" in first
    assert "an older message" in second


async def test_only_late_answers_point_at_their_message_in_private() -> None:
    async with Away().serving() as away:
        await away.receive(sent("1", 10), sent("2", -5))
        await away.answer()
        assert [part.reply_to for part in away.rig.channel.sent] == ["id-1", ""]


async def test_what_an_earlier_process_accepted_is_answered_whatever_its_age() -> None:
    first = Away()
    await first.receive(sent("1", 10))
    await first.pass_time(WINDOW * 2)
    async with Away(rows=first.rig.rows, clock=first.rig.clock).serving() as second:
        # Its channel did not hear that it was accepted, and brings it again.
        assert await second.receive(sent("1", 10)) == []
        await second.answer()
        assert [part.reply_to for part in second.rig.channel.sent] == ["id-1"]
        await second.pass_time()
        assert second.cards() == []


async def test_own_work_and_presses_point_at_nothing() -> None:
    async with Away().serving() as away:
        await away.receive(sent("1", 999, work=DUE), sent("2", 999, press=PRESSED))
        await away.answer()
        assert [part.reply_to for part in away.rig.channel.sent] == ["", ""]


async def test_the_owner_is_told_the_numbers_once() -> None:
    async with Away(most=2).serving() as away:
        await away.receive(*(sent(str(n), 7800 - n) for n in range(3)))
        await away.receive(*(sent(f"late {n}", 9 - n) for n in range(3)))
        await away.receive(sent("g", 400, GROUP, private=False))
        await away.answer()
        await away.pass_time()
        assert away.notes() == [
            "Back after at least 2 h 10 min: 2 messages answered late, 5 older ones kept in "
            "2 chats (1 because so many came at once)."
        ]
        await away.receive(sent("more", 500), sent("late", 5))
        await away.pass_time(REPORT_WITHIN_SECONDS * 2)
        assert len(away.notes()) == 1


async def test_the_owner_is_told_after_a_while_though_a_model_is_away() -> None:
    async def wait(_context: TurnContext) -> Answer:
        return Answer(state=InboxState.WAITING, problem="no model")

    async with Away().serving() as away:
        await away.receive(sent("1", 30))
        await away.answer(wait)
        await away.pass_time(REPORT_WITHIN_SECONDS)
        assert away.notes() == []
        await away.pass_time()
        assert away.notes() == ["Back after at least 30 s: 0 messages answered late so far."]


async def test_what_was_ignored_is_not_counted_as_answered() -> None:
    async def ignore(_context: TurnContext) -> Answer:
        return Answer(state=InboxState.IGNORED, problem="not allowed any more")

    async with Away().serving() as away:
        await away.receive(sent("1", 30), sent("2", 999))
        await away.answer(ignore)
        await away.pass_time()
        assert away.notes() == [
            "Back after at least 16 min 39 s: 0 messages answered late, 1 older one kept in 1 chat."
        ]


async def test_a_start_that_missed_nothing_tells_nobody() -> None:
    async with Away().serving() as away:
        await away.receive(sent("1", 0), sent("2", 999, urgent=True))
        await away.answer()
        await away.pass_time(REPORT_WITHIN_SECONDS * 2)
        assert away.notes() == []
        assert away.cards() == []


async def test_what_a_process_kept_that_died_before_it_asked_is_offered_with_the_rest() -> None:
    first = Away()
    await first.receive(sent("1", 999))
    async with Away(rows=first.rig.rows).serving() as second:
        await second.receive(sent("2", 998))
        await second.pass_time()
        (card,) = second.cards()
        assert "2 older messages" in card.part.text
    async with Away(rows=first.rig.rows).serving() as third:
        assert await third.receive(sent("2", 998)) == []
        await third.pass_time(REPORT_WITHIN_SECONDS)
        assert (third.cards(), third.notes()) == ([], [])


async def test_a_card_is_not_sent_twice_when_the_process_dies_behind_it() -> None:
    first = Away()
    first.rig.faults.fail("missed.mark")
    await first.receive(sent("1", 999))
    async with first.serving():
        await first.pass_time()
        assert len(first.cards()) == 1
    async with Away(rows=first.rig.rows).serving() as second:
        await second.pass_time()
        assert second.cards() == []
        assert await second.missed.unoffered() == []


async def test_what_takes_long_to_be_kept_is_offered_behind_it() -> None:
    away = Away()
    gate = away.rig.faults.hold_before("missed.keep")

    async def bring() -> None:
        await away.receive(sent("1", 999))

    async with away.serving(), in_background(bring) as (bringing,):
        await away.pass_time(QUIET_SECONDS * 2)
        gate.open()
        await bringing
        await away.pass_time()
        assert len(away.cards()) == 1


async def test_a_storage_that_fails_is_asked_again() -> None:
    away = Away()
    away.rig.faults.fail("outbox.enqueue", times=3)
    await away.receive(sent("1", 999))
    async with away.serving():
        await away.pass_time()
        assert away.cards() == []
        await away.pass_time(5)
        assert len(away.cards()) == 1


async def test_what_could_not_be_kept_is_judged_alike_when_it_comes_again() -> None:
    away = Away(most=1)
    away.rig.faults.fail("missed.keep")
    batch = [sent("1", 999), sent("2", 20), sent("3", 10)]
    with pytest.raises(StorageUnavailable):
        await away.receive(*batch)
    assert await away.receive(*batch) == ["2"]
    assert len(await away.missed.unoffered()) == 2


async def test_the_limit_is_one_of_a_chat_whoever_writes_there() -> None:
    ann, bob = (Person(id=id_) for id_ in ("42", "43"))
    assert await Away(most=1).receive(
        sent("1", 20, GROUP, private=False, sender=ann),
        sent("2", 10, GROUP, private=False, sender=bob),
    ) == ["1"]


async def test_a_clock_that_was_ahead_at_the_start_makes_nothing_old() -> None:
    clock = SetClock()
    clock.ahead = 24 * 3600
    away = Away(clock=clock)
    clock.ahead = 0
    assert await away.receive(sent("1", -5), sent("2", WINDOW + 1)) == ["1"]


async def test_a_clock_that_is_set_ahead_later_makes_nothing_old() -> None:
    clock = SetClock()
    away = Away(clock=clock)
    clock.ahead = 24 * 3600
    assert await away.receive(sent("1", -6), sent("2", WINDOW + 1)) == ["1"]


class SetClock(FakeClock):
    """A clock that somebody sets."""

    ahead = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.ahead)
