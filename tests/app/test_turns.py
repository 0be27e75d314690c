import asyncio
import logging
from dataclasses import replace

import pytest

from minibot.app.middleware import Apologise
from minibot.app.pipeline import Answer, Handler, TurnContext, compose
from minibot.core import log_context
from minibot.core.errors import ModelRequestRefused
from minibot.core.events import TurnFinished
from minibot.core.inbox import MAX_ATTEMPTS, InboxItem, InboxState
from minibot.core.llm import Role, Utterance
from minibot.core.messages import Part, Person
from minibot.core.settings import Settings
from minibot.core.texts import LANGUAGES
from tests.app.rig import Rig, cancel, in_background, overheard, say_done
from tests.fakes import Gate, make_chat, make_settings, settle, until

ENTRIES = (
    Utterance(role=Role.USER, text="hello"),
    Utterance(role=Role.ASSISTANT, text="hi"),
)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def failing(error: Exception) -> Handler:
    async def handle(_context: TurnContext) -> Answer:
        raise error

    return handle


def stopping_at(gate: Gate) -> Handler:
    async def handle(_context: TurnContext) -> Answer:
        await gate.pass_through()
        return Answer(markdown="hi", entries=ENTRIES)

    return handle


async def test_answer_is_recorded_once_with_history_outbox_and_inbox(rig: Rig) -> None:
    async def handle(_context: TurnContext) -> Answer:
        return Answer(markdown="one\n---\ntwo", entries=ENTRIES)

    async with (
        in_background(rig.channels.run),
        overheard(rig.bus, TurnFinished) as events,
    ):
        item = await rig.take()
        await rig.turns(handle).run(item)
        await settle()
    assert rig.state(item.id) is InboxState.DONE
    assert await rig.storage.history.recent(item.conversation, 9) == list(ENTRIES)
    parts = await rig.storage.outbox.waiting()
    assert [(part.key, part.part.text, part.inbox_id) for part in parts] == [
        ("inbox:1:0", "one", 1),
        ("inbox:1:1", "two", 1),
    ]
    assert rig.faults.calls["ledger.finish"] == 1
    assert events == [TurnFinished(inbox_id=1, conversation="telegram:42", outcome="done")]


async def test_turn_keeps_the_settings_it_began_with(rig: Rig) -> None:
    gate = Gate()
    seen: list[Settings] = []

    async def handle(context: TurnContext) -> Answer:
        await gate.pass_through()
        seen.append(context.settings)
        return Answer()

    before = rig.live.current
    turn = asyncio.create_task(rig.turns(handle).run(await rig.take()))
    await gate.reached.wait()
    rig.live.replace(make_settings(runtime={"environment": "other"}))
    gate.open()
    await turn
    assert seen == [before]


async def test_one_line_says_what_came_of_a_turn(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="minibot.app.turns"):
        await rig.turns(say_done).run(await rig.take())
    (line,) = (vars(record) for record in caplog.records)
    assert (line["msg"], line["outcome"], line["characters"]) == ("turn finished", "done", 4)


async def test_log_lines_of_a_turn_name_its_message(rig: Rig) -> None:
    found: dict[str, object] = {}

    async def handle(_context: TurnContext) -> Answer:
        found.update(log_context.current())
        return Answer()

    await rig.turns(handle).run(await rig.take())
    assert found == {"request_id": "m1", "conversation": "telegram:42", "user_id": "42"}
    assert dict(log_context.current()) == {}


async def take_again(rig: Rig) -> InboxItem:
    claimed = await rig.storage.inbox.claim("telegram:42")
    assert isinstance(claimed, InboxItem)
    return claimed


async def test_failing_turn_is_postponed_longer_each_time_and_then_given_up_with_a_word(
    rig: Rig,
) -> None:
    turns = rig.turns(failing(LookupError("odd")))
    item = await rig.take()
    pauses = []
    while True:
        await turns.run(item)
        if rig.state(item.id) is not InboxState.RETRY:
            break
        pause = (rig.rows.inbox[item.id].not_before - rig.clock.now()).total_seconds()
        pauses.append(pause)
        await rig.clock.advance(pause)
        item = await take_again(rig)
    assert pauses == [2, 4, 8, 16]
    assert item.attempts == MAX_ATTEMPTS
    assert rig.state(item.id) is InboxState.DEAD
    assert rig.rows.inbox[item.id].problem == "LookupError: odd"
    (apology,) = await rig.storage.outbox.waiting()
    assert item.reference in apology.part.text
    assert await rig.storage.history.recent(item.conversation, 9) == []


async def test_crashes_do_not_shorten_the_patience_with_failures(rig: Rig) -> None:
    await rig.take()
    for _ in range(MAX_ATTEMPTS):
        survivor = Rig(rows=rig.rows)
        await survivor.storage.inbox.recover()
        await survivor.clock.advance(60)
        item = await take_again(survivor)
    assert (item.attempts, item.crashes) == (MAX_ATTEMPTS + 1, MAX_ATTEMPTS)
    await survivor.turns(failing(LookupError())).run(item)
    row = survivor.rows.inbox[item.id]
    assert row.state is InboxState.RETRY
    assert (row.not_before - survivor.clock.now()).total_seconds() == 2


async def test_models_refusal_is_told_once_and_not_tried_again(rig: Rig) -> None:
    item = await rig.take()
    refused = failing(ModelRequestRefused("400"))
    assert await rig.turns(compose(refused, [Apologise(rig.clock)])).run(item)
    assert rig.state(item.id) is InboxState.DONE
    (apology,) = await rig.storage.outbox.waiting()
    assert "reference m1" in apology.part.text
    assert rig.rows.inbox[item.id].problem == "ModelRequestRefused: 400"


async def test_unrenderable_answer_is_one_turns_failure(rig: Rig) -> None:
    def unable(markdown: str) -> tuple[Part, ...]:
        raise LookupError(markdown)

    rig.render = unable
    item = await rig.take()
    await rig.turns(say_done).run(item)
    assert rig.state(item.id) is InboxState.RETRY
    assert rig.rows.inbox[item.id].problem == "LookupError: done"


async def test_stopped_turn_is_cancelled_and_says_nothing(rig: Rig) -> None:
    gate = Gate()
    item = await rig.take()
    turn = asyncio.create_task(rig.turns(stopping_at(gate)).run(item))
    await gate.reached.wait()
    assert rig.running.stop(item.conversation)
    await turn
    assert rig.state(item.id) is InboxState.CANCELLED
    assert await rig.storage.outbox.waiting() == []
    assert await rig.storage.history.recent(item.conversation, 9) == []
    assert len(rig.running) == 0


async def test_urgent_message_does_not_count_as_the_running_turn(rig: Rig) -> None:
    stopped: list[bool] = []

    async def handle(context: TurnContext) -> Answer:
        stopped.append(rig.running.stop(context.item.conversation))
        return Answer()

    item = await rig.take(text="/stop", urgent=True)
    await rig.turns(handle).run(item)
    assert stopped == [False]
    assert rig.state(item.id) is InboxState.DONE


async def test_shutdown_gives_the_message_back_uncounted(rig: Rig) -> None:
    gate = Gate()
    item = await rig.take()
    turn = asyncio.create_task(rig.turns(stopping_at(gate)).run(item))
    await gate.reached.wait()
    await cancel(turn)
    assert turn.cancelled()
    assert rig.state(item.id) is InboxState.RECEIVED
    assert rig.rows.inbox[item.id].attempts == 0
    assert len(rig.running) == 0


async def test_shutdown_with_a_full_disk_still_ends(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate()
    item = await rig.take()
    turn = asyncio.create_task(rig.turns(stopping_at(gate)).run(item))
    await gate.reached.wait()
    rig.faults.fail("inbox.release")
    await cancel(turn)
    assert turn.cancelled()
    assert rig.state(item.id) is InboxState.PROCESSING, "the next process takes it back"
    assert "next start takes the message back" in caplog.text


async def test_full_disk_delays_the_record_and_asks_nobody_again(rig: Rig) -> None:
    asked = 0

    async def handle(_context: TurnContext) -> Answer:
        nonlocal asked
        asked += 1
        return Answer(markdown="hi", entries=ENTRIES)

    rig.faults.fail("ledger.finish", times=3)
    item = await rig.take()
    turn = asyncio.create_task(rig.turns(handle).run(item))
    await rig.clock.advance(1)
    assert not turn.done()
    assert rig.state(item.id) is InboxState.PROCESSING
    await rig.clock.advance(1)
    await turn
    assert rig.state(item.id) is InboxState.DONE
    assert asked == 1
    assert len(await rig.storage.outbox.waiting()) == 1


async def test_full_disk_delays_the_postponing_too(rig: Rig) -> None:
    rig.faults.fail("inbox.postpone", times=2)
    item = await rig.take()
    turn = asyncio.create_task(rig.turns(failing(LookupError())).run(item))
    await rig.clock.advance(1)
    await turn
    assert rig.state(item.id) is InboxState.RETRY


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_cancelled_in_the_middle_of_the_record_finishes_it(rig: Rig, moment: str) -> None:
    hold = rig.faults.hold_before if moment == "before" else rig.faults.hold_after
    gate = hold("ledger.finish")

    async def handle(_context: TurnContext) -> Answer:
        return Answer(markdown="hi", entries=ENTRIES)

    async with in_background(rig.channels.run, rig.delivery.run):
        item = await rig.take()
        turn = asyncio.create_task(rig.turns(handle).run(item))
        await gate.reached.wait()
        turn.cancel()
        await settle()
        turn.cancel()  # impatience changes nothing
        await settle()
        assert not turn.done()
        gate.open()
        with pytest.raises(asyncio.CancelledError):
            await turn
        await rig.delivery.settled()
    assert rig.state(item.id) is InboxState.DONE
    assert await rig.storage.history.recent(item.conversation, 9) == list(ENTRIES)
    assert rig.channel.said() == ["hi"]


async def test_cancelled_while_the_record_fails_is_not_kept_alive_by_it(rig: Rig) -> None:
    gate = rig.faults.hold_before("ledger.finish")
    rig.faults.fail("ledger.finish", times=100)
    item = await rig.take()
    turn = asyncio.create_task(rig.turns(say_done).run(item))
    await gate.reached.wait()
    turn.cancel()
    gate.open()
    await settle()
    assert turn.cancelled()
    assert rig.state(item.id) is InboxState.RECEIVED
    assert rig.part_states() == []


async def test_message_that_was_ended_elsewhere_is_let_go(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    item = await rig.take()
    await rig.storage.inbox.release(item.id)
    async with overheard(rig.bus, TurnFinished) as events:
        await rig.turns(say_done).run(item)
        await rig.turns(failing(LookupError())).run(item)
        await settle()
    assert events == []
    assert rig.state(item.id) is InboxState.RECEIVED
    assert [r.levelno for r in caplog.records if "nothing is recorded" in r.message] == [
        logging.ERROR,
        logging.ERROR,
    ]


async def test_buried_message_is_dead_and_its_person_told(rig: Rig) -> None:
    item = await rig.take()
    await rig.turns(say_done).bury(item)
    assert rig.state(item.id) is InboxState.DEAD
    (apology,) = await rig.storage.outbox.waiting()
    assert "reference m1" in apology.part.text


@pytest.mark.parametrize("buried", [True, False], ids=["kills the process", "fails"])
@pytest.mark.parametrize(("chosen", "client"), [("", "de"), ("de", "es")])
async def test_what_is_given_up_is_told_in_the_language_of_the_chat(
    rig: Rig, chosen: str, client: str, buried: bool
) -> None:
    item = await rig.take()
    await rig.chats.change(item.conversation, language=chosen)
    item = replace(item, message=replace(item.message, sender=Person(id="42", language=client)))
    turns, german = rig.turns(failing(LookupError())), LANGUAGES["de"]
    if buried:
        await turns.bury(item)
    else:
        await turns.run(replace(item, attempts=MAX_ATTEMPTS))
    (apology,) = await rig.storage.outbox.waiting()
    reason = german.kept_breaking if buried else german.gave_up
    assert apology.part.text == f"⚠️ {reason} (Kennung m1)"


@pytest.mark.parametrize(
    ("private", "expected"),
    [(True, ["", ""]), (False, ["id-1", ""])],
)
async def test_answer_in_a_group_points_at_its_question_once(
    rig: Rig, private: bool, expected: list[str]
) -> None:
    async def handle(_context: TurnContext) -> Answer:
        return Answer(markdown="one\n---\ntwo")

    item = await rig.take()
    item = replace(item, message=replace(item.message, private=private))
    async with in_background(rig.channels.run):
        await rig.turns(handle).run(item)
    assert [part.reply_to for part in await rig.storage.outbox.waiting()] == expected


async def test_answer_for_a_channel_that_is_off_is_rendered_all_the_same(rig: Rig) -> None:
    async def handle(_context: TurnContext) -> Answer:
        return Answer(markdown="one\n---\ntwo")

    await rig.turns(handle).run(await rig.take())
    assert [part.part.text for part in await rig.storage.outbox.waiting()] == ["one", "two"]


async def test_first_part_is_recorded_as_being_sent_when_the_chat_is_free(rig: Rig) -> None:
    async with in_background(rig.channels.run, rig.delivery.run):
        item = await rig.take()
        await rig.turns(say_done).run(item)
        await until(lambda: rig.channel.said() == ["done"])
        await rig.delivery.settled()
    assert rig.faults.calls["outbox.claim"] == 0
    assert rig.part_states() == ["sent"]


async def test_silent_answer_leaves_nothing_to_say(rig: Rig) -> None:
    async def handle(_context: TurnContext) -> Answer:
        return Answer(state=InboxState.IGNORED, problem="not addressed")

    item = await rig.take(chat=make_chat("-100"))
    await rig.turns(handle).run(item)
    assert rig.state(item.id) is InboxState.IGNORED
    assert rig.part_states() == []
