"""Approvals in memory."""

import secrets
from dataclasses import replace
from datetime import datetime

from minibot.adapters.storage.codec import to_micros
from minibot.adapters.storage.in_memory.rows import GrantRow, Rows
from minibot.adapters.storage.rules import LIST_LIMIT, answered, refusal_of_answer
from minibot.core.approvals import (
    Approval,
    ApprovalRequest,
    ApprovalState,
    Grant,
    Refusal,
    Verdict,
)
from minibot.core.ports import Clock


class InMemoryApprovals:
    """Approvals of a process that may forget them."""

    def __init__(self, rows: Rows, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock

    async def ask(self, request: ApprovalRequest) -> Approval:
        to_micros(request.expires_at)
        for known in self._rows.approvals.values():
            if _question(known.request) == _question(request):
                return known
        asked = replace(request, chat=self._rows.current_chat(request.chat))
        approval = Approval(
            token=secrets.token_urlsafe(16), request=asked, state=ApprovalState.PENDING
        )
        self._rows.approvals[approval.token] = approval
        return approval

    async def decide(
        self, token: str, person_id: str, verdict: Verdict, now: datetime
    ) -> Approval | Refusal:
        to_micros(now)  # refuses what has no time zone
        asked = self._rows.approvals.get(token)
        if asked is None:
            return Refusal.UNKNOWN
        if (refusal := refusal_of_answer(asked, person_id, now)) is not None:
            return refusal
        decided = replace(asked, state=answered(verdict), verdict=verdict)
        self._rows.approvals[token] = decided
        if verdict is Verdict.ALWAYS:
            self._grant(person_id, asked.request, now)
        return decided

    async def expire(self, token: str) -> Approval | None:
        asked = self._rows.approvals.get(token)
        if asked is not None and asked.state is ApprovalState.PENDING:
            self._rows.approvals[token] = replace(asked, state=ApprovalState.EXPIRED)
        return self._rows.approvals.get(token)

    async def find(self, token: str) -> Approval | None:
        return self._rows.approvals.get(token)

    async def is_granted(self, person_id: str, tool: str, scope: str, inbox_id: int) -> bool:
        wanted = (person_id, tool, scope)
        if self._has_grant(*wanted):
            return True
        return any(
            approval.verdict is Verdict.TASK
            and approval.request.inbox_id == inbox_id
            and (approval.request.person_id, approval.request.tool, approval.request.scope)
            == wanted
            for approval in self._rows.approvals.values()
        )

    async def grants(self, person_id: str) -> list[Grant]:
        held = [row.grant for row in self._rows.grants.values() if row.person_id == person_id]
        return held[:LIST_LIMIT]

    async def revoke(self, person_id: str, grant_id: int) -> bool:
        row = self._rows.grants.get(grant_id)
        if row is None or row.person_id != person_id:
            return False
        del self._rows.grants[grant_id]
        return True

    def _grant(self, person_id: str, request: ApprovalRequest, now: datetime) -> None:
        if self._has_grant(person_id, request.tool, request.scope):
            return
        grant = Grant(
            id=next(self._rows.grant_ids), tool=request.tool, scope=request.scope, granted_at=now
        )
        self._rows.grants[grant.id] = GrantRow(person_id=person_id, grant=grant)

    def _has_grant(self, person_id: str, tool: str, scope: str) -> bool:
        return any(
            (row.person_id, row.grant.tool, row.grant.scope) == (person_id, tool, scope)
            for row in self._rows.grants.values()
        )


def _question(request: ApprovalRequest) -> tuple[int, str, str, str, str, str]:
    return (
        request.inbox_id,
        request.call_id,
        request.person_id,
        request.tool,
        request.arguments,
        request.scope,
    )
