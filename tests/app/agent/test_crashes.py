"""A process that dies at any moment of a turn: what the ones after it may and may not repeat.

The turn reads and changes something side by side, reads what strangers wrote, and changes
something else, which its person then has to allow.
"""

import asyncio
from collections.abc import AsyncGenerator
from enum import Enum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minibot.app.agent.calls import UNKNOWN
from minibot.core.approvals import ApprovalState
from minibot.core.conversation import is_legal
from minibot.core.inbox import InboxState
from minibot.core.llm import CompletionRequest, StreamEvent
from tests.app.agent.answers import call, calls, says
from tests.app.agent.assistant import Assistant
from tests.app.agent.tools import change, fetcher, reader, writer
from tests.app.faulty_storage import Killed
from tests.fakes import ScriptedModel, make_settings

ONCE = "o"
STEPS = (
    calls(call("look"), call("note", what="tea"), text="Let me see."),
    calls(call("fetch", url="https://example.org")),
    calls(call("save", what="milk"), call("look", at="sofa")),
)
ANSWER = "All done."


class End(Enum):
    """How a process ends."""

    DEATH = "death"
    SHUTDOWN = "shutdown"


class Knowing(ScriptedModel):
    """A model that goes by what it is shown, as models do."""

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent, None]:
        done = sum(bool(entry.tool_calls) for entry in request.messages)
        self.answers.append(STEPS[done] if done < len(STEPS) else says(ANSWER))
        async for event in super().stream(request):
            yield event


class Installation:
    """One message, through as many processes as it takes."""

    def __init__(self) -> None:
        self.note = writer("note", change("tea", undo=False))
        self.save = writer("save", change("milk", undo=False))
        self._tools = (reader(), self.note, fetcher(), self.save)
        self.model = Knowing()
        patient = make_settings(tools={"approval_seconds": 36_000})
        self.process = Assistant(*self._tools, model=self.model, settings=patient)
        self.item_id = 0

    async def receive(self) -> None:
        self.item_id = (await self.process.take("do it")).id

    async def live(self, moment: int = 0, *, end: End = End.DEATH) -> bool:
        """Be a process that ends at this moment, from 1; says whether its turn did before."""
        before = self.process.rig
        if before.state(self.item_id) is InboxState.DONE:
            return True
        self.process = Assistant(
            *self._tools,
            model=self.model,
            settings=before.live.current,
            rows=before.rows,
            clock=before.clock,
        )
        await self.process.chain.open()
        item = await self.process.recover()
        faults = self.process.rig.faults
        turn = asyncio.create_task(self.process.run(item))
        faults.interrupt_at(moment, faults.kill if end is End.DEATH else turn.cancel)
        await self._agree_until_over(turn)
        died, faults.killed = faults.killed, False
        return not (died or turn.cancelled())

    async def _agree_until_over(self, turn: "asyncio.Task[bool]") -> None:
        while not turn.done():
            for token in self._open_questions():
                try:
                    await self.process.desk.decide(token, "42", ONCE)
                except Killed:
                    turn.cancel()
            await asyncio.sleep(0)
        if not turn.cancelled() and not self.process.rig.faults.killed:
            turn.result()

    def _open_questions(self) -> list[str]:
        rows = self.process.rig.rows
        return [
            token
            for token, question in rows.approvals.items()
            if question.state is ApprovalState.PENDING
            and f"approval:{token}" in rows.part_ids_by_key
        ]

    async def check(self) -> None:
        """See that nothing was done twice, lost or mixed up."""
        rig = self.process.rig
        rig.faults.kill_at(0)
        assert rig.state(self.item_id) is InboxState.DONE
        assert all(is_legal(request.messages) for request in self.model.requests)
        assert is_legal(await self.process.remembered())
        steps = await self.process.steps(self.item_id)
        assert [step.number for step in steps] == [0, 1, 2]
        results = {
            each.call.name: each.result.text if each.result else None
            for step in steps
            for each in step.calls
        }
        assert None not in results.values()
        for tool, done in ((self.note, "changed tea"), (self.save, "changed milk")):
            assert results[tool.spec.name] in (done, UNKNOWN)
            assert len(tool.effects) <= 1
            assert len(tool.effects) == 1 or results[tool.spec.name] == UNKNOWN
        (answer,) = (
            row.part.part.text for row in rig.rows.outbox.values() if row.part.key == "inbox:1:0"
        )
        assert answer.startswith(ANSWER)
        for receipt in ("tea", "milk"):
            known = f"changed {receipt}" in results.values()
            assert (f"Changed **{receipt}**" in answer) is known
        questions = [row.part for row in rig.rows.outbox.values() if "approval" in row.part.key]
        assert len(questions) == 1, "nobody is asked twice"


async def through(*moments: int, end: End = End.DEATH) -> bool:
    """Live through these ends and to the end of the turn; False when a process outlived its."""
    installation = Installation()
    await installation.receive()
    for moment in moments:
        if await installation.live(moment, end=end):
            await installation.check()
            return False
    while not await installation.live():
        pass
    await installation.check()
    return True


@pytest.mark.parametrize("end", list(End))
async def test_no_moment_of_a_turn_is_a_bad_one_to_end(end: End) -> None:
    moment = 1
    while await through(moment, end=end):
        moment += 1
    assert moment > 30, "so many moments there are at least"


@settings(max_examples=60, deadline=None)
@given(moments=st.lists(st.integers(1, 35), min_size=2, max_size=6), end=st.sampled_from(End))
async def test_no_row_of_ends_does_harm(moments: list[int], end: End) -> None:
    await through(*moments, end=end)
