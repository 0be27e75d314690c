"""Kinds of tasks: what each says, asks and calls."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.strategies import KINDS, Done, Equipment, build_strategies, payload_of
from minibot.app.agent.approval_desk import ApprovalDesk
from minibot.app.agent.calls import CallRunner
from minibot.app.pipeline import Answer, TurnContext
from minibot.core.errors import ModelUnavailable, ToolFailed
from minibot.core.llm import Role, Utterance
from minibot.core.messages import Button, OutgoingFile
from minibot.core.ports import Tool
from minibot.core.tasks import Task, TaskState
from minibot.core.tools import Effect, ToolResult
from tests.app.agenda.planning import Planning, make_task
from tests.app.agent.tools import FakeTool, FakeToolbox, fetcher, reader, writer
from tests.app.rig import Rig, in_background
from tests.app.turn_context import make_context
from tests.fakes import Gate, until


class Model:
    """A handler that keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[TurnContext] = []
        self.answer = Answer(markdown="42", entries=(said("what?"), said("42")))
        self.failure: Exception | None = None

    async def __call__(self, context: TurnContext) -> Answer:
        self.asked.append(context)
        if self.failure is not None:
            raise self.failure
        return self.answer

    @property
    def text(self) -> str:
        return self.asked[-1].message.text


def said(text: str, *, untrusted: bool = False) -> Utterance:
    return Utterance(role=Role.ASSISTANT, text=text, untrusted=untrusted)


class Workshop:
    """All strategies, with everything they need."""

    def __init__(self, *tools: Tool, rig: Rig | None = None) -> None:
        self.rig = rig = rig or Rig()
        self.model = Model()
        self.agenda: Agenda = Planning().agenda
        storage = rig.storage
        self.desk = ApprovalDesk(storage.approvals, tell=rig.tell, clock=rig.clock)
        self._strategies = build_strategies(
            Equipment(
                agenda=self.agenda,
                ask_model=self.model,
                toolbox=FakeToolbox(*tools),
                journal=storage.journal,
                runner=CallRunner(
                    storage.journal, self.desk, clock=rig.clock, crash_points=rig.crash_points
                ),
                clock=rig.clock,
            )
        )
        self.kinds = set(self._strategies)
        self.tainted = False
        """True when `save` comes after a task whose result strangers wrote."""
        self.saved: list[Done] = []
        self.problems: list[str] = []

    async def do(
        self, kind: str, payload: object = None, *, parents: Sequence[Task] = (), **fields: Any
    ) -> Done:
        await self.agenda.add(*parents)
        text = payload if isinstance(payload, str) else json.dumps(payload or {})
        ids = tuple(parent.id for parent in parents)
        task = make_task(kind=kind, payload=text, parents=ids, **fields)
        return await self._strategies[kind](task, make_context("read the news"))

    async def save(self) -> None:
        """Call a tool of that name."""
        parents = [parent("t1", "a page", untrusted=True)] if self.tainted else []
        try:
            self.saved.append(await self.do("tool_call", {"tool": "save"}, parents=parents))
        except ToolFailed as error:
            self.problems.append(str(error))

    async def decide(self, answer: str) -> None:
        """Press a button of the question that must come."""
        await until(lambda: self.rig.rows.approvals)
        (token,) = self.rig.rows.approvals
        await self.desk.decide(token, "42", answer)
        await until(lambda: self.saved or self.problems)


def parent(task_id: str, result: str, **fields: Any) -> Task:
    task = make_task(task_id, state=TaskState.SUCCEEDED, result=result, **fields)
    return replace(task, description=f"do {task_id}")


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


async def test_every_kind_that_can_be_asked_for_can_be_done(workshop: Workshop) -> None:
    assert workshop.kinds == KINDS


async def test_reminder_says_its_text_or_what_it_is_about(workshop: Workshop) -> None:
    assert (await workshop.do("reminder", {"text": " tea "})).text == "tea"
    assert (await workshop.do("reminder")).text == "read the news"
    assert (await workshop.do("reminder", {"text": 7})).text == "read the news"


async def test_model_is_asked_in_the_background_with_the_answer_as_the_result(
    workshop: Workshop,
) -> None:
    button, file = Button(label="Undo", data="u"), OutgoingFile(path="a", name="a")
    workshop.model.answer = replace(workshop.model.answer, buttons=((button,),), files=(file,))

    done = await workshop.do("llm_prompt", {"prompt": "what is new?"})

    assert (done.text, done.untrusted) == ("42", False)
    assert (done.entries, done.buttons, done.files) == (
        workshop.model.answer.entries,
        ((button,),),
        (file,),
    )
    assert workshop.model.text.startswith("[This is a task in the background")
    assert workshop.model.text.endswith("what is new?")
    assert not workshop.model.asked[0].message.foreign


async def test_model_is_asked_what_the_task_is_about_without_a_prompt(workshop: Workshop) -> None:
    await workshop.do("llm_prompt")

    assert workshop.model.text.endswith("read the news")


async def test_model_is_shown_the_results_of_the_tasks_before(workshop: Workshop) -> None:
    parents = [parent("t1", "sun"), parent("t2", "x" * 9000)]

    await workshop.do("llm_prompt", parents=parents)

    assert "What came of the tasks before it:\ndo t1:\nsun\n\ndo t2:\nxxx" in workshop.model.text
    assert workshop.model.text.count("x") < 5000


async def test_results_of_strangers_are_before_the_model_as_such(workshop: Workshop) -> None:
    await workshop.do("llm_prompt", parents=[parent("t1", "a page", untrusted=True)])

    assert workshop.model.asked[0].message.foreign


@pytest.mark.parametrize("entries", [(said("page", untrusted=True), said("42")), ()])
async def test_answer_that_strangers_led_to_is_marked(
    workshop: Workshop, entries: tuple[Utterance, ...]
) -> None:
    """Also when nobody can tell, because nothing is remembered."""
    workshop.model.answer = Answer(markdown="42", entries=entries)

    assert (await workshop.do("llm_prompt")).untrusted


async def test_failure_of_the_model_is_that_of_the_task(workshop: Workshop) -> None:
    workshop.model.failure = ModelUnavailable()

    with pytest.raises(ModelUnavailable):
        await workshop.do("llm_prompt")


async def test_tool_is_called_and_its_result_is_the_result() -> None:
    tool = reader("look", ToolResult(text="a cat"))
    workshop = Workshop(tool)

    done = await workshop.do("tool_call", {"tool": "look", "arguments": {"at": "sofa"}})

    assert (done.text, done.untrusted) == ("a cat", False)
    assert tool.effects == ['{"at": "sofa"}']
    (step,) = await workshop.rig.storage.journal.steps(1)
    assert [call.result.text for call in step.calls if call.result] == ["a cat"]


async def test_result_of_strangers_is_marked() -> None:
    workshop = Workshop(fetcher("fetch"))

    assert (await workshop.do("tool_call", {"tool": "fetch"})).untrusted


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ({"tool": "nothing"}, "There is no tool 'nothing'"),
        ({}, "There is no tool ''"),
        ({"tool": "look", "arguments": {"bad": 1}}, "there is no such argument"),
        ("{", "The payload of the task is no JSON"),
        ("[1]", "The payload of the task is no JSON object"),
    ],
)
async def test_call_that_makes_no_sense_fails_at_once(payload: object, problem: str) -> None:
    tool = reader("look")

    with pytest.raises(ToolFailed, match=problem) as failed:
        await Workshop(tool).do("tool_call", payload)

    assert not failed.value.transient
    assert tool.tried == []


async def test_failure_of_a_tool_is_that_of_the_task() -> None:
    with pytest.raises(ToolFailed, match=r"^no such room$"):
        await Workshop(reader("look", ToolFailed("no such room"))).do("tool_call", {"tool": "look"})


async def test_call_that_was_finished_before_a_crash_is_not_repeated() -> None:
    tool = writer("save", ToolResult(text="saved"))
    workshop = Workshop(tool)
    await workshop.do("tool_call", {"tool": "save"})

    again = Workshop(tool, rig=workshop.rig)

    assert (await again.do("tool_call", {"tool": "save"})).text == "saved"
    assert len(tool.effects) == 1


async def test_call_that_was_begun_and_may_not_be_repeated_fails_with_a_word() -> None:
    tool = writer("save", Gate())
    workshop = Workshop(tool)
    async with in_background(workshop.save):
        await until(lambda: tool.tried)

    with pytest.raises(ToolFailed, match="do not know whether save took effect"):
        await Workshop(tool, rig=workshop.rig).do("tool_call", {"tool": "save"})

    assert tool.effects == []


async def test_what_strangers_wrote_changes_nothing_unless_the_person_allows_it() -> None:
    tool = writer("save", ToolResult(text="saved"))
    workshop = Workshop(tool)
    workshop.tainted = True
    async with in_background(workshop.save):
        await workshop.decide("o")

    assert [done.text for done in workshop.saved] == ["saved"]
    assert len(tool.effects) == 1


async def test_call_that_the_person_did_not_allow_fails_with_a_word() -> None:
    tool = writer("save")
    workshop = Workshop(tool)
    workshop.tainted = True
    async with in_background(workshop.save):
        await workshop.decide("n")

    assert workshop.problems == ["You did not allow save."]
    assert tool.tried == []


async def test_dangerous_tool_is_asked_for_in_any_case() -> None:
    tool = FakeTool("save", effect=Effect.DANGEROUS)
    workshop = Workshop(tool)
    async with in_background(workshop.save):
        await workshop.decide("n")

    assert tool.tried == []


async def test_page_is_fetched() -> None:
    tool = fetcher("http_fetch", ToolResult(text="a page"))
    workshop = Workshop(tool)

    done = await workshop.do("web_fetch", {"url": "https://example.org"})

    assert (done.text, done.untrusted) == ("a page", True)
    assert tool.effects == ['{"url": "https://example.org"}']
    assert workshop.model.asked == []


async def test_question_about_a_page_goes_to_the_model() -> None:
    workshop = Workshop(fetcher("http_fetch"))

    await workshop.do("web_fetch", {"url": "https://example.org", "question": "who wrote it?"})

    assert workshop.model.text.endswith(
        "Read https://example.org with http_fetch and answer this: who wrote it?"
    )


async def test_fetching_nothing_fails(workshop: Workshop) -> None:
    with pytest.raises(ToolFailed, match='needs an "url"'):
        await workshop.do("web_fetch", {"question": "who wrote it?"})


def test_payload_may_be_empty() -> None:
    assert payload_of(make_task(payload="")) == {}
