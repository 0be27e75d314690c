"""No answer leaves that promises something for later with nothing scheduled behind it."""

import logging

import pytest

from minibot.app.agent.promise_gate import NOTES, QUOTED
from minibot.core.errors import ModelReplyInvalid, ModelUnreachable, ToolFailed, ToolsUnsupported
from minibot.core.inbox import InboxState
from minibot.core.llm import Role, Usage
from minibot.core.messages import Work, WorkKind
from minibot.core.promises import find_promise, language_of
from minibot.core.texts import ENGLISH
from minibot.core.tools import CallState, Effect, ToolResult
from tests.app.agent.answers import call, calls, says
from tests.app.agent.assistant import Assistant, button
from tests.app.agent.tools import FakeTool, reader, writer
from tests.corpora import promises
from tests.fakes import START, ModelStep, make_settings

PROMISE = "I'll remind you tomorrow."
PLAIN = "Ask me again tomorrow."
NOTED = f"{PROMISE}\n\n*({NOTES['en']})*"


def scheduler(*steps: ToolResult | Exception, name: str = "schedule") -> FakeTool:
    return writer(name, *steps)


async def test_an_answer_without_a_promise_is_asked_for_once() -> None:
    async with Assistant(scheduler(), answers=[says("It is sunny.")]).serving() as assistant:
        await assistant.say()
        assert assistant.said() == ["It is sunny."]
    assert len(assistant.requests) == 1


async def test_a_promise_is_given_back_and_then_scheduled() -> None:
    tool = scheduler(ToolResult(text="job 1, due tomorrow", receipt="📌 promised"))
    answers = [says(PROMISE), calls(call("schedule", at="tomorrow")), says(PROMISE)]
    async with Assistant(tool, answers=answers).serving() as assistant:
        await assistant.say("remind me")
        assert assistant.said() == [f"{PROMISE}\n\n📌 promised"]
    assert len(tool.effects) == 1
    question, draft, given_back = assistant.shown(1)
    assert [each.role for each in (question, draft, given_back)] == ["user", "assistant", "user"]
    assert draft.text == PROMISE
    assert given_back.text.startswith(f'You said: "{PROMISE}"')
    assert "`schedule`" in given_back.text
    assert "create_task" not in given_back.text, "it is not offered"
    assert [spec.name for spec in assistant.requests[1].tools] == ["schedule"]


async def test_a_promise_is_given_back_and_then_rephrased() -> None:
    async with Assistant(scheduler(), answers=[says(PROMISE), says(PLAIN)]).serving() as each:
        await each.say()
        assert each.said() == [PLAIN]
        assert [entry.text for entry in await each.remembered()] == ["hello", PLAIN]
        assert await each.steps() == []


async def test_a_promise_that_stays_goes_out_with_a_word_about_it() -> None:
    async with Assistant(scheduler(), answers=[says(PROMISE)] * 2).serving() as assistant:
        await assistant.say()
        assert assistant.said() == [NOTED]
        assert (await assistant.remembered())[-1].text == NOTED
    assert len(assistant.requests) == 2


@pytest.mark.parametrize("language", promises.SENTENCES)
async def test_the_word_about_it_is_in_the_language_of_the_promise(language: str) -> None:
    promise = promises.SENTENCES[language].commits[0]
    async with Assistant(scheduler(), answers=[says(promise)] * 2).serving() as assistant:
        answer = await assistant.answer()
    assert answer.markdown == f"{promise}\n\n*({NOTES[language]})*"


def test_there_are_words_for_every_language_and_they_promise_nothing() -> None:
    assert NOTES.keys() == promises.SENTENCES.keys()
    assert [find_promise(f"*({note})*") for note in NOTES.values()] == [None] * len(NOTES)


async def test_the_word_about_it_is_no_part_of_an_open_block_of_code() -> None:
    text = f"{PROMISE}\n```\ncode"
    async with Assistant(scheduler(), answers=[says(text)] * 2).serving() as assistant:
        answer = await assistant.answer()
    assert answer.markdown == f"{text}\n```\n\n*({NOTES['en']})*"


@pytest.mark.parametrize("name", ["schedule", "create_task", "create_tasks", "update_job"])
async def test_a_call_that_ended_well_stands_behind_a_promise(name: str) -> None:
    tool = scheduler(name=name)
    async with Assistant(tool, answers=[calls(call(name)), says(PROMISE)]).serving() as assistant:
        await assistant.say()
        assert assistant.said() == [PROMISE]
    assert len(assistant.requests) == 2


async def test_other_calls_stand_behind_nothing() -> None:
    answers = [calls(call("look")), says(PROMISE), says(PLAIN)]
    async with Assistant(reader(), scheduler(), answers=answers).serving() as assistant:
        await assistant.say()
        assert assistant.said() == [PLAIN]
    roles = [each.role for each in assistant.shown()]
    assert roles == [Role.USER, Role.ASSISTANT, Role.TOOL, Role.ASSISTANT, Role.USER]


async def test_a_call_that_failed_stands_behind_nothing() -> None:
    answers = [calls(call("schedule")), says(PROMISE), says(PROMISE)]
    async with Assistant(scheduler(ToolFailed("no")), answers=answers).serving() as assistant:
        answer = await assistant.answer()
    assert answer.markdown == NOTED


async def test_a_call_that_was_not_allowed_stands_behind_nothing() -> None:
    tool = FakeTool("schedule", effect=Effect.DANGEROUS)
    assistant = Assistant(tool, answers=[calls(call("schedule")), says(PROMISE), says(PLAIN)])
    async with assistant.serving(), assistant.working():
        await assistant.press(button(await assistant.question(), "⛔"))
    assert assistant.said()[-1] == PLAIN
    assert len(assistant.requests) == 3


async def test_what_the_model_does_about_it_may_take_several_steps() -> None:
    tool = scheduler()
    answers = [
        says(PROMISE),
        calls(call("look")),
        calls(call("schedule")),
        says("Tomorrow it is: I'll remind you."),
    ]
    async with Assistant(reader(), tool, answers=answers).serving() as assistant:
        await assistant.say()
        assert assistant.said() == ["Tomorrow it is: I'll remind you."]
    assert len(tool.effects) == 1
    assert assistant.shown()[1].text == PROMISE, "what was given back stays in its place"
    assert [each.role for each in assistant.shown()][:4] == [
        "user",
        "assistant",
        "user",
        "assistant",
    ]


@pytest.mark.parametrize("tools", [(), ("look",)])
async def test_only_other_words_are_asked_for_where_nothing_can_be_scheduled(
    tools: tuple[str, ...],
) -> None:
    offered = [reader(name) for name in tools]
    async with Assistant(*offered, answers=[says(PROMISE), says(PLAIN)]).serving() as assistant:
        await assistant.say()
        assert assistant.said() == [PLAIN]
    assert "nothing can be scheduled" in assistant.shown()[-1].text
    assert "`" not in assistant.shown()[-1].text


async def test_only_other_words_are_asked_of_a_model_that_takes_no_tools() -> None:
    answers: list[list[ModelStep]] = [[ToolsUnsupported()], says(PROMISE), says(PLAIN)]
    async with Assistant(scheduler(), answers=answers).serving() as assistant:
        await assistant.say()
        assert assistant.said() == [PLAIN]
    assert "nothing can be scheduled" in assistant.shown()[-1].text
    assert assistant.requests[-1].tools == ()


async def test_a_long_promise_is_quoted_in_part() -> None:
    promise = f"I'll remind you tomorrow to {'buy milk and ' * 40}sleep."
    async with Assistant(scheduler(), answers=[says(promise), says(PLAIN)]).serving() as assistant:
        await assistant.say()
    assert f'"{promise[:QUOTED]}"' in assistant.shown()[-1].text


@pytest.mark.parametrize("limits", [{"max_steps": 1}, {"max_turn_tokens": 1000}])
async def test_a_turn_at_its_limit_says_what_it_has(limits: dict[str, int]) -> None:
    settings = make_settings(tools=limits)
    spoken = says(PROMISE, usage=Usage(output_tokens=2000))
    assistant = Assistant(scheduler(), answers=[spoken], settings=settings)
    async with assistant.serving():
        answer = await assistant.answer()
    assert answer.markdown == NOTED
    assert len(assistant.requests) == 1


async def test_the_last_word_of_a_turn_that_was_stopped_promises_nothing_either() -> None:
    settings = make_settings(tools={"max_steps": 1})
    assistant = Assistant(reader(), answers=[calls(call("look")), says(PROMISE)], settings=settings)
    async with assistant.serving():
        answer = await assistant.answer()
    limit = ENGLISH.stopped_early.format(limit="the limit of 1 steps is reached")
    assert answer.markdown == f"{NOTED}\n\n{limit}"


async def test_a_limit_that_is_reached_while_mending_ends_the_turn_as_ever() -> None:
    settings = make_settings(tools={"max_steps": 2})
    answers = [says(PROMISE), calls(call("look")), says(PLAIN)]
    assistant = Assistant(reader(), scheduler(), answers=answers, settings=settings)
    async with assistant.serving():
        answer = await assistant.answer()
    limit = ENGLISH.stopped_early.format(limit="the limit of 2 steps is reached")
    assert answer.markdown == f"{PLAIN}\n\n{limit}"


@pytest.mark.parametrize("error", [ModelUnreachable(), ModelReplyInvalid()])
async def test_an_answer_is_not_lost_when_the_model_fails_to_mend_it(error: Exception) -> None:
    async with Assistant(scheduler(), answers=[says(PROMISE), [error]]).serving() as assistant:
        item = await assistant.say()
        assert (await assistant.remembered())[-1].text == NOTED
    assert assistant.rig.state(item.id) is InboxState.DONE


async def test_an_answer_is_not_lost_when_nothing_is_said_in_its_place() -> None:
    async with Assistant(scheduler(), answers=[says(PROMISE), says(" ")]).serving() as assistant:
        answer = await assistant.answer()
    assert answer.markdown == NOTED


async def test_a_model_that_goes_away_behind_a_call_is_waited_for() -> None:
    tool = scheduler()
    answers: list[list[ModelStep]] = [
        says(PROMISE),
        calls(call("schedule")),
        [ModelUnreachable()],
    ]
    async with Assistant(tool, answers=answers).serving() as assistant:
        item = await assistant.say()
    assert assistant.rig.state(item.id) is InboxState.WAITING
    assert len(tool.effects) == 1


async def test_a_crash_behind_the_scheduling_neither_repeats_nor_loses_it() -> None:
    tool = scheduler(ToolResult(text="job 1", receipt="📌 promised"))
    first = Assistant(tool, answers=[says(PROMISE), calls(call("schedule"))])
    await first.die("after journal.finish")
    second = first.successor(says(PROMISE))
    async with second.serving():
        await second.run(await second.recover())
        await second.rig.delivery.settled()
        assert second.said() == [f"{PROMISE}\n\n📌 promised"]
    assert len(tool.effects) == 1
    assert [each.text for each in second.shown()] == ["hello", "", "job 1"]


async def test_a_crash_before_the_scheduling_has_the_model_asked_anew() -> None:
    tool = scheduler()
    first = Assistant(tool, answers=[says(PROMISE), calls(call("schedule"))])
    await first.die("before journal.add_step")
    second = first.successor(says(PROMISE), says(PLAIN))
    async with second.serving():
        await second.run(await second.recover())
        await second.rig.delivery.settled()
        assert second.said() == [PLAIN]
    assert tool.tried == []
    assert [len(request.messages) for request in second.requests] == [1, 3]


async def test_what_may_have_been_scheduled_is_not_scheduled_again() -> None:
    tool = scheduler()
    first = Assistant(tool, answers=[calls(call("schedule"))])
    await first.die("before journal.finish")
    second = first.successor(says(PROMISE), says(PLAIN))
    async with second.serving():
        await second.run(await second.recover())
        await second.rig.delivery.settled()
        assert second.said() == [PLAIN]
        assert [each.state for each in await second.call_records()] == [CallState.UNKNOWN]
    assert "nothing can be scheduled" in second.shown()[-1].text


async def test_no_unbacked_promise_leaves(caplog: pytest.LogCaptureFixture) -> None:
    every = [each for known in promises.SENTENCES.values() for each in known.commits]
    async with Assistant(scheduler()).serving() as assistant:
        with caplog.at_level(logging.INFO):
            for promise in every:
                assistant.model.answers.extend([says(promise), says(promise)])
                answer = await assistant.answer()
                assert answer.markdown == f"{promise}\n\n*({NOTES[language_of(promise)]})*"
    assert len(assistant.requests) == 2 * len(every)
    assert not any(promise in caplog.text for promise in every), "what is said is not logged"


@pytest.mark.parametrize(("repeats", "asked"), [(True, 1), (False, 2)])
async def test_a_job_that_repeats_stands_behind_what_its_runs_promise(
    repeats: bool, asked: int
) -> None:
    work = Work(kind=WorkKind.TASK, id="t2abc", due=START, repeats=repeats)
    answers = [says("It rains. I'll check again tomorrow."), says("It rains.")]
    async with Assistant(scheduler(), answers=answers).serving() as assistant:
        await assistant.answer(work=work)
    assert len(assistant.requests) == asked
