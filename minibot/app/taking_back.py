"""Takes back what was said: messages go, and what they were about is told."""

from collections.abc import Sequence
from dataclasses import replace

from minibot.app.pipeline import FormerAnswer, TurnContext
from minibot.core.exchanges import Exchange
from minibot.core.journal import StepRecord
from minibot.core.llm import Utterance
from minibot.core.messages import ChatRef, Part
from minibot.core.outbox import Draft
from minibot.core.ports import SaidPart

MARK = "↩️"
"""What is left of a message that cannot be deleted."""

QUOTED_CHARACTERS = 200

DONE_BEFORE = (
    "[You answered this before, and that answer was taken back. What you did for it stays done:\n"
    "{receipts}\n"
    "Do not do it once more. Where the message now asks for something else, change it.]"
)


def removals(
    parts: Sequence[SaidPart], key: str, chat: ChatRef, mark: str = MARK
) -> tuple[Draft, ...]:
    """Have messages deleted, or show no more than `mark`."""
    return tuple(
        Draft(
            key=f"{key}:{number}",
            chat=chat,
            part=Part(text=mark, removes=True),
            replaces=said.key,
        )
        for number, said in enumerate(parts)
    )


def receipts_of(steps: Sequence[StepRecord]) -> str:
    """Give what was changed, a line each; empty for nothing."""
    calls = (call for step in steps for call in step.calls)
    return "\n".join(call.result.receipt for call in calls if call.result and call.result.receipt)


def reminded(question: Utterance, former: FormerAnswer | None, *, untrusted: bool) -> Utterance:
    """Tell the model what it did before for the question it is asked anew."""
    if former is None or not (receipts := receipts_of(former.steps)):
        return question
    told = f"{DONE_BEFORE.format(receipts=receipts)}\n{question.text}"
    return replace(question, text=told, untrusted=question.untrusted or untrusted)


def exchange_of(context: TurnContext) -> Exchange:
    """Say whom the answer of a turn answers, and what it took the place of."""
    item, former = context.item, context.former
    asked = (item.id,) if former is None else former.questions
    return Exchange(
        item=item.id,
        questions=(*asked, *(each.id for each in context.joined)) if context.joined else asked,
        turns=() if former is None else former.exchange.all_turns,
    )


def without_last(past: Sequence[Utterance], former: FormerAnswer | None) -> Sequence[Utterance]:
    """Leave out of the history what is about to leave it."""
    if former is None or not former.exchange.entries:
        return past
    return past[: -former.exchange.entries]


def quoted(text: str) -> str:
    """Give the beginning of what somebody said, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= QUOTED_CHARACTERS else f"{line[: QUOTED_CHARACTERS - 1]}…"
