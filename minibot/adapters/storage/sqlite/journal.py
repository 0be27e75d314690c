"""The journal: steps of turns that are not over."""

from collections.abc import Sequence

from sqlalchemy import and_, null, select, update
from sqlalchemy.dialects.sqlite import insert

from minibot.adapters.storage.codec import storable
from minibot.adapters.storage.journal_codec import (
    ENDED,
    decode_call,
    decode_result,
    decode_state,
    decode_usage,
    encode_call,
    encode_result,
    encode_usage,
)
from minibot.adapters.storage.rules import refuse_ill_recorded
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.statement import (
    Params,
    Row,
    Statement,
    Transaction,
    Work,
    fixed,
    param,
)
from minibot.adapters.storage.sqlite.turn_tables import tool_calls, turn_steps
from minibot.adapters.storage.sqlite.undo_log import keep_undoable
from minibot.core.errors import IllegalTransition, StorageDamaged
from minibot.core.journal import CallRecord, StepRecord
from minibot.core.ports import CallOutcome
from minibot.core.tools import CallState

_step = turn_steps.c
_call = tool_calls.c

_ADD_STEP = Statement(
    insert(turn_steps)
    .values(
        {
            name: param(name)
            for name in ("inbox_id", "number", "text", "usage", "model", "created_at")
        }
    )
    .on_conflict_do_nothing()
)
_ADD_CALL = Statement(
    insert(tool_calls).values(
        {
            name: param(name)
            for name in (
                "inbox_id",
                "step",
                "call_id",
                "position",
                "call",
                "state",
                "result",
                "untrusted",
                "undo_token",
                "created_at",
                "started_at",
                "finished_at",
            )
        }
    )
)
_this = and_(
    _call.inbox_id == param("of"),
    _call.step == param("of_step"),
    _call.call_id == param("of_call"),
)
_begun = _call.state == fixed(CallState.STARTED)
_START = Statement(
    update(tool_calls)
    .where(_this, _call.state.is_(None))
    .values(state=fixed(CallState.STARTED), started_at=param("now"))
)
_UNDO_START = Statement(
    update(tool_calls).where(_this, _begun).values(state=null(), started_at=null())
)
_FINISH = Statement(
    update(tool_calls)
    .where(_this, _begun)
    .values(
        state=param("to_state"),
        result=param("to_result"),
        untrusted=param("strangers"),
        undo_token=param("button"),
        finished_at=param("now"),
    )
)
_STEPS = Statement(
    select(_step.number, _step.text, _step.usage, _step.model)
    .where(_step.inbox_id == param("of"))
    .order_by(_step.number)
)
_CALLS = Statement(
    select(_call.step, _call.call, _call.state, _call.result, _call.untrusted, _call.undo_token)
    .where(_call.inbox_id == param("of"))
    .order_by(_call.step, _call.position)
)


_JOURNALLED = Statement(select(_step.inbox_id).distinct())

MOST_GONE = 10_000
"""Items whose steps were purged and that are looked for all the same, before that is mended."""


class SqliteJournal:
    """The journal in a database. Knows by heart which items have steps: hardly any has.

    Until `load` was called, every item counts as one that may.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._journalled: set[int] | None = None
        self._load_at = MOST_GONE

    async def load(self) -> None:
        known = await self._database.read(_journalled)
        self._journalled, self._load_at = known, 2 * len(known) + MOST_GONE

    async def steps(self, inbox_id: int) -> list[StepRecord]:
        if self._journalled is not None and inbox_id not in self._journalled:
            return []
        return await self._database.read(lambda tx: _steps(tx, inbox_id))

    async def add_step(self, inbox_id: int, step: StepRecord) -> None:
        refuse_ill_recorded(step)
        now = self._database.now()
        place = {"inbox_id": inbox_id, "step": step.number, "created_at": now}
        row = {
            "inbox_id": inbox_id,
            "number": step.number,
            "text": storable(step.text),
            "usage": encode_usage(step.usage),
            "model": storable(step.model),
            "created_at": now,
        }
        calls = [
            {**place, "position": position, **_call_row(each, now)}
            for position, each in enumerate(step.calls)
        ]
        if self._journalled is not None:
            if len(self._journalled) >= self._load_at:
                await self.load()
            self._journalled.add(inbox_id)  # before the write, which may succeed unheard
        # While no call has begun, a power cut costs nothing but the same question once more.
        brisk = not any(each.state is CallState.STARTED for each in step.calls)
        await self._database.write(lambda tx: _add_step(tx, row, calls), brisk=brisk)

    async def start(self, inbox_id: int, step: int, call_id: str) -> None:
        names = _names(inbox_id, step, call_id, now=self._database.now())
        await self._database.write(
            lambda tx: _change(tx, _START, names),
            # Nobody begins what he was cancelled at beginning.
            undo=lambda _: _changing(_UNDO_START, names),
        )

    async def finish(self, inbox_id: int, step: int, call_id: str, outcome: CallOutcome) -> None:
        now, undo = self._database.now(), outcome.undo
        names = {
            **_names(inbox_id, step, call_id, now=now),
            "to_state": CallState.UNKNOWN if outcome.unknown else CallState.FINISHED,
            "to_result": encode_result(outcome.result),
            "strangers": outcome.untrusted,
            "button": "" if undo is None else undo.token,
        }

        def work(tx: Transaction) -> None:
            _change(tx, _FINISH, names)
            if undo is not None:
                keep_undoable(tx, undo, now=now)

        await self._database.write(work)


def _call_row(record: CallRecord, now: int) -> dict[str, object]:
    return {
        "call_id": storable(record.call.id),
        "call": encode_call(record.call),
        "state": record.state,
        "result": None if record.result is None else encode_result(record.result),
        "untrusted": record.untrusted,
        "undo_token": record.undo_token,
        "started_at": None if record.state is None else now,
        "finished_at": None if record.result is None else now,
    }


def _names(inbox_id: int, step: int, call_id: str, *, now: int) -> dict[str, object]:
    return {"of": inbox_id, "of_step": step, "of_call": storable(call_id), "now": now}


def _add_step(tx: Transaction, row: Params, calls: Sequence[Params]) -> None:
    tx.execute(_ADD_STEP, row)
    if tx.rowcount != 1:
        raise IllegalTransition(f"step {row['number']} of m{row['inbox_id']} is recorded already")
    for call in calls:
        tx.execute(_ADD_CALL, call)


def _change(tx: Transaction, statement: Statement, names: Params) -> None:
    tx.execute(statement, names)
    if tx.rowcount != 1:
        raise IllegalTransition(
            f"the call {names['of_call']} in step {names['of_step']} of m{names['of']} "
            "is not where it could go on from"
        )


def _changing(statement: Statement, names: Params) -> Work[None]:
    return lambda tx: _change(tx, statement, names)


def _journalled(tx: Transaction) -> set[int]:
    return {inbox_id for (inbox_id,) in tx.execute(_JOURNALLED)}


def _steps(tx: Transaction, inbox_id: int) -> list[StepRecord]:
    calls: dict[int, list[CallRecord]] = {}
    for number, *row in tx.execute(_CALLS, {"of": inbox_id}):
        calls.setdefault(number, []).append(_record(tuple(row)))
    return [
        StepRecord(
            number=number,
            text=text,
            calls=tuple(calls.get(number, ())),
            usage=decode_usage(usage),
            model=model,
        )
        for number, text, usage, model in tx.execute(_STEPS, {"of": inbox_id})
    ]


def _record(row: Row) -> CallRecord:
    call, state_name, result, untrusted, undo_token = row
    state = decode_state(state_name)
    if (state in ENDED) != (result is not None):
        raise StorageDamaged("a stored tool call has no result where one is due, or has one early")
    return CallRecord(
        call=decode_call(call),
        state=state,
        result=None if result is None else decode_result(result),
        untrusted=bool(untrusted),
        undo_token=undo_token,
    )
