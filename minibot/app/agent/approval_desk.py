"""Asks a person, with buttons, whether a tool may run."""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from minibot.app.wording import Wording, in_own_language
from minibot.core.approvals import Approval, ApprovalRequest, ApprovalState, Refusal, Verdict
from minibot.core.inbox import InboxItem
from minibot.core.messages import Button, Part
from minibot.core.outbox import Draft
from minibot.core.ports import Approvals, Clock, Tell, Tool
from minibot.core.texts import Texts

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


@dataclass(frozen=True, slots=True)
class _Question:
    approval: Approval
    texts: Texts
    """In the language it was asked in, and is closed in."""


class ApprovalDesk:
    """Holds the questions that are open. They outlive the process; the waiting begins anew."""

    def __init__(
        self,
        approvals: Approvals,
        *,
        tell: Tell,
        clock: Clock,
        wording: Wording = in_own_language,
    ) -> None:
        self._approvals = approvals
        self._tell = tell
        self._clock = clock
        self._wording = wording
        self._waiting: dict[str, asyncio.Event] = {}
        self._open: dict[int, list[_Question]] = {}
        """Those of turns that did not hear the answer yet, by inbox id."""

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
            approval = await self._put(_Question(approval, self._wording(item.message)), item)
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
        for question in self._open.pop(inbox_id, []):
            ended = await self._approvals.expire(question.approval.token)
            if ended is not None and ended.state is ApprovalState.EXPIRED:
                await self._close(question, question.texts.permission_stopped)

    async def _put(self, question: _Question, item: InboxItem) -> Approval:
        """Put a question and give it as it stands when it is answered or its time is over."""
        approval = question.approval
        answered = self._waiting.setdefault(approval.token, asyncio.Event())
        self._open.setdefault(item.id, []).append(question)
        try:
            await self._tell([_card(question, item)])
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
            await self._close(question, question.texts.permission_expired)
        return ended

    def _forget(self, approval: Approval) -> None:
        left = self._open.pop(approval.request.inbox_id, [])
        left = [other for other in left if other.approval.token != approval.token]
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

    async def _close(self, question: _Question, outcome: str) -> None:
        """Have the question say how it ended, also when it is still on its way."""
        approval = question.approval
        draft = Draft(
            key=f"{_key(approval)}:end",
            chat=approval.request.chat,
            part=Part(text=f"{_summary(approval, question.texts)}\n\n{outcome}"),
            replaces=_key(approval),
        )
        await self._tell([draft])


def outcome_of(approval: Approval, texts: Texts) -> str:
    """Say what was answered."""
    return {
        Verdict.ONCE: texts.permitted_once,
        Verdict.TASK: texts.permitted_task,
        Verdict.ALWAYS: texts.permitted_always,
        Verdict.DENY: texts.permission_denied,
    }[approval.verdict or Verdict.DENY]


def settled(approval: Approval, message_id: str, texts: Texts) -> Draft:
    """Make the question say what was answered, without buttons."""
    return Draft(
        key=f"{_key(approval)}:end",
        chat=approval.request.chat,
        part=Part(text=f"{_summary(approval, texts)}\n\n{outcome_of(approval, texts)}"),
        edits=message_id,
    )


def _card(question: _Question, item: InboxItem) -> Draft:
    approval, texts, message = question.approval, question.texts, item.message
    whose = "" if message.private or not message.sender.name else f"{message.sender.name}: "
    scope = " ".join(_visible(approval.request.scope).split())
    shown = scope if len(scope) <= LONGEST_SCOPE else f"{scope[: LONGEST_SCOPE - 1]}…"
    rows = (
        (
            _button(texts.permission_once, "o", approval),
            _button(texts.permission_task, "t", approval),
        ),
        (
            _button(texts.permission_always.format(scope=shown), "a", approval),
            _button(texts.permission_no, "n", approval),
        ),
    )
    asked = f"🔐 {whose}{_summary(approval, texts)}\n\n{texts.permission_reason}"
    return Draft(
        key=_key(approval),
        chat=message.chat,
        part=Part(text=asked, buttons=rows),
        reply_to="" if message.private else message.id,
        inbox_id=item.id,
    )


def _button(label: str, code: str, approval: Approval) -> Button:
    return Button(label=label, data=f"{PRESS}:{code}:{approval.token}")


def _key(approval: Approval) -> str:
    return f"approval:{approval.token}"


def _summary(approval: Approval, texts: Texts) -> str:
    """Say exactly what would be done; text without markup, so that nothing in it can hide."""
    arguments = {
        name: _visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in json.loads(approval.request.arguments).items()
    }
    each = _room_for_each([len(said) for said in arguments.values()])
    # What has many lines comes last, so that it pushes nothing else out of sight.
    ordered = sorted(arguments.items(), key=lambda argument: "\n" in argument[1])
    lines = [f"{name}: {_begun(said, each, texts)}" for name, said in ordered]
    return "\n".join((texts.permission_asked.format(tool=approval.request.tool), *lines))


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


def _begun(text: str, room: int, texts: Texts) -> str:
    if len(text) <= room:
        return text
    return texts.permission_shortened.format(text=text[:room], length=len(text))
