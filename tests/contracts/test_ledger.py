"""What every ledger must do."""

from dataclasses import replace

import pytest

from minibot.adapters.storage import Storage
from minibot.core.errors import IllegalTransition, UnknownConversation
from minibot.core.inbox import InboxState
from minibot.core.llm import Role
from minibot.core.outbox import OutboxState
from minibot.core.ports import TurnResult
from tests.contracts.storages import (
    Home,
    a_chat,
    a_draft,
    admit_and_take,
    said,
    take,
)


async def test_whole_result_is_recorded(storage: Storage) -> None:
    item = await admit_and_take(storage, "1")
    entries = (said("hello"), said("hi", Role.ASSISTANT))
    result = TurnResult(
        item=item, state=InboxState.DONE, entries=entries, drafts=(a_draft("a"), a_draft("b"))
    )

    parts = await storage.ledger.finish(result, claim_first=False)

    assert [(part.key, part.state) for part in parts] == [
        ("a", OutboxState.PENDING),
        ("b", OutboxState.PENDING),
    ]
    assert await storage.outbox.waiting() == parts
    assert tuple(await storage.history.recent(item.conversation, 9)) == entries
    assert await storage.inbox.open_conversations() == []


async def test_first_part_can_be_recorded_as_being_sent(storage: Storage) -> None:
    item = await admit_and_take(storage, "1")
    result = TurnResult(item=item, state=InboxState.DONE, drafts=(a_draft("a"), a_draft("b")))

    first, second = await storage.ledger.finish(result, claim_first=True)

    assert (first.state, first.attempts) == (OutboxState.SENDING, 1)
    assert (second.state, second.attempts) == (OutboxState.PENDING, 0)
    assert await storage.outbox.waiting() == [second]
    assert await storage.outbox.claim(first.id) is None
    await storage.outbox.mark_sent(first.id, "1")


async def test_part_claimed_with_its_result_is_recovered_like_any_other(home: Home) -> None:
    async with home.open() as dying, home.open() as next_one:
        item = await admit_and_take(dying, "1")
        result = TurnResult(item=item, state=InboxState.DONE, drafts=(a_draft("a"),))
        await dying.ledger.finish(result, claim_first=True)

        assert await next_one.outbox.recover() == 1
        assert [part.key for part in await next_one.outbox.waiting()] == ["a"]


async def test_first_part_queued_before_is_not_claimed_and_neither_is_the_next(
    storage: Storage,
) -> None:
    item = await admit_and_take(storage, "1")
    await storage.outbox.enqueue([a_draft("a")])
    result = TurnResult(item=item, state=InboxState.DONE, drafts=(a_draft("a"), a_draft("b")))

    (second,) = await storage.ledger.finish(result, claim_first=True)

    assert (second.key, second.state) == ("b", OutboxState.PENDING)


async def test_history_is_put_away_before_the_entries_are_added(storage: Storage) -> None:
    item = await admit_and_take(storage, "1")
    await storage.history.append(item.conversation, [said("old")])
    assert await storage.history.recent(item.conversation, 9) == [said("old")]
    result = TurnResult(
        item=item, state=InboxState.DONE, entries=(said("new"),), forget_history=True
    )

    await storage.ledger.finish(result, claim_first=False)

    assert await storage.history.recent(item.conversation, 9) == [said("new")]
    assert await storage.history.take_back(item.conversation) == 1
    assert await storage.history.recent(item.conversation, 9) == [said("old"), said("new")]


async def test_entries_belong_to_who_wrote(storage: Storage) -> None:
    group = a_chat("-100")
    item = await admit_and_take(storage, "1", group)
    entries = (said("hello"), said("hi", Role.ASSISTANT))

    await storage.ledger.finish(
        TurnResult(item=item, state=InboxState.DONE, entries=entries), claim_first=False
    )

    exported = await storage.personal_data.export("telegram", item.message.sender.id)
    assert [entry.text for entry in exported.entries] == ["hello", "hi"]


async def test_item_that_is_not_held_leaves_no_trace(storage: Storage) -> None:
    item = await admit_and_take(storage, "1")
    await storage.inbox.release(item.id)
    result = TurnResult(
        item=item, state=InboxState.DONE, entries=(said("x"),), drafts=(a_draft("a"),)
    )

    with pytest.raises(IllegalTransition):
        await storage.ledger.finish(result, claim_first=False)

    assert await storage.outbox.waiting() == []
    assert not await storage.history.exists(item.conversation)
    assert (await take(storage)).id == item.id


async def test_unknown_conversation_leaves_no_trace(storage: Storage) -> None:
    item = await admit_and_take(storage, "1")
    strange = replace(item, conversation="telegram:99")
    result = TurnResult(
        item=strange, state=InboxState.DONE, entries=(said("x"),), drafts=(a_draft("a"),)
    )

    with pytest.raises(UnknownConversation):
        await storage.ledger.finish(result, claim_first=False)

    assert await storage.outbox.waiting() == []
    assert await storage.inbox.claim(item.conversation) is None
    await storage.inbox.release(item.id)


async def test_same_turn_cannot_be_finished_twice(storage: Storage) -> None:
    item = await admit_and_take(storage, "1")
    result = TurnResult(item=item, state=InboxState.DONE, entries=(said("x"),))
    await storage.ledger.finish(result, claim_first=False)

    with pytest.raises(IllegalTransition):
        await storage.ledger.finish(result, claim_first=False)

    assert await storage.history.recent(item.conversation, 9) == [said("x")]


@pytest.mark.parametrize(
    "state", [InboxState.RECEIVED, InboxState.RETRY, InboxState.PROCESSING, InboxState.EXPIRED]
)
async def test_turn_must_end_its_item(storage: Storage, state: InboxState) -> None:
    item = await admit_and_take(storage, "1")

    with pytest.raises(IllegalTransition, match=state.value):
        await storage.ledger.finish(TurnResult(item=item, state=state), claim_first=False)

    await storage.inbox.release(item.id)


@pytest.mark.parametrize("state", [InboxState.IGNORED, InboxState.CANCELLED])
async def test_other_ends_are_not_dead(storage: Storage, state: InboxState) -> None:
    item = await admit_and_take(storage, "1")

    await storage.ledger.finish(TurnResult(item=item, state=state), claim_first=False)

    assert await storage.dead_letters.dead() == []
    assert await storage.inbox.open_conversations() == []
    assert await storage.dead_letters.revive(item.id) is None


async def test_choices_are_kept_with_the_result(home: Home) -> None:
    async with home.open() as storage:
        for number, value in enumerate(("before", "after", "x\ud83d")):
            item = await admit_and_take(storage, f"{number}")
            choices = (("a", value), ("b", ""))
            result = TurnResult(item=item, state=InboxState.DONE, choices=choices)
            await storage.ledger.finish(result, claim_first=False)
        kept = storage.preferences.get("telegram:42", "a")
        assert kept.startswith("x")
    async with home.open() as storage:
        assert storage.preferences.get("telegram:42", "a") == kept
        assert storage.preferences.get("telegram:42", "b") == ""


async def test_choices_of_a_refused_result_are_not_kept(storage: Storage) -> None:
    item = await admit_and_take(storage, "1")
    result = TurnResult(item=item, state=InboxState.DONE, choices=(("a", "once"),))
    await storage.ledger.finish(result, claim_first=False)

    with pytest.raises(IllegalTransition):
        await storage.ledger.finish(replace(result, choices=(("a", "twice"),)), claim_first=False)

    assert storage.preferences.get("telegram:42", "a") == "once"


async def test_choices_of_a_chat_that_moved_meanwhile_are_those_of_the_new_one(
    home: Home,
) -> None:
    async with home.open() as storage:
        item = await admit_and_take(storage, "1", a_chat("-1"))
        await storage.outbox.move_chat(a_chat("-1"), "-100")
        result = TurnResult(item=item, state=InboxState.DONE, choices=(("a", "kept"),))
        await storage.ledger.finish(result, claim_first=False)
        assert storage.preferences.get("telegram:-100", "a") == "kept"
    async with home.open() as storage:
        assert storage.preferences.get("telegram:-100", "a") == "kept"
