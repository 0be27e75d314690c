"""What people see of one job or task: a card, and the buttons under it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from minibot.app.agenda.moments import spoken
from minibot.app.agenda.recurrence_words import in_words, lasting
from minibot.app.handlers.agenda.presses import (
    Act,
    BoardPress,
    EntryPress,
    Place,
    ReminderAct,
    ReminderPress,
    WishAct,
    WishPress,
)
from minibot.app.markdown import counted, literal
from minibot.core.jobs import Job, JobKind, JobState, Notify, Recurrence
from minibot.core.messages import Button
from minibot.core.planning import Planned
from minibot.core.tasks import Task, TaskState

LONGEST_TEXT = 600
"""Characters of each thing that people or the model wrote on a card: it has to stay one message,
of 4,096 UTF-16 units, of which a character may need two (Bot API, sendMessage)."""

LONGEST_TITLE = 200

Rows = tuple[tuple[Button, ...], ...]
Shown = Planned | Task


class Card(NamedTuple):
    """One message: its Markdown, and the rows of buttons under it."""

    markdown: str
    buttons: Rows = ()


LABELS = {
    Act.PAUSE: "⏸ Pause",
    Act.RESUME: "▶ Resume",
    Act.RUN: "⚡ Run now",
    Act.SNOOZE: "💤 Snooze 1 h",
    Act.DONE: "✔ Done",
    Act.CANCEL: "🚫 Cancel",
    Act.BRING_BACK: "↩️ Bring back",
    Act.RUN_AGAIN: "🔁 Run again",
    Act.EDIT: "✏️ Edit",
    Act.WHY: "❓ Why",
}

JOB_ACTS: dict[JobState, tuple[tuple[Act, ...], ...]] = {
    JobState.SCHEDULED: (
        (Act.SNOOZE, Act.RUN, Act.PAUSE),
        (Act.DONE, Act.CANCEL),
        (Act.EDIT, Act.WHY),
    ),
    JobState.PAUSED: ((Act.RESUME, Act.CANCEL), (Act.EDIT, Act.WHY)),
    JobState.DONE: ((Act.SNOOZE, Act.RUN), (Act.WHY,)),
    JobState.FAILED: ((Act.RUN, Act.CANCEL), (Act.WHY,)),
    JobState.CANCELLED: ((Act.BRING_BACK, Act.WHY),),
}

TASK_ACTS: dict[TaskState, tuple[tuple[Act, ...], ...]] = {
    TaskState.WAITING: ((Act.CANCEL, Act.WHY),),
    TaskState.QUEUED: ((Act.CANCEL, Act.WHY),),
    TaskState.RUNNING: ((Act.CANCEL, Act.WHY),),
    TaskState.SUCCEEDED: ((Act.WHY,),),
    TaskState.FAILED: ((Act.RUN_AGAIN, Act.WHY),),
    TaskState.CANCELLED: ((Act.WHY,),),
    TaskState.BLOCKED: ((Act.RUN_AGAIN, Act.CANCEL, Act.WHY),),
}

JOB_SIGNS = {
    JobState.SCHEDULED: "⏰",
    JobState.PAUSED: "⏸",
    JobState.DONE: "✔",
    JobState.FAILED: "❌",
    JobState.CANCELLED: "🚫",
}

TASK_SIGNS = {
    TaskState.WAITING: "⏳",
    TaskState.QUEUED: "🕓",
    TaskState.RUNNING: "⚙️",
    TaskState.SUCCEEDED: "✅",
    TaskState.FAILED: "❌",
    TaskState.CANCELLED: "🚫",
    TaskState.BLOCKED: "⛔",
}

_KINDS = {JobKind.REMINDER: "reminder", JobKind.LLM_PROMPT: "question to the model"}

_TOLD = {
    Notify.ALWAYS: "",
    Notify.ON_CHANGE: "You are told when the answer is another one.",
    Notify.NEVER: "You are told nothing unless it fails.",
}


def reminder_card(job: Job, *, late_since: datetime | None, zone: str) -> Card:
    """Say a reminder that is due.

    Args:
        late_since: when it was due, where it could not be said then.
        zone: in which the person lives.
    """
    markdown = f"⏰ {_for_whom(job)}{literal(job.text)}"
    if late_since is not None:
        markdown += f"\n(was due {_moment(late_since, zone, job.updated_at)}; I was away)"
    due = job.in_hand or job.last_run or job.updated_at

    def button(act: ReminderAct, label: str) -> Button:
        press = ReminderPress(act=act, job_id=job.id, due=due, person_id=job.person.id)
        return Button(label=label, data=str(press))

    rows = (
        (button(ReminderAct.TEN_MINUTES, "💤 10 m"), button(ReminderAct.HOUR, "💤 1 h")),
        (button(ReminderAct.TOMORROW, "💤 Tomorrow"), button(ReminderAct.DONE, "✔ Done")),
    )
    return Card(markdown, rows)


def answered_reminder(job: Job, said: str) -> Card:
    """Show a reminder to which somebody answered."""
    return Card(f"⏰ {_for_whom(job)}{literal(_cut(job.text, LONGEST_TEXT))}\n{literal(said)}")


def wish_card(
    text: str, recurrence: Recurrence, moments: Sequence[datetime], *, now: datetime, token: str,
    person_id: str,
) -> Card:  # fmt: skip
    """Show what was understood, before it is saved."""
    lines = [f"⏰ **{title(text)}**", in_words(recurrence, now)]
    if recurrence.repeats:
        lines.append(f"next: {_moments(moments, recurrence.zone, now)}")

    def button(act: WishAct, label: str) -> Button:
        return Button(label=label, data=str(WishPress(act=act, token=token, person_id=person_id)))

    row = (button(WishAct.SAVE, "💾 Save"), button(WishAct.DROP, "🚫 Cancel"))
    return Card("\n".join(lines), (row,))


def dropped_card(text: str) -> Card:
    return Card(f"🚫 Not saved: {title(text)}")


def saved_card(planned: Planned, *, zone: str, now: datetime) -> Card:
    """Confirm a job that was made."""
    job = planned.job
    lines = [f"📌 **{title(job.text)}**"]
    if job.recurrence.repeats:
        lines.append(in_words(job.recurrence, now))
    lines.append(f"next: {_moments(planned.upcoming, zone, now)}")
    place = Place()
    press = BoardPress(place=place, entry_id=job.id, person_id=job.person.id)
    row = (act_button(Act.CANCEL, planned, place), Button(label="🔎 Details", data=str(press)))
    return Card("\n".join(lines), (row,))


def detail_card(
    shown: Shown, *, zone: str, now: datetime, place: Place, note: str = ""
) -> Card:  # fmt: skip
    """Show everything about an entry.

    Args:
        place: the page of the board to which it leads back.
        note: Markdown below it.
    """
    if isinstance(shown, Planned):
        lines, acts = _job_lines(shown, zone, now), JOB_ACTS[shown.job.state]
    else:
        lines, acts = _task_lines(shown, zone, now), TASK_ACTS[shown.state]
    if note:
        lines += ["", note]
    rows = [
        tuple(act_button(act, shown, place) for act in row if _makes_sense(act, shown))
        for row in acts
    ]
    back = BoardPress(place=place, person_id=entry_of(shown).person.id)
    return Card("\n".join(lines), (*rows, (Button(label="‹ Back", data=str(back)),)))


def reasons(shown: Shown, *, zone: str, now: datetime) -> str:
    """Say in Markdown who wanted it, how it went and what it waits for."""
    entry = entry_of(shown)
    who = f" by {literal(entry.person.name)}" if entry.person.name else ""
    lines = [f"Asked for{who} on {_moment(entry.created_at, zone, now)}."]
    if isinstance(shown, Planned):
        lines += _job_reasons(shown.job, zone, now)
    else:
        lines += _task_reasons(shown, zone, now)
    return "\n".join(lines)


def edit_help(shown: Shown) -> str:
    if not isinstance(shown, Planned):
        return "A task cannot be edited; cancel it and ask anew."
    return (
        f"Send `/tasks edit {shown.job.id} tomorrow 9:00` to change when, or "
        f"`/tasks edit {shown.job.id} new text` to change what it says."
    )


def act_button(act: Act, shown: Shown, place: Place) -> Button:
    entry = entry_of(shown)
    press = EntryPress(
        act=act,
        place=place,
        entry_id=entry.id,
        version=entry.version,
        person_id=entry.person.id,
    )
    return Button(label=LABELS[act], data=str(press))


def entry_of(shown: Shown) -> Job | Task:
    return shown.job if isinstance(shown, Planned) else shown


def title(text: str, longest: int = LONGEST_TITLE) -> str:
    """Write what somebody wrote on one line, for within other Markdown."""
    return literal(_cut(" ".join(text.split()), longest))


def standing(shown: Shown, *, zone: str, now: datetime) -> str:
    """Say in a few words of Markdown where an entry stands."""
    if isinstance(shown, Planned):
        return _job_standing(shown, zone, now)
    return _task_standing(shown, zone, now)


def sign(shown: Shown) -> str:
    if isinstance(shown, Planned):
        return "▶" if shown.job.in_hand else JOB_SIGNS[shown.job.state]
    return TASK_SIGNS[shown.state]


def _makes_sense(act: Act, shown: Shown) -> bool:
    """Leave out what would change nothing: one that repeats is never through."""
    repeats = isinstance(shown, Planned) and shown.job.recurrence.repeats
    return not (act is Act.DONE and repeats)


def _job_lines(planned: Planned, zone: str, now: datetime) -> list[str]:
    job = planned.job
    lines = [
        f"{sign(planned)} {literal(_cut(job.text, LONGEST_TEXT))}",
        "",
        f"`{job.id}` · {_KINDS[job.kind]} · {job.state.value}",
        f"when: {_when(job.recurrence, zone, now)}",
    ]
    if planned.upcoming:
        lines.append(f"next: {_moments(planned.upcoming, zone, now)}")
    if job.last_run:
        runs = f" ({counted(job.runs, 'run')})" if job.runs > 1 else ""
        lines.append(f"last: {_moment(job.last_run, zone, now)}{runs}")
    if job.problem:
        lines.append(f"problem: {literal(_cut(job.problem, LONGEST_TEXT))}")
    return lines


def _task_lines(task: Task, zone: str, now: datetime) -> list[str]:
    lines = [
        f"{sign(task)} {literal(_cut(task.description, LONGEST_TEXT))}",
        "",
        f"`{task.id}` · {literal(task.kind)} · {standing(task, zone=zone, now=now)}",
    ]
    if task.parents and not task.over:
        lines.append(f"waits for: {', '.join(f'`{parent}`' for parent in task.parents)}")
    if task.result:
        lines.append(f"result: {literal(_cut(task.result, LONGEST_TEXT))}")
    if task.problem:
        lines.append(f"problem: {literal(_cut(task.problem, LONGEST_TEXT))}")
    return lines


def _when(recurrence: Recurrence, zone: str, now: datetime) -> str:
    if recurrence.repeats:
        return in_words(recurrence, now)
    return _moment(recurrence.start, zone, now)


def _job_reasons(job: Job, zone: str, now: datetime) -> list[str]:
    lines = [_TOLD[job.notify]] if _TOLD[job.notify] else []
    if job.last_run:
        lines.append(
            f"It ran {counted(job.runs, 'time')}, last on {_moment(job.last_run, zone, now)}."
        )
    elif not job.over:
        lines.append("It did not run yet.")
    if job.failures:
        lines.append(f"It failed {counted(job.failures, 'time')} in a row and is tried again.")
    if job.in_hand:
        lines.append(f"It is running, for {_moment(job.in_hand, zone, now)}.")
    elif job.due and not job.over:
        lines.append(f"It waits for {_moment(job.due, zone, now)}.")
    return lines


def _task_reasons(task: Task, zone: str, now: datetime) -> list[str]:
    lines = [f"The job `{task.job}` made it."] if task.job else []
    if task.attempts:
        lines.append(f"It was tried {counted(task.attempts, 'time')}.")
    if task.state is TaskState.WAITING:
        lines.append(f"It waits for {', '.join(f'`{parent}`' for parent in task.parents)}.")
    elif task.state is TaskState.QUEUED and task.not_before and task.not_before > now:
        lines.append(f"It waits for its next try on {_moment(task.not_before, zone, now)}.")
    elif task.state is TaskState.QUEUED:
        lines.append(f"It waits for a free worker; its priority is {task.priority} of 9.")
    elif task.state is TaskState.RUNNING and task.started_at:
        lines.append(f"It has been running for {lasting(now - task.started_at)}.")
    elif task.finished_at:
        lines.append(f"It ended on {_moment(task.finished_at, zone, now)}.")
    return lines


def _job_standing(planned: Planned, zone: str, now: datetime) -> str:
    job = planned.job
    if job.over:
        moment = job.last_run or job.updated_at
        return f"{job.state.value}, {_moment(moment, zone, now)}"
    if job.in_hand:
        return "running"
    if job.state is JobState.PAUSED:
        return "paused"
    return _moment(job.due, zone, now) if job.due else job.state.value


def _task_standing(task: Task, zone: str, now: datetime) -> str:
    if task.over and task.finished_at:
        return f"{task.state.value}, {_moment(task.finished_at, zone, now)}"
    if task.state is TaskState.RUNNING and task.started_at:
        doing = f": {title(task.progress)}" if task.progress else ""
        return f"running for {lasting(now - task.started_at)}{doing}"
    return task.state.value


def _for_whom(job: Job) -> str:
    """Name the person where others read along."""
    return "" if job.private or not job.person.name else f"{literal(job.person.name)}: "


def _moments(moments: Sequence[datetime], zone: str, now: datetime) -> str:
    each = " · ".join(spoken(moment, zone, now) for moment in moments)
    return f"{each or 'none'}{_utc(zone)}"


def _moment(moment: datetime, zone: str, now: datetime) -> str:
    return f"{spoken(moment, zone, now)}{_utc(zone)}"


def _utc(zone: str) -> str:
    """Say so where the clock is not that of the person, who never said where they live."""
    return "" if zone else " UTC"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
