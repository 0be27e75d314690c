"""What every storage must do with all it knows of a person."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from minibot.adapters.storage import InMemoryHistory, Storage, open_storage
from minibot.core.account import AnswerAccount
from minibot.core.approvals import Refusal, Verdict
from minibot.core.exchanges import Exchange
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.llm import Role
from minibot.core.messages import ChatRef, Person
from minibot.core.personal import Summary
from minibot.core.ports import TurnResult
from minibot.core.undo import Undoable
from tests.contracts.storages import (
    HOMES,
    Home,
    ManualClock,
    a_chat,
    a_draft,
    a_request,
    a_step,
    an_arrival,
    an_undoable,
    said,
    take,
)

ANN, BOB = "7", "8"
PRIVATE = a_chat(ANN)
THREAD = a_chat(ANN, "3")
GROUP = a_chat("-100")


class ElsewhereHome:
    """A database for the queues, and the history beside it."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self._path = folder / "data" / "minibot.db"

    def open(self) -> AbstractAsyncContextManager[Storage]:
        return open_storage(self._path, clock=self.clock, history=InMemoryHistory(self.clock))


@pytest.fixture(params=[*HOMES, ElsewhereHome])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    made: Home = request.param(tmp_path)
    return made


class Talk:
    """People who write, and are answered."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self._count = 0

    async def take(self, person: str, chat: ChatRef, text: str = "hello") -> InboxItem:
        """Have a person write; gives what is claimed of it."""
        self._count += 1
        arrival = an_arrival(f"{self._count}", chat, text=text)
        assert arrival.message is not None
        message = replace(arrival.message, sender=Person(id=person))
        await self.storage.inbox.admit([replace(arrival, message=message)])
        return await take(self.storage, chat.key)

    async def answer(self, item: InboxItem, text: str, *, state: InboxState) -> None:
        draft = a_draft(f"d{item.id}", item.message.chat, text=text)
        entries = (said(item.message.text), said(text, Role.ASSISTANT))
        result = TurnResult(
            item=item,
            state=state,
            entries=entries,
            exchange=Exchange(item=item.id, questions=(item.id,), entries=2),
            account=AnswerAccount(
                reference=item.reference, answered_at=item.received_at, models=("large",)
            ),
            drafts=(replace(draft, inbox_id=item.id),),
            problem="it broke" if state is InboxState.DEAD else "",
        )
        (part,) = await self.storage.ledger.finish(result, claim_first=True)
        await self.storage.outbox.mark_sent(part.id, "1")

    async def exchange(
        self, person: str, chat: ChatRef, text: str, *, state: InboxState = InboxState.DONE
    ) -> InboxItem:
        item = await self.take(person, chat, text)
        await self.answer(item, f"{text}!", state=state)
        return item

    async def exported(self, person: str = ANN) -> list[str]:
        found = await self.storage.personal_data.export("telegram", person)
        return [entry.text for entry in found.entries]

    async def erase(self, person: str = ANN) -> int:
        return await self.storage.personal_data.erase("telegram", person)

    async def shown(self, chat: ChatRef) -> list[str]:
        return [entry.text for entry in await self.storage.history.recent(chat.key, 100)]


@pytest.fixture
def talk(storage: Storage) -> Talk:
    return Talk(storage)


async def test_what_a_person_said_and_was_told_is_exported_oldest_first(talk: Talk) -> None:
    await talk.exchange(ANN, PRIVATE, "private")
    await talk.exchange(ANN, GROUP, "before all")
    await talk.exchange(BOB, GROUP, "of Bob")
    await talk.exchange(ANN, THREAD, "in a thread")

    assert await talk.exported() == [
        "private",
        "private!",
        "before all",
        "before all!",
        "in a thread",
        "in a thread!",
    ]
    assert await talk.exported(BOB) == ["of Bob", "of Bob!"]
    assert await talk.exported("9") == []


async def test_export_says_where_and_when_it_was(talk: Talk, home: Home) -> None:
    await talk.exchange(ANN, PRIVATE, "one")
    await talk.storage.history.put_away(PRIVATE.key)
    home.clock.advance(60)
    await talk.exchange(ANN, PRIVATE, "two")

    one, _, two, answer = (await talk.storage.personal_data.export("telegram", ANN)).entries

    assert (one.conversation, one.role, one.put_away) == (PRIVATE.key, Role.USER, True)
    assert (two.put_away, answer.role) == (False, Role.ASSISTANT)
    assert (two.written_at - one.written_at).total_seconds() == 60


async def test_private_entries_without_an_author_are_the_persons(talk: Talk) -> None:
    await talk.exchange(ANN, PRIVATE, "one")
    await talk.exchange(BOB, GROUP, "two")
    await talk.storage.history.append(PRIVATE.key, [said("of old")])
    await talk.storage.history.append(GROUP.key, [said("whose?")])

    assert await talk.exported() == ["one", "one!", "of old"]


async def test_another_channel_is_another_person(talk: Talk) -> None:
    await talk.exchange(ANN, PRIVATE, "one")
    elsewhere = ChatRef(channel="telegram2", chat_id=ANN)
    await talk.exchange(ANN, elsewhere, "two")

    await talk.erase()

    assert await talk.shown(elsewhere) == ["two", "two!"]


async def test_many_entries_are_exported_and_erased(talk: Talk) -> None:
    await talk.exchange(ANN, GROUP, "first")
    await talk.storage.history.append(GROUP.key, [said("x")] * 450, author=ANN)
    await talk.storage.history.append(GROUP.key, [said("y")], author=BOB)

    assert len(await talk.exported()) == 452
    # The message and the part as well.
    assert await talk.erase() == 454
    assert await talk.shown(GROUP) == ["y"]


async def test_private_conversation_is_erased_whole(talk: Talk) -> None:
    await talk.exchange(ANN, PRIVATE, "one")
    await talk.exchange(ANN, THREAD, "two")
    await talk.storage.history.put_away(PRIVATE.key)
    await talk.exchange(ANN, PRIVATE, "three")

    # Entries, messages and parts.
    assert await talk.erase() == 6 + 3 + 3

    assert await talk.exported() == []
    assert await talk.shown(PRIVATE) == []
    assert await talk.storage.history.search(PRIVATE.key, "one", 10) == []
    assert await talk.storage.history.take_back(PRIVATE.key) == 0
    assert await talk.erase() == 0


async def test_in_a_group_others_are_left_alone(talk: Talk) -> None:
    await talk.exchange(ANN, GROUP, "of Ann")
    await talk.exchange(BOB, GROUP, "of Bob")
    await talk.shown(GROUP)

    await talk.erase()

    assert await talk.shown(GROUP) == ["of Bob", "of Bob!"]
    assert await talk.exported(BOB) == ["of Bob", "of Bob!"]
    found = await talk.storage.history.search(GROUP.key, "of", 10)
    assert sorted(each.text for each in found) == ["of Bob", "of Bob!"]


async def test_what_is_shown_after_a_read_and_an_erasure_is_what_is_left(talk: Talk) -> None:
    await talk.exchange(ANN, PRIVATE, "one")
    assert await talk.shown(PRIVATE) == ["one", "one!"]

    await talk.erase()
    assert await talk.shown(PRIVATE) == []
    await talk.exchange(ANN, PRIVATE, "two")

    assert await talk.shown(PRIVATE) == ["two", "two!"]


async def test_summaries_of_what_is_erased_are_erased(talk: Talk) -> None:
    for chat in (PRIVATE, GROUP):
        await talk.exchange(ANN, chat, "one")
        backlog = await talk.storage.history.unsummarised(chat.key, keep=0, limit=10)
        summary = Summary(text="Ann said one", through=backlog.through, untrusted=False)
        await talk.storage.history.summarise(chat.key, summary)
    await talk.storage.history.put_away(PRIVATE.key)

    await talk.erase()

    assert await talk.storage.history.summary(GROUP.key) is None
    await talk.storage.history.take_back(PRIVATE.key)
    assert await talk.storage.history.summary(PRIVATE.key) is None


async def test_summary_of_what_is_erased_meanwhile_is_not_kept(talk: Talk) -> None:
    await talk.exchange(ANN, PRIVATE, "one")
    backlog = await talk.storage.history.unsummarised(PRIVATE.key, keep=0, limit=10)
    await talk.erase()

    summary = Summary(text="Ann said one", through=backlog.through, untrusted=False)
    await talk.storage.history.summarise(PRIVATE.key, summary)

    assert await talk.storage.history.summary(PRIVATE.key) is None


async def test_repeated_delivery_is_recognised_after_an_erasure(talk: Talk) -> None:
    arrival = an_arrival("again", PRIVATE)
    await talk.storage.inbox.admit([arrival])
    item = await take(talk.storage, PRIVATE.key)
    await talk.answer(item, "hi", state=InboxState.DONE)

    await talk.erase()

    assert await talk.storage.inbox.admit([arrival]) == []
    assert await talk.storage.inbox.open_conversations() == []


async def test_what_was_given_up_is_erased_and_cannot_be_put_back(talk: Talk) -> None:
    item = await talk.exchange(ANN, GROUP, "one", state=InboxState.DEAD)
    kept = await talk.exchange(BOB, GROUP, "two", state=InboxState.DEAD)

    await talk.erase()

    assert [each.problem for each in await talk.storage.dead_letters.dead()] == ["it broke", ""]
    assert await talk.storage.dead_letters.revive(item.id) is None
    assert await talk.storage.dead_letters.revive(kept.id) is not None


async def test_what_is_being_worked_on_goes_on(talk: Talk) -> None:
    item = await talk.take(ANN, PRIVATE, "going on")
    await talk.storage.journal.add_step(item.id, a_step(0, "c1"))
    approval = await talk.storage.approvals.ask(a_request(inbox_id=item.id, chat=PRIVATE))
    waiting = a_draft("waits", PRIVATE, text="not sent yet")
    (part,) = await talk.storage.outbox.enqueue([replace(waiting, inbox_id=item.id)])

    await talk.erase()

    assert await talk.storage.outbox.waiting() == [part]
    assert await talk.storage.approvals.find(approval.token) == approval
    assert len(await talk.storage.journal.steps(item.id)) == 1
    await talk.answer(item, "done", state=InboxState.DONE)
    assert await talk.shown(PRIVATE) == ["going on", "done"]


async def test_steps_and_buttons_are_erased(talk: Talk) -> None:
    items = {who: await talk.exchange(who, GROUP, f"of {who}") for who in (ANN, BOB)}
    storage = talk.storage
    tokens = {}
    for who, item in items.items():
        await storage.journal.add_step(item.id, a_step(0, "c1"))
        await storage.undo_log.add(replace(an_undoable(f"t{who}"), person_id=who))
        request = replace(a_request(inbox_id=item.id, chat=GROUP), person_id=who)
        tokens[who] = (await storage.approvals.ask(request)).token
        await storage.approvals.decide(tokens[who], who, Verdict.ALWAYS, item.received_at)

    await talk.erase()

    assert await storage.journal.steps(items[ANN].id) == []
    assert await storage.approvals.find(tokens[ANN]) is None
    assert await storage.approvals.grants(ANN) == []
    assert await storage.undo_log.take(f"t{ANN}", ANN, items[ANN].received_at) is Refusal.UNKNOWN
    assert len(await storage.journal.steps(items[BOB].id)) == 1
    assert await storage.approvals.find(tokens[BOB]) is not None
    assert len(await storage.approvals.grants(BOB)) == 1
    assert isinstance(await storage.undo_log.take(f"t{BOB}", BOB, items[BOB].received_at), Undoable)


async def test_choices_made_in_private_are_forgotten(talk: Talk) -> None:
    preferences = talk.storage.preferences
    for chat in (PRIVATE, THREAD, GROUP, a_chat("77")):
        await preferences.set(chat.key, "model", "large")

    await talk.erase()

    assert [
        preferences.get(chat.key, "model") for chat in (PRIVATE, THREAD, GROUP, a_chat("77"))
    ] == ["", "", "large", "large"]


async def test_choices_stay_forgotten(home: Home) -> None:
    async with home.open() as storage:
        await storage.preferences.set(PRIVATE.key, "model", "large")
        await storage.personal_data.erase("telegram", ANN)

    async with home.open() as storage:
        assert storage.preferences.get(PRIVATE.key, "model") == ""


async def test_exchanges_of_the_channel_are_forgotten_and_accounts_of_private_chats(
    home: Home,
) -> None:
    elsewhere = ChatRef(channel="telegram2", chat_id=ANN)
    async with home.open() as storage:
        talk = Talk(storage)
        for chat in (PRIVATE, THREAD, GROUP, elsewhere):
            await talk.exchange(ANN, chat, "long ago")
        home.clock.advance(3 * 86_400)
        await storage.maintenance.purge(home.clock.now())  # what was said is gone by now
        for chat in (PRIVATE, GROUP):
            await talk.exchange(BOB, chat, "now")
        await talk.erase()
    async with home.open() as storage:
        outcomes, chats = storage.outcomes, (PRIVATE, THREAD, GROUP, elsewhere)
        exchanges = [len(await outcomes.exchanges(chat.key)) for chat in chats]
        accounts = [await outcomes.account(chat.key) is not None for chat in chats]
        assert exchanges == [0, 0, 0, 1]
        assert accounts == [False, False, True, True]


async def test_an_answer_that_ends_after_an_erasure_is_an_exchange(talk: Talk) -> None:
    item = await talk.take(ANN, PRIVATE)
    await talk.exchange(BOB, GROUP, "before")
    await talk.erase()
    await talk.answer(item, "after", state=InboxState.DONE)

    (kept,) = await talk.storage.outcomes.exchanges(PRIVATE.key)
    assert kept.item == item.id
    assert await talk.storage.outcomes.account(PRIVATE.key) is not None
