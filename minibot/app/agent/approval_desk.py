"""Asks a person, with buttons, whether a tool may run."""

import asyncio
import json
import logging
from collections.abc import Sequence
from datetime import timedelta

from minibot.core.approvals import Approval, ApprovalRequest, ApprovalState, Refusal, Verdict
from minibot.core.inbox import InboxItem
from minibot.core.messages import Button, Part
from minibot.core.outbox import Draft
from minibot.core.ports import Approvals, Clock, Tell, Tool

log = logging.getLogger(__name__)

PRESS = "ap"
"""First part of the buttons' data: ``ap:<verdict>:<token>``."""

CODES = {"o": Verdict.ONCE, "t": Verdict.TASK, "a": Verdict.ALWAYS, "n": Verdict.DENY}
LONGEST_ARGUMENT = 1_500
LONGEST_TOGETHER = 1_800
"""Characters of all arguments, so that a question is always one message, whatever they are:
Telegram takes 4,096 UTF-16 units, of which a character may need two (Bot API, sendMessage)."""

LONGEST_SCOPE = 40
CONTINUED = "\n    "
"""Begins the second and later lines of an argument."""

OUTCOMES = {
    Verdict.ONCE: "✅ Allowed once",
    Verdict.TASK: "✅ Allowed for this task",
    Verdict.ALWAYS: "✅ Allowed from now on",
    Verdict.DENY: "⛔ Not allowed",
}
REASON = (
    "I ask because words from outside (a page, a file, a picture, a forwarded text) are part of "
    "this conversation, and may have led me to it. /new begins one without them."
)
STOPPED = "⛔ You stopped me, so it was not done"
EXPIRED = "⌛ Nobody answered in time, so it was not done"


class ApprovalDesk:
    """Holds the questions that are open. They outlive the process; the waiting begins anew."""

    def __init__(self, approvals: Approvals, *, tell: Tell, clock: Clock) -> None:
        self._approvals = approvals
        self._tell = tell
        self._clock = clock
        self._waiting: dict[str, asyncio.Event] = {}
        self._open: dict[int, list[Approval]] = {}
        """Questions of turns that did not hear the answer yet, by inbox id."""

    async def obtain(
        self, item: InboxItem, call_id: str, tool: Tool, arguments: str, *, seconds: float
    ) -> bool:
        """Say whether the person who caused this turn agrees; no answer in time is a no."""
        person, scope = item.message.sender.id, tool.scope(arguments)
        if await self._approvals.is_granted(person, tool.spec.name, scope, item.id):
            return True
        approval = await self._approvals.ask(
            ApprovalRequest(
                inbox_id=item.id,
                call_id=call_id,
                person_id=person,
                chat=item.message.chat,
                tool=tool.spec.name,
                arguments=arguments,
                scope=scope,
                expires_at=self._clock.now() + timedelta(seconds=seconds),
            )
        )
        if approval.state is ApprovalState.PENDING:
            approval = await self._put(approval, item)
        return approval.state is ApprovalState.APPROVED

    async def decide(self, token: str, person_id: str, code: str) -> Approval | Refusal:
        """Take the answer that somebody pressed."""
        verdict = CODES.get(code)
        if verdict is None:
            return Refusal.UNKNOWN
        decided = await self._approvals.decide(token, person_id, verdict, self._clock.now())
        if isinstance(decided, Approval):
            log.info(
                "permission was answered",
                extra={
                    "tool": decided.request.tool,
                    "verdict": verdict.value,
                    "answered_by": person_id,
                },
            )
            if token in self._waiting:
                self._waiting[token].set()
        return decided

    async def withdraw(self, inbox_id: int) -> None:
        """End the questions of a turn that was stopped."""
        for approval in self._open.pop(inbox_id, []):
            ended = await self._approvals.expire(approval.token)
            if ended is not None and ended.state is ApprovalState.EXPIRED:
                await self._close(ended, STOPPED)

    async def _put(self, approval: Approval, item: InboxItem) -> Approval:
        """Put a question and give it as it stands when it is answered or its time is over."""
        answered = self._waiting.setdefault(approval.token, asyncio.Event())
        self._open.setdefault(item.id, []).append(approval)
        try:
            await self._tell([_question(approval, item)])
            # One from before a restart has its buttons already, and may be answered by now.
            standing = await self._approvals.find(approval.token)
            if standing is None or standing.state is ApprovalState.PENDING:
                await self._await_answer(approval, answered)
        finally:
            self._waiting.pop(approval.token, None)
        self._forget(approval)
        ended = await self._approvals.expire(approval.token)
        if ended is None:
            return approval
        if ended.state is ApprovalState.EXPIRED:
            await self._close(ended, EXPIRED)
        return ended

    def _forget(self, approval: Approval) -> None:
        left = self._open.pop(approval.request.inbox_id, [])
        left = [other for other in left if other.token != approval.token]
        if left:
            self._open[approval.request.inbox_id] = left

    async def _await_answer(self, approval: Approval, answered: asyncio.Event) -> None:
        left = (approval.request.expires_at - self._clock.now()).total_seconds()
        alarm = asyncio.create_task(self._ring(left, answered), name="approval")
        try:
            await answered.wait()
        finally:
            alarm.cancel()
            await asyncio.wait((alarm,))

    async def _ring(self, seconds: float, alarm: asyncio.Event) -> None:
        await self._clock.sleep(max(seconds, 0.0))
        alarm.set()

    async def _close(self, approval: Approval, outcome: str) -> None:
        """Have the question say how it ended, also when it is still on its way."""
        draft = Draft(
            key=f"{_key(approval)}:end",
            chat=approval.request.chat,
            part=Part(text=f"{_summary(approval)}\n\n{outcome}"),
            replaces=_key(approval),
        )
        await self._tell([draft])


def settled(approval: Approval, message_id: str) -> Draft:
    """Make the question say what was answered, without buttons."""
    outcome = OUTCOMES[approval.verdict or Verdict.DENY]
    return Draft(
        key=f"{_key(approval)}:end",
        chat=approval.request.chat,
        part=Part(text=f"{_summary(approval)}\n\n{outcome}"),
        edits=message_id,
    )


def _question(approval: Approval, item: InboxItem) -> Draft:
    message = item.message
    whose = "" if message.private or not message.sender.name else f"{message.sender.name}: "
    scope = " ".join(_visible(approval.request.scope).split())
    shown = scope if len(scope) <= LONGEST_SCOPE else f"{scope[: LONGEST_SCOPE - 1]}…"
    rows = (
        (_button("✅ Once", "o", approval), _button("For this task", "t", approval)),
        (_button(f"Always: {shown}", "a", approval), _button("⛔ No", "n", approval)),
    )
    return Draft(
        key=_key(approval),
        chat=message.chat,
        part=Part(text=f"🔐 {whose}{_summary(approval)}\n\n{REASON}", buttons=rows),
        reply_to="" if message.private else message.id,
        inbox_id=item.id,
    )


def _button(label: str, code: str, approval: Approval) -> Button:
    return Button(label=label, data=f"{PRESS}:{code}:{approval.token}")


def _key(approval: Approval) -> str:
    return f"approval:{approval.token}"


def _summary(approval: Approval) -> str:
    """Say exactly what would be done; text without markup, so that nothing in it can hide."""
    arguments = {
        name: _visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in json.loads(approval.request.arguments).items()
    }
    each = _room_for_each([len(said) for said in arguments.values()])
    # What has many lines comes last, so that it pushes nothing else out of sight.
    ordered = sorted(arguments.items(), key=lambda argument: "\n" in argument[1])
    lines = [f"{name}: {_begun(said, each)}" for name, said in ordered]
    return "\n".join((f"May I use {approval.request.tool}?", *lines))


def _room_for_each(lengths: Sequence[int]) -> int:
    """Share the room, so that no argument pushes another one out."""
    room = LONGEST_ARGUMENT
    while sum(min(length, room) for length in lengths) > LONGEST_TOGETHER:
        room = room * 3 // 4
    return room


def _visible(text: str) -> str:
    """Show what turns letters around or has no width, and tell further lines from arguments."""
    escaped = (
        char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode()
        for char in text
    )
    return "".join(escaped).replace("\n", CONTINUED)


def _begun(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[:room]}… ({len(text)} characters)"
