"""The turn loop: ask the model, run what it calls, ask again, until it speaks."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from minibot.app.agent.calls import CallRunner, Step
from minibot.app.agent.promise_gate import Draft, left_open, owned_up, unbacked_promise
from minibot.app.agent.prompt import Prompt, fitted
from minibot.app.agent.turn_state import TurnState
from minibot.app.crash_points import CrashPoints
from minibot.app.model_chain import Asked, ModelChain, Place
from minibot.core.errors import ModelError, ToolArgumentsInvalid, TurnLimit
from minibot.core.journal import CallRecord, StepRecord
from minibot.core.llm import (
    Completion,
    CompletionRequest,
    Role,
    StreamEvent,
    ToolCall,
    Utterance,
)
from minibot.core.ports import Journal, Tool
from minibot.core.settings import ModelPrices
from minibot.core.tools import CallState, ToolResult, needs_approval

log = logging.getLogger(__name__)

CLOSING = (
    "No more tools may be called in this turn: {limit}. Answer now with what you have, and say "
    "what is missing."
)
UNKNOWN_PRICES = ModelPrices()
WORDLESS = "I stopped, because {limit}, and have nothing to show for it. Please ask again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """How a turn ended: the model's last answer."""

    completion: Completion
    limit: str = ""
    """What ended it early, in words; empty when nothing did."""
    stopped: bool = False
    """True when its person stopped it in the middle of this."""


class TurnLoop:
    """Works on one turn at a time for each conversation; holds nothing between them."""

    def __init__(
        self,
        chain: ModelChain,
        journal: Journal,
        runner: CallRunner,
        *,
        crash_points: CrashPoints,
    ) -> None:
        self._chain = chain
        self._journal = journal
        self._runner = runner
        self._crash_points = crash_points

    async def resume(self, turn: TurnState) -> None:
        """Take over what was done for this message before, behind the last finished step."""
        steps = await self._journal.steps(turn.context.item.id)
        if not steps:
            return
        prices = {model.title: model.prices for model in turn.context.settings.llm.chain}
        for step in steps:
            turn.keep(step)
            turn.models.append(step.model)
            turn.budget.take_over(step, prices.get(step.model, UNKNOWN_PRICES))
        turn.context.progress.acted = True
        log.info("a turn goes on where it was", extra={"steps": len(turn.steps)})

    async def run(self, turn: TurnState) -> Spoken:
        """Work until the model speaks. Raises `ModelError`."""
        try:
            if (unfinished := turn.unfinished) is not None:
                await self._execute(turn, unfinished, resumed=True)
            completion = await self._work(turn)
            if promise := self._unbacked(turn, completion):
                completion = await self._given_back(turn, completion, promise)
            return Spoken(completion=completion)
        except TurnLimit as limit:
            log.warning("a turn reached its limit", extra={"limit": str(limit)})
            return await self._last_word(turn, str(limit))

    async def _work(self, turn: TurnState, draft: Draft | None = None) -> Completion:
        """Ask and run what is called until the model speaks."""
        while True:
            turn.budget.begin_step()
            if turn.steps:
                await turn.hear()
            asked = await self._query(turn, draft=draft)
            if not asked.completion.tool_calls:
                return asked.completion
            await self._execute(turn, await self._note_step(turn, asked), resumed=False)

    async def _given_back(
        self, turn: TurnState, completion: Completion, promise: str
    ) -> Completion:
        """Have an answer that promises what is not scheduled mended, once.

        Nothing of this is recorded: a turn that is run again asks anew. The draft is an answer
        all the same: where there is no way to a better one, it goes out with a word about it.
        """
        log.info("an answer promises what is not scheduled", extra={"steps": len(turn.steps)})
        draft = Draft(
            completion=completion, promise=promise, steps=len(turn.steps), work=len(turn.work())
        )
        try:
            mended = await self._work(turn, draft)
        except (TurnLimit, ModelError) as error:
            if len(turn.steps) > draft.steps:
                raise
            log.warning("a promise stays unmended", extra={"problem": str(error)})
            return owned_up(completion, promise)
        if not mended.text.strip() and len(turn.steps) == draft.steps:
            return owned_up(completion, promise)
        broken = self._unbacked(turn, mended)
        return owned_up(mended, broken) if broken else mended

    async def _query(
        self, turn: TurnState, *, closing: str = "", draft: Draft | None = None
    ) -> Asked:
        work = turn.work()

        def build(place: Place) -> CompletionRequest:
            shown = work
            if draft is not None:
                can_schedule = place.tools and not left_open(turn.steps)
                shown = draft.shown(work, draft.instruction(turn.tools if can_schedule else {}))
            prompt = Prompt(
                context=turn.context.settings.llm.context,
                past=turn.past,
                question=turn.question,
                work=shown,
                facts=turn.facts,
                summary=turn.summary,
                chat=turn.chat,
                closing=closing,
            )
            request = fitted(prompt, place, turn.specs)
            turn.exchanges = _exchanges(request.messages, prompt)
            return request

        progress = turn.context.progress
        progress.begin_step()

        def observe(event: StreamEvent) -> None:
            self._crash_points.reach("P3")
            if turn.first_sign_at is None:
                turn.first_sign_at = turn.budget.clock.now()
            progress.observe(event)

        asked = await self._chain.ask(build, observe, first=turn.chat.model)
        progress.is_over = not asked.completion.tool_calls
        turn.budget.spend(asked.completion.usage, asked.model.prices)
        turn.models.append(asked.model.title)
        turn.unseen = "" if asked.vision or not turn.question.pictures else asked.model.title
        return asked

    async def _note_step(self, turn: TurnState, asked: Asked) -> StepRecord:
        """Record what the model wants done, before anything of it is."""
        calls = asked.completion.tool_calls
        step = StepRecord(
            number=len(turn.steps),
            text=asked.completion.text,
            calls=tuple(_checked(call, turn.tools, tainted=turn.tainted) for call in calls),
            usage=asked.completion.usage,
            model=asked.model.title,
        )
        await self._journal.add_step(turn.context.item.id, step)
        turn.keep(step)
        return step

    async def _execute(self, turn: TurnState, step: StepRecord, *, resumed: bool) -> None:
        done = await self._runner.run(
            Step(
                context=turn.context,
                record=step,
                tools=turn.tools,
                tainted=turn.tainted_before,
                resumed=resumed,
                budget=turn.budget,
            )
        )
        turn.keep(done)
        # Judged behind the calls that were sound: they are recorded as begun.
        if not resumed and any(each.result is not None for each in step.calls):
            turn.budget.note_bad_arguments()
        for each in done.calls:
            turn.budget.note_result(each.call, each.result.text if each.result else "")

    async def _last_word(self, turn: TurnState, limit: str) -> Spoken:
        asked = await self._query(turn, closing=CLOSING.format(limit=limit))
        completion = asked.completion
        if not completion.text.strip():
            completion = Completion(text=WORDLESS.format(limit=limit), usage=completion.usage)
        if promise := self._unbacked(turn, completion):
            completion = owned_up(completion, promise)
        return Spoken(completion=completion, limit=limit)

    def _unbacked(self, turn: TurnState, completion: Completion) -> str:
        """Find a promise that nothing stands behind; a job that repeats stands behind its own."""
        work = turn.context.message.work
        if work is not None and work.repeats:
            return ""
        return unbacked_promise(completion.text, turn.steps)


def _exchanges(messages: Sequence[Utterance], prompt: Prompt) -> int:
    """Count the exchanges of the past in a request."""
    asked = [entry.role for entry in prompt.work].count(Role.USER) + 1 + bool(prompt.closing)
    return [entry.role for entry in messages].count(Role.USER) - asked


def _checked(call: ToolCall, tools: Mapping[str, Tool], *, tainted: bool) -> CallRecord:
    """Make a call one that can be run, or answer it with what is wrong with it."""
    tool = tools.get(call.name)
    if tool is None:
        known = ", ".join(sorted(tools)) or "none"
        return _answered(call, f"Error: there is no tool {call.name!r}. There are: {known}.")
    try:
        arguments = tool.check(call.arguments)
    except ToolArgumentsInvalid as error:
        return _answered(call, f"Error: {error}")
    sound = ToolCall(id=call.id, name=call.name, arguments=arguments, signature=call.signature)
    waits = needs_approval(tool.traits, tainted=tainted)
    return CallRecord(call=sound, state=None if waits else CallState.STARTED)


def _answered(call: ToolCall, problem: str) -> CallRecord:
    return CallRecord(call=call, state=CallState.FINISHED, result=ToolResult(text=problem))
