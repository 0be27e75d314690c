"""The journal in memory."""

from collections.abc import Sequence
from dataclasses import replace

from minibot.adapters.storage.in_memory.rows import Rows, StepRow, UndoableRow
from minibot.adapters.storage.rules import refuse_ill_recorded
from minibot.core.errors import IllegalTransition
from minibot.core.journal import CallRecord, StepRecord
from minibot.core.ports import CallOutcome, Clock
from minibot.core.tools import CallState


class InMemoryJournal:
    """The journal of a process that may forget it."""

    def __init__(self, rows: Rows, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock

    async def steps(self, inbox_id: int) -> list[StepRecord]:
        return [row.step for row in self._rows.steps.get(inbox_id, ())]

    async def add_step(self, inbox_id: int, step: StepRecord) -> None:
        refuse_ill_recorded(step)
        rows = self._rows.steps.setdefault(inbox_id, [])
        if any(row.step.number == step.number for row in rows):
            raise IllegalTransition(f"step {step.number} of m{inbox_id} is recorded already")
        rows.append(StepRow(step=step, created_at=self._clock.now()))
        rows.sort(key=lambda row: row.step.number)

    async def start(self, inbox_id: int, step: int, call_id: str) -> None:
        row, call = self._find(inbox_id, step, call_id, None)
        _put(row, replace(call, state=CallState.STARTED))

    async def finish(self, inbox_id: int, step: int, call_id: str, outcome: CallOutcome) -> None:
        row, call = self._find(inbox_id, step, call_id, CallState.STARTED)
        undo = outcome.undo
        ended = replace(
            call,
            state=CallState.UNKNOWN if outcome.unknown else CallState.FINISHED,
            result=outcome.result,
            untrusted=outcome.untrusted,
            undo_token="" if undo is None else undo.token,
        )
        _put(row, ended)
        if undo is not None:
            self._rows.undoables[undo.token] = UndoableRow(undoable=undo)

    def _find(
        self, inbox_id: int, step: int, call_id: str, state: CallState | None
    ) -> tuple[StepRow, CallRecord]:
        for row in self._rows.steps.get(inbox_id, ()):
            for call in row.step.calls:
                if (row.step.number, call.call.id, call.state) == (step, call_id, state):
                    return row, call
        raise IllegalTransition(
            f"the call {call_id} in step {step} of m{inbox_id} is not where it could go on from"
        )


def _put(row: StepRow, changed: CallRecord) -> None:
    row.step = replace(row.step, calls=_with(row.step.calls, changed))


def _with(calls: Sequence[CallRecord], changed: CallRecord) -> tuple[CallRecord, ...]:
    return tuple(changed if call.call.id == changed.call.id else call for call in calls)
