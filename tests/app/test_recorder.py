"""What is written of a turn that is put off, and how an answer becomes parts."""

import asyncio
import logging
from dataclasses import replace

import pytest

from minibot.app.middleware import Apologise
from minibot.app.pipeline import Answer, Handler, TurnContext, compose
from minibot.app.recorder import WAITING_AT_MOST
from minibot.core.errors import (
    ModelBusy,
    ModelError,
    ModelReplyInvalid,
    ModelTimeout,
    ModelUnavailable,
)
from minibot.core.inbox import MAX_ATTEMPTS, InboxItem, InboxState
from minibot.core.messages import Button, OutgoingFile, Part
from minibot.core.outbox import GIVE_UP_AFTER, Draft
from tests.app.rig import Rig
from tests.fakes import make_chat

AWAY, CUT = ModelUnavailable("away"), ModelReplyInvalid("cut")
UNDO = ((Button(label="Undo", data="un:1:x"),),)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def handling(rig: Rig, *errors: ModelError) -> Handler:
    """Give a handler that runs into these, one after the other, and then answers."""
    left = list(errors)

    async def handle(_context: TurnContext) -> Answer:
        if left:
            raise left.pop(0)
        return Answer(markdown="done")

    return compose(handle, [Apologise(rig.clock)])


def answering(answer: Answer) -> Handler:
    async def handle(_context: TurnContext) -> Answer:
        return answer

    return handle


async def again(rig: Rig, item: InboxItem) -> InboxItem:
    """Claim an item that was put off, as soon as it may run."""
    pause = rig.rows.inbox[item.id].not_before - rig.clock.now()
    await rig.clock.advance(pause.total_seconds())
    claimed = await rig.storage.inbox.claim(item.conversation)
    assert isinstance(claimed, InboxItem)
    return claimed


async def texts(rig: Rig) -> list[str]:
    return [part.part.text for part in await rig.storage.outbox.waiting()]


async def test_a_message_without_a_model_waits_and_its_person_is_told(rig: Rig) -> None:
    item = await rig.take()
    assert not await rig.turns(handling(rig, AWAY)).run(item)
    row = rig.rows.inbox[item.id]
    assert (row.state, row.attempts) == (InboxState.WAITING, 0)
    assert row.not_before == rig.clock.now() + WAITING_AT_MOST
    assert row.problem == "ModelUnavailable: away"
    assert rig.noticed == 1, "the watch knows"
    (notice,) = await rig.storage.outbox.waiting()
    assert (notice.key, notice.inbox_id) == ("queued:1:0", 1)
    assert "I will answer when the model is back. (reference m1)" in notice.part.text


async def test_waiting_is_told_once_however_often_it_happens_and_never_counted(rig: Rig) -> None:
    turns = rig.turns(handling(rig, *[AWAY] * 10))
    item = await rig.take()
    for _ in range(10):
        assert not await turns.run(item)
        item = await again(rig, item)
    assert item.attempts == 1
    assert await turns.run(item)
    notice, answer = await texts(rig)
    assert (notice[0], answer) == ("⏳", "done")
    assert rig.noticed == 10


async def test_a_failure_that_may_pass_is_counted_and_told_once(rig: Rig) -> None:
    turns = rig.turns(handling(rig, *[CUT] * (MAX_ATTEMPTS - 1)))
    item = await rig.take()
    while not await turns.run(item):
        assert rig.state(item.id) is InboxState.RETRY
        item = await again(rig, item)
    assert item.attempts == MAX_ATTEMPTS
    assert rig.noticed == 0, "nobody need watch for a model that is there"
    notice, answer = await texts(rig)
    assert (notice[0], answer) == ("⏳", "done")


async def test_a_failure_that_does_not_pass_is_apologised_for_in_the_end(rig: Rig) -> None:
    turns = rig.turns(handling(rig, *[ModelTimeout(), ModelBusy()] * MAX_ATTEMPTS))
    item = await rig.take()
    while not await turns.run(item):
        item = await again(rig, item)
    assert item.attempts == MAX_ATTEMPTS
    assert rig.state(item.id) is InboxState.DONE
    _, apology = await texts(rig)
    assert "gave no usable answer" in apology


async def test_a_day_of_waiting_is_apologised_for(rig: Rig) -> None:
    turns = rig.turns(handling(rig, *[AWAY] * 10_000))
    item = await rig.take()
    while not await turns.run(item):
        assert rig.clock.now() - item.received_at < GIVE_UP_AFTER
        item = await again(rig, item)
    assert item.attempts == 1
    _, apology = await texts(rig)
    assert "could not be reached" in apology


async def test_in_a_group_the_notice_points_at_its_message(rig: Rig) -> None:
    item = await rig.take(chat=make_chat("-100"))
    item = replace(item, message=replace(item.message, private=False))
    await rig.turns(handling(rig, AWAY)).run(item)
    (notice,) = await rig.storage.outbox.waiting()
    assert notice.reply_to == "id-1"


@pytest.mark.parametrize("error", [AWAY, CUT])
async def test_a_message_that_is_not_ours_any_more_is_not_promised_an_answer(
    rig: Rig, error: ModelError, caplog: pytest.LogCaptureFixture
) -> None:
    item = await rig.take()
    await rig.storage.inbox.release(item.id)
    assert not await rig.turns(handling(rig, error)).run(item)
    assert rig.part_states() == []
    assert rig.noticed == 0
    (line,) = [each for each in caplog.records if "nothing is recorded" in each.message]
    assert line.levelno == logging.ERROR


@pytest.mark.parametrize("call", ["inbox.wait", "outbox.enqueue"])
async def test_a_full_disk_delays_the_putting_off(rig: Rig, call: str) -> None:
    rig.faults.fail(call, times=2)
    item = await rig.take()
    turn = asyncio.create_task(rig.turns(handling(rig, AWAY)).run(item))
    await rig.clock.advance(1)
    await turn
    assert rig.state(item.id) is InboxState.WAITING
    assert len(await texts(rig)) == 1


async def test_what_is_put_off_in_silence_says_nothing(rig: Rig) -> None:
    item = await rig.take()
    assert not await rig.turns(answering(Answer(state=InboxState.WAITING))).run(item)
    assert rig.state(item.id) is InboxState.WAITING
    assert rig.faults.calls["outbox.enqueue"] == 0


async def parts_of(rig: Rig, answer: Answer) -> list[Part]:
    await rig.turns(answering(answer)).run(await rig.take())
    return [part.part for part in await rig.storage.outbox.waiting()]


async def test_buttons_are_under_the_end_of_the_text(rig: Rig) -> None:
    answer = Answer(markdown="one\n---\ntwo", buttons=UNDO)
    assert await parts_of(rig, answer) == [Part(text="one"), Part(text="two", buttons=UNDO)]


async def test_files_come_behind_the_text_with_their_captions(rig: Rig) -> None:
    plain = OutgoingFile(path="/x/a", name="a")
    named = OutgoingFile(path="/x/b", name="b", caption="a cat\n---\nmore")
    answer = Answer(markdown="here", files=(plain, named), buttons=UNDO)
    assert await parts_of(rig, answer) == [
        Part(text="here", buttons=UNDO),
        Part(text="", file=plain),
        Part(text="a cat", file=named),
        Part(text="more"),
    ]


async def test_a_file_may_be_the_whole_answer(rig: Rig) -> None:
    file = OutgoingFile(path="/x/a", name="a")
    assert await parts_of(rig, Answer(files=(file,), buttons=UNDO)) == [Part(text="", file=file)]


async def test_what_is_said_elsewhere_is_recorded_with_the_answer(rig: Rig) -> None:
    elsewhere = Draft(key="x", chat=make_chat("7"), part=Part(text="there"), edits="m-3")
    item = await rig.take()
    await rig.turns(answering(Answer(markdown="here", drafts=(elsewhere,)))).run(item)
    here, there = await rig.storage.outbox.waiting()
    assert (here.part.text, here.chat.chat_id) == ("here", "42")
    assert (there.part.text, there.chat.chat_id, there.edits) == ("there", "7", "m-3")
    assert rig.faults.calls["ledger.finish"] == 1
