"""What a turn changed, as the person is told it: receipts, buttons to undo, files."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace

from minibot.app.pipeline import Answer
from minibot.core.errors import StorageError
from minibot.core.journal import CallRecord, StepRecord
from minibot.core.messages import Button
from minibot.core.ports import Journal
from minibot.core.texts import Texts

log = logging.getLogger(__name__)

UNDO_PRESS = "un"
"""First part of the data of buttons that take something back: ``un:<n>:<token>``, where n is
``1`` for the only button of its message."""


def undo_button(token: str, texts: Texts, *, alone: bool, number: int | None = None) -> Button:
    """Make the button that takes something back.

    Args:
        alone: it is the only button of its message.
        number: of the receipt it belongs to, where there are several.
    """
    label = texts.take_back if number is None else texts.take_back_one.format(number=number)
    return Button(label=label, data=f"{UNDO_PRESS}:{'1' if alone else 'n'}:{token}")


def with_receipts(answer: Answer, steps: Sequence[StepRecord], texts: Texts) -> Answer:
    """Tell in an answer what its turn changed."""
    changes = [call for call in _calls(steps) if call.result and call.result.receipt]
    receipts = [call.result.receipt for call in changes if call.result]
    if len(receipts) > 1:
        # Escaped: behind a numbered list of the model they would go on counting there.
        receipts = [f"{number}\\. {receipt}" for number, receipt in enumerate(receipts, start=1)]
    told = "\n".join(receipts)
    return replace(
        answer,
        markdown="\n\n".join(text for text in (answer.markdown, told) if text),
        receipts=told,
        buttons=_undo_buttons(changes, texts),
        files=tuple(file for call in _calls(steps) if call.result for file in call.result.files),
    )


async def with_leftovers(answer: Answer, journal: Journal, inbox_id: int, texts: Texts) -> Answer:
    """Tell in the end of a turn that came to no answer what it changed before.

    A turn has to end, so nothing is told when the journal cannot be read.
    """
    try:
        steps = await journal.steps(inbox_id)
    except StorageError:
        log.exception("what a turn changed is not told", extra={"inbox_id": inbox_id})
        return answer
    if not any(call.result and call.result.receipt for call in _calls(steps)):
        return answer
    heading = "\n\n".join(text for text in (answer.markdown, texts.done_by_then) if text)
    return replace(with_receipts(replace(answer, markdown=heading), steps, texts), files=())


def _undo_buttons(changes: Sequence[CallRecord], texts: Texts) -> tuple[tuple[Button, ...], ...]:
    """Give a button for everything that can be taken back, numbered as the receipts are."""
    undoable = [(n, call.undo_token) for n, call in enumerate(changes, 1) if call.undo_token]
    return tuple(
        (
            undo_button(
                token,
                texts,
                alone=len(undoable) == 1,
                number=number if len(changes) > 1 else None,
            ),
        )
        for number, token in undoable
    )


def _calls(steps: Sequence[StepRecord]) -> Iterator[CallRecord]:
    return (call for step in steps for call in step.calls)
