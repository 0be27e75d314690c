"""From tasks as they are asked for to what is to be made of them."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from minibot.app.agenda.job_planner import sound_text
from minibot.core.errors import ScheduleInvalid
from minibot.core.planning import TaskWish
from minibot.core.tasks import DEFAULT_PRIORITY, refuse_cycles

WORKFLOW = "workflow"
"""The kind that is none of its own: its steps are made, as tasks."""

MOST_TOGETHER = 50
"""Tasks that are made at once."""

LONGEST_PAYLOAD = 16_000
"""Characters."""

MAIN_FIELDS = {"llm_prompt": "prompt", "reminder": "text", "tool_call": "tool", "web_fetch": "url"}
"""What is meant where a payload is just a text, which comes as ``{"text": …}``."""

NEEDED_FIELDS = {"tool_call": "tool", "web_fetch": "url"}

Names = Mapping[str, tuple[str, ...]]
"""The ids that a name stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A task that is to be made."""

    id: str
    wish: TaskWish
    parents: tuple[str, ...]
    """Ids, of others that are made with it or of tasks there are."""


def drafts_of(
    wishes: Sequence[TaskWish], *, kinds: Collection[str], new_id: Callable[[], str]
) -> list[Draft]:
    """Lay out what is asked for, workflows as their steps.

    Raises:
        ScheduleInvalid: something about it cannot be used.
        TaskCycle: some would wait for each other for ever.
    """
    groups = [_steps(wish) for wish in wishes]
    total = sum(map(len, groups))
    if not total:
        raise ScheduleInvalid("it is not said what is to be done")
    if total > MOST_TOGETHER:
        raise ScheduleInvalid(f"{total} tasks at once, {MOST_TOGETHER} are possible")
    ids = _different_ids(total, new_id)
    numbered = [[(next(ids), step) for step in steps] for steps in groups]
    outer = _names(
        (wish.name, tuple(task_id for task_id, _ in steps))
        for wish, steps in zip(wishes, numbered, strict=True)
    )
    drafts = [
        draft
        for wish, steps in zip(wishes, numbered, strict=True)
        for draft in _drafts(wish, steps, outer, kinds)
    ]
    labels = {draft.id: draft.wish.name or draft.id for draft in drafts}
    refuse_cycles(
        {
            labels[draft.id]: [labels.get(parent, parent) for parent in draft.parents]
            for draft in drafts
        }
        if len(set(labels.values())) == len(labels)
        else {draft.id: draft.parents for draft in drafts}
    )
    return drafts


def _drafts(
    wish: TaskWish, steps: Sequence[tuple[str, TaskWish]], outer: Names, kinds: Collection[str]
) -> Iterator[Draft]:
    is_workflow = wish.kind == WORKFLOW
    inner = _names((step.name, (task_id,)) for task_id, step in steps) if is_workflow else {}
    above = _resolved(wish.after, outer)
    for task_id, step in steps:
        own = _resolved(step.after, {**outer, **inner}) if is_workflow else ()
        yield Draft(
            id=task_id, wish=_sound(step, kinds), parents=tuple(dict.fromkeys((*above, *own)))
        )


def _resolved(after: Sequence[str], names: Names) -> tuple[str, ...]:
    return tuple(chain.from_iterable(names.get(each, (each,)) for each in after))


def _names(named: Iterator[tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    names: dict[str, tuple[str, ...]] = {}
    for name, ids in named:
        if name in names:
            raise ScheduleInvalid(f'there are two tasks with the name "{name[:60]}"')
        if name:
            names[name] = ids
    return names


def _different_ids(number: int, new_id: Callable[[], str]) -> Iterator[str]:
    ids: dict[str, None] = {}
    while len(ids) < number:
        ids[new_id()] = None
    return iter(ids)


def _sound(wish: TaskWish, kinds: Collection[str]) -> TaskWish:
    if wish.kind not in kinds:
        known = ", ".join(sorted({*kinds, WORKFLOW}))
        raise ScheduleInvalid(f'there is no kind of task "{wish.kind[:60]}"; known are: {known}')
    if not 0 <= wish.priority <= 9:
        raise ScheduleInvalid(f"the priority is from 0 to 9, not {wish.priority}")
    fields = _fields(wish.payload)
    main = MAIN_FIELDS.get(wish.kind, "text")
    if main not in fields and "text" in fields:
        fields = {main: fields["text"], **{k: v for k, v in fields.items() if k != "text"}}
    needed = NEEDED_FIELDS.get(wish.kind)
    if needed and not fields.get(needed):
        raise ScheduleInvalid(f'the payload of a {wish.kind} needs a "{needed}"')
    payload = json.dumps(fields, ensure_ascii=False)
    if len(payload) > LONGEST_PAYLOAD:
        raise ScheduleInvalid(
            f"a payload has {len(payload):,} characters, {LONGEST_PAYLOAD:,} are possible"
        )
    return replace(wish, description=sound_text(wish.description), payload=payload)


def _fields(payload: str) -> dict[str, Any]:
    try:
        fields = json.loads(payload or "{}")
    except (ValueError, RecursionError):
        raise ScheduleInvalid("the payload is no JSON") from None
    if not isinstance(fields, dict):
        raise ScheduleInvalid("the payload is no JSON object")
    return fields


def _steps(wish: TaskWish) -> list[TaskWish]:
    if wish.kind != WORKFLOW:
        return [wish]
    steps = _fields(wish.payload).get("steps")
    if not isinstance(steps, list) or not steps:
        raise ScheduleInvalid('the payload of a workflow needs "steps": a list of tasks')
    return [_step(number, each, wish.priority) for number, each in enumerate(steps, start=1)]


def _step(number: int, fields: object, priority: int) -> TaskWish:
    """Read a step, as a model writes it."""
    if not isinstance(fields, dict):
        raise ScheduleInvalid(f"step {number} is no JSON object")
    name = _text(number, fields, "name")
    kind = _text(number, fields, "kind") or "llm_prompt"
    if kind == WORKFLOW:
        raise ScheduleInvalid(f"step {number} cannot be a workflow itself")
    return TaskWish(
        name=name,
        kind=kind,
        description=_text(number, fields, "description") or name,
        payload=_payload(number, fields.get("payload")),
        after=_after(number, fields.get("after")),
        priority=_priority(number, fields.get("priority"), priority),
    )


def _text(number: int, fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ScheduleInvalid(f'"{name}" of step {number} is no text')
    return value.strip()


def _payload(number: int, value: object) -> str:
    if value is None:
        return "{}"
    if isinstance(value, str):
        return json.dumps({"text": value}, ensure_ascii=False)
    if not isinstance(value, dict):
        raise ScheduleInvalid(f'"payload" of step {number} is no JSON object')
    return json.dumps(value, ensure_ascii=False)


def _after(number: int, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
        raise ScheduleInvalid(f'"after" of step {number} is no list of names')
    return tuple(names)


def _priority(number: int, value: object, usual: int = DEFAULT_PRIORITY) -> int:
    if value is None:
        return usual
    if isinstance(value, bool) or not isinstance(value, int):
        raise ScheduleInvalid(f'"priority" of step {number} is no whole number')
    return value
