"""What every inbox must do."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from minibot.adapters.storage import Storage
from minibot.core.errors import IllegalTransition
from minibot.core.events import MessageAccepted
from minibot.core.inbox import (
    MAX_CRASHES,
    SOLO_AFTER_CRASHES,
    InboxItem,
    InboxState,
)
from minibot.core.messages import Attachment, AttachmentKind, Press
from tests.contracts.storages import (
    START,
    Home,
    a_chat,
    admit_and_take,
    an_arrival,
    finish,
    take,
    unreadable,
)


async def test_admitted_message_is_announced_and_comes_back_whole(
    storage: Storage, home: Home
) -> None:
    chat = a_chat("-1002", "17")
    arrival = an_arrival("5", chat, text="grüße 👋")

    (event,) = await storage.inbox.admit([arrival])
    item = await take(storage, chat.key)

    assert event == MessageAccepted(
        inbox_id=item.id, conversation="telegram:-1002:17", urgent=False
    )
    assert item == InboxItem(
        id=item.id,
        conversation=chat.key,
        message=item.message,
        received_at=home.clock.now(),
        attempts=1,
        crashes=0,
    )
    assert item.message == arrival.message


async def test_delivery_that_comes_twice_is_stored_once(storage: Storage) -> None:
    first = await storage.inbox.admit([an_arrival("1"), an_arrival("2"), an_arrival("1")])
    again = await storage.inbox.admit([an_arrival("2"), an_arrival("3"), an_arrival("1")])

    assert len(first) == 2
    assert [event.inbox_id for event in again] == [max(e.inbox_id for e in first + again)]


async def test_same_key_of_another_account_is_another_delivery(storage: Storage) -> None:
    one = an_arrival("1")
    accepted = await storage.inbox.admit([one, replace(one, account="2000")])

    assert len(accepted) == 2


async def test_finished_delivery_is_still_recognised(storage: Storage) -> None:
    await finish(storage, await admit_and_take(storage, "1"))

    assert await storage.inbox.admit([an_arrival("1")]) == []
    assert await storage.inbox.open_conversations() == []


async def test_unreadable_arrival_becomes_a_dead_row_and_blocks_nothing(
    storage: Storage, home: Home
) -> None:
    accepted = await storage.inbox.admit([unreadable("1"), an_arrival("2")])

    assert len(accepted) == 1
    (dead,) = await storage.dead_letters.dead()
    assert dead.problem == "no such field"
    assert dead.conversation == "telegram:42"
    assert dead.received_at == home.clock.now()
    assert (await take(storage)).message.id == "id-2"
    assert await storage.dead_letters.revive(dead.id) is None


async def test_half_a_surrogate_pair_does_not_keep_the_others_out(storage: Storage) -> None:
    accepted = await storage.inbox.admit([an_arrival("1", text="a\ud83d b"), an_arrival("2")])

    assert len(accepted) == 2
    assert (await take(storage)).message.text.startswith("a")


async def test_nothing_to_admit_is_nothing(storage: Storage) -> None:
    assert await storage.inbox.admit([]) == []


async def test_order_holds_inside_a_conversation(storage: Storage) -> None:
    await storage.inbox.admit([an_arrival("1"), an_arrival("2")])

    first = await take(storage)
    assert await storage.inbox.claim("telegram:42") is None
    await finish(storage, first)
    second = await take(storage)

    assert [first.message.id, second.message.id] == ["id-1", "id-2"]


async def test_conversations_do_not_wait_for_each_other(storage: Storage) -> None:
    await storage.inbox.admit([an_arrival("1"), an_arrival("2", a_chat("43"))])

    await take(storage, "telegram:42")
    assert (await take(storage, "telegram:43")).message.id == "id-2"


async def test_claim_of_what_is_not_there_is_none(storage: Storage) -> None:
    assert await storage.inbox.claim("telegram:1") is None
    assert await storage.inbox.claim("nonsense") is None
    assert await storage.inbox.claim_urgent(99) is None


async def test_postponed_item_blocks_its_conversation_until_its_time(
    storage: Storage, home: Home
) -> None:
    await storage.inbox.admit([an_arrival("1"), an_arrival("2")])
    until = home.clock.now() + timedelta(seconds=8)
    await storage.inbox.postpone((await take(storage)).id, until, "the model is down")

    assert await storage.inbox.claim("telegram:42") == until
    home.clock.advance(8)
    again = await take(storage)

    assert again.message.id == "id-1"
    assert again.attempts == 2


async def test_moment_without_a_zone_is_refused(storage: Storage) -> None:
    item = await admit_and_take(storage, "1")

    with pytest.raises(ValueError, match="time zone"):
        await storage.inbox.postpone(item.id, datetime(2026, 1, 1), "")
    with pytest.raises(ValueError, match="time zone"):
        await storage.inbox.wait(item.id, datetime(2026, 1, 1), "")
    await finish(storage, item)


async def test_released_item_is_as_if_never_claimed(storage: Storage) -> None:
    await storage.inbox.release((await admit_and_take(storage, "1")).id)

    assert (await take(storage)).attempts == 1


@pytest.mark.parametrize("how", ["release", "postpone", "wait"])
async def test_item_that_is_not_held_cannot_be_given_back(storage: Storage, how: str) -> None:
    async def give_back(inbox_id: int) -> None:
        if how == "release":
            await storage.inbox.release(inbox_id)
        elif how == "postpone":
            await storage.inbox.postpone(inbox_id, START, "")
        else:
            await storage.inbox.wait(inbox_id, START, "")

    (event,) = await storage.inbox.admit([an_arrival("1")])
    for inbox_id in (event.inbox_id, 99):
        with pytest.raises(IllegalTransition):
            await give_back(inbox_id)
    await finish(storage, await take(storage))
    with pytest.raises(IllegalTransition):
        await give_back(event.inbox_id)


async def test_urgent_item_passes_a_running_turn(storage: Storage) -> None:
    running = await admit_and_take(storage, "1")
    (event,) = await storage.inbox.admit([an_arrival("2", urgent=True)])

    urgent = await storage.inbox.claim_urgent(event.inbox_id)

    assert urgent is not None
    assert event.urgent
    assert urgent.urgent
    assert urgent.id == event.inbox_id != running.id
    assert await storage.inbox.claim_urgent(event.inbox_id) is None


async def test_urgent_item_neither_waits_in_line_nor_blocks_it(storage: Storage) -> None:
    (event,) = await storage.inbox.admit([an_arrival("1", urgent=True)])
    await storage.inbox.claim_urgent(event.inbox_id)
    await storage.inbox.admit([an_arrival("2")])

    item = await take(storage)

    assert item.message.id == "id-2"
    assert await storage.inbox.claim_urgent(item.id) is None


async def test_item_that_is_set_aside_holds_up_no_line_and_is_urgent_for_good(home: Home) -> None:
    async with home.open() as storage:
        aside = await admit_and_take(storage, "1")
        await storage.inbox.admit([an_arrival("2")])
        await storage.inbox.set_aside(aside.id)

        assert (await take(storage)).message.id == "id-2"
        assert await storage.inbox.claim_urgent(aside.id) is None, "it is being processed"

    async with home.open() as storage:
        await storage.inbox.recover()
        found = {event.inbox_id: event.urgent for event in await storage.inbox.open_conversations()}
        assert found[aside.id]
        home.clock.advance(60)
        again = await storage.inbox.claim_urgent(aside.id)
        assert again is not None
        assert (again.urgent, again.message) == (True, aside.message)


async def test_only_what_is_held_is_set_aside(storage: Storage) -> None:
    (event,) = await storage.inbox.admit([an_arrival("1")])
    with pytest.raises(IllegalTransition):
        await storage.inbox.set_aside(event.inbox_id)
    await finish(storage, await take(storage))
    for unknown in (event.inbox_id, 999):
        with pytest.raises(IllegalTransition):
            await storage.inbox.set_aside(unknown)


async def test_open_conversations_names_urgent_items_and_heads_of_lines(
    storage: Storage,
) -> None:
    accepted = await storage.inbox.admit(
        [
            an_arrival("1"),
            an_arrival("2"),
            an_arrival("3", a_chat("43")),
            an_arrival("4", urgent=True),
            an_arrival("5", urgent=True),
            an_arrival("6", a_chat("44")),
        ]
    )
    await take(storage, "telegram:44")

    assert await storage.inbox.open_conversations() == [accepted[i] for i in (0, 2, 3, 4)]


async def test_everything_open_is_named_however_much_it_is(storage: Storage) -> None:
    arrivals = [an_arrival(str(i), a_chat(str(i)), urgent=i % 2 == 0) for i in range(2300)]
    accepted = await storage.inbox.admit(arrivals)

    assert await storage.inbox.open_conversations() == accepted


async def test_rows_of_a_dead_process_go_back_in_line(home: Home) -> None:
    async with home.open() as dying, home.open() as next_one:
        lost = await admit_and_take(dying, "1")
        recovery = await next_one.inbox.recover()

        assert (recovery.requeued, recovery.given_up) == (1, ())
        again = await take(next_one)
        assert (again.id, again.attempts, again.crashes) == (lost.id, 2, 1)
        with pytest.raises(IllegalTransition):
            await finish(dying, lost)
        await finish(next_one, again)


async def test_own_rows_are_not_recovered(storage: Storage) -> None:
    item = await admit_and_take(storage, "1")

    assert (await storage.inbox.recover()).requeued == 0
    await finish(storage, item)


async def test_item_that_kills_is_delayed_runs_alone_and_is_given_up(home: Home) -> None:
    async with home.open() as storage:
        await storage.inbox.admit([an_arrival("1")])
    for crashes in range(MAX_CRASHES):
        async with home.open() as storage:
            recovery = await storage.inbox.recover()
            assert not recovery.given_up
            claimed = await storage.inbox.claim("telegram:42")
            if isinstance(claimed, datetime):
                home.clock.advance((claimed - home.clock.now()).total_seconds())
                claimed = await storage.inbox.claim("telegram:42")
            assert isinstance(claimed, InboxItem)
            assert claimed.crashes == crashes
            assert claimed.must_run_alone is (crashes >= SOLO_AFTER_CRASHES)

    async with home.open() as storage:
        (given_up,) = (await storage.inbox.recover()).given_up
        assert given_up.crashes == MAX_CRASHES
        await finish(storage, given_up, InboxState.DEAD, "it killed the process")
        assert [dead.id for dead in await storage.dead_letters.dead()] == [given_up.id]


async def test_dead_lists_the_newest_first_and_no_more_than_asked(
    storage: Storage, home: Home
) -> None:
    for key in "123":
        item = await admit_and_take(storage, key)
        home.clock.advance(1)
        await finish(storage, item, InboxState.DEAD, f"problem {key}")

    assert [dead.problem for dead in await storage.dead_letters.dead(2)] == [
        "problem 3",
        "problem 2",
    ]
    assert await storage.dead_letters.dead(0) == []
    assert len(await storage.dead_letters.dead(10**9)) == 3


async def test_revived_item_starts_anew(storage: Storage, home: Home) -> None:
    item = await admit_and_take(storage, "1")
    await storage.inbox.postpone(item.id, home.clock.now(), "once")
    await finish(storage, await take(storage), InboxState.DEAD, "twice")

    event = await storage.dead_letters.revive(item.id)

    assert event == MessageAccepted(inbox_id=item.id, conversation=item.conversation, urgent=False)
    assert await storage.dead_letters.dead() == []
    assert (await take(storage)).attempts == 1
    assert await storage.dead_letters.revive(item.id) is None
    assert await storage.dead_letters.revive(99) is None


async def test_stored_attachments_and_quotes_survive(storage: Storage) -> None:
    arrival = an_arrival("1")
    assert arrival.message is not None
    message = replace(
        arrival.message,
        attachments=(
            Attachment(kind=AttachmentKind.PHOTO, file_id="f", size=9),
            Attachment(kind=AttachmentKind.DOCUMENT, name="a.txt", mime_type="text/plain"),
        ),
        reply_to="2",
        quoted_text="what?",
        private=False,
    )
    await storage.inbox.admit([replace(arrival, message=message)])

    assert (await take(storage)).message == message


async def test_press_of_a_button_survives(storage: Storage) -> None:
    arrival = an_arrival("1", text="")
    assert arrival.message is not None
    press = Press(id="q1", data="ap:o:token", message_id="77")
    message = replace(arrival.message, press=press, foreign=True)
    await storage.inbox.admit([replace(arrival, message=message)])

    assert (await take(storage)).message == message


async def test_many_workers_take_every_item_once_and_in_order(storage: Storage) -> None:
    chats = [f"telegram:{number}" for number in range(10)]
    await storage.inbox.admit(
        [an_arrival(str(i), a_chat(str(i % 10)), text=str(i)) for i in range(500)]
    )
    taken: dict[str, list[int]] = {chat: [] for chat in chats}

    async def work(number: int) -> None:
        misses = 0
        while misses < len(chats):
            chat = chats[(number + misses) % len(chats)]
            item = await storage.inbox.claim(chat)
            if isinstance(item, InboxItem):
                taken[chat].append(int(item.message.text))
                await finish(storage, item)
                misses = 0
            else:
                misses += 1

    await asyncio.gather(*(work(number) for number in range(50)))

    assert await storage.inbox.open_conversations() == []
    assert taken == {f"telegram:{n}": list(range(n, 500, 10)) for n in range(10)}
