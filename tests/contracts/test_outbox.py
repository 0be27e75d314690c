"""What every outbox must do."""

from datetime import timedelta

import pytest

from minibot.adapters.storage import Storage
from minibot.core.errors import IllegalTransition
from minibot.core.messages import Button, OutgoingFile, Part, Span, SpanKind
from minibot.core.outbox import Draft, OutboxState, OutgoingPart
from minibot.core.personal import Summary
from tests.contracts.storages import (
    Home,
    a_chat,
    a_draft,
    a_note,
    admit_and_take,
    an_arrival,
    finish,
    said,
    take,
)


async def enqueue_one(storage: Storage, key: str = "a") -> OutgoingPart:
    (part,) = await storage.outbox.enqueue([a_draft(key)])
    return part


async def test_queued_part_comes_back_whole(storage: Storage, home: Home) -> None:
    part = Part(
        text="see 👋 here",
        spans=(
            Span(kind=SpanKind.BOLD, offset=0, length=3),
            Span(kind=SpanKind.TEXT_LINK, offset=7, length=4, url="https://example.org"),
            Span(kind=SpanKind.PRE, offset=4, length=2, language="python"),
        ),
        buttons=((Button(label="Yes 👍", data="y"), Button(label="No", data="n")), ()),
        file=OutgoingFile(path="/a/ü", name="ü.txt", mime_type="text/plain"),
    )
    draft = Draft(
        key="a", chat=a_chat("-1", "5"), part=part, reply_to="3", inbox_id=None, edits="77"
    )

    (queued,) = await storage.outbox.enqueue([draft])

    assert queued == OutgoingPart(
        id=queued.id,
        key="a",
        chat=draft.chat,
        part=part,
        reply_to="3",
        state=OutboxState.PENDING,
        attempts=0,
        created_at=home.clock.now(),
        not_before=home.clock.now(),
        inbox_id=None,
        edits="77",
    )
    assert await storage.outbox.waiting() == [queued]


async def test_known_key_is_skipped(storage: Storage) -> None:
    await storage.outbox.enqueue([a_draft("a"), a_draft("b")])

    again = await storage.outbox.enqueue([a_draft("b"), a_draft("c"), a_draft("c")])

    assert [part.key for part in again] == ["c"]
    assert [part.key for part in await storage.outbox.waiting()] == ["a", "b", "c"]


async def test_claimed_part_is_taken_once(storage: Storage) -> None:
    part = await enqueue_one(storage)

    claimed = await storage.outbox.claim(part.id)

    assert claimed is not None
    assert (claimed.state, claimed.attempts) == (OutboxState.SENDING, 1)
    assert await storage.outbox.claim(part.id) is None
    assert await storage.outbox.claim(99) is None
    assert await storage.outbox.waiting() == []


async def test_sent_part_is_over(storage: Storage) -> None:
    part = await enqueue_one(storage)
    await storage.outbox.claim(part.id)

    await storage.outbox.mark_sent(part.id, "77")

    assert await storage.outbox.waiting() == []
    assert await storage.outbox.claim(part.id) is None
    with pytest.raises(IllegalTransition):
        await storage.outbox.bury(part.id, "too late")


async def test_message_a_part_became_is_found_by_its_key(storage: Storage) -> None:
    part = await enqueue_one(storage)
    assert await storage.outbox.message_id("a") == ""
    await storage.outbox.claim(part.id)
    assert await storage.outbox.message_id("a") == ""

    await storage.outbox.mark_sent(part.id, "77")

    assert await storage.outbox.message_id("a") == "77"
    assert await storage.outbox.message_id("nope") == ""


async def test_part_that_was_given_up_became_no_message(storage: Storage) -> None:
    part = await enqueue_one(storage)

    await storage.outbox.bury(part.id, "blocked")

    assert await storage.outbox.message_id("a") == ""


async def test_postponed_part_waits_and_counts_its_attempts(storage: Storage, home: Home) -> None:
    part = await enqueue_one(storage)
    await storage.outbox.claim(part.id)
    until = home.clock.now() + timedelta(seconds=4)

    await storage.outbox.postpone(part.id, until, "429")

    (waiting,) = await storage.outbox.waiting()
    assert (waiting.state, waiting.not_before, waiting.attempts) == (
        OutboxState.RETRY,
        until,
        1,
    )
    again = await storage.outbox.claim(part.id)
    assert again is not None
    assert again.attempts == 2


async def test_released_part_is_as_if_never_claimed(storage: Storage) -> None:
    part = await enqueue_one(storage)
    await storage.outbox.claim(part.id)

    await storage.outbox.release(part.id)

    assert await storage.outbox.waiting() == [part]


async def test_part_can_be_buried_waiting_or_claimed(storage: Storage, home: Home) -> None:
    first, second = await storage.outbox.enqueue([a_draft("a"), a_draft("b", a_chat("9", "1"))])
    await storage.outbox.claim(first.id)
    await storage.outbox.bury(first.id, "blocked")
    home.clock.advance(1)
    await storage.outbox.bury(second.id, "also blocked")

    dead = await storage.outbox.dead()

    assert [(part.id, part.conversation, part.problem) for part in dead] == [
        (second.id, "telegram:9:1", "also blocked"),
        (first.id, "telegram:42", "blocked"),
    ]
    assert dead[0].created_at == first.created_at
    assert len(await storage.outbox.dead(1)) == 1
    assert await storage.outbox.waiting() == []


async def test_part_that_is_not_being_sent_refuses_its_end(storage: Storage) -> None:
    part = await enqueue_one(storage)

    for part_id in (part.id, 99):
        with pytest.raises(IllegalTransition):
            await storage.outbox.mark_sent(part_id, "1")
        with pytest.raises(IllegalTransition):
            await storage.outbox.postpone(part_id, part.created_at, "")
        with pytest.raises(IllegalTransition):
            await storage.outbox.release(part_id)
    with pytest.raises(IllegalTransition):
        await storage.outbox.bury(99, "")


async def test_part_a_dead_process_was_sending_is_sent_again(home: Home) -> None:
    async with home.open() as dying, home.open() as next_one:
        part = await enqueue_one(dying)
        await dying.outbox.claim(part.id)

        assert await next_one.outbox.recover() == 1
        again = await next_one.outbox.claim(part.id)
        assert again is not None
        assert again.attempts == 2
        with pytest.raises(IllegalTransition):
            await dying.outbox.mark_sent(part.id, "1")
        with pytest.raises(IllegalTransition):
            await dying.outbox.bury(part.id, "")
        assert await next_one.outbox.recover() == 0


async def test_everything_waiting_comes_however_much_oldest_first(storage: Storage) -> None:
    drafts = [a_draft(str(i), a_chat(str(i % 7))) for i in range(2300)]
    queued = await storage.outbox.enqueue(drafts)

    assert await storage.outbox.waiting() == queued


async def test_moved_chat_keeps_everything_in_all_its_threads(storage: Storage) -> None:
    old, topic, new = a_chat("-1"), a_chat("-1", "17"), a_chat("-100")
    await storage.inbox.admit([an_arrival("1", old), an_arrival("2", topic)])
    await storage.history.append(topic.key, [said("in the topic")])
    await storage.history.append(old.key, [said("outside")])
    sending, waiting, elsewhere = await storage.outbox.enqueue(
        [a_draft("a", old), a_draft("b", topic), a_draft("c", a_chat("-11"))]
    )
    await storage.outbox.claim(sending.id)

    moved = await storage.outbox.move_chat(old, "-100")

    assert [(part.id, part.chat) for part in moved] == [(waiting.id, a_chat("-100", "17"))]
    await storage.outbox.release(sending.id)
    assert [part.chat.chat_id for part in await storage.outbox.waiting()] == [
        "-100",
        "-100",
        "-11",
    ]
    assert elsewhere.chat.chat_id == "-11"
    item = await take(storage, "telegram:-100:17")
    assert item.message.chat == a_chat("-100", "17")
    assert await storage.history.recent("telegram:-100:17", 5) == [said("in the topic")]
    assert await storage.history.recent(new.key, 5) == [said("outside")]
    assert await storage.outbox.moved_chats() == {"telegram:-1": "telegram:-100"}


async def test_old_name_of_a_moved_chat_goes_on_working(storage: Storage) -> None:
    old = a_chat("-1", "17")
    item = await admit_and_take(storage, "1", old)
    await storage.outbox.move_chat(old, "-100")

    await finish(storage, item)
    (event,) = await storage.inbox.admit([an_arrival("2", old)])
    (part,) = await storage.outbox.enqueue([a_draft("a", old)])
    await storage.history.append(old.key, [said("hi")])

    assert event.conversation == "telegram:-100:17"
    assert part.chat == a_chat("-100", "17")
    assert (await take(storage, old.key)).conversation == "telegram:-100:17"
    assert await storage.history.recent("telegram:-100:17", 5) == [said("hi")]
    assert await storage.history.exists(old.key)
    assert await storage.history.put_away(old.key) == 1


async def test_chat_that_moves_into_one_that_exists_is_merged(storage: Storage) -> None:
    old, new = a_chat("-1"), a_chat("-100")
    await storage.inbox.admit([an_arrival("1", old), an_arrival("2", new)])
    await storage.history.append(old.key, [said("before")])
    await storage.history.append(new.key, [said("after")])

    await storage.outbox.move_chat(old, "-100")

    assert sorted(e.text for e in await storage.history.recent(new.key, 9)) == [
        "after",
        "before",
    ]
    first = await take(storage, new.key)
    await finish(storage, first)
    second = await take(storage, new.key)
    assert [first.message.id, second.message.id] == ["id-1", "id-2"]


def a_summary(text: str, through: int) -> Summary:
    return Summary(text=text, through=through, untrusted=True)


async def test_summary_moves_with_its_chat(storage: Storage) -> None:
    await storage.inbox.admit([an_arrival("1", a_chat("-1", "17"))])
    await storage.history.append("telegram:-1:17", [said("a"), said("b")])
    backlog = await storage.history.unsummarised("telegram:-1:17", keep=0, limit=9)
    summary = a_summary("a and b", backlog.through)
    await storage.history.summarise("telegram:-1:17", summary)

    await storage.outbox.move_chat(a_chat("-1"), "-100")

    assert await storage.history.summary("telegram:-100:17") == summary


async def test_no_summary_covers_two_chats_that_become_one(storage: Storage) -> None:
    for key, chat_id in (("1", "-1"), ("2", "-100")):
        await storage.inbox.admit([an_arrival(key, a_chat(chat_id))])
        conversation = a_chat(chat_id).key
        await storage.history.append(conversation, [said(chat_id)])
        backlog = await storage.history.unsummarised(conversation, keep=0, limit=9)
        await storage.history.summarise(conversation, a_summary(chat_id, backlog.through))

    await storage.outbox.move_chat(a_chat("-1"), "-100")

    assert await storage.history.summary("telegram:-100") is None
    backlog = await storage.history.unsummarised("telegram:-100", keep=0, limit=9)
    assert [entry.text for entry in backlog.entries] == ["-1", "-100"]


async def test_notes_of_a_chat_move_with_it(storage: Storage) -> None:
    owners = ["telegram:7@-1", "telegram:7@-11", "telegram:7", "console:7@-1"]
    for owner in owners:
        await storage.notes.save(a_note(owner, "Coffee"))

    await storage.outbox.move_chat(a_chat("-1"), "-100")

    moved = ["telegram:7@-100", *owners[1:]]
    found = [await storage.notes.get(owner, "coffee") for owner in moved]
    assert found == [a_note(owner, "Coffee") for owner in moved]
    page = await storage.notes.search("telegram:7@-100", "coffee", limit=5)
    assert page.notes == (a_note("telegram:7@-100", "Coffee"),)
    assert await storage.notes.get("telegram:7@-1", "coffee") is None
    assert await storage.notes.owners("telegram:7") == sorted(moved[:3])


async def test_no_note_is_lost_to_one_in_the_new_chat(storage: Storage) -> None:
    for owner, data in (("telegram:7@-1", "old"), ("telegram:7@-100", "new")):
        await storage.notes.save(a_note(owner, "Coffee", data=data))

    await storage.outbox.move_chat(a_chat("-1"), "-100")

    kept = [
        note.data
        for owner in await storage.notes.owners("telegram:7")
        if (note := await storage.notes.get(owner, "coffee"))
    ]
    assert kept == ["old", "new"]


async def test_chat_that_moves_twice_is_found_under_every_name(storage: Storage) -> None:
    await storage.inbox.admit([an_arrival("1", a_chat("1"))])
    await storage.outbox.move_chat(a_chat("1"), "2")
    await storage.outbox.move_chat(a_chat("2"), "3")

    assert await storage.outbox.moved_chats() == {
        "telegram:1": "telegram:3",
        "telegram:2": "telegram:3",
    }
    assert (await take(storage, "telegram:1")).conversation == "telegram:3"


async def test_chat_that_moves_back_is_no_longer_a_moved_one(storage: Storage) -> None:
    await storage.inbox.admit([an_arrival("1", a_chat("1"))])
    await storage.outbox.move_chat(a_chat("1"), "2")
    await storage.outbox.move_chat(a_chat("2"), "1")

    assert await storage.outbox.moved_chats() == {"telegram:2": "telegram:1"}
    assert (await take(storage, "telegram:2")).conversation == "telegram:1"


async def test_chat_that_moves_nowhere_stays(storage: Storage) -> None:
    await enqueue_one(storage)

    assert await storage.outbox.move_chat(a_chat(), "42") == []
    assert await storage.outbox.moved_chats() == {}
    assert len(await storage.outbox.waiting()) == 1


async def test_all_moved_chats_are_named(storage: Storage) -> None:
    for number in range(1050):
        await storage.outbox.move_chat(a_chat(f"{number}"), f"new-{number}")

    moved = await storage.outbox.moved_chats()

    assert len(moved) == 1050
    assert moved["telegram:7"] == "telegram:new-7"
