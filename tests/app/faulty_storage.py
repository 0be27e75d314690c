"""A storage whose disk fails when a test wants it to; what it holds is the real thing."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from minibot.adapters.storage import Storage
from minibot.core.approvals import Approval, ApprovalRequest, Grant, Refusal, Verdict
from minibot.core.catch_up import Kept, MissedItem
from minibot.core.errors import StorageUnavailable
from minibot.core.events import MessageAccepted
from minibot.core.inbox import InboxItem
from minibot.core.journal import StepRecord
from minibot.core.messages import Arrival, ChatRef
from minibot.core.outbox import DeadPart, Draft, OutgoingPart
from minibot.core.ports import CallOutcome, Recovery, TurnResult, Wanted
from tests.fakes import Gate


class Killed(BaseException):
    """The process died here; nothing it might still have done happens."""


class Faults:
    """What goes wrong in a storage: calls by name fail, or stop before or after their work."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._before: dict[str, Gate] = {}
        self._after: dict[str, Gate] = {}
        self._moments_left = 0
        self._at_moment: Callable[[], object] = self.kill
        self.killed = False

    def kill_at(self, moment: int) -> None:
        """Have the process die at a moment, from 1: each call has one before and one after it."""
        self.interrupt_at(moment, self.kill)

    def interrupt_at(self, moment: int, interrupt: Callable[[], object]) -> None:
        """Have something happen at such a moment."""
        self._moments_left, self._at_moment = moment, interrupt

    def kill(self) -> None:
        """Have the process be dead: it gets nowhere any more."""
        self.killed = True

    def fail(self, call: str, times: int = 1) -> None:
        self._failures[call] += times

    def mend(self) -> None:
        self._failures.clear()

    def hold_before(self, call: str) -> Gate:
        gate = self._before[call] = Gate()
        return gate

    def hold_after(self, call: str) -> Gate:
        gate = self._after[call] = Gate()
        return gate

    async def enter(self, call: str) -> None:
        self.calls[call] += 1
        self._pass_moment()
        if call in self._before:
            await self._before.pop(call).pass_through()
            self._stay_dead()
        if self._failures[call]:
            self._failures[call] -= 1
            raise StorageUnavailable(f"the disk is full ({call})")

    async def leave(self, call: str) -> None:
        self._pass_moment()
        if call in self._after:
            await self._after.pop(call).pass_through()
            self._stay_dead()

    def _pass_moment(self) -> None:
        self._moments_left -= 1
        if self._moments_left == 0:
            self._at_moment()
        self._stay_dead()

    def _stay_dead(self) -> None:
        if self.killed:
            raise Killed


class _Faulty:
    def __init__(self, inner: Storage, faults: Faults) -> None:
        self._inner = inner
        self._faults = faults

    async def _call(self, port: str, name: str, *args: Any, **options: Any) -> Any:
        call = f"{port}.{name}"
        await self._faults.enter(call)
        result = await getattr(getattr(self._inner, port), name)(*args, **options)
        await self._faults.leave(call)
        return result


class FaultyInbox(_Faulty):
    """An inbox on a bad disk; calls are named ``inbox.claim``."""

    async def admit(
        self, arrivals: Sequence[Arrival], *, claim: Collection[str] = ()
    ) -> list[MessageAccepted]:
        events: list[MessageAccepted] = await self._call("inbox", "admit", arrivals, claim=claim)
        return events

    async def secure(self) -> None:
        await self._call("inbox", "secure")

    async def claim(self, conversation: str) -> InboxItem | datetime | None:
        item: InboxItem | datetime | None = await self._call("inbox", "claim", conversation)
        return item

    async def claim_behind(self, item: InboxItem, wanted: Wanted) -> list[InboxItem]:
        taken: list[InboxItem] = await self._call("inbox", "claim_behind", item, wanted)
        return taken

    async def claim_urgent(self, inbox_id: int) -> InboxItem | None:
        item: InboxItem | None = await self._call("inbox", "claim_urgent", inbox_id)
        return item

    async def release(self, inbox_id: int) -> None:
        await self._call("inbox", "release", inbox_id)

    async def postpone(self, inbox_id: int, until: datetime, problem: str) -> None:
        await self._call("inbox", "postpone", inbox_id, until, problem)

    async def wait(self, inbox_id: int, until: datetime, problem: str) -> None:
        await self._call("inbox", "wait", inbox_id, until, problem)

    async def set_aside(self, inbox_id: int) -> None:
        await self._call("inbox", "set_aside", inbox_id)

    async def wake_waiting(self, limit: int) -> list[MessageAccepted]:
        events: list[MessageAccepted] = await self._call("inbox", "wake_waiting", limit)
        return events

    async def cancel_waiting(self, conversation: str) -> int:
        found: int = await self._call("inbox", "cancel_waiting", conversation)
        return found

    async def open_conversations(self) -> list[MessageAccepted]:
        events: list[MessageAccepted] = await self._call("inbox", "open_conversations")
        return events

    async def recover(self) -> Recovery:
        found: Recovery = await self._call("inbox", "recover")
        return found


class FaultyOutbox(_Faulty):
    """An outbox on a bad disk; calls are named ``outbox.claim``."""

    async def enqueue(self, drafts: Sequence[Draft]) -> list[OutgoingPart]:
        parts: list[OutgoingPart] = await self._call("outbox", "enqueue", drafts)
        return parts

    async def claim(self, part_id: int) -> OutgoingPart | None:
        part: OutgoingPart | None = await self._call("outbox", "claim", part_id)
        return part

    async def mark_sent(self, part_id: int, message_id: str) -> None:
        await self._call("outbox", "mark_sent", part_id, message_id)

    async def postpone(self, part_id: int, until: datetime, problem: str) -> None:
        await self._call("outbox", "postpone", part_id, until, problem)

    async def release(self, part_id: int) -> None:
        await self._call("outbox", "release", part_id)

    async def bury(self, part_id: int, problem: str) -> None:
        await self._call("outbox", "bury", part_id, problem)

    async def message_id(self, key: str) -> str:
        found: str = await self._call("outbox", "message_id", key)
        return found

    async def waiting(self) -> list[OutgoingPart]:
        parts: list[OutgoingPart] = await self._call("outbox", "waiting")
        return parts

    async def recover(self) -> int:
        found: int = await self._call("outbox", "recover")
        return found

    async def move_chat(self, old: ChatRef, new_chat_id: str) -> list[OutgoingPart]:
        parts: list[OutgoingPart] = await self._call("outbox", "move_chat", old, new_chat_id)
        return parts

    async def moved_chats(self) -> dict[str, str]:
        moved: dict[str, str] = await self._call("outbox", "moved_chats")
        return moved

    async def dead(self, limit: int = 100) -> list[DeadPart]:
        parts: list[DeadPart] = await self._call("outbox", "dead", limit)
        return parts


class FaultyLedger(_Faulty):
    """A ledger on a bad disk; its one call is named ``ledger.finish``."""

    async def finish(self, result: TurnResult, *, claim_first: bool) -> list[OutgoingPart]:
        parts: list[OutgoingPart] = await self._call(
            "ledger", "finish", result, claim_first=claim_first
        )
        return parts


class FaultyMissed(_Faulty):
    """Missed messages on a bad disk; calls are named ``missed.keep``."""

    async def keep(self, arrivals: Sequence[Arrival]) -> int:
        kept: int = await self._call("missed", "keep", arrivals)
        return kept

    async def unoffered(self) -> list[MissedItem]:
        items: list[MissedItem] = await self._call("missed", "unoffered")
        return items

    async def offered(self, conversation: str, first: int, last: int) -> list[MissedItem]:
        items: list[MissedItem] = await self._call("missed", "offered", conversation, first, last)
        return items

    async def mark(self, ids: Sequence[int], kept: Kept) -> int:
        marked: int = await self._call("missed", "mark", ids, kept)
        return marked

    async def put_back(self, ids: Sequence[int]) -> list[MessageAccepted]:
        events: list[MessageAccepted] = await self._call("missed", "put_back", ids)
        return events


class FaultyJournal(_Faulty):
    """A journal on a bad disk; calls are named ``journal.start``."""

    async def steps(self, inbox_id: int) -> list[StepRecord]:
        steps: list[StepRecord] = await self._call("journal", "steps", inbox_id)
        return steps

    async def add_step(self, inbox_id: int, step: StepRecord) -> None:
        await self._call("journal", "add_step", inbox_id, step)

    async def start(self, inbox_id: int, step: int, call_id: str) -> None:
        await self._call("journal", "start", inbox_id, step, call_id)

    async def finish(self, inbox_id: int, step: int, call_id: str, outcome: CallOutcome) -> None:
        await self._call("journal", "finish", inbox_id, step, call_id, outcome)


class FaultyApprovals(_Faulty):
    """Approvals on a bad disk; calls are named ``approvals.ask``."""

    async def ask(self, request: ApprovalRequest) -> Approval:
        asked: Approval = await self._call("approvals", "ask", request)
        return asked

    async def decide(
        self, token: str, person_id: str, verdict: Verdict, now: datetime
    ) -> Approval | Refusal:
        decided: Approval | Refusal = await self._call(
            "approvals", "decide", token, person_id, verdict, now
        )
        return decided

    async def expire(self, token: str) -> Approval | None:
        ended: Approval | None = await self._call("approvals", "expire", token)
        return ended

    async def find(self, token: str) -> Approval | None:
        found: Approval | None = await self._call("approvals", "find", token)
        return found

    async def is_granted(self, person_id: str, tool: str, scope: str, inbox_id: int) -> bool:
        granted: bool = await self._call(
            "approvals", "is_granted", person_id, tool, scope, inbox_id
        )
        return granted

    async def grants(self, person_id: str) -> list[Grant]:
        held: list[Grant] = await self._call("approvals", "grants", person_id)
        return held

    async def revoke(self, person_id: str, grant_id: int) -> bool:
        revoked: bool = await self._call("approvals", "revoke", person_id, grant_id)
        return revoked


def faulty_storage(inner: Storage, faults: Faults) -> Storage:
    """Give a storage that works as `inner` does, whenever its disk lets it."""
    return replace(
        inner,
        inbox=FaultyInbox(inner, faults),
        outbox=FaultyOutbox(inner, faults),
        ledger=FaultyLedger(inner, faults),
        missed=FaultyMissed(inner, faults),
        journal=FaultyJournal(inner, faults),
        approvals=FaultyApprovals(inner, faults),
    )
