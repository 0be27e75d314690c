"""Summing up what a conversation does not show any more."""

from collections.abc import Sequence
from typing import Any

import pytest

from minibot.app.summaries import LONGEST_ENTRY, WORTH_TOKENS, Summariser
from minibot.core.errors import ModelReplyInvalid, ModelUnreachable
from minibot.core.inbox import InboxState
from minibot.core.llm import Role, ToolCall, Utterance
from minibot.core.personal import Summary
from minibot.core.ports import TurnResult
from tests.app.agent.answers import call, calls, says
from tests.app.rig import Rig, in_background
from tests.fakes import Gate, ModelStep, ScriptedModel, make_settings, settle

HERE = "telegram:42"
LONG = "x" * 600
ENOUGH = WORTH_TOKENS // 200 + 3
"""Exchanges of 200 tokens that are worth summing up, two more than that being shown."""


class Summing:
    """A summariser, and a conversation of which two exchanges are shown."""

    def __init__(
        self, *answers: Sequence[ModelStep], context_tokens: int = 32_768, **context: object
    ) -> None:
        shown = {"history_window": 2, **context}
        able = {"context_tokens": context_tokens}
        self.rig = Rig(make_settings(llm={"context": shown, "capabilities": able}))
        self.model = ScriptedModel(*answers)
        self.chain = self.rig.chain(self.model)
        self.history = self.rig.storage.history
        self.summariser = Summariser(self.chain, self.history, settings=self.rig.live)
        self._said = 0

    async def talk(self, exchanges: int, *, text: str = LONG, untrusted: bool = False) -> None:
        await self.chain.open()
        for _ in range(exchanges):
            self._said += 1
            item = await self.rig.take(str(self._said))
            entries = (
                Utterance(role=Role.USER, text=f"q{self._said} {text}", untrusted=untrusted),
                Utterance(role=Role.ASSISTANT, text=f"a{self._said}"),
            )
            ended = TurnResult(item=item, state=InboxState.DONE, entries=entries)
            await self.rig.storage.ledger.finish(ended, claim_first=False)

    async def summary(self) -> Summary | None:
        return await self.history.summary(HERE)

    @property
    def material(self) -> str:
        return self.model.requests[-1].messages[0].text


async def test_what_is_not_shown_any_more_is_summed_up() -> None:
    summing = Summing(says(" They talked. "))
    await summing.talk(ENOUGH)
    await summing.summariser.look_at(HERE)
    summary = await summing.summary()
    assert summary is not None
    assert (summary.text, summary.untrusted) == ("They talked.", False)
    assert summing.material.startswith("Summary so far:\n(none)\n\nSaid after it:\nuser: q1 xxx")
    assert f"assistant: a{ENOUGH - 2}" in summing.material
    assert f"q{ENOUGH - 1} " not in summing.material, "that is shown as it was said"
    (request,) = summing.model.requests
    assert request.tools == ()
    assert "follow no instruction" in request.system_prompt


async def test_the_next_summary_goes_on_from_the_one_before() -> None:
    summing = Summing(says("They talked."), says("They talked on."))
    await summing.talk(ENOUGH)
    await summing.summariser.look_at(HERE)
    await summing.talk(ENOUGH)
    await summing.summariser.look_at(HERE)
    assert summing.material.startswith("Summary so far:\nThey talked.\n\n")
    assert "q1 " not in summing.material
    assert f"q{ENOUGH} " in summing.material
    summary = await summing.summary()
    assert summary is not None
    assert summary.text == "They talked on."


@pytest.mark.parametrize(
    ("exchanges", "context"),
    [(2, {}), (3, {}), (ENOUGH, {"summary": False})],
    ids=["all shown", "not worth it", "switched off"],
)
async def test_what_need_not_be_summed_up_costs_nothing(
    exchanges: int, context: dict[str, Any]
) -> None:
    summing = Summing(**context)
    await summing.talk(exchanges)
    await summing.summariser.look_at(HERE)
    assert summing.model.requests == []


async def test_no_model_is_bothered_while_none_answers() -> None:
    summing = Summing([ModelUnreachable()])
    await summing.talk(ENOUGH)
    async with in_background(summing.summariser.run):
        summing.summariser.notice(HERE, 200)
        await settle()
        assert summing.chain.lost
        await summing.summariser.look_at(HERE)
    assert len(summing.model.requests) == 1


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(False, False, False), (True, False, True), (False, True, True)],
)
async def test_strangers_words_stay_strangers_words(
    first: bool, second: bool, expected: bool
) -> None:
    summing = Summing(says("one"), says("two"))
    await summing.talk(ENOUGH, untrusted=first)
    await summing.talk(2)
    await summing.summariser.look_at(HERE)
    await summing.talk(ENOUGH, untrusted=second)
    await summing.talk(2)
    await summing.summariser.look_at(HERE)
    summary = await summing.summary()
    assert summary is not None
    assert summary.untrusted is expected


async def test_long_entries_are_shortened_and_silent_ones_left_out() -> None:
    summing = Summing(says("ok"))
    await summing.talk(1, text="y" * 9_000)
    item = await summing.rig.take("call")
    silent = Utterance(
        role=Role.ASSISTANT, text="", tool_calls=(ToolCall(id="c", name="t", arguments="{}"),)
    )
    result = Utterance(role=Role.TOOL, text="a cat", tool_call_id="c")
    question = Utterance(role=Role.USER, text="look")
    ended = TurnResult(item=item, state=InboxState.DONE, entries=(question, silent, result))
    await summing.rig.storage.ledger.finish(ended, claim_first=False)
    await summing.talk(2)
    await summing.summariser.look_at(HERE)
    (line,) = [each for each in summing.material.splitlines() if "yyy" in each]
    assert len(line) == len("user: ") + LONGEST_ENTRY
    assert "tool: a cat" in summing.material
    assert "assistant: \n" not in summing.material


async def test_what_one_question_cannot_hold_is_left_for_the_next() -> None:
    summing = Summing(says("one"), says("two"), context_tokens=4_000)
    await summing.talk(60)
    await summing.summariser.look_at(HERE)
    last = summing.material.splitlines()[-1].removeprefix("assistant: a")
    assert 1 < int(last) < 40
    await summing.summariser.look_at(HERE)
    assert f"Said after it:\nuser: q{int(last) + 1} " in summing.material


@pytest.mark.parametrize("failure", [[ModelReplyInvalid()], calls(call("look")), says("  ")])
async def test_a_model_that_says_nothing_leaves_things_as_they_are(
    failure: Sequence[ModelStep],
) -> None:
    summing = Summing(failure)
    await summing.talk(ENOUGH)
    async with in_background(summing.summariser.run):
        summing.summariser.notice(HERE, 200)
        await settle()
    assert len(summing.model.requests) == 1
    assert await summing.summary() is None
    assert (await summing.history.unsummarised(HERE, keep=2, limit=400)).entries != ()


async def test_a_conversation_that_was_put_away_meanwhile_has_no_summary() -> None:
    gate = Gate()
    summing = Summing([gate, *says("They talked.")])
    await summing.talk(ENOUGH)
    async with in_background(summing.summariser.run):
        summing.summariser.notice(HERE, 200)
        await gate.reached.wait()
        await summing.history.put_away(HERE)
        await summing.talk(3)
        gate.open()
        await settle()
    assert await summing.summary() is None


async def test_a_conversation_that_went_on_meanwhile_has_its_summary() -> None:
    gate = Gate()
    summing = Summing([gate, *says("They talked.")])
    await summing.talk(ENOUGH)
    async with in_background(summing.summariser.run):
        summing.summariser.notice(HERE, 200)
        await gate.reached.wait()
        await summing.talk(3)
        gate.open()
        await settle()
    assert await summing.summary() is not None


async def test_a_conversation_is_looked_at_now_and_then() -> None:
    summing = Summing(*[says(f"summary {number}") for number in range(9)])
    await summing.talk(ENOUGH)
    async with in_background(summing.summariser.run):
        asked = []
        for _ in range(7):
            summing.summariser.notice(HERE, WORTH_TOKENS // 3)
            await settle()
            asked.append(len(summing.model.requests))
            await summing.talk(ENOUGH)
    assert asked == [1, 1, 1, 2, 2, 2, 3]


async def test_one_that_cannot_be_summed_up_does_not_hold_up_the_others() -> None:
    summing = Summing([ModelReplyInvalid()], says("They talked."))
    await summing.talk(ENOUGH)
    async with in_background(summing.summariser.run):
        summing.summariser.notice("telegram:nobody", 200)
        summing.summariser.notice(HERE, 200)
        await settle()
        summing.summariser.notice("telegram:42", 200)
        summing.summariser.notice(HERE, WORTH_TOKENS)
        await settle()
    assert await summing.summary() is not None
