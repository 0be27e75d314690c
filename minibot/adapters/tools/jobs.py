"""Tools for jobs: reminders, and prompts whose time comes."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from minibot.adapters.tools.asking import (
    asker_behind,
    asker_of,
    for_the_model,
    for_the_person,
)
from minibot.adapters.tools.function import function_tool
from minibot.adapters.tools.timing import Timing, dated, dated_exactly, described
from minibot.adapters.tools.wording import RECEIPT_LENGTH, escaped, one_line
from minibot.core.errors import ToolArgumentsInvalid, ToolFailed
from minibot.core.jobs import Job, JobKind, JobState, Notify, Recurrence, RecurrenceKind
from minibot.core.planning import Asker, JobWish, Planned
from minibot.core.ports import Clock, Planner
from minibot.core.tools import Effect, ToolContext, ToolResult, ToolTraits, UndoAction

CANCEL = "job_cancel"
RESTORE = "job_restore"
REVERT = "job_revert"

LISTED = 50
"""Jobs that are listed."""

LISTED_TEXT = 80
"""Characters of each."""

_SHOWN_STATES = (JobState.SCHEDULED, JobState.PAUSED, JobState.FAILED)
_OPPOSITES = {"pause": "resume", "resume": "pause"}

Text = Annotated[str, Field(max_length=2_000)]
Short = Annotated[str, Field(max_length=500)]

_WRITES = ToolTraits(effect=Effect.WRITE)


class JobTools:
    """Schedules, shows and changes jobs of whoever the context names."""

    def __init__(self, planner: Planner, clock: Clock) -> None:
        self._planner = planner
        self._clock = clock
        self.tools = (
            function_tool(self.schedule, traits=_WRITES),
            function_tool(self.list_jobs),
            function_tool(self.update_job, traits=_WRITES),
            function_tool(self.cancel_job, traits=_WRITES),
        )
        self.undo = {CANCEL: self._cancel, RESTORE: self._restore, REVERT: self._revert}

    async def schedule(  # noqa: PLR0913  # the signature is what the model sees
        self,
        context: ToolContext,
        text: Text,
        kind: Literal["reminder", "llm_prompt"],
        at: Short | None = None,
        delay_seconds: int | None = None,
        every_seconds: int | None = None,
        cron: Short | None = None,
        timezone: Short | None = None,
        notify: Literal["always", "on_change", "never"] = "always",
    ) -> ToolResult:
        """Have something happen later; promise nothing for later without this or create_task. A
        reminder says its text; an llm_prompt is put to you at its time, and your answer is said.
        Give one of at, delay_seconds, every_seconds, cron; the last two may start with at.

        Args:
            text: what is said, or the prompt; it has to stand alone.
            at: ISO 8601; without an offset it is the person's own time.
            cron: five fields, or an RRULE.
            timezone: IANA name or city, only if the person named it.
        """
        asker = asker_of(context)
        timing = Timing(
            at=at,
            delay_seconds=delay_seconds,
            every_seconds=every_seconds,
            cron=cron,
            timezone=timezone,
        )
        with for_the_model():
            recurrence = await timing.recurrence(asker, self._planner, self._clock.now())
            wish = JobWish(
                text=text, kind=JobKind(kind), recurrence=recurrence, notify=Notify(notify)
            )
            planned = await self._planner.schedule(asker, wish)
        zone = self._zone(asker, planned.job)
        return ToolResult(
            text=f"Scheduled. {_told(planned, zone)}",
            receipt=f"📌 promised **{escaped(planned.job.text)}**{_due(planned, zone)}",
            undo=UndoAction(kind=CANCEL, payload=json.dumps({"id": planned.job.id})),
        )

    async def list_jobs(self, context: ToolContext) -> str:
        """List the person's reminders and other jobs, with their ids."""
        asker = asker_of(context)
        jobs = self._planner.jobs(asker, states=_SHOWN_STATES)
        if not jobs:
            return "There are no jobs."
        lines = [_line(each, self._zone(asker, each.job)) for each in jobs[:LISTED]]
        if len(jobs) > LISTED:
            lines.append(f"And {len(jobs) - LISTED} more.")
        return "\n".join(lines)

    async def update_job(  # noqa: PLR0913  # the signature is what the model sees
        self,
        context: ToolContext,
        id: Short,
        text: Text | None = None,
        at: Short | None = None,
        delay_seconds: int | None = None,
        every_seconds: int | None = None,
        cron: Short | None = None,
        timezone: Short | None = None,
        action: Literal["pause", "resume", "run_now"] | None = None,
    ) -> ToolResult:
        """Change what a job says or when it runs (given as to schedule), or pause, resume or run
        it.
        """
        asker = asker_of(context)
        timing = Timing(
            at=at,
            delay_seconds=delay_seconds,
            every_seconds=every_seconds,
            cron=cron,
            timezone=timezone,
        )
        with for_the_model():
            before = self._planner.job(asker, _clean(id)).job
            recurrence = await self._changed(asker, before, timing)
            edited = bool(text) or recurrence is not None
            if not edited and action is None:
                raise ToolArgumentsInvalid("It is not said what is to be changed.")
            planned = self._planner.job(asker, before.id)
            if edited:
                planned = await self._planner.edit(
                    asker, before.id, text=text or "", recurrence=recurrence
                )
            after = planned.job
            if action is not None:
                planned = await self._act(asker, before.id, action)
        zone = self._zone(asker, planned.job)
        return ToolResult(
            text=f"Changed. {_told(planned, zone)}",
            receipt=_receipt(planned, zone, action),
            undo=_reversal(before, after, action),
        )

    async def cancel_job(self, context: ToolContext, id: Short) -> ToolResult:
        """Cancel a job of the person."""
        with for_the_model():
            job = await self._planner.cancel(asker_of(context), _clean(id))
        return ToolResult(
            text=f'Cancelled {job.id}: "{one_line(job.text, LISTED_TEXT)}".',
            receipt=f"🗑 cancelled **{escaped(job.text)}**",
            undo=UndoAction(kind=RESTORE, payload=json.dumps({"id": job.id})),
        )

    async def _changed(self, asker: Asker, job: Job, timing: Timing) -> Recurrence | None:
        """Say when a job is to run from now on; None when nothing was said about that."""
        if timing.is_given:
            return await timing.recurrence(asker, self._planner, self._clock.now())
        if not timing.timezone:
            return None
        if job.recurrence.kind not in (RecurrenceKind.CRON, RecurrenceKind.RRULE):
            raise ToolArgumentsInvalid("Say with timezone also at what time, by at or cron.")
        return replace(job.recurrence, zone=await timing.zone(asker, self._planner))

    async def _act(self, asker: Asker, job_id: str, action: str) -> Planned:
        match action:
            case "pause":
                return await self._planner.pause(asker, job_id)
            case "resume":
                return await self._planner.resume(asker, job_id)
        return await self._planner.run_now(asker, job_id)

    def _zone(self, asker: Asker, job: Job) -> str:
        """Give the zone in which a person is told moments."""
        return self._planner.zone_of(asker) or job.recurrence.zone

    async def _cancel(self, payload: str, owner: str) -> str:
        with for_the_person():
            job = await self._planner.cancel(asker_behind(owner), json.loads(payload)["id"])
        return f"{one_line(job.text, RECEIPT_LENGTH)} is cancelled"

    async def _restore(self, payload: str, owner: str) -> str:
        with for_the_person():
            planned = await self._planner.bring_back(asker_behind(owner), json.loads(payload)["id"])
        return f"{one_line(planned.job.text, RECEIPT_LENGTH)} is scheduled again"

    async def _revert(self, payload: str, owner: str) -> str:
        fields = json.loads(payload)
        asker, job_id = asker_behind(owner), fields["id"]
        with for_the_person():
            job = self._planner.job(asker, job_id).job
            if _fields(job) != fields["after"]:
                raise ToolFailed("it was changed since, and is left as it is now")
            if fields["before"] != fields["after"]:
                await self._planner.edit(
                    asker,
                    job_id,
                    text=fields["before"]["text"],
                    recurrence=_recurrence(fields["before"]["recurrence"]),
                )
            if fields["action"]:
                await self._act(asker, job_id, fields["action"])
        return f"{one_line(fields['before']['text'], RECEIPT_LENGTH)} is as it was"


def _clean(job_id: str) -> str:
    return job_id.strip().lstrip("#").lower()


def _told(planned: Planned, zone: str) -> str:
    """Say to the model what was understood, and the next runs."""
    job = planned.job
    said = (
        f'{job.id}: {job.kind.value} "{one_line(job.text, LISTED_TEXT)}", {job.state.value}, '
        f"{described(job.recurrence)}."
    )
    if not planned.upcoming:
        return f"{said} It has no next run."
    runs = "; ".join(dated_exactly(moment, zone) for moment in planned.upcoming)
    return f"{said} Next ({zone}): {runs}."


def _line(planned: Planned, zone: str) -> str:
    job = planned.job
    due = f"next {dated_exactly(planned.upcoming[0], zone)} ({zone})" if planned.upcoming else "—"
    return (
        f"- {job.id}, {job.kind.value}, {job.state.value}, {described(job.recurrence)}, {due}: "
        f"{one_line(job.text, LISTED_TEXT)}"
    )


def _due(planned: Planned, zone: str) -> str:
    """Say to the person when it is due, behind what it is about."""
    if not planned.upcoming:
        return ""
    first, *others = planned.upcoming
    then = f" · then {dated(others[0], zone)}" if others else ""
    place = zone.replace("_", "\\_")
    return f" · due {dated(first, zone)} ({place}){then}"


def _receipt(planned: Planned, zone: str, action: str | None) -> str:
    text = f"**{escaped(planned.job.text)}**"
    match action:
        case "pause":
            return f"⏸ paused {text}"
        case "resume":
            return f"▶️ resumed {text}{_due(planned, zone)}"
        case "run_now":
            return f"▶️ {text} runs now"
    return f"📌 changed {text}{_due(planned, zone)}"


def _reversal(before: Job, after: Job, action: str | None) -> UndoAction | None:
    """Note how to take a change back; a run cannot be."""
    opposite = _OPPOSITES.get(action or "", "")
    fields = {"before": _fields(before), "after": _fields(after)}
    if not opposite and fields["before"] == fields["after"]:
        return None
    payload = {"id": before.id, "action": opposite, **fields}
    return UndoAction(kind=REVERT, payload=json.dumps(payload, ensure_ascii=False))


def _fields(job: Job) -> dict[str, Any]:
    """Give of a job what an edit changes."""
    recurrence = job.recurrence
    return {
        "text": job.text,
        "recurrence": {
            "kind": recurrence.kind.value,
            "rule": recurrence.rule,
            "start": recurrence.start.isoformat(),
            "zone": recurrence.zone,
        },
    }


def _recurrence(fields: dict[str, str]) -> Recurrence:
    return Recurrence(
        kind=RecurrenceKind(fields["kind"]),
        rule=fields["rule"],
        start=datetime.fromisoformat(fields["start"]),
        zone=fields["zone"],
    )
