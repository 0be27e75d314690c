"""Approvals: questions for permission, and permissions given for good."""

import secrets
from datetime import datetime

from sqlalchemy import and_, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from minibot.adapters.storage.codec import from_micros, storable, to_micros
from minibot.adapters.storage.rules import LIST_LIMIT, answered, refusal_of_answer
from minibot.adapters.storage.sqlite.conversations import Moves
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.statement import (
    Params,
    Row,
    Statement,
    Transaction,
    fixed,
    param,
)
from minibot.adapters.storage.sqlite.turn_tables import APPROVAL_PENDING, approvals, grants
from minibot.core.approvals import (
    Approval,
    ApprovalRequest,
    ApprovalState,
    Grant,
    Refusal,
    Verdict,
)
from minibot.core.messages import ChatRef

_row = approvals.c
_COLUMNS = (
    _row.token,
    _row.inbox_id,
    _row.call_id,
    _row.person_id,
    _row.channel,
    _row.chat_id,
    _row.thread_id,
    _row.tool,
    _row.arguments,
    _row.scope,
    _row.expires_at,
    _row.state,
    _row.verdict,
)

_SAME = Statement(
    select(*_COLUMNS)
    .where(
        *(
            approvals.c[name] == param(name)
            for name in ("inbox_id", "call_id", "person_id", "tool", "arguments", "scope")
        )
    )
    .limit(1)
)
_ASK = Statement(
    insert(approvals)
    .values(
        {
            **{
                name: param(name)
                for name in (
                    "token",
                    "inbox_id",
                    "call_id",
                    "person_id",
                    "channel",
                    "chat_id",
                    "thread_id",
                    "tool",
                    "arguments",
                    "scope",
                    "created_at",
                    "expires_at",
                )
            },
            "state": fixed(ApprovalState.PENDING),
        }
    )
    .returning(*_COLUMNS)
)
_token = _row.token == param("of")
_FIND = Statement(select(*_COLUMNS).where(_token))
_DECIDE = Statement(
    update(approvals)
    .where(_token, APPROVAL_PENDING)
    .values(state=param("to_state"), verdict=param("answer"))
    .returning(*_COLUMNS)
)
_EXPIRE = Statement(
    update(approvals).where(_token, APPROVAL_PENDING).values(state=fixed(ApprovalState.EXPIRED))
)
_APPROVED_FOR_TASK = Statement(
    select(_row.token)
    .where(
        _row.inbox_id == param("inbox_id"),
        _row.person_id == param("person_id"),
        _row.tool == param("tool"),
        _row.scope == param("scope"),
        _row.state == fixed(ApprovalState.APPROVED),
        _row.verdict == fixed(Verdict.TASK),
    )
    .limit(1)
)
_covers = and_(
    grants.c.person_id == param("person_id"),
    grants.c.tool == param("tool"),
    grants.c.scope == param("scope"),
)
_GRANTED = Statement(select(grants.c.id).where(_covers))
_GRANT = Statement(
    insert(grants)
    .values({name: param(name) for name in ("person_id", "tool", "scope", "granted_at")})
    .on_conflict_do_nothing()
)
_GRANTS = Statement(
    select(grants.c.id, grants.c.tool, grants.c.scope, grants.c.granted_at)
    .where(grants.c.person_id == param("person_id"))
    .order_by(grants.c.id)
    .limit(LIST_LIMIT)
)
_REVOKE = Statement(
    delete(grants).where(grants.c.id == param("item"), grants.c.person_id == param("person_id"))
)


class SqliteApprovals:
    """Approvals in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, request: ApprovalRequest) -> Approval:
        now, moves, token = self._database.now(), self._database.moves, secrets.token_urlsafe(16)
        row = {
            "token": token,
            "inbox_id": request.inbox_id,
            "call_id": storable(request.call_id),
            "person_id": request.person_id,
            "tool": storable(request.tool),
            "arguments": storable(request.arguments),
            "scope": storable(request.scope),
            "created_at": now,
            "expires_at": to_micros(request.expires_at),
        }
        return await self._database.write(lambda tx: _ask(tx, row, request.chat, moves))

    async def decide(
        self, token: str, person_id: str, verdict: Verdict, now: datetime
    ) -> Approval | Refusal:
        moment = from_micros(to_micros(now))
        return await self._database.write(
            lambda tx: _decide(tx, storable(token), person_id, verdict, moment)
        )

    async def expire(self, token: str) -> Approval | None:
        def work(tx: Transaction) -> Approval | None:
            tx.execute(_EXPIRE, {"of": storable(token)})
            return _find(tx, storable(token))

        return await self._database.write(work)

    async def find(self, token: str) -> Approval | None:
        return await self._database.read(lambda tx: _find(tx, storable(token)))

    async def is_granted(self, person_id: str, tool: str, scope: str, inbox_id: int) -> bool:
        names = {
            "person_id": person_id,
            "tool": storable(tool),
            "scope": storable(scope),
            "inbox_id": inbox_id,
        }
        return await self._database.read(
            lambda tx: bool(tx.execute(_GRANTED, names) or tx.execute(_APPROVED_FOR_TASK, names))
        )

    async def grants(self, person_id: str) -> list[Grant]:
        rows = await self._database.read(lambda tx: tx.execute(_GRANTS, {"person_id": person_id}))
        return [
            Grant(id=id_, tool=tool, scope=scope, granted_at=from_micros(granted_at))
            for id_, tool, scope, granted_at in rows
        ]

    async def revoke(self, person_id: str, grant_id: int) -> bool:
        names = {"item": grant_id, "person_id": person_id}

        def work(tx: Transaction) -> bool:
            tx.execute(_REVOKE, names)
            return tx.rowcount == 1

        return await self._database.write(work)


def _ask(tx: Transaction, row: Params, asked_in: ChatRef, moves: Moves) -> Approval:
    # An id of a call may come twice, after a turn began anew. What was agreed to is this tool
    # with these arguments, so the same id with others is another question.
    for known in tx.execute(_SAME, row):
        return _approval(known)
    chat = moves.current_chat(tx, asked_in)
    place = {"channel": chat.channel, "chat_id": chat.chat_id, "thread_id": chat.thread_id}
    (new,) = tx.execute(_ASK, {**row, **place})
    return _approval(new)


def _decide(
    tx: Transaction, token: str, person_id: str, verdict: Verdict, now: datetime
) -> Approval | Refusal:
    asked = _find(tx, token)
    if asked is None:
        return Refusal.UNKNOWN
    if (refusal := refusal_of_answer(asked, person_id, now)) is not None:
        return refusal
    names = {"of": token, "to_state": answered(verdict), "answer": verdict}
    (decided,) = tx.execute(_DECIDE, names)
    if verdict is Verdict.ALWAYS:
        tx.execute(
            _GRANT,
            {
                "person_id": person_id,
                "tool": asked.request.tool,
                "scope": asked.request.scope,
                "granted_at": to_micros(now),
            },
        )
    return _approval(decided)


def _find(tx: Transaction, token: str) -> Approval | None:
    return next(map(_approval, tx.execute(_FIND, {"of": token})), None)


def _approval(row: Row) -> Approval:
    token, inbox_id, call_id, person_id, channel, chat_id, thread_id, *rest = row
    tool, arguments, scope, expires_at, state, verdict = rest
    return Approval(
        token=token,
        request=ApprovalRequest(
            inbox_id=inbox_id,
            call_id=call_id,
            person_id=person_id,
            chat=ChatRef(channel=channel, chat_id=chat_id, thread_id=thread_id),
            tool=tool,
            arguments=arguments,
            scope=scope,
            expires_at=from_micros(expires_at),
        ),
        state=ApprovalState(state),
        verdict=None if verdict is None else Verdict(verdict),
    )
