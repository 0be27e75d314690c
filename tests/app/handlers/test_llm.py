from typing import Any

import pytest

from minibot.app.handlers.llm import CUT_SHORT, QUOTE_LIMIT, AskModel, readable
from minibot.app.pipeline import Answer
from minibot.core.errors import ModelReplyInvalid, ModelTimeout
from minibot.core.llm import (
    Finished,
    FinishReason,
    ReasoningDelta,
    Role,
    TextDelta,
    ToolCall,
    ToolCallReady,
    Utterance,
)
from minibot.core.messages import Attachment, AttachmentKind
from minibot.core.settings import Settings
from tests.app.rig import Rig
from tests.app.turn_context import make_context
from tests.fakes import ScriptedModel, make_message, make_settings


def said(role: Role, text: str) -> Utterance:
    return Utterance(role=role, text=text)


def llm(**fields: Any) -> Settings:
    return make_settings(llm={"provider": "offline", **fields})


class Asking:
    """The handler with a model that answers from a script, and a history of so many exchanges."""

    def __init__(self, *answer: Any) -> None:
        self.rig = Rig()
        self.model = ScriptedModel(answer) if answer else ScriptedModel()
        self._handler = AskModel(
            self.model, self.rig.storage.history, crash_points=self.rig.crash_points
        )

    async def remember(self, exchanges: int) -> None:
        item = await self.rig.take()
        for number in range(exchanges):
            entries = (said(Role.USER, f"q{number}"), said(Role.ASSISTANT, f"a{number}"))
            await self.rig.storage.history.append(item.conversation, entries)

    async def __call__(self, text: str = "hello", **fields: Any) -> Answer:
        return await self._handler(make_context(text, **fields))

    @property
    def shown(self) -> list[str]:
        return [entry.text for entry in self.model.requests[-1].messages]


async def test_answer_is_said_and_remembered_with_its_question() -> None:
    asking = Asking(
        ReasoningDelta("hm"), TextDelta("hi "), TextDelta("Ann"), Finished(FinishReason.STOP)
    )
    answer = await asking()
    assert answer == Answer(
        markdown="hi Ann", entries=(said(Role.USER, "hello"), said(Role.ASSISTANT, "hi Ann"))
    )
    assert asking.model.open_streams == 0


async def test_settings_of_the_turn_are_what_is_asked_with() -> None:
    asking = Asking()
    settings = llm(
        model="m1",
        temperature=0.5,
        max_new_tokens=99,
        context={"system_prompt": "Be brief."},
    )
    await asking(settings=settings)
    (request,) = asking.model.requests
    assert (request.model, request.temperature, request.max_new_tokens) == ("m1", 0.5, 99)
    assert request.system_prompt == "Be brief."
    assert request.tools == ()


async def test_newest_exchanges_are_shown_in_front_of_the_question() -> None:
    asking = Asking()
    await asking.remember(5)
    await asking("q5", settings=llm(context={"history_window": 2}))
    assert asking.shown == ["q3", "a3", "q4", "a4", "q5"]


async def test_history_is_cut_to_its_budget() -> None:
    asking = Asking()
    await asking.remember(5)
    await asking("q5", settings=llm(context={"max_history_tokens": 7}))
    assert asking.shown == ["q5"]
    await asking("q5", settings=llm(context={"max_history_tokens": 16}))
    assert asking.shown == ["q3", "a3", "q4", "a4", "q5"]


async def test_window_of_nothing_shows_the_question_alone() -> None:
    asking = Asking()
    await asking.remember(3)
    await asking("q", settings=llm(context={"history_window": 0}))
    assert asking.shown == ["q"]


async def test_answer_that_reached_its_length_says_so_and_is_remembered_without() -> None:
    asking = Asking(TextDelta("and then"), Finished(FinishReason.LENGTH))
    answer = await asking()
    assert answer.markdown == "and then" + CUT_SHORT
    assert answer.entries[1].text == "and then"


async def test_failure_of_the_model_comes_through_and_ends_the_stream() -> None:
    asking = Asking(TextDelta("and"), ModelTimeout())
    with pytest.raises(ModelTimeout):
        await asking()
    assert asking.model.open_streams == 0


async def test_call_of_a_tool_that_was_not_offered_is_no_answer() -> None:
    call = ToolCall(id="1", name="rm", arguments="{}")
    asking = Asking(ToolCallReady(call), Finished(FinishReason.TOOL_CALLS))
    with pytest.raises(ModelReplyInvalid, match="not offered"):
        await asking()


def attached(kind: AttachmentKind, name: str = "") -> tuple[Attachment, ...]:
    return (Attachment(kind=kind, name=name),)


@pytest.mark.parametrize(
    ("text", "fields", "read"),
    [
        ("hello", {}, "hello"),
        ("", {}, "[An empty message.]"),
        ("why?", {"quoted_text": "So."}, "[In answer to: So.]\nwhy?"),
        (
            "why?",
            {"quoted_text": "x" * (QUOTE_LIMIT + 1)},
            f"[In answer to: {'x' * QUOTE_LIMIT}]\nwhy?",
        ),
        (
            "",
            {"attachments": attached(AttachmentKind.PHOTO)},
            "[Sent with it: photo. You cannot open it.]",
        ),
        (
            "see",
            {"attachments": attached(AttachmentKind.DOCUMENT, "a.pdf")},
            '[Sent with it: document named "a.pdf". You cannot open it.]\nsee',
        ),
        (
            "",
            {"attachments": attached(AttachmentKind.VIDEO_NOTE)},
            "[Sent with it: video note. You cannot open it.]",
        ),
        (
            "",
            {"attachments": attached(AttachmentKind.OTHER)},
            "[Sent with it: something. You cannot open it.]",
        ),
    ],
)
def test_message_is_put_into_words(text: str, fields: dict[str, Any], read: str) -> None:
    assert readable(make_message(text, **fields)) == read
