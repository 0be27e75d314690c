"""What every storage does so that a last answer can be given anew, or taken back."""

from dataclasses import replace

from minibot.adapters.storage import Storage
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.messages import Arrival, Part, Person, Press
from minibot.core.outbox import Draft
from minibot.core.ports import TurnResult
from tests.contracts.storages import a_chat, admit_and_take, an_arrival, finish, take

KEY = "telegram:42"


def an_edit(key: str, of: str, *, text: str, person: str = "7") -> Arrival:
    """A new form of the message that came as `of`."""
    arrival = an_arrival(key, text=text)
    assert arrival.message is not None
    sender = Person(id=person, name="Ann", language="en")
    message = replace(arrival.message, id=f"id-{of}", edited=True, sender=sender)
    return replace(arrival, message=message)


async def test_what_waits_is_claimed_as_it_was_edited_last(storage: Storage) -> None:
    await storage.inbox.admit([an_arrival("1", text="helo")])
    await storage.inbox.admit([an_edit("2", "1", text="hello"), an_arrival("3")])
    await storage.inbox.admit([an_edit("4", "1", text="hello!")])

    item = await take(storage)

    assert (item.message.text, item.message.edited) == ("hello!", False)
    assert await storage.outcomes.contents(item.id) == item.message
    for key in ("2", "4"):
        outcome = await storage.outcomes.find("telegram", "1000", key)
        assert outcome is not None
        assert outcome.state is InboxState.CANCELLED
    await finish(storage, item)
    assert (await take(storage)).message.id == "id-3"


async def test_an_edit_of_what_is_being_answered_waits_until_that_goes_back(
    storage: Storage,
) -> None:
    item = await admit_and_take(storage, "1")
    await storage.inbox.admit([an_edit("2", "1", text="another")])
    assert item.message.text == "hello"

    await storage.inbox.release(item.id)
    again = await take(storage)

    assert (again.id, again.message.text) == (item.id, "another")
    await finish(storage, again)
    assert await storage.inbox.claim(KEY) is None


async def test_an_edit_of_what_was_answered_is_an_item_of_its_own(storage: Storage) -> None:
    await finish(storage, await admit_and_take(storage, "1"))
    await storage.inbox.admit([an_edit("2", "1", text="one"), an_edit("3", "1", text="two")])

    item = await take(storage)

    assert (item.message.text, item.message.edited) == ("two", True)
    await finish(storage, item)
    assert await storage.inbox.claim(KEY) is None


async def test_nobody_edits_what_somebody_else_said_and_no_press(storage: Storage) -> None:
    arrival = an_arrival("1")
    assert arrival.message is not None
    press = Press(id="p", data="x", message_id="id-1")
    pressed = replace(arrival, message=replace(arrival.message, press=press))
    await storage.inbox.admit([pressed, an_edit("2", "1", text="x")])
    item = await take(storage)
    assert item.message.text == "hello"
    await finish(storage, item)
    await finish(storage, await take(storage))

    await storage.inbox.admit([an_arrival("3"), an_edit("4", "3", text="x", person="8")])
    assert (await take(storage)).message.text == "hello"


async def test_what_joins_an_item_is_taken_as_it_was_edited(storage: Storage) -> None:
    item = await admit_and_take(storage, "1")
    await storage.inbox.admit([an_arrival("2"), an_edit("3", "2", text="new")])

    taken = await storage.inbox.claim_behind(item, lambda last, behind: True)

    assert [each.message.text for each in taken] == ["new"]


async def test_an_urgent_item_is_claimed_as_it_was_edited(storage: Storage) -> None:
    item = await admit_and_take(storage, "1")
    await storage.inbox.set_aside(item.id)
    await storage.inbox.release(item.id)
    await storage.inbox.admit([an_edit("2", "1", text="new")])

    again = await storage.inbox.claim_urgent(item.id)

    assert again is not None
    assert again.message.text == "new"


async def test_the_forms_of_a_message_are_found_the_newest_first(storage: Storage) -> None:
    first = await admit_and_take(storage, "1")
    await finish(storage, first, InboxState.IGNORED, "not addressed")
    await storage.inbox.admit([an_edit("2", "1", text="new")])
    edit = await take(storage)

    (found,) = await storage.outcomes.heard(KEY, "id-1", before=edit.id)
    forms = await storage.outcomes.heard(KEY, "id-1", before=edit.id + 1)

    assert (found.inbox_id, found.state, found.problem, found.message) == (
        first.id,
        InboxState.IGNORED,
        "not addressed",
        first.message,
    )
    assert [form.message for form in forms] == [edit.message, first.message]
    assert await storage.outcomes.heard(KEY, "id-9", before=99) == []
    assert await storage.outcomes.heard("telegram:43", "id-1", before=99) == []


async def test_parts_of_an_answer_are_found_by_it_and_by_their_messages(storage: Storage) -> None:
    topic = a_chat("-100", "7")
    item = await admit_and_take(storage, "1", topic)
    await answer(storage, item, "one", "two")

    parts = await storage.outcomes.said(item.id)
    found = await storage.outcomes.said_in(a_chat("-100"), "m1")

    assert [(part.key, part.message_id) for part in parts] == [
        (f"inbox:{item.id}:0", "m0"),
        (f"inbox:{item.id}:1", "m1"),
    ]
    assert found == parts[1]
    assert found.part == Part(text="two")
    assert found.chat == topic
    assert await storage.outcomes.said_in(a_chat("-100"), "m9") is None
    assert await storage.outcomes.said_in(a_chat("42"), "m1") is None
    assert await storage.outcomes.said(item.id + 1) == []


async def test_a_message_shows_the_part_that_came_last(storage: Storage) -> None:
    item = await admit_and_take(storage, "1")
    await answer(storage, item, "one")
    key = f"inbox:{item.id}:0"
    later = (Part(text=""), Part(text="changed"), Part(text="", removes=True))
    seen = []
    for number, part in enumerate(later):
        draft = Draft(key=f"later:{number}", chat=a_chat(), part=part, replaces=key)
        (queued,) = await storage.outbox.enqueue([draft])
        await storage.outbox.claim(queued.id)
        await storage.outbox.mark_sent(queued.id, "m0")
        found = await storage.outcomes.said_in(a_chat(), "m0")
        seen.append(found and found.part and found.part.text)
    assert seen == ["one", "changed", None]


async def answer(storage: Storage, item: InboxItem, *said: str) -> None:
    """End an item with these parts, which arrive as m0, m1 and so on."""
    drafts = tuple(
        Draft(
            key=f"inbox:{item.id}:{number}",
            chat=item.message.chat,
            part=Part(text=text),
            inbox_id=item.id,
        )
        for number, text in enumerate(said)
    )
    result = TurnResult(item=item, state=InboxState.DONE, drafts=drafts)
    for number, part in enumerate(await storage.ledger.finish(result, claim_first=False)):
        await storage.outbox.claim(part.id)
        await storage.outbox.mark_sent(part.id, f"m{number}")
