"""The turn loop: ask the model, run what it calls, ask again, until it speaks."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from minibot.app.agent.calls import CallRunner, Step
from minibot.app.agent.prompt import Prompt, fitted
from minibot.app.agent.turn_state import TurnState
from minibot.app.crash_points import CrashPoints
from minibot.app.model_chain import Asked, ModelChain
from minibot.core.errors import ToolArgumentsInvalid, TurnLimit
from minibot.core.journal import CallRecord, StepRecord
from minibot.core.llm import Completion, StreamEvent, ToolCall
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
            turn.budget.take_over(step, prices.get(step.model, UNKNOWN_PRICES))
        log.info("a turn goes on where it was", extra={"steps": len(turn.steps)})

    async def run(self, turn: TurnState) -> Spoken:
        """Work until the model speaks. Raises `ModelError`."""
        try:
            if (unfinished := turn.unfinished) is not None:
                await self._execute(turn, unfinished, resumed=True)
            while True:
                turn.budget.begin_step()
                asked = await self._query(turn)
                if not asked.completion.tool_calls:
                    return Spoken(completion=asked.completion)
                await self._execute(turn, await self._note_step(turn, asked), resumed=False)
        except TurnLimit as limit:
            log.warning("a turn reached its limit", extra={"limit": str(limit)})
            return await self._last_word(turn, str(limit))

    async def _query(self, turn: TurnState, *, closing: str = "") -> Asked:
        prompt = Prompt(
            context=turn.context.settings.llm.context,
            past=turn.past,
            question=turn.question,
            work=turn.work(),
            facts=turn.facts,
            summary=turn.summary,
            closing=closing,
        )
        specs = turn.specs
        asked = await self._chain.ask(lambda place: fitted(prompt, place, specs), self._observe)
        turn.budget.spend(asked.completion.usage, asked.model.prices)
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
        return Spoken(completion=completion, limit=limit)

    def _observe(self, _event: StreamEvent) -> None:
        self._crash_points.reach("P3")


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
