"""Tasks, as they are asked for."""

import asyncio
import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from minibot.adapters.calendar import SystemCalendar
from minibot.adapters.storage.agenda import AgendaRows, InMemoryAgenda
from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.planner import AgendaPlanner
from minibot.core.errors import IllegalTransition, ScheduleInvalid, TaskCycle, UnknownEntry
from minibot.core.planning import TaskWish
from minibot.core.ports import Entry
from minibot.core.tasks import Task, TaskState
from tests.app.agenda.planning import Planning, make_asker, make_task
from tests.fakes import START, Gate, make_chat, make_settings

ANN, BOB = make_asker("42"), make_asker("7")
GROUP = replace(ANN, chat=make_chat("-100"), private=False)


def wish(description: str = "read the news", **fields: Any) -> TaskWish:
    return TaskWish(**{"description": description, "kind": "llm_prompt", **fields})


def workflow(*steps: Any, **fields: Any) -> TaskWish:
    return wish("plan", kind="workflow", payload=json.dumps({"steps": steps}), **fields)


@pytest.fixture
def planning() -> Planning:
    return Planning()


async def create(planning: Planning, *wishes: TaskWish) -> dict[str, Task]:
    """Make tasks; gives them by what they are to do."""
    made = await planning.planner.create(ANN, wishes)
    return {task.description: task for task in made.tasks}


async def end(planning: Planning, task_id: str, *, well: bool = True) -> None:
    now = planning.clock.now()
    await planning.agenda.change_task(task_id, lambda task: task.started(now))
    await planning.agenda.change_task(
        task_id, lambda task: task.succeeded("done", now) if well else task.failed("no", now)
    )


def state(planning: Planning, task: Task) -> TaskState:
    return planning.planner.task(ANN, task.id).state


async def test_a_task_is_the_askers_and_in_line(planning: Planning) -> None:
    made = await planning.planner.create(ANN, [wish(" read the news ", priority=7)])
    (task,) = made.tasks
    assert made.batch == task.batch == ""
    assert (task.owner, task.person, task.chat, task.private) == (
        ANN.owner,
        ANN.person,
        ANN.chat,
        True,
    )
    assert (task.description, task.kind, task.priority) == ("read the news", "llm_prompt", 7)
    assert task.state is TaskState.QUEUED
    assert planning.planner.tasks(ANN) == [task]


async def test_tasks_of_one_wish_are_a_batch_in_their_order(planning: Planning) -> None:
    names = [f"step {number}" for number in range(20)]
    made = await planning.planner.create(ANN, [wish(name) for name in names])
    assert made.batch
    assert {task.batch for task in made.tasks} == {made.batch}
    assert [task.description for task in planning.planner.tasks(ANN)] == names


async def test_tasks_wait_for_those_they_name(planning: Planning) -> None:
    made = await create(
        planning,
        wish("run", after=("write",)),
        wish("write", name="write", after=("setup",)),
        wish("set up", name="setup"),
    )
    assert made["run"].parents == (made["write"].id,)
    assert made["write"].parents == (made["set up"].id,)
    states = [task.state for task in made.values()]
    assert states == [TaskState.WAITING, TaskState.WAITING, TaskState.QUEUED]
    await end(planning, made["set up"].id)
    assert state(planning, made["write"]) is TaskState.QUEUED


async def test_a_task_waits_for_one_there_is(planning: Planning) -> None:
    first = (await create(planning, wish("first")))["first"]
    second = (await create(planning, wish("second", after=(first.id,))))["second"]
    assert second.state is TaskState.WAITING
    await end(planning, first.id)
    assert state(planning, second) is TaskState.QUEUED
    third = (await create(planning, wish("third", after=(first.id,))))["third"]
    assert third.state is TaskState.QUEUED


class GatedStore(InMemoryAgenda):
    """Lets the next write wait in front of a gate."""

    gate: Gate | None = None

    async def write(self, entries: Sequence[Entry], *, forget: Collection[str] = ()) -> None:
        gate, self.gate = self.gate, None
        if gate is not None:
            await gate.pass_through()
        await super().write(entries, forget=forget)


@pytest.mark.parametrize(
    ("well", "becomes"), [(True, TaskState.QUEUED), (False, TaskState.BLOCKED)]
)
async def test_a_parent_that_ends_while_its_child_is_stored_is_not_waited_for(
    planning: Planning, well: bool, becomes: TaskState
) -> None:
    store = GatedStore(AgendaRows())
    planning.agenda = Agenda(store, planning.clock)
    planner = AgendaPlanner(
        planning.agenda,
        SystemCalendar(),
        planning.preferences,
        kinds=["llm_prompt"],
        settings=planning.live,
        clock=planning.clock,
    )
    (first,) = (await planner.create(ANN, [wish("first")])).tasks
    gate = store.gate = Gate()
    creating = asyncio.create_task(planner.create(ANN, [wish("second", after=(first.id,))]))
    await gate.reached.wait()
    await end(planning, first.id, well=well)
    gate.open()
    (second,) = (await creating).tasks
    assert second.state is becomes
    assert planner.task(ANN, second.id) == second


@pytest.mark.parametrize("ended", [TaskState.FAILED, TaskState.CANCELLED, TaskState.BLOCKED])
async def test_nothing_waits_for_what_failed(planning: Planning, ended: TaskState) -> None:
    await planning.agenda.add(make_task("t2aaa", state=ended))
    with pytest.raises(ScheduleInvalid, match=f"t2aaa, because it is {ended.value}"):
        await create(planning, wish(after=("t2aaa",)))


async def test_nothing_waits_for_what_is_anothers(planning: Planning) -> None:
    await planning.agenda.add(make_task("t2aaa", owner=BOB.owner))
    words = [
        str((await _refusal(planning, wish(after=(task_id,)))).value).replace(task_id, "…")
        for task_id in ("t2aaa", "t2zzz")
    ]
    assert words[0] == words[1]


async def _refusal(
    planning: Planning, *wishes: TaskWish
) -> "pytest.ExceptionInfo[ScheduleInvalid]":
    with pytest.raises(ScheduleInvalid) as refused:
        await create(planning, *wishes)
    assert planning.planner.tasks(ANN, states=(TaskState.WAITING,)) == []
    return refused


async def test_cycles_are_refused_by_name(planning: Planning) -> None:
    with pytest.raises(TaskCycle, match="chicken, egg"):
        await create(
            planning,
            wish("a", name="chicken", after=("egg",)),
            wish("b", name="egg", after=("chicken",)),
        )
    with pytest.raises(TaskCycle, match="chicken"):
        await create(planning, wish("a", name="chicken", after=("chicken",)))
    assert planning.planner.tasks(ANN) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (wish(" "), "not said what"),
        (wish("x" * 2_001), "2,001 characters"),
        (wish(kind="magic"), 'no kind of task "magic"; known are: llm_prompt, web_fetch, workflow'),
        (wish(kind="web_fetch"), 'web_fetch needs a "url"'),
        (wish(priority=10), "from 0 to 9"),
        (wish(payload="["), "no JSON"),
        (wish(payload="[]"), "no JSON object"),
        (wish(payload=json.dumps({"prompt": "x" * 16_000})), "16,000 are possible"),
        (wish(kind="workflow"), 'needs "steps"'),
        (workflow(), 'needs "steps"'),
        (workflow("read"), "step 1 is no JSON object"),
        (workflow({"description": "a"}, {"name": 2}), '"name" of step 2'),
        (workflow({"name": "a", "after": 3}), '"after" of step 1'),
        (workflow({"name": "a", "payload": 3}), '"payload" of step 1'),
        (workflow({"name": "a", "priority": True}), '"priority" of step 1'),
        (workflow({"name": "a", "kind": "workflow"}), "cannot be a workflow"),
        (workflow({"name": "a"}, {"name": "a"}), 'two tasks with the name "a"'),
        (workflow({"name": "a", "after": ["b"]}), "'b' to wait for"),
        (workflow(*({"name": f"{n}"} for n in range(50))), "51 tasks at once, 50 are possible"),
    ],
)
async def test_what_cannot_be_done_is_refused_whole(
    planning: Planning, wrong: TaskWish, words: str
) -> None:
    with pytest.raises(ScheduleInvalid, match=words):
        await create(planning, wish(), wrong)
    assert planning.planner.tasks(ANN) == []


async def test_nothing_is_no_task(planning: Planning) -> None:
    with pytest.raises(ScheduleInvalid, match="not said what"):
        await create(planning)


async def test_names_are_given_once(planning: Planning) -> None:
    with pytest.raises(ScheduleInvalid, match='two tasks with the name "a"'):
        await create(planning, wish(name="a"), wish(name="a"))


async def test_a_payload_that_is_a_text_is_what_its_kind_needs_most(planning: Planning) -> None:
    text = json.dumps({"text": "https://example.org"})
    made = await create(
        planning,
        wish("fetch", kind="web_fetch", payload=text),
        wish("ask", payload=json.dumps({"text": "why?", "tone": "kind"})),
        wish("both", payload=json.dumps({"text": "this", "prompt": "that"})),
    )
    assert json.loads(made["fetch"].payload) == {"url": "https://example.org"}
    assert json.loads(made["ask"].payload) == {"prompt": "why?", "tone": "kind"}
    assert json.loads(made["both"].payload) == {"text": "this", "prompt": "that"}


async def test_a_workflow_becomes_its_steps(planning: Planning) -> None:
    made = await create(
        planning,
        wish("before", name="before"),
        workflow(
            {"name": "get", "kind": "web_fetch", "payload": "https://example.org"},
            {
                "name": "sum",
                "description": "sum up",
                "payload": {"prompt": "in a line"},
                "after": ["get"],
                "priority": 9,
            },
            name="flow",
            after=("before",),
            priority=3,
        ),
        wish("behind", after=("flow",)),
    )
    before, get, total, behind = (made[name] for name in ("before", "get", "sum up", "behind"))
    assert get.parents == (before.id,)
    assert total.parents == (before.id, get.id)
    assert behind.parents == (get.id, total.id)
    assert (get.kind, total.kind) == ("web_fetch", "llm_prompt")
    assert (get.priority, total.priority) == (3, 9)
    assert json.loads(get.payload) == {"url": "https://example.org"}
    assert json.loads(total.payload) == {"prompt": "in a line"}
    assert len({task.batch for task in made.values()}) == 1


async def test_steps_of_two_workflows_may_have_the_same_names(planning: Planning) -> None:
    flow = [{"name": "a", "description": "a"}, {"name": "b", "after": "a"}]
    made = (await planning.planner.create(ANN, [workflow(*flow), workflow(*flow)])).tasks
    assert [task.parents for task in made] == [(), (made[0].id,), (), (made[2].id,)]


async def test_a_person_has_so_many_open_tasks_and_no_more() -> None:
    planning = Planning(settings=make_settings(tasks={"max_open_per_person": 3}))
    made = await create(planning, wish("a"), wish("b"))
    with pytest.raises(ScheduleInvalid, match="2 open tasks already"):
        await create(planning, wish("c"), wish("d"))
    await end(planning, made["a"].id)
    await create(planning, wish("c"), wish("d"))
    await planning.planner.create(BOB, [wish()])


async def test_what_is_anothers_is_as_what_is_not_there(planning: Planning) -> None:
    task = (await create(planning, wish()))["read the news"]
    for asker in (BOB, GROUP):
        assert planning.planner.tasks(asker) == []
        for attempt in (
            planning.planner.cancel_task(asker, task.id),
            planning.planner.run_again(asker, task.id),
        ):
            with pytest.raises(UnknownEntry, match=f"there is no task '{task.id}'"):
                await attempt
    with pytest.raises(UnknownEntry, match="there is no task 't2zzz'"):
        planning.planner.task(ANN, "t2zzz")


async def test_a_cancelled_task_takes_those_with_it_that_wait(planning: Planning) -> None:
    made = await create(
        planning,
        wish("root", name="root"),
        wish("child", name="child", after=("root",)),
        wish("grandchild", after=("child",)),
        wish("other"),
    )
    ended = await planning.planner.cancel_task(ANN, made["root"].id)
    assert {task.description for task in ended} == {"root", "child", "grandchild"}
    assert {task.state for task in ended} == {TaskState.CANCELLED}
    assert state(planning, made["other"]) is TaskState.QUEUED
    with pytest.raises(IllegalTransition, match="it is cancelled"):
        await planning.planner.cancel_task(ANN, made["root"].id)


async def test_what_failed_runs_again_and_takes_those_with_it_that_were_blocked(
    planning: Planning,
) -> None:
    made = await create(
        planning,
        wish("root", name="root"),
        wish("child", name="child", after=("root",)),
        wish("grandchild", after=("child",)),
    )
    await end(planning, made["root"].id, well=False)
    assert state(planning, made["grandchild"]) is TaskState.BLOCKED
    with pytest.raises(IllegalTransition, match=f"needs task {made['root'].id}, which is failed"):
        await planning.planner.run_again(ANN, made["child"].id)
    again = await planning.planner.run_again(ANN, made["root"].id)
    assert again.state is TaskState.QUEUED
    for name in ("root", "child", "grandchild"):
        await end(planning, made[name].id)
    assert state(planning, made["grandchild"]) is TaskState.SUCCEEDED


async def test_what_needs_another_that_failed_stays_blocked(planning: Planning) -> None:
    made = await create(
        planning,
        wish("left", name="left"),
        wish("right", name="right"),
        wish("both", after=("left", "right")),
    )
    for side in ("left", "right"):
        await end(planning, made[side].id, well=False)
    await planning.planner.run_again(ANN, made["left"].id)
    assert state(planning, made["both"]) is TaskState.BLOCKED
    await end(planning, made["left"].id)
    await planning.planner.run_again(ANN, made["right"].id)
    assert state(planning, made["both"]) is TaskState.WAITING
    await end(planning, made["right"].id)
    assert state(planning, made["both"]) is TaskState.QUEUED


async def test_what_is_blocked_by_what_is_forgotten_goes_on(planning: Planning) -> None:
    await planning.agenda.add(make_task("t2aaa", state=TaskState.BLOCKED, parents=("t2gone",)))
    assert (await planning.planner.run_again(ANN, "t2aaa")).state is TaskState.QUEUED


async def test_what_succeeded_does_not_run_again(planning: Planning) -> None:
    task = (await create(planning, wish()))["read the news"]
    await end(planning, task.id)
    with pytest.raises(IllegalTransition, match="it is succeeded"):
        await planning.planner.run_again(ANN, task.id)


async def test_tasks_are_listed_by_state(planning: Planning) -> None:
    made = await create(planning, wish("a"), wish("b"))
    await end(planning, made["a"].id)
    await planning.clock.advance(timedelta(minutes=1).total_seconds())
    listed = planning.planner.tasks(ANN, states=(TaskState.QUEUED,))
    assert [task.description for task in listed] == ["b"]
    assert listed[0].created_at - START < timedelta(seconds=1)
