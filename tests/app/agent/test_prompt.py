"""What the model is shown, and what goes when there is no room for all of it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.app.agent.prompt import (
    BLIND,
    SHORT_RESULT,
    SHORTENED,
    Prompt,
    cut_middle,
    fitted,
)
from minibot.app.model_chain import Place
from minibot.core.conversation import NO_RESULT, cost, is_legal
from minibot.core.llm import CompletionRequest, Picture, Role, ToolCall, ToolSpec, Utterance
from minibot.core.settings import ModelContext, ModelSettings

TOOL = ToolSpec(name="look", description="looks", parameters="{}")
QUESTION = Utterance(role=Role.USER, text="what is there?")
MODEL = ModelSettings(model="m1", temperature=0.5, max_new_tokens=99)


def place(
    room: int = 10_000, *, tools: bool = True, vision: bool = True, once: bool = False
) -> Place:
    return Place(model=MODEL, room=room, tools=tools, vision=vision, once=once)


def prompt(**fields: Any) -> Prompt:
    known: dict[str, Any] = {
        "context": ModelContext(system_prompt="Be brief."),
        "past": (),
        "question": QUESTION,
        "work": (),
    }
    return Prompt(**{**known, **fields})


def exchange(number: int, size: int = 0) -> tuple[Utterance, Utterance]:
    return (
        Utterance(role=Role.USER, text=f"q{number}{'x' * size}"),
        Utterance(role=Role.ASSISTANT, text=f"a{number}"),
    )


def step(number: int, result: str | None) -> list[Utterance]:
    call = ToolCall(id=f"c{number}", name="look", arguments="{}")
    entries = [Utterance(role=Role.ASSISTANT, text="", tool_calls=(call,))]
    if result is not None:
        entries.append(Utterance(role=Role.TOOL, text=result, tool_call_id=call.id))
    return entries


def cost_of(request: CompletionRequest) -> int:
    return cost(request.messages) + len(request.system_prompt) // 3


def test_a_request_carries_what_the_model_is_set_to() -> None:
    request = fitted(prompt(), place(once=True), (TOOL,))
    assert (request.model, request.temperature, request.max_new_tokens) == ("m1", 0.5, 99)
    assert (request.tools, request.once) == ((TOOL,), True)


def test_what_changes_least_is_read_first() -> None:
    known = prompt(facts="Likes tea.", summary="They met.")
    request = fitted(known, place(), ())
    assert request.system_prompt == (
        "Be brief.\n\nLikes tea.\n\nWhat was said before, in short:\nThey met."
    )
    assert fitted(prompt(), place(), ()).system_prompt == "Be brief."


def test_past_question_and_work_stand_in_their_order() -> None:
    request = fitted(prompt(past=exchange(1), work=step(0, "a cat")), place(), (TOOL,))
    assert [each.text for each in request.messages] == ["q1", "a1", QUESTION.text, "", "a cat"]


def test_a_model_without_tools_is_offered_none() -> None:
    assert fitted(prompt(), place(tools=False), (TOOL,)).tools == ()


def test_the_last_question_has_closing_words_and_no_tools() -> None:
    request = fitted(prompt(work=step(0, "a cat"), closing="Speak."), place(), (TOOL,))
    assert request.tools == ()
    assert request.messages[-1] == Utterance(role=Role.USER, text="Speak.")
    assert is_legal(request.messages)


def test_a_call_without_a_result_gets_one() -> None:
    request = fitted(prompt(work=step(0, None)), place(), (TOOL,))
    assert request.messages[-1].text == NO_RESULT
    assert is_legal(request.messages)


def test_the_oldest_exchanges_go_first() -> None:
    past = [entry for number in range(50) for entry in exchange(number, size=300)]
    roomy = prompt(past=past, context=ModelContext(history_window=50, system_prompt=""))
    request = fitted(roomy, place(1_000), ())
    kept = [each.text[:3].rstrip("x") for each in request.messages]
    assert kept[-3:] == ["q49", "a49", "wha"]
    assert 2 < len(kept) < 25
    assert kept[0] == f"q{50 - (len(kept) - 1) // 2}"
    assert cost_of(request) <= 1_000


def test_the_settings_limit_the_past_where_the_model_does_not() -> None:
    past = [entry for number in range(9) for entry in exchange(number)]
    two = prompt(past=past, context=ModelContext(history_window=2))
    assert [each.text for each in fitted(two, place(), ()).messages[:-1]] == [
        "q7",
        "a7",
        "q8",
        "a8",
    ]
    none = prompt(past=past, context=ModelContext(max_history_tokens=0))
    assert fitted(none, place(), ()).messages == (QUESTION,)


def test_older_results_are_shortened_before_newer_ones() -> None:
    work = [*step(0, "a" * 6_000), *step(1, "b" * 6_000)]
    request = fitted(prompt(work=work), place(3_000), ())
    old, new = (each.text for each in request.messages if each.role is Role.TOOL)
    assert len(old) == SHORT_RESULT + len(SHORTENED)
    assert new == "b" * 6_000
    both = fitted(prompt(work=work), place(1_000), ())
    assert all(len(each.text) < 1_000 for each in both.messages)


def test_a_question_that_is_too_long_loses_its_middle() -> None:
    question = Utterance(role=Role.USER, text=f"begin{'x' * 30_000}end")
    request = fitted(prompt(question=question), place(1_000), ())
    (shown,) = request.messages
    assert shown.text.startswith("begin")
    assert shown.text.endswith("end")
    assert SHORTENED in shown.text
    assert cost_of(request) <= 1_000


def test_a_question_keeps_something_however_little_room_there_is() -> None:
    question = Utterance(role=Role.USER, text="x" * 30_000)
    (shown,) = fitted(prompt(question=question), place(0), ()).messages
    assert len(shown.text) > 50


@pytest.mark.parametrize("length", [0, 10, 10 + len(SHORTENED), 11 + len(SHORTENED), 1_000])
def test_cutting_never_makes_a_text_longer(length: int) -> None:
    text = "".join(chr(97 + n % 26) for n in range(length))
    cut = cut_middle(text, 10)
    assert len(cut) <= len(text)
    assert cut == text or (cut[:5], cut[-5:]) == (text[:5], text[-5:])


words = st.text(alphabet="aé😀", max_size=3_000)
results = st.lists(st.one_of(st.none(), words), max_size=5)


@given(past=st.lists(words, max_size=8), question=words, work=results, room=st.integers(0, 9_000))
def test_whatever_has_to_go_a_request_is_legal(
    past: list[str], question: str, work: list[str | None], room: int
) -> None:
    said = [
        Utterance(role=Role.USER if number % 2 == 0 else Role.ASSISTANT, text=text)
        for number, text in enumerate(past)
    ]
    done = [entry for number, result in enumerate(work) for entry in step(number, result)]
    asked = Utterance(role=Role.USER, text=question)
    request = fitted(prompt(past=said, question=asked, work=done), place(room), (TOOL,))
    assert is_legal(request.messages)
    assert request.messages[0].role is Role.USER
    calls = [each for each in request.messages if each.tool_calls]
    assert len(calls) == len(work), "no step of this turn is forgotten"


PICTURE = Picture(path="/p", mime_type="image/png")


def test_a_model_that_does_not_see_is_told_of_every_picture() -> None:
    past = (Utterance(role=Role.USER, text="q0", pictures=(PICTURE,)), *exchange(0)[1:])
    question = replace(QUESTION, pictures=(PICTURE, PICTURE))
    seen = fitted(prompt(past=past, question=question), place(), ())
    unseen = fitted(prompt(past=past, question=question), place(vision=False), ())
    assert [len(each.pictures) for each in seen.messages] == [1, 0, 2]
    assert [len(each.pictures) for each in unseen.messages] == [0, 0, 0]
    assert [each.text for each in unseen.messages] == [
        f"q0\n{BLIND}",
        "a0",
        f"{QUESTION.text}\n{BLIND}",
    ]


def test_a_question_with_pictures_loses_its_words_and_no_picture() -> None:
    question = Utterance(role=Role.USER, text="x" * 30_000, pictures=(PICTURE,))
    request = fitted(prompt(question=question), place(4_000), ())
    assert request.messages[-1].pictures == (PICTURE,)
    assert cost(request.messages) <= 4_000
    assert len(request.messages[-1].text) > 1_000
