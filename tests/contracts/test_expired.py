"""What every storage must do with messages that were missed and are kept as expired."""

from collections.abc import Collection
from dataclasses import replace

import pytest

from minibot.adapters.storage import Storage
from minibot.core.catch_up import Kept, MissedItem
from minibot.core.messages import Arrival, ChatRef
from tests.contracts.storages import Home, a_chat, admit_and_take, an_arrival, finish, take


def missed(key: str, chat: ChatRef | None = None, why: Kept = Kept.TOO_OLD) -> Arrival:
    return replace(an_arrival(key, chat), problem=why.value)


def names(items: Collection[MissedItem]) -> list[str]:
    return [item.message.id if item.message else "" for item in items]


async def offer(storage: Storage, *keys: str, chat: ChatRef | None = None) -> list[int]:
    """Keep messages and have their chat asked about them; gives their ids."""
    await storage.missed.keep([missed(key, chat) for key in keys])
    ids = [item.id for item in await storage.missed.unoffered()]
    assert await storage.missed.mark(ids, Kept.OFFERED) == len(keys)
    return ids


async def test_what_is_kept_is_in_no_line_and_known_when_it_comes_again(storage: Storage) -> None:
    assert await storage.missed.keep([missed("1"), missed("2")]) == 2

    assert await storage.inbox.open_conversations() == []
    assert await storage.inbox.claim("telegram:42") is None
    assert await storage.missed.keep([missed("2"), missed("3")]) == 1
    assert await storage.inbox.admit([an_arrival("1")]) == []
    assert await storage.dead_letters.dead() == []


async def test_what_was_accepted_before_is_not_kept_when_it_comes_again(storage: Storage) -> None:
    await storage.inbox.admit([an_arrival("1")])

    assert await storage.missed.keep([missed("1")]) == 0

    assert (await take(storage)).message.id == "id-1"
    assert await storage.missed.unoffered() == []


async def test_what_nobody_was_asked_about_is_listed_with_its_reason(storage: Storage) -> None:
    topic = a_chat("-100", "17")
    await storage.missed.keep([missed("1"), missed("2", topic, Kept.TOO_MANY)])
    await finish(storage, await admit_and_take(storage, "3"))

    first, second = await storage.missed.unoffered()

    assert (first.chat, first.kept) == (a_chat(), Kept.TOO_OLD)
    assert (second.chat, second.kept) == (topic, Kept.TOO_MANY)
    assert first.message == an_arrival("1").message
    assert second.message == an_arrival("2", topic).message


async def test_a_chat_is_asked_once_about_what_lies_between_two_rows(storage: Storage) -> None:
    ids = await offer(storage, "1", "2", "3")
    await offer(storage, "4", chat=a_chat("43"))
    await storage.missed.keep([missed("5")])

    assert names(await storage.missed.unoffered()) == ["id-5"]
    assert await storage.missed.mark(ids, Kept.OFFERED) == 0
    asked = await storage.missed.offered("telegram:42", ids[0], ids[2] + 9)
    assert [item.id for item in asked] == ids
    assert {item.kept for item in asked} == {Kept.OFFERED}
    assert names(await storage.missed.offered("telegram:42", ids[1], ids[1])) == ["id-2"]
    assert await storage.missed.offered("telegram:43", ids[0], ids[2]) == []


async def test_what_is_put_back_is_answered_in_order_before_what_came_later(
    storage: Storage,
) -> None:
    ids = await offer(storage, "1", "2")
    await storage.inbox.admit([an_arrival("3")])

    events = await storage.missed.put_back([ids[1], ids[0]])

    assert [(event.inbox_id, event.conversation, event.urgent) for event in events] == [
        (id_, "telegram:42", False) for id_ in ids
    ]
    for key in ("1", "2", "3"):
        item = await take(storage)
        assert (item.message.id, item.attempts) == (f"id-{key}", 1)
        await finish(storage, item)
    assert await storage.missed.offered("telegram:42", *ids) == []
    assert await storage.missed.put_back(ids) == []


async def test_what_is_skipped_stays_expired_and_is_not_offered_again(storage: Storage) -> None:
    ids = await offer(storage, "1", "2")

    assert await storage.missed.mark(ids, Kept.SKIPPED) == 2

    assert await storage.missed.mark(ids, Kept.SKIPPED) == 0
    assert await storage.missed.unoffered() == []
    assert await storage.missed.offered("telegram:42", *ids) == []
    assert await storage.missed.put_back(ids) == []
    assert await storage.inbox.claim("telegram:42") is None
    # By hand it can still be put back, which only what is dead or expired can.
    assert await storage.dead_letters.revive(ids[0]) is not None


async def test_only_what_was_offered_is_put_back_or_skipped(storage: Storage) -> None:
    await storage.missed.keep([missed("1")])
    (item,) = await storage.missed.unoffered()
    done = await admit_and_take(storage, "2")
    await finish(storage, done, problem=Kept.OFFERED.value)

    assert await storage.missed.put_back([item.id, done.id, 99]) == []
    assert await storage.missed.mark([item.id, done.id, 99], Kept.SKIPPED) == 0
    assert await storage.missed.mark([], Kept.OFFERED) == 0


async def test_the_next_process_finds_what_is_kept(home: Home) -> None:
    async with home.open() as storage:
        ids = await offer(storage, "1", "2")
        await storage.missed.keep([missed("3")])
    async with home.open() as storage:
        assert (await storage.inbox.recover()).requeued == 0
        assert names(await storage.missed.unoffered()) == ["id-3"]
        assert names(await storage.missed.offered("telegram:42", *ids)) == ["id-1", "id-2"]
        assert len(await storage.missed.put_back(ids)) == 2


async def test_what_is_kept_moves_with_its_chat(storage: Storage) -> None:
    ids = await offer(storage, "1", "2", chat=a_chat("-1"))
    await storage.missed.keep([missed("3", a_chat("-1"))])
    await storage.outbox.move_chat(a_chat("-1"), "-100")

    (waiting,) = await storage.missed.unoffered()
    assert waiting.chat == a_chat("-100")
    for name in ("telegram:-1", "telegram:-100"):
        assert len(await storage.missed.offered(name, *ids)) == 2
    events = await storage.missed.put_back(ids)
    assert {event.conversation for event in events} == {"telegram:-100"}
    await storage.missed.keep([missed("4", a_chat("-1"))])
    assert [item.chat for item in await storage.missed.unoffered()] == [a_chat("-100")] * 2


async def test_what_a_person_had_erased_is_neither_offered_nor_answered(storage: Storage) -> None:
    ids = await offer(storage, "1")
    await storage.missed.keep([missed("2")])

    await storage.personal_data.erase("telegram", "7")

    assert await storage.missed.unoffered() == []
    assert await storage.missed.offered("telegram:42", *ids, *ids) == []
    assert await storage.missed.put_back(ids) == []


@pytest.mark.parametrize(("days", "left"), [(1, 1), (9, 0)])
async def test_what_is_kept_can_be_answered_for_some_days(
    storage: Storage, home: Home, days: int, left: int
) -> None:
    (id_,) = await offer(storage, "1")
    home.clock.advance(days * 86_400)

    await storage.maintenance.purge(home.clock.now())

    assert len(await storage.missed.offered("telegram:42", id_, id_)) == left
    assert len(await storage.missed.put_back([id_])) == left
