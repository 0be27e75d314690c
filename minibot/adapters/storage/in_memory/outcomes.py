"""What came of messages, in memory."""

from dataclasses import replace

from minibot.adapters.storage.in_memory.rows import OutboxRow, Rows
from minibot.adapters.storage.rules import shown_part
from minibot.core.account import AnswerAccount
from minibot.core.exchanges import MOST, Exchange
from minibot.core.inbox import Outcome
from minibot.core.messages import ChatRef, IncomingMessage
from minibot.core.outbox import OutboxState
from minibot.core.ports import Heard, SaidPart


class InMemoryOutcomes:
    """Looks at inbox and outbox together."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def find(self, channel: str, account: str, key: str) -> Outcome | None:
        for row in self._rows.inbox.values():
            arrival = row.arrival
            if (arrival.chat.channel, arrival.account, arrival.key) == (channel, account, key):
                states = [
                    part.part.state
                    for part in self._rows.outbox.values()
                    if part.part.key.startswith(f"inbox:{row.id}:")
                ]
                dead = states.count(OutboxState.DEAD)
                return Outcome(
                    inbox_id=row.id,
                    state=row.state,
                    problem=row.problem,
                    undelivered=len(states) - dead - states.count(OutboxState.SENT),
                    lost=dead,
                )
        return None

    async def contents(self, inbox_id: int) -> IncomingMessage | None:
        row = self._rows.inbox.get(inbox_id)
        if row is None or row.arrival.message is None:
            return None
        return replace(row.arrival.message, chat=row.chat)

    async def heard(self, conversation: str, message_id: str, *, before: int) -> list[Heard]:
        key = self._rows.current_key(conversation)
        return [
            Heard(
                inbox_id=row.id,
                state=row.state,
                problem=row.problem,
                message=replace(message, chat=row.chat),
            )
            for row in reversed(self._rows.inbox.values())
            if (message := row.arrival.message) is not None
            and (row.conversation, message.id) == (key, message_id)
            and row.id < before
            and message.press is None
            and not message.reaction
        ]

    async def exchanges(self, conversation: str) -> list[Exchange]:
        rows = self._rows.answered(conversation)
        return [row.exchange for row in rows if row.exchange is not None][:MOST][::-1]

    async def account(self, conversation: str) -> AnswerAccount | None:
        rows = self._rows.answered(conversation)
        return next((row.account for row in rows if row.account is not None), None)

    async def said(self, inbox_id: int) -> list[SaidPart]:
        parts = self._rows.outbox.values()
        return [_said(row) for row in parts if row.part.key.startswith(f"inbox:{inbox_id}:")]

    async def said_in(self, chat: ChatRef, message_id: str) -> SaidPart | None:
        chat_key = self._rows.current_chat(chat).chat_key
        return shown_part(
            [
                _said(row)
                for row in self._rows.outbox.values()
                if row.part.chat.chat_key == chat_key and row.message_id == message_id
            ]
        )


def _said(row: OutboxRow) -> SaidPart:
    return SaidPart(
        key=row.part.key,
        chat=row.part.chat,
        inbox_id=row.part.inbox_id,
        message_id=row.message_id,
        part=row.part.part,
    )
