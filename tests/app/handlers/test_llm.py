"""Answering with the model: what it is shown, what is said, what is remembered."""

from typing import Any

import pytest

from minibot.app.agent.prompt import ENTRIES_PER_EXCHANGE
from minibot.app.handlers.llm import MEMORY_TOOLS, QUOTE_LIMIT, readable
from minibot.app.recall import HEADING
from minibot.core.conversation import cost
from minibot.core.errors import ModelTimeout
from minibot.core.inbox import InboxState
from minibot.core.llm import Finished, FinishReason, ReasoningDelta, Role, TextDelta, Utterance
from minibot.core.messages import Person
from minibot.core.notes import Note
from minibot.core.personal import Summary
from minibot.core.ports import TurnResult
from minibot.core.settings import Settings
from minibot.core.texts import ENGLISH
from tests.app.agent.answers import call, calls, says
from tests.app.agent.assistant import Assistant
from tests.app.agent.tools import change, reader, writer
from tests.fakes import START, make_chat, make_message, make_settings

BOB = Person(id="43", name="Bob")
GROUP: dict[str, Any] = {"chat": make_chat("-100"), "private": False}


def said(role: Role, text: str) -> Utterance:
    return Utterance(role=role, text=text)


def llm(**fields: Any) -> Settings:
    return make_settings(llm={"provider": "offline", **fields})


async def remembering(exchanges: int, **fields: Any) -> Assistant:
    """Give an assistant with which so many exchanges were had."""
    assistant = Assistant(**fields)
    await assistant.chain.open()
    for number in range(exchanges):
        item = await assistant.take(f"q{number}")
        entries = (said(Role.USER, f"q{number}"), said(Role.ASSISTANT, f"a{number}"))
        ended = TurnResult(item=item, state=InboxState.DONE, entries=entries)
        await assistant.storage.ledger.finish(ended, claim_first=False)
    return assistant


def shown(assistant: Assistant) -> list[str]:
    return [entry.text for entry in assistant.shown()]


async def test_answer_is_said_and_remembered_with_its_question() -> None:
    script = [
        ReasoningDelta("hm"),
        TextDelta("hi "),
        TextDelta("Ann"),
        Finished(FinishReason.STOP),
    ]
    assistant = await remembering(0, answers=[script])
    answer = await assistant.answer("hello")
    assert answer.markdown == "hi Ann"
    assert answer.entries == (said(Role.USER, "hello"), said(Role.ASSISTANT, "hi Ann"))
    assert (answer.state, answer.buttons, answer.files) == (InboxState.DONE, (), ())
    assert assistant.model.open_streams == 0


async def test_settings_of_the_turn_are_what_is_asked_with() -> None:
    settings = llm(
        model="m1", temperature=0.5, max_new_tokens=99, context={"system_prompt": "Be brief."}
    )
    assistant = await remembering(0, settings=settings)
    await assistant.answer()
    (request,) = assistant.requests
    assert (request.model, request.temperature, request.max_new_tokens) == ("m1", 0.5, 99)
    assert request.system_prompt == "Be brief."
    assert request.tools == ()


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"history_window": 2}, ["q3", "a3", "q4", "a4", "q5"]),
        ({"max_history_tokens": 7}, ["q5"]),
        ({"max_history_tokens": 16}, ["q3", "a3", "q4", "a4", "q5"]),
        ({"history_window": 0}, ["q5"]),
    ],
    ids=["window", "no tokens", "few tokens", "no window"],
)
async def test_newest_exchanges_are_shown_in_front_of_the_question(
    context: dict[str, int], expected: list[str]
) -> None:
    assistant = await remembering(5, settings=llm(context=context))
    await assistant.answer("q5")
    assert shown(assistant) == expected


async def test_calls_of_the_past_are_shown_with_their_results() -> None:
    answers = [calls(call("look")), says("a cat"), says("still there")]
    assistant = Assistant(reader(), answers=answers)
    async with assistant.serving():
        await assistant.say("what?")
        await assistant.say("and now?")
    assert shown(assistant) == ["what?", "", "look {}", "a cat", "and now?"]


@pytest.mark.parametrize(
    ("exchanges", "context", "noted"),
    [
        (2, {"history_window": 2}, False),
        (3, {"history_window": 2}, True),
        (3, {"history_window": 2, "summary": False}, False),
        (3, {"history_window": 0}, False),
    ],
)
async def test_a_conversation_that_holds_more_than_is_shown_is_noted(
    exchanges: int, context: dict[str, Any], noted: bool
) -> None:
    assistant = await remembering(exchanges, settings=llm(context=context))
    summary = Summary(text="They met.", through=1, untrusted=False)
    await assistant.storage.history.summarise("telegram:42", summary)
    await assistant.answer()
    assert [conversation for conversation, _ in assistant.overflowing] == ["telegram:42"] * noted
    assert ("They met." in assistant.requests[0].system_prompt) is noted


async def test_a_conversation_of_which_nothing_else_was_read_may_hold_more() -> None:
    answers = [said(Role.ASSISTANT, "a")] * (ENTRIES_PER_EXCHANGE - 1)
    assistant = await remembering(0, settings=llm(context={"history_window": 2}))
    for number in range(3):
        item = await assistant.take(f"q{number}")
        entries = (said(Role.USER, f"q{number}"), *answers)
        ended = TurnResult(item=item, state=InboxState.DONE, entries=entries)
        await assistant.storage.ledger.finish(ended, claim_first=False)
    await assistant.answer()
    last = cost((said(Role.USER, "q2"), *answers))
    assert assistant.overflowing == [("telegram:42", last)]


async def test_what_is_noted_about_the_person_is_known_in_every_turn() -> None:
    assistant = await remembering(0)
    note = Note(owner="telegram:42", title="tea", data="green", created_at=START, updated_at=START)
    await assistant.notes.save(note)
    await assistant.answer()
    assert f"{HEADING}\n- tea: green" in assistant.requests[0].system_prompt


async def test_notes_that_are_switched_off_are_not_known() -> None:
    off = make_settings(tools={"kv_memory": {"enabled": False}})
    assistant = await remembering(0, settings=off)
    note = Note(owner="telegram:42", title="tea", data="green", created_at=START, updated_at=START)
    await assistant.notes.save(note)
    await assistant.answer()
    assert "tea" not in assistant.requests[0].system_prompt


async def test_answer_that_reached_its_length_says_so_and_is_remembered_without() -> None:
    script = [TextDelta("and then"), Finished(FinishReason.LENGTH)]
    assistant = await remembering(0, answers=[script])
    answer = await assistant.answer()
    assert answer.markdown == f"and then\n\n{ENGLISH.cut_short}"
    assert answer.entries[1].text == "and then"


async def test_what_stands_below_an_answer_is_no_part_of_code_that_was_cut_off() -> None:
    script = [TextDelta("```python\nprint("), Finished(FinishReason.LENGTH)]
    assistant = await remembering(0, answers=[script])
    below = f"\n\n{ENGLISH.cut_short}"
    assert (await assistant.answer()).markdown == f"```python\nprint(\n```{below}"


async def test_failure_of_the_model_comes_through_and_ends_the_stream() -> None:
    assistant = await remembering(0, answers=[[TextDelta("and"), ModelTimeout()]])
    with pytest.raises(ModelTimeout):
        await assistant.answer()
    assert assistant.model.open_streams == 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (1, "done\n\n📝 Changed **0**"),
        (2, "done\n\n1\\. 📝 Changed **0**\n2\\. 📝 Changed **1**"),
    ],
)
async def test_receipts_stand_below_the_answer_with_buttons(changes: int, expected: str) -> None:
    steps = [change(str(number)) for number in range(changes)]
    answers = [calls(*(call("save", n=n) for n in range(changes))), says("done")]
    assistant = Assistant(writer("save", *steps), answers=answers)
    await assistant.chain.open()
    answer = await assistant.answer()
    assert answer.markdown == expected
    assert len(answer.buttons) == changes
    assert answer.entries[-1].text == "done"


async def test_in_a_group_the_model_knows_who_speaks() -> None:
    async with Assistant(answers=[says("hi"), says("hi Bob")]).serving() as assistant:
        await assistant.say("hello", **GROUP)
        await assistant.say("me too", person=BOB, **GROUP)
        assert assistant.said() == ["hi", "hi Bob"]
    assert shown(assistant) == ["Ann: hello", "hi", "Bob: me too"]
    assert [part.reply_to for part in assistant.rig.channel.sent] == ["id-1", "id-2"]


async def test_a_person_has_one_memory_in_private_and_one_in_each_group() -> None:
    tool = reader()
    answers = [calls(call("look")), says("x")] * 3
    assistant = Assistant(tool, answers=answers)
    for owner in ("telegram:42", "telegram:42@-100"):
        note = Note(owner=owner, title=owner, data="x", created_at=START, updated_at=START)
        await assistant.notes.save(note)
    async with assistant.serving():
        await assistant.say()
        await assistant.say(**GROUP)
        await assistant.say(person=BOB, **GROUP)
    assert [context.owner for context in tool.contexts] == [
        "telegram:42",
        "telegram:42@-100",
        "telegram:43@-100",
    ]
    private, ann, bob = (assistant.requests[n].system_prompt for n in (0, 2, 4))
    assert "- telegram:42: x" in private
    assert "@-100" not in private
    assert "- telegram:42@-100: x" in ann
    assert "telegram:42" not in bob


async def test_incognito_nothing_is_known_and_nothing_kept() -> None:
    memory = [reader(name) for name in sorted(MEMORY_TOOLS)]
    assistant = await remembering(
        2, answers=[says("hi"), calls(call("look")), says("a cat"), says("fine")]
    )
    assistant.toolbox.tools.update({tool.spec.name: tool for tool in (*memory, reader())})
    note = Note(owner="telegram:42", title="tea", data="green", created_at=START, updated_at=START)
    await assistant.notes.save(note)
    await assistant.incognito.switch("telegram:42", on=True)
    before = await assistant.remembered()
    async with assistant.serving():
        await assistant.say("hello")
        await assistant.say("what is there?")
        await assistant.say("thanks")
        assert assistant.said() == ["hi", "a cat", "fine"]
    assert await assistant.remembered() == before
    assert shown(assistant) == [
        "hello",
        "hi",
        "what is there?",
        "",
        "look {}",
        "a cat",
        "thanks",
    ]
    for request in assistant.requests:
        assert [spec.name for spec in request.tools] == ["look"]
        assert "tea" not in request.system_prompt
    assert assistant.overflowing == []


async def test_behind_incognito_what_was_before_is_known_again() -> None:
    assistant = await remembering(1, answers=[says("hi"), says("hello again")])
    async with assistant.serving():
        await assistant.incognito.switch("telegram:42", on=True)
        await assistant.say("secret")
        await assistant.incognito.switch("telegram:42", on=False)
        await assistant.say("hello")
    assert shown(assistant) == ["q0", "a0", "hello"]


async def test_another_conversation_is_not_incognito() -> None:
    assistant = await remembering(0)
    await assistant.incognito.switch("telegram:-100", on=True)
    assert (await assistant.answer()).entries != ()


async def test_incognito_strangers_words_are_remembered_as_theirs_too() -> None:
    assistant = await remembering(0, answers=[says("I see"), says("done")])
    await assistant.incognito.switch("telegram:42", on=True)
    async with assistant.serving():
        await assistant.say("[page]", foreign=True)
        await assistant.say("go on")
    assert [entry.untrusted for entry in assistant.incognito.said("telegram:42")] == [
        True,
        True,
        False,
        True,  # it may repeat what strangers said
    ]


@pytest.mark.parametrize(
    ("text", "fields", "read"),
    [
        ("hello", {}, "hello"),
        ("", {}, "[An empty message.]"),
        ("hi", {"private": False}, "Ann: hi"),
        ("", {"private": False}, "Ann: [An empty message.]"),
        ("hi", {"private": False, "sender": Person(id="1")}, "hi"),
        ("news", {"foreign": True}, "[Forwarded from somebody else:]\nnews"),
        ("why?", {"quoted_text": "So.", "foreign": True}, "[In answer to: So.]\nwhy?"),
        ("why?", {"quoted_text": "So."}, "[In answer to: So.]\nwhy?"),
        (
            "why?",
            {"quoted_text": "x" * (QUOTE_LIMIT + 1)},
            f"[In answer to: {'x' * QUOTE_LIMIT}]\nwhy?",
        ),
    ],
)
def test_message_is_put_into_words(text: str, fields: dict[str, Any], read: str) -> None:
    assert readable(make_message(text, **fields)) == read
