"""A turn: a claimed item goes through the pipeline, and what came of it is recorded."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from minibot.app.agent.receipts import with_leftovers
from minibot.app.handlers.stopping import stopped_buttons
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.app.recorder import Recorder
from minibot.app.running_turns import (
    RunningTurns,
    TurnBegunAnew,
    TurnStopped,
    aside_name,
    work_name,
)
from minibot.app.uninterrupted import uninterrupted
from minibot.app.wording import Wording, in_own_language
from minibot.core.errors import StorageError
from minibot.core.inbox import MAX_ATTEMPTS, InboxItem, InboxState
from minibot.core.log_context import bind
from minibot.core.ports import Journal, SettingsSource

log = logging.getLogger(__name__)

STOPPED = "stopped by the person"


class TurnRunner:
    """Implements `minibot.app.dispatcher.RunTurn`."""

    def __init__(
        self,
        handle: Handler,
        *,
        recorder: Recorder,
        journal: Journal,
        running: RunningTurns,
        settings: SettingsSource,
        on_stopped: Callable[[int], Awaitable[None]],
        wording: Wording = in_own_language,
    ) -> None:
        """`on_stopped` is told the inbox id of a turn that its person stopped."""
        self._handle = handle
        self._recorder = recorder
        self._journal = journal
        self._on_stopped = on_stopped
        self._running = running
        self._settings = settings
        self._wording = wording

    async def run(self, item: InboxItem) -> bool:
        """Run a turn; False when the item went back, to be run again."""
        with bind(
            request_id=item.reference,
            conversation=item.conversation,
            user_id=item.message.sender.id,
        ):
            context = TurnContext(item=item, settings=self._settings.current)
            try:
                return await self._run(context)
            except asyncio.CancelledError:
                await uninterrupted(self._recorder.give_back(item, context.joined))
                raise

    async def bury(self, item: InboxItem) -> None:
        """Give up an item that killed the process too often, and tell its person."""
        problem = f"the process died {item.crashes} times with this message in hand"
        await self._give_up(item, self._wording(item.message).kept_breaking, problem)

    async def _run(self, context: TurnContext) -> bool:
        item, started = context.item, time.monotonic()
        try:
            answer = await self._answer(context)
            if answer.problem and answer.state is InboxState.DONE:
                answer = await self._with_leftovers(answer, item)
            finished = await self._recorder.finish(item, answer, context.joined)
            _log_end(answer, time.monotonic() - started)  # the answer does not wait for the line
            return finished
        except TurnBegunAnew:
            await self._recorder.give_back(item, context.joined)
            return False
        except Exception as error:
            log.exception("a turn failed", extra={"failures": item.failures})
            return await self._after_failure(context, f"{type(error).__name__}: {error}")

    async def _answer(self, context: TurnContext) -> Answer:
        item = context.item
        if item.message.press is not None:
            return await self._handle(context)
        try:
            return await self._running.run(_name_of(item), _start(self._handle, context))
        except TurnStopped:
            try:
                await self._on_stopped(item.id)
            except StorageError:  # what a person stopped must not run again for that
                log.exception("the end of a turn was not heard", extra={"inbox_id": item.id})
            if (said := _said_so_far(context, self._wording)) is not None:
                return said
            stopped = Answer(state=InboxState.CANCELLED, problem=STOPPED)
            return await self._with_leftovers(stopped, item)

    async def _after_failure(self, context: TurnContext, problem: str) -> bool:
        item = context.item
        if item.failures < MAX_ATTEMPTS:
            await self._recorder.postpone(item, problem, context.joined)
            return False
        reason = self._wording(item.message).gave_up
        await self._give_up(item, reason, problem, context.joined)
        return True

    async def _give_up(
        self, item: InboxItem, reason: str, problem: str, joined: Sequence[InboxItem] = ()
    ) -> None:
        log.error("a message is given up", extra={"inbox_id": item.id, "problem": problem})
        texts = self._wording(item.message)
        text = texts.apology.format(reason=reason, reference=item.reference)
        answer = Answer(markdown=text, state=InboxState.DEAD, problem=problem)
        answer = await self._with_leftovers(answer, item)
        await self._recorder.finish(item, answer, joined)

    async def _with_leftovers(self, answer: Answer, item: InboxItem) -> Answer:
        return await with_leftovers(answer, self._journal, item.id, self._wording(item.message))


def _said_so_far(context: TurnContext, wording: Wording) -> Answer | None:
    """Make an answer of what was said when a turn was stopped; None when that is nothing."""
    progress = context.progress
    if progress.finish is None or not progress.text.strip():
        return None
    said = progress.finish(progress.text)
    return replace(
        said,
        state=InboxState.CANCELLED,
        problem=STOPPED,
        replaces=progress.bubble,
        buttons=(*said.buttons, *stopped_buttons(context.item.id, wording(context.message))),
    )


def _name_of(item: InboxItem) -> str:
    """Name what runs, so that it can be stopped; in its line a conversation has one turn."""
    if (work := item.message.work) is not None:
        return work_name(work.id)
    return aside_name(item.id) if item.urgent else item.conversation


def _log_end(answer: Answer, seconds: float) -> None:
    """Write one line a turn, with what came of it and how long it took, its record included."""
    log.info(
        "turn finished",
        extra={
            "outcome": answer.state.value,
            "seconds": round(seconds, 3),
            "characters": len(answer.markdown),
        },
    )


async def _start(handle: Handler, context: TurnContext) -> Answer:
    return await handle(context)
