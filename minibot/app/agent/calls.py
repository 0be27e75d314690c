"""Runs the tools a model calls: allowed, in time, side by side, and recorded."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from minibot.app.agent.approval_desk import ApprovalDesk
from minibot.app.agent.doing import doing
from minibot.app.agent.limits import TurnBudget
from minibot.app.agent.tool_context import tool_context, undoable_of
from minibot.app.crash_points import CrashPoints
from minibot.app.pipeline import TurnContext
from minibot.app.uninterrupted import uninterrupted
from minibot.core.errors import (
    StorageError,
    StorageUnavailable,
    ToolArgumentsInvalid,
    ToolFailed,
)
from minibot.core.journal import CallRecord, StepRecord
from minibot.core.ports import CallOutcome, Clock, Journal, Tool
from minibot.core.tools import CallState, ToolResult, needs_approval

log = logging.getLogger(__name__)

UNKNOWN = (
    "It is not known whether this call took effect, because I was interrupted. Do not repeat it; "
    "tell the person."
)
REFUSED = "The person did not allow this call. Do not try it again; go on without it."
GONE = "Error: this tool is not available any more."
CUT = "\n[… the rest was cut …]"
RETRY_PAUSE_SECONDS = 0.5
STORAGE_PAUSE_SECONDS = 0.5
"""Wait before a record that could not be written is offered again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step whose calls are to be run."""

    context: TurnContext
    record: StepRecord
    tools: Mapping[str, Tool]
    tainted: bool
    """True when what is before the model may have told it to call."""
    resumed: bool
    """True when another process, or another attempt, was at it before."""
    budget: TurnBudget


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    """What one try of a tool came to."""

    outcome: str
    result: ToolResult
    again: bool = False
    """True when another try may help and cannot hurt."""


class CallRunner:
    """Runs the calls of one step."""

    def __init__(
        self, journal: Journal, desk: ApprovalDesk, *, clock: Clock, crash_points: CrashPoints
    ) -> None:
        self._journal = journal
        self._desk = desk
        self._clock = clock
        self._crash_points = crash_points

    async def run(self, step: Step) -> StepRecord:
        """Bring every call to its end; those that have one already keep it."""
        try:
            async with asyncio.TaskGroup() as group:
                running = [
                    group.create_task(self._finish(step, call)) for call in step.record.calls
                ]
        except* StorageError as failed:
            raise failed.exceptions[0] from None
        return replace(step.record, calls=tuple(task.result() for task in running))

    async def _finish(self, step: Step, call: CallRecord) -> CallRecord:
        if call.state in (CallState.FINISHED, CallState.UNKNOWN):
            return call
        tool = step.tools.get(call.call.name)
        again = step.resumed and call.state is CallState.STARTED
        if again and not (tool and tool.traits.repeatable):
            return await self._record(step, call, ToolResult(text=UNKNOWN), unknown=True)
        allowed = tool is None or await self._allowed(step, call, tool)
        if call.state is None:
            await self._journal.start(step.context.item.id, step.record.number, call.call.id)
        if tool is None:
            return await self._record(step, call, ToolResult(text=GONE))
        if not allowed:
            return await self._record(step, call, ToolResult(text=REFUSED))
        with step.context.progress.shown(call.call.id, doing(tool.spec.name)):
            result = await self._execute(step, call, tool)
        self._crash_points.reach("P4")
        untrusted = tool.traits.untrusted or result.untrusted
        return await self._record(step, call, result, untrusted=untrusted)

    async def _allowed(self, step: Step, call: CallRecord, tool: Tool) -> bool:
        """Ask for permission where it is due; an answer that was given before counts.

        What is recorded as not begun waits for it, even when the reason is forgotten by now.
        What is to be repeated may have been denied just before the process died.
        """
        if call.state is CallState.STARTED:
            tainted = step.resumed and step.tainted
            if not (tainted and needs_approval(tool.traits, tainted=True)):
                return True
        began = self._clock.monotonic()
        allowed = await self._desk.obtain(
            step.context.item,
            f"{step.record.number}:{call.call.id}",
            tool,
            call.call.arguments,
            seconds=step.context.settings.tools.approval_seconds,
        )
        step.budget.pause(self._clock.monotonic() - began)
        return allowed

    async def _execute(self, step: Step, call: CallRecord, tool: Tool) -> ToolResult:
        limits = step.context.settings.tools
        started = time.monotonic()
        for attempt in range(1, limits.retry_attempts + 1):
            tried = await self._try(step, call, tool)
            if not tried.again or attempt == limits.retry_attempts:
                break
            await self._clock.sleep(RETRY_PAUSE_SECONDS)
        log.info(
            "tool finished",
            extra={
                "tool": tool.spec.name,
                "outcome": tried.outcome,
                "attempts": attempt,
                "seconds": round(time.monotonic() - started, 3),
            },
        )
        return replace(tried.result, text=_capped(tried.result.text, limits.max_output_characters))

    async def _try(self, step: Step, call: CallRecord, tool: Tool) -> _Try:
        seconds = tool.traits.timeout_seconds or step.context.settings.tools.timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                result = await tool.run(
                    call.call.arguments, tool_context(step.context, self._clock.now())
                )
            return _Try(outcome="done", result=result)
        except ToolFailed as error:
            return _Try(outcome="failed", result=_error(str(error)), again=error.transient)
        except ToolArgumentsInvalid as error:  # which no schema can tell
            return _Try(outcome="failed", result=_error(str(error)))
        except TimeoutError:
            text = f"there was no answer within {seconds:g} s"
            if not tool.traits.repeatable:
                text += "; it is not known whether it took effect, so do not repeat it"
            return _Try(outcome="timeout", result=_error(text), again=tool.traits.repeatable)
        except StorageError as error:
            log.exception("the storage failed a tool", extra={"tool": tool.spec.name})
            return _Try(outcome="failed", result=_error(f"the storage failed: {error}"))
        # A boundary: a tool's bug is an answer to the model, and never the end of a turn.
        except Exception:
            log.exception("a tool broke", extra={"tool": tool.spec.name})
            return _Try(outcome="broken", result=_error("this tool is broken"))

    async def _record(
        self,
        step: Step,
        call: CallRecord,
        result: ToolResult,
        *,
        untrusted: bool = False,
        unknown: bool = False,
    ) -> CallRecord:
        """Keep what came of a call. That it happened must not be lost with a cancelled turn."""
        undo = undoable_of(result, step.context, self._clock.now())
        outcome = CallOutcome(result=result, untrusted=untrusted, unknown=unknown, undo=undo)
        while True:
            try:
                await uninterrupted(
                    self._journal.finish(
                        step.context.item.id, step.record.number, call.call.id, outcome
                    )
                )
                break
            except StorageUnavailable:
                log.exception("storage failed; what a tool did is kept and offered again")
                await self._clock.sleep(STORAGE_PAUSE_SECONDS)
        return replace(
            call,
            state=CallState.UNKNOWN if unknown else CallState.FINISHED,
            result=result,
            untrusted=untrusted,
            undo_token=undo.token if undo else "",
        )


def _error(text: str) -> ToolResult:
    return ToolResult(text=f"Error: {text}")


def _capped(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[:characters] + CUT
