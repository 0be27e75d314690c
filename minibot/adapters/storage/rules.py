"""Rules every storage follows: where a turn may leave its message, what is kept how long."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from minibot.adapters.storage.journal_codec import ENDED
from minibot.core.approvals import Approval, ApprovalState, Refusal, Verdict
from minibot.core.errors import IllegalTransition
from minibot.core.events import MessageAccepted
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.journal import StepRecord
from minibot.core.messages import IncomingMessage
from minibot.core.ports import SaidPart, TurnResult

FINAL_STATES = frozenset(
    {InboxState.DONE, InboxState.IGNORED, InboxState.CANCELLED, InboxState.DEAD}
)

LIST_LIMIT = 1000
"""Rows of one answer at the most, whatever is asked for."""

DEAD_DAYS = 30
"""How long what was given up can be looked at and put back."""


def refuse_unfinished(result: TurnResult) -> None:
    """Refuse a result that does not end its item; giving one back is for the inbox.

    Raises:
        IllegalTransition: the state is not a final one.
    """
    if result.state not in FINAL_STATES:
        raise IllegalTransition(f"a turn cannot leave its message as {result.state}")


def with_items(
    accepted: Sequence[MessageAccepted], claimed: Sequence[InboxItem | datetime | None]
) -> list[MessageAccepted]:
    """Put claimed items into their events; one that was stored before gets an event of its own."""
    events = {event.inbox_id: event for event in accepted}
    for item in claimed:
        if isinstance(item, InboxItem):
            events[item.id] = MessageAccepted(
                inbox_id=item.id, conversation=item.conversation, urgent=False, item=item
            )
    return sorted(events.values(), key=lambda event: event.inbox_id)


def refuse_ill_recorded(step: StepRecord) -> None:
    """Refuse a step of which two calls go by one id, or a result and its state disagree.

    Raises:
        IllegalTransition: it is such a step.
    """
    if len({each.call.id for each in step.calls}) < len(step.calls):
        raise IllegalTransition(f"two calls of step {step.number} go by one id")
    for each in step.calls:
        if (each.state in ENDED) != (each.result is not None):
            raise IllegalTransition(
                f"the call {each.call.id} cannot be {each.state or 'asked for'} "
                f"{'without a' if each.result is None else 'with a'} result"
            )


def refusal_of_press(
    *, presser: str, belongs_to: str, over: bool, expires_at: datetime, now: datetime
) -> Refusal | None:
    """Say why a button does nothing; None when it does something.

    Args:
        over: True when it was pressed before.
    """
    if presser != belongs_to:
        return Refusal.NOT_YOURS
    if over:
        return Refusal.DECIDED
    return Refusal.EXPIRED if expires_at <= now else None


def refusal_of_answer(approval: Approval, presser: str, now: datetime) -> Refusal | None:
    """Say why a question cannot be answered; None when it can."""
    refusal = refusal_of_press(
        presser=presser,
        belongs_to=approval.request.person_id,
        over=approval.state in (ApprovalState.APPROVED, ApprovalState.DENIED),
        expires_at=approval.request.expires_at,
        now=now,
    )
    withdrawn = approval.state is ApprovalState.EXPIRED
    return Refusal.EXPIRED if refusal is None and withdrawn else refusal


def answered(verdict: Verdict) -> ApprovalState:
    """Give the state an answer brings a question to."""
    return ApprovalState.DENIED if verdict is Verdict.DENY else ApprovalState.APPROVED


def takes_in_edits(message: IncomingMessage) -> bool:
    """Say whether a message can be edited by its person while it waits."""
    return message.is_new or message.edited


def as_edited(message: IncomingMessage, edit: IncomingMessage) -> IncomingMessage:
    """Give a message in its new form; when it was sent, and what it was, stays."""
    if edit.sender.id != message.sender.id:
        return message
    return replace(edit, sent_at=message.sent_at, edited=message.edited)


def shown_part(parts: Sequence[SaidPart]) -> SaidPart | None:
    """Of the parts that went to one message, oldest first, give the one that it shows.

    Those without a text changed nothing but buttons.
    """
    for said in reversed(parts):
        if said.part is not None and said.part.removes:
            return None
        if said.part is None or said.part.text or said.part.file is not None:
            return said
    return None
