"""What every storage keeps of the answers of a conversation: exchanges and accounts."""

import asyncio

from minibot.adapters.storage import Storage
from minibot.core.account import AnswerAccount
from minibot.core.exchanges import MOST, Exchange
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.llm import Role, Usage
from minibot.core.messages import ChatRef
from minibot.core.ports import TurnResult
from tests.contracts.storages import (
    START,
    Home,
    a_chat,
    admit_and_take,
    an_arrival,
    finish,
    said,
    take,
)

KEY = "telegram:42"
OLD, NEW = a_chat("-1"), a_chat("-100")


def an_account(name: str) -> AnswerAccount:
    return AnswerAccount(
        reference=name,
        answered_at=START,
        models=("openai/a", "claude/b"),
        tools=("calculate",),
        usage=Usage(input_tokens=10, output_tokens=2, cached_tokens=3, reasoning_tokens=1),
        cost=0.25,
        first_seconds=0.5,
        seconds=2.5,
        exchanges=4,
        facts=2,
        summary=True,
        prompt=True,
    )


async def exchange(
    storage: Storage,
    key: str,
    chat: ChatRef | None = None,
    *,
    drops: int = 0,
    forget: bool = False,
) -> int:
    """Have a message answered with its own name; gives its inbox id."""
    item = await admit_and_take(storage, key, chat)
    await answer(storage, item, key, drops=drops, forget=forget)
    return item.id


async def answer(
    storage: Storage, item: InboxItem, text: str, *, drops: int = 0, forget: bool = False
) -> None:
    result = TurnResult(
        item=item,
        state=InboxState.DONE,
        entries=(said(text), said(f"{text}!", Role.ASSISTANT)),
        exchange=Exchange(item=item.id, questions=(item.id,), entries=2),
        account=an_account(text),
        drops=drops,
        forget_history=forget,
    )
    await storage.ledger.finish(result, claim_first=False)


async def texts(storage: Storage) -> list[str]:
    return [entry.text for entry in await storage.history.recent(KEY, 99)]


async def kept(storage: Storage, conversation: str = KEY) -> list[int]:
    return [each.item for each in await storage.outcomes.exchanges(conversation)]


async def told(storage: Storage, conversation: str = KEY) -> str:
    """Name the message of whose answer is told."""
    account = await storage.outcomes.account(conversation)
    return "" if account is None else account.reference


async def test_exchange_and_account_of_an_answer_are_read_back_in_another_process(
    home: Home,
) -> None:
    async with home.open() as storage:
        item = await admit_and_take(storage, "one")
        asked = Exchange(item=item.id, questions=(3, item.id), turns=(1, 2), entries=7)
        result = TurnResult(
            item=item, state=InboxState.DONE, exchange=asked, account=an_account("one")
        )
        await storage.ledger.finish(result, claim_first=False)
    async with home.open() as storage:
        assert await storage.outcomes.exchanges(KEY) == [asked]
        assert await storage.outcomes.account(KEY) == an_account("one")


async def test_what_no_model_answered_leaves_both_as_they_were(storage: Storage) -> None:
    assert (await kept(storage), await told(storage)) == ([], "")
    first = await exchange(storage, "one")
    await finish(storage, await admit_and_take(storage, "two"))
    await exchange(storage, "three", a_chat("43"))

    assert (await kept(storage), await told(storage)) == ([first], "one")


async def test_an_account_alone_is_told_and_is_no_exchange(storage: Storage) -> None:
    first = await exchange(storage, "one")
    item = await admit_and_take(storage, "two")
    result = TurnResult(item=item, state=InboxState.DONE, account=an_account("two"))
    await storage.ledger.finish(result, claim_first=False)

    assert (await kept(storage), await told(storage)) == ([first], "two")
    await exchange(storage, "three", drops=first)
    assert await texts(storage) == ["three", "three!"]


async def test_an_exchange_alone_leaves_the_account_of_the_answer_before(storage: Storage) -> None:
    first = await exchange(storage, "one")
    item = await admit_and_take(storage, "two")
    asked = Exchange(item=item.id, questions=(item.id,), entries=1)
    result = TurnResult(item=item, state=InboxState.DONE, exchange=asked)
    await storage.ledger.finish(result, claim_first=False)

    assert (await kept(storage), await told(storage)) == ([first, item.id], "one")


async def test_items_that_were_answered_with_another_are_no_exchanges(storage: Storage) -> None:
    item = await admit_and_take(storage, "one")
    await storage.inbox.admit([an_arrival("two")])
    (joined,) = await storage.inbox.claim_behind(item, lambda last, behind: True)
    asked = Exchange(item=item.id, questions=(item.id, joined.id), entries=1)
    result = TurnResult(item=item, state=InboxState.DONE, also=(joined.id,), exchange=asked)
    await storage.ledger.finish(result, claim_first=False)

    assert await storage.outcomes.exchanges(KEY) == [asked]


async def test_last_exchange_is_dropped_before_the_entries_are_added(home: Home) -> None:
    async with home.open() as storage:
        first = await exchange(storage, "one")
        second = await exchange(storage, "two")
        assert await texts(storage) == ["one", "one!", "two", "two!"]
        third = await exchange(storage, "three", drops=second)
        assert await texts(storage) == ["one", "one!", "three", "three!"]
    async with home.open() as storage:
        assert await kept(storage) == [first, third]


async def test_an_exchange_that_is_not_the_last_any_more_stays(storage: Storage) -> None:
    first = await exchange(storage, "one")
    second = await exchange(storage, "two")
    third = await exchange(storage, "three", drops=first)

    assert await kept(storage) == [first, second, third]
    assert await texts(storage) == ["one", "one!", "two", "two!", "three", "three!"]


async def test_a_turn_that_says_nothing_can_drop_an_exchange(storage: Storage) -> None:
    first = await exchange(storage, "one")
    second = await exchange(storage, "two")
    for number, gone in enumerate((second, first, first)):
        item = await admit_and_take(storage, f"undo {number}")
        result = TurnResult(item=item, state=InboxState.DONE, drops=gone)
        await storage.ledger.finish(result, claim_first=False)

    assert await kept(storage) == []
    assert await texts(storage) == []
    assert await told(storage) == "two"


async def test_a_fresh_start_begins_exchanges_anew(storage: Storage) -> None:
    await exchange(storage, "one")
    second = await exchange(storage, "two", forget=True)
    assert await kept(storage) == [second]


async def test_a_fresh_start_drops_nothing_and_the_last_answer_is_still_told_of(
    storage: Storage,
) -> None:
    elsewhere = await exchange(storage, "zero", a_chat("43"))
    first = await exchange(storage, "one")
    item = await admit_and_take(storage, "/new")
    result = TurnResult(item=item, state=InboxState.DONE, forget_history=True, drops=first)
    await storage.ledger.finish(result, claim_first=False)

    assert (await kept(storage), await told(storage)) == ([], "one")
    assert await kept(storage, "telegram:43") == [elsewhere]
    assert await storage.history.take_back(KEY) == 2


async def test_only_the_newest_exchanges_are_given(storage: Storage) -> None:
    ids = [await exchange(storage, f"{number}") for number in range(MOST + 2)]
    assert await kept(storage) == ids[2:]


async def test_the_exchange_that_ended_last_is_the_last(home: Home) -> None:
    async with home.open() as storage:
        aside = await admit_and_take(storage, "long")
        await storage.inbox.set_aside(aside.id)
        later = await exchange(storage, "short")
        home.clock.advance(1)
        await answer(storage, aside, "long")
        assert (await kept(storage), await told(storage)) == ([later, aside.id], "long")


async def test_a_clock_that_is_put_back_changes_no_order(home: Home) -> None:
    async with home.open() as storage:
        first = await exchange(storage, "one")
    home.clock.advance(-3600)
    async with home.open() as storage:
        second = await exchange(storage, "two")
        assert (await kept(storage), await told(storage)) == ([first, second], "two")
        third = await exchange(storage, "three", drops=second)
        assert await kept(storage) == [first, third]
        assert "two" not in await texts(storage)


async def test_answers_move_with_their_chat(home: Home) -> None:
    async with home.open() as storage:
        first = await exchange(storage, "one", OLD)
        home.clock.advance(1)
        second = await exchange(storage, "two", NEW)
        home.clock.advance(1)
        running = await admit_and_take(storage, "three", OLD)
        await storage.outbox.move_chat(OLD, NEW.chat_id)
        for key in (OLD.key, NEW.key):
            assert (await kept(storage, key), await told(storage, key)) == ([first, second], "two")
        await answer(storage, running, "three", drops=second)
        assert await kept(storage, NEW.key) == [first, running.id]


async def test_two_that_are_begun_at_once_are_both_kept(storage: Storage) -> None:
    aside = await admit_and_take(storage, "one")
    await storage.inbox.set_aside(aside.id)
    await storage.inbox.admit([an_arrival("two")])
    item = await take(storage)

    await asyncio.gather(answer(storage, aside, "one"), answer(storage, item, "two"))

    assert sorted(await kept(storage)) == [aside.id, item.id]


async def test_answers_are_forgotten_with_their_messages_not_with_what_was_said(
    home: Home,
) -> None:
    async with home.open() as storage:
        first = await exchange(storage, "one")
        home.clock.advance(3 * 86_400)
        await storage.maintenance.purge(home.clock.now())
        assert (await kept(storage), await told(storage)) == ([first], "one")
        home.clock.advance(6 * 86_400)
        await storage.maintenance.purge(home.clock.now())
        assert (await kept(storage), await told(storage)) == ([], "")
