"""The loop of a turn: ask, run what is called, ask again, until the model speaks."""

import logging

import pytest

from minibot.app.agent.loop import WORDLESS
from minibot.core.conversation import is_legal
from minibot.core.inbox import InboxState
from minibot.core.llm import Role, Utterance
from minibot.core.messages import OutgoingFile
from minibot.core.texts import ENGLISH
from minibot.core.tools import ToolResult
from tests.app.agent.answers import call, calls, says
from tests.app.agent.assistant import Assistant
from tests.app.agent.tools import change, reader, writer
from tests.fakes import Gate, make_settings


def cut(limit: str) -> str:
    """Give what stands under an answer that came to a limit."""
    return f"\n\n{ENGLISH.stopped_early.format(limit=limit)}"


def texts(entries: list[Utterance]) -> list[tuple[str, str]]:
    return [(entry.role.value, entry.text) for entry in entries]


async def test_without_a_call_the_first_answer_is_the_answer() -> None:
    tool = reader()
    async with Assistant(tool, answers=[says("hi Ann")]).serving() as assistant:
        item = await assistant.say("hello")
        assert assistant.said() == ["hi Ann"]
    assert assistant.rig.state(item.id) is InboxState.DONE
    assert [spec.name for spec in assistant.requests[0].tools] == ["look"]
    assert tool.tried == []
    assert await assistant.steps() == []
    assert texts(await assistant.remembered()) == [("user", "hello"), ("assistant", "hi Ann")]


async def test_a_call_is_run_and_its_result_shown_before_the_model_speaks() -> None:
    tool = reader("look", ToolResult(text="a cat"))
    answers = [calls(call("look", at="sofa"), text="Let me see."), says("A cat.")]
    async with Assistant(tool, answers=answers).serving() as assistant:
        await assistant.say("what is there?")
        assert assistant.said() == ["A cat."]
    assert tool.effects == ['{"at": "sofa"}']
    question, asked, found = assistant.shown()
    assert (question.text, asked.text, found.text) == ("what is there?", "Let me see.", "a cat")
    assert [each.name for each in asked.tool_calls] == ["look"]
    assert (found.role, found.tool_call_id) == (Role.TOOL, "c0")
    assert len(assistant.requests[1].tools) == 1, "more may be called"


async def test_a_turn_takes_as_many_steps_as_it_needs() -> None:
    tool = reader()
    answers = [*(calls(call("look", n=n)) for n in range(4)), says("done")]
    async with Assistant(tool, answers=answers).serving() as assistant:
        await assistant.say()
    assert tool.effects == [f'{{"n": {n}}}' for n in range(4)]
    assert [len(request.messages) for request in assistant.requests] == [1, 3, 5, 7, 9]
    assert all(is_legal(request.messages) for request in assistant.requests)


async def test_calls_of_one_step_run_side_by_side_and_report_in_their_order() -> None:
    slow, quick = Gate(), Gate()
    first, second = reader("first", slow), reader("second", quick)
    answers = [calls(call("first"), call("second")), says("done")]
    async with (
        Assistant(first, second, answers=answers).serving() as assistant,
        assistant.working(),
    ):
        await slow.reached.wait()
        await quick.reached.wait()
        quick.open()
        slow.open()
    assert [entry.text for entry in assistant.shown() if entry.role is Role.TOOL] == [
        "first {}",
        "second {}",
    ]


async def test_the_result_of_a_silent_tool_is_no_empty_message() -> None:
    answers = [calls(call("look")), says("done")]
    async with Assistant(reader("look", ToolResult(text="")), answers=answers).serving() as each:
        await each.say()
    assert each.shown()[-1].text == "(nothing)"


async def test_an_unknown_tool_is_answered_with_those_there_are() -> None:
    answers = [calls(call("dance")), says("sorry")]
    async with Assistant(reader("look"), writer("save"), answers=answers).serving() as assistant:
        await assistant.say()
        assert assistant.said() == ["sorry"]
    assert assistant.shown()[-1].text == "Error: there is no tool 'dance'. There are: look, save."


async def test_arguments_that_cannot_be_used_are_given_back_and_the_others_run() -> None:
    tool = reader()
    answers = [calls(("look", "{not json"), call("look", at="sofa")), says("done")]
    async with Assistant(tool, answers=answers).serving() as assistant:
        await assistant.say()
    assert [entry.text for entry in assistant.shown()[2:]] == [
        "Error: this is no JSON",
        'look {"at": "sofa"}',
    ]
    assert tool.tried == ['{"at": "sofa"}']


async def test_arguments_are_given_back_twice_and_then_the_model_has_to_speak() -> None:
    tool, other = reader(), writer("save")
    bad = [calls(call("look", bad=n), call("save", n=n)) for n in range(3)]
    async with Assistant(tool, other, answers=[*bad, says("I give up")]).serving() as assistant:
        await assistant.say()
        (said,) = assistant.said()
    assert said == "I give up" + cut("the arguments of tools could not be used three times")
    assert len(assistant.requests) == 4
    assert assistant.requests[-1].tools == ()
    assert tool.tried == []
    assert other.effects == ['{"n": 0}', '{"n": 1}', '{"n": 2}'], "what was sound is done"
    assert is_legal(assistant.shown())
    assert is_legal(await assistant.remembered())


async def test_the_same_call_with_the_same_outcome_is_made_three_times_at_the_most() -> None:
    tool = reader()
    answers = [*[calls(call("look", at="sofa"))] * 3, says("nothing new")]
    async with Assistant(tool, answers=answers).serving() as assistant:
        await assistant.say()
        (said,) = assistant.said()
    assert "look was called 3 times with the same outcome" in said
    assert len(tool.tried) == 3
    assert assistant.requests[-1].tools == ()


async def test_the_same_call_with_other_outcomes_is_no_circle() -> None:
    tool = reader("look", *(ToolResult(text=str(n)) for n in range(5)))
    answers = [*[calls(call("look"))] * 5, says("five")]
    async with Assistant(tool, answers=answers).serving() as assistant:
        await assistant.say()
        assert assistant.said() == ["five"]


async def test_the_last_question_offers_no_tools_and_says_why() -> None:
    settings = make_settings(tools={"max_steps": 1})
    answers = [calls(call("look")), says("that is all")]
    assistant = Assistant(reader(), answers=answers, settings=settings)
    async with assistant.serving():
        await assistant.say()
    last = assistant.requests[-1]
    assert last.tools == ()
    assert (last.messages[-1].role, last.messages[-1].text) == (
        Role.USER,
        "No more tools may be called in this turn: the limit of 1 steps is reached. Answer now "
        "with what you have, and say what is missing.",
    )
    assert is_legal(last.messages)


async def test_what_was_said_last_is_remembered_without_the_closing_words() -> None:
    settings = make_settings(tools={"max_steps": 1})
    answers = [calls(call("look")), says("that is all")]
    assistant = Assistant(reader(), answers=answers, settings=settings)
    async with assistant.serving():
        await assistant.say("hello")
    assert texts(await assistant.remembered()) == [
        ("user", "hello"),
        ("assistant", ""),
        ("tool", "look {}"),
        ("assistant", "that is all"),
    ]


@pytest.mark.parametrize(("text", "expected"), [("", None), ("Well.", "Well.")])
async def test_a_model_that_calls_on_when_it_may_not_is_cut_off(
    text: str, expected: str | None
) -> None:
    settings = make_settings(tools={"max_steps": 2})
    tool = reader()
    answers = [calls(call("look", n=n)) for n in range(2)]
    answers.append(calls(call("look", n=3), text=text))
    assistant = Assistant(tool, answers=answers, settings=settings)
    async with assistant.serving():
        await assistant.say()
        (said,) = assistant.said()
    limit = "the limit of 2 steps is reached"
    assert said == (expected or WORDLESS.format(limit=limit)) + cut(limit)
    assert len(tool.tried) == 2
    assert len(assistant.requests) == 3
    assert is_legal(await assistant.remembered())


async def test_receipts_and_files_of_all_steps_come_with_the_answer() -> None:
    picture = OutgoingFile(path="/x/cat.png", name="cat.png", caption="a cat")
    save = writer("save", change("tea", undo=False), change("milk", undo=False))
    send = reader("send", ToolResult(text="sent", files=(picture,)))
    answers = [calls(call("save", n=1), call("send")), calls(call("save", n=2)), says("Done.")]
    async with Assistant(save, send, answers=answers).serving() as assistant:
        await assistant.say()
        sent = assistant.rig.channel.sent
    assert [part.part.text for part in sent] == [
        "Done.\n\n1\\. 📝 Changed **tea**\n2\\. 📝 Changed **milk**",
        "a cat",
    ]
    assert sent[1].part.file == picture
    assert (await assistant.remembered())[-1].text == "Done.", "receipts are for people"


async def test_tools_know_who_asks_where_and_when() -> None:
    tool = reader()
    async with Assistant(tool, answers=[calls(call("look")), says("x")]).serving() as assistant:
        item = await assistant.say()
    (context,) = tool.contexts
    assert context.person == item.message.sender
    assert context.owner == "telegram:42"
    assert (context.chat, context.conversation) == (item.message.chat, "telegram:42")
    assert context.now == assistant.rig.clock.now()
    assert context.settings is assistant.rig.live.current


async def test_one_line_is_logged_for_a_call_and_none_of_a_resumption(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Assistant(reader(), answers=[calls(call("look")), says("x")]).serving() as each:
        with caplog.at_level(logging.INFO):
            await each.say()
    assert "a turn goes on where it was" not in caplog.text
    (line,) = [record for record in caplog.records if record.message == "tool finished"]
    fields = vars(line)
    assert (fields["tool"], fields["outcome"], fields["attempts"]) == ("look", "done", 1)
