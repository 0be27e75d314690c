"""Questions for permission: what they say, who may answer, and what a restart does to them."""

import asyncio
from typing import Any

import pytest

from minibot.app.agent.approval_desk import LONGEST_ARGUMENT
from minibot.app.agent.calls import REFUSED
from minibot.core.approvals import ApprovalState
from minibot.core.inbox import InboxState
from minibot.core.messages import Person
from minibot.core.outbox import OutgoingPart
from minibot.core.texts import ENGLISH
from minibot.core.tools import CallState, Effect
from tests.app.agent.answers import Called, call, calls, says
from tests.app.agent.assistant import Assistant, button
from tests.app.agent.tools import FakeTool
from tests.fakes import Gate, make_chat, make_settings, settle, until

EXPIRED, REASON = ENGLISH.permission_expired, ENGLISH.permission_reason
GROUP: dict[str, Any] = {"chat": make_chat("-100"), "private": False}


def dangerous(name: str = "wipe", **fields: Any) -> FakeTool:
    return FakeTool(name, effect=Effect.DANGEROUS, **fields)


def asking(tool: FakeTool, *steps: tuple[Called, ...], **fields: Any) -> Assistant:
    answers = [calls(*step) for step in steps or ((call(tool.spec.name, what="disk"),),)]
    return Assistant(tool, answers=[*answers, says("done")], **fields)


def edits(assistant: Assistant) -> list[tuple[str, str]]:
    return [(part.edits, part.part.text) for part in assistant.rig.channel.sent if part.edits]


async def test_the_question_says_exactly_what_would_be_done() -> None:
    tool = dangerous(scope="the whole disk")
    step = (call("wipe", what="disk", force=True, parts=["a", "ü"]),)
    async with asking(tool, step).serving() as assistant, assistant.working():
        card = await assistant.question()
        assert card.part.text == (
            f'🔐 May I use wipe?\nforce: true\nparts: ["a", "ü"]\nwhat: disk\n\n{REASON}'
        )
        assert card.part.spans == ()
        assert (card.reply_to, card.inbox_id) == ("", 1)
        labels = [[each.label for each in row] for row in card.part.buttons]
        assert labels == [["✅ Once", "For this task"], ["Always: the whole disk", "⛔ No"]]
        assert all(len(each.data.encode()) <= 64 for row in card.part.buttons for each in row)
        assert tool.tried == []
        await assistant.press(button(card, "⛔"))


async def test_long_arguments_are_shown_in_part_and_fit_a_message() -> None:
    tool = dangerous(scope="x" * 60)
    step = (call("wipe", **{f"what{n}": "😀" * 3_000 for n in range(4)}),)
    async with asking(tool, step).serving() as assistant, assistant.working():
        card = await assistant.question()
        assert len(card.part.text.encode("utf-16-le")) // 2 <= 4_096
        for number in range(4):
            assert f"what{number}: 😀" in card.part.text
        assert card.part.text.count("(3000 characters)") == 4
        assert card.part.buttons[1][0].label == f"Always: {'x' * 39}…"
        await assistant.press(button(card, "⛔"))


async def test_one_long_argument_is_shown_as_far_as_it_goes() -> None:
    step = (call("wipe", what="x" * (LONGEST_ARGUMENT + 1)),)
    async with asking(dangerous(), step).serving() as assistant, assistant.working():
        card = await assistant.question()
        assert f"what: {'x' * LONGEST_ARGUMENT}… (1501 characters)" in card.part.text
        await assistant.press(button(card, "⛔"))


async def test_in_a_group_the_question_names_whom_it_is_asked_of() -> None:
    async with asking(dangerous()).serving() as assistant, assistant.working(**GROUP):
        card = await assistant.question()
        assert card.part.text.startswith("🔐 Ann: May I use wipe?")
        assert card.reply_to == "id-1"
        await assistant.press(button(card, "⛔"), chat=make_chat("-100"))


@pytest.mark.parametrize(
    ("label", "outcome"),
    [
        ("✅ Once", "✅ Allowed once"),
        ("For this", "✅ Allowed for this task"),
        ("Always", "✅ Allowed from now on"),
    ],
)
async def test_what_is_allowed_is_done_and_the_question_says_so(label: str, outcome: str) -> None:
    tool = dangerous()
    async with asking(tool).serving() as assistant:
        async with assistant.working():
            card = await assistant.question()
            assert await assistant.press(button(card, label)) == outcome
        assert edits(assistant) == [("telegram-1", f"May I use wipe?\nwhat: disk\n\n{outcome}")]
        assert assistant.said()[-1] == "done"
    assert tool.effects == ['{"what": "disk"}']


async def test_what_is_denied_is_not_done_and_the_model_is_told() -> None:
    tool = dangerous()
    async with asking(tool).serving() as assistant, assistant.working():
        card = await assistant.question()
        assert await assistant.press(button(card, "⛔")) == "⛔ Not allowed"
    assert tool.tried == []
    assert assistant.shown()[-1].text == REFUSED
    assert [each.state for each in await assistant.call_records()] == [CallState.FINISHED]


async def test_once_is_once() -> None:
    tool = dangerous()
    step = (call("wipe"),)
    async with asking(tool, step, step).serving() as assistant, assistant.working():
        await assistant.press(button(await assistant.question(0), "✅ Once"))
        await assistant.press(button(await assistant.question(1), "⛔"))
    assert len(tool.effects) == 1


async def test_for_this_task_covers_the_same_scope_until_the_answer() -> None:
    tool = dangerous(scope="disk")
    steps = [(call("wipe", n=n),) for n in range(2)]
    assistant = asking(tool, *steps)
    assistant.model.answers.extend([calls(call("wipe", n=2)), says("no")])
    async with assistant.serving():
        async with assistant.working():
            await assistant.press(button(await assistant.question(0), "For this task"))
        assert len(tool.effects) == 2
        async with assistant.working("again"):
            await assistant.press(button(await assistant.question(1), "⛔"))
    assert len(tool.effects) == 2
    assert len(assistant.cards()) == 2


async def test_always_covers_the_same_scope_of_this_person_for_good() -> None:
    tool = dangerous(scope="disk")
    assistant = asking(tool)
    assistant.model.answers.extend([calls(call("wipe", n=2)), says("done"), calls(call("wipe"))])
    async with assistant.serving():
        async with assistant.working():
            await assistant.press(button(await assistant.question(0), "Always"))
        await assistant.say("again")
        assert len(tool.effects) == 2
        (grant,) = await assistant.storage.approvals.grants("42")
        assert (grant.tool, grant.scope) == ("wipe", "disk")
        bob = Person(id="43", name="Bob")
        async with assistant.working(person=bob, chat=make_chat("43")):
            card = await assistant.question(1)
            await assistant.press(button(card, "⛔"), by="43", chat=make_chat("43"))
    assert len(tool.effects) == 2


async def test_nobody_else_can_answer() -> None:
    tool = dangerous()
    async with asking(tool).serving() as assistant, assistant.working(**GROUP):
        card = await assistant.question()
        allow = button(card, "Always")
        refused = await assistant.press(allow, by="43", chat=make_chat("-100"))
        assert refused == "This button is for somebody else."
        assert tool.tried == []
        await assistant.press(button(card, "⛔"), chat=make_chat("-100"))
        assert await assistant.press(allow, chat=make_chat("-100")) == ("That was answered before.")
    assert tool.tried == []


@pytest.mark.parametrize("data", ["ap:o:made-up", "ap:x:", "ap", "", "odd:1:2"])
async def test_a_made_up_button_does_nothing(data: str) -> None:
    async with Assistant().serving() as assistant:
        assert await assistant.press(data) == "This button does not work any more."
    assert assistant.rig.state(1) is InboxState.IGNORED


async def test_a_made_up_verdict_on_a_real_question_does_nothing() -> None:
    async with asking(dangerous()).serving() as assistant, assistant.working():
        card = await assistant.question()
        data = button(card, "⛔")
        odd = await assistant.press(data.replace("ap:n:", "ap:z:"))
        assert odd == "This button does not work any more."
        assert await assistant.press(data) == "⛔ Not allowed"


async def test_no_answer_in_time_is_a_no_and_the_question_says_so() -> None:
    tool = dangerous()
    settings = make_settings(tools={"approval_seconds": 100})
    async with asking(tool, settings=settings).serving() as assistant:
        async with assistant.working():
            card = await assistant.question()
            await assistant.rig.clock.advance(99.9)
            assert edits(assistant) == []
            await assistant.rig.clock.advance(0.1)
            await until(lambda: edits(assistant))
        assert edits(assistant) == [("telegram-1", f"May I use wipe?\nwhat: disk\n\n{EXPIRED}")]
        late = await assistant.press(button(card, "✅"))
        assert late == "Too late: this button has expired."
    assert tool.tried == []
    assert assistant.shown()[-1].text == REFUSED


async def test_a_question_that_never_arrived_is_not_changed() -> None:
    assistant = asking(dangerous())
    await assistant.chain.open()
    turn = asyncio.create_task(assistant.run(await assistant.take()))
    await until(lambda: assistant.rig.part_states() == ["pending"])
    await assistant.rig.clock.advance(120)
    await turn
    assert assistant.shown()[-1].text == REFUSED
    waiting = await assistant.storage.outbox.waiting()
    assert not any(part.edits for part in waiting)


async def test_a_question_that_is_gone_from_the_storage_is_a_no() -> None:
    tool = dangerous()
    async with asking(tool).serving() as assistant, assistant.working():
        await assistant.question()
        assistant.rig.rows.approvals.clear()
        await assistant.rig.clock.advance(120)
    assert tool.tried == []


async def test_several_questions_of_one_step_are_open_together() -> None:
    tool = dangerous()
    step = (call("wipe", n=0), call("wipe", n=1))
    async with asking(tool, step).serving() as assistant, assistant.working():
        first, second = await assistant.question(0), await assistant.question(1)
        await assistant.press(button(second, "✅ Once"))
        await assistant.press(button(first, "⛔"))
    assert tool.effects == ['{"n": 1}']
    assert [entry.text for entry in assistant.shown()[2:]] == [REFUSED, 'wipe {"n": 1}']


async def test_waiting_for_people_does_not_use_up_the_turns_time() -> None:
    settings = make_settings(tools={"max_turn_seconds": 10, "approval_seconds": 120})
    async with asking(dangerous(), settings=settings).serving() as assistant:
        async with assistant.working():
            card = await assistant.question()
            await assistant.rig.clock.advance(100)
            await assistant.press(button(card, "✅ Once"))
        assert assistant.said()[-1] == "done"


async def test_waiting_for_two_answers_at_once_counts_once() -> None:
    settings = make_settings(tools={"max_turn_seconds": 10, "approval_seconds": 120})
    gate = Gate()
    tool = FakeTool("wipe", gate, effect=Effect.DANGEROUS)
    step = (call("wipe", n=0), call("wipe", n=1))
    async with asking(tool, step, settings=settings).serving() as assistant:
        async with assistant.working():
            first, second = await assistant.question(0), await assistant.question(1)
            await assistant.rig.clock.advance(100)
            await assistant.press(button(first, "✅ Once"))
            await assistant.press(button(second, "✅ Once"))
            await gate.reached.wait()
            await assistant.rig.clock.advance(11)
            gate.open()
        assert "the limit of 10 seconds is reached" in assistant.said()[-1]


async def left_pending(tool: FakeTool, seconds: float) -> tuple[Assistant, OutgoingPart]:
    """Have a process die so many seconds after it asked."""
    first = asking(tool)
    async with first.serving(), first.working() as turn:
        card = await first.question()
        await first.rig.clock.advance(seconds)
        await settle()
        first.rig.faults.kill()
        turn.cancel()
    return first, card


async def test_a_restart_takes_up_the_same_question_and_the_time_that_is_left() -> None:
    tool = dangerous()
    first, card = await left_pending(tool, 100)
    second = first.successor(says("done"))
    async with second.serving(), second.working(item=await second.recover()) as turn:
        await second.rig.clock.advance(19.9)
        assert second.cards() == []
        assert not turn.done()
        await second.rig.clock.advance(0.1)
        await until(turn.done)
        await second.rig.delivery.settled()
        ((edited, text),) = edits(second)
        assert (edited, EXPIRED in text) == ("telegram-1", True)
    assert tool.tried == []


async def test_a_question_from_before_a_restart_can_be_answered_behind_it() -> None:
    tool = dangerous()
    first, card = await left_pending(tool, 100)
    second = first.successor(says("done"))
    async with second.serving(), second.working(item=await second.recover()):
        await settle()
        assert await second.press(button(card, "✅ Once")) == "✅ Allowed once"
    assert tool.effects == ['{"what": "disk"}']
    assert second.requests[0].messages[-1].text == 'wipe {"what": "disk"}'


async def test_an_answer_that_came_while_nobody_listened_counts() -> None:
    tool = dangerous()
    first, card = await left_pending(tool, 100)
    second = first.successor(says("done"))
    async with second.serving():
        item = await second.recover()
        await second.press(button(card, "✅ Once"))
        await second.run(item)
    assert tool.effects == ['{"what": "disk"}']


async def test_an_answer_that_comes_while_the_question_is_taken_up_counts_at_once() -> None:
    tool = dangerous()
    first, card = await left_pending(tool, 10)
    second = first.successor(says("done"))
    gate = second.rig.faults.hold_after("outbox.enqueue")
    async with second.serving(), second.working(item=await second.recover()) as turn:
        await gate.reached.wait()
        await second.press(button(card, "✅ Once"))
        gate.open()
        await until(turn.done)
    assert tool.effects == ['{"what": "disk"}']


async def test_a_question_that_ran_out_while_nobody_listened_is_a_no() -> None:
    tool = dangerous()
    first, card = await left_pending(tool, 100)
    await first.rig.clock.advance(3600)
    second = first.successor(says("done"))
    async with second.serving():
        async with second.working(item=await second.recover()):
            await second.rig.clock.advance(0)
        assert await second.press(button(card, "✅")) == "Too late: this button has expired."
    assert tool.tried == []
    (row,) = second.rig.rows.approvals.values()
    assert row.state is ApprovalState.EXPIRED
