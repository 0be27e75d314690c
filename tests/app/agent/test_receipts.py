"""What a person is told of what a turn changed."""

from dataclasses import replace
from typing import Any

from minibot.adapters.channels.telegram.rendering.markup import render
from minibot.adapters.storage import in_memory_storage
from minibot.app.agent.receipts import with_leftovers, with_receipts
from minibot.app.pipeline import Answer
from minibot.core.journal import CallRecord, StepRecord
from minibot.core.llm import ToolCall, Usage
from minibot.core.messages import OutgoingFile
from minibot.core.texts import ENGLISH, LANGUAGES, Texts
from minibot.core.tools import CallState, ToolResult
from tests.fakes import FakeClock


def record(number: int, result: ToolResult | None, **fields: Any) -> CallRecord:
    call = ToolCall(id=f"c{number}", name="save", arguments="{}")
    state = CallState.STARTED if result is None else CallState.FINISHED
    return CallRecord(call=call, state=state, result=result, **fields)


def changed(number: int, *, undo: bool = True) -> CallRecord:
    result = ToolResult(text="ok", receipt=f"📝 {number}")
    return record(number, result, undo_token=f"token-{number}" if undo else "")


def told(*steps: tuple[CallRecord, ...], text: str = "Done.", texts: Texts = ENGLISH) -> Answer:
    records = [
        StepRecord(number=number, text="", calls=calls, usage=Usage())
        for number, calls in enumerate(steps)
    ]
    return with_receipts(Answer(markdown=text), records, texts)


def buttons(answer: Answer) -> list[tuple[str, str]]:
    return [(button.label, button.data) for (button,) in answer.buttons]


def test_one_change_has_one_button_without_a_number() -> None:
    answer = told((changed(1),))
    assert answer.markdown == "Done.\n\n📝 1"
    assert buttons(answer) == [("↩️ Undo", "un:1:token-1")]


def test_several_changes_have_buttons_by_the_numbers_of_their_receipts() -> None:
    answer = told((changed(1), record(2, ToolResult(text="read"))), (changed(3),))
    assert answer.markdown == "Done.\n\n1\\. 📝 1\n2\\. 📝 3"
    assert buttons(answer) == [("↩️ Undo 1", "un:n:token-1"), ("↩️ Undo 2", "un:n:token-3")]


def test_buttons_are_in_the_language_of_the_chat() -> None:
    german = LANGUAGES["de"]
    (alone,) = buttons(told((changed(1),), texts=german))
    assert alone == ("↩️ Zurücknehmen", "un:1:token-1")
    labels = [label for label, _ in buttons(told((changed(1), changed(2)), texts=german))]
    assert labels == ["↩️ 1 zurücknehmen", "↩️ 2 zurücknehmen"]


def test_numbers_of_receipts_are_those_of_their_buttons_whatever_stands_before() -> None:
    answer = told((changed(1), changed(2)), text="Steps:\n\n1. one\n2. two")
    (part,) = render(answer.markdown)
    assert part.text.endswith("\n\n1. 📝 1\n2. 📝 2")


def test_what_cannot_be_taken_back_has_a_number_and_no_button() -> None:
    answer = told((changed(1, undo=False), changed(2)))
    assert buttons(answer) == [("↩️ Undo 2", "un:1:token-2")]


def test_what_changed_nothing_has_neither() -> None:
    answer = told((record(1, ToolResult(text="read")), record(2, None)))
    assert answer == Answer(markdown="Done.")


def test_files_of_all_steps_are_sent() -> None:
    one, two = (OutgoingFile(path=f"/x/{n}", name=n) for n in "ab")
    answer = told(
        (record(1, ToolResult(text="", files=(one,))),),
        (record(2, ToolResult(text="", files=(two,))),),
    )
    assert answer.files == (one, two)


async def test_the_end_of_a_turn_without_an_answer_tells_what_was_done() -> None:
    journal = in_memory_storage(FakeClock()).journal
    file = OutgoingFile(path="/x/a", name="a")
    done = changed(1)
    done = replace(done, result=ToolResult(text="ok", receipt="📝 1", files=(file,)))
    await journal.add_step(
        1, StepRecord(number=0, text="", calls=(replace(done, undo_token=""),), usage=Usage())
    )
    stopped = await with_leftovers(Answer(problem="stopped"), journal, 1, ENGLISH)
    assert stopped.markdown == f"{ENGLISH.done_by_then}\n\n📝 1"
    assert stopped.files == ()  # they were to go with an answer, and there is none
    german = LANGUAGES["de"]
    sorry = await with_leftovers(Answer(markdown="Sorry.", problem="x"), journal, 1, german)
    assert sorry.markdown == f"Sorry.\n\n{german.done_by_then}\n\n📝 1"
    nothing = Answer(markdown="Sorry.", problem="x")
    assert await with_leftovers(nothing, journal, 2, ENGLISH) == nothing
