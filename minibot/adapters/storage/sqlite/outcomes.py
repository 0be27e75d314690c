"""What came of messages, in a database."""

from sqlalchemy import and_, case, false, func, select

from minibot.adapters.storage.answer_codec import decode_account, decode_exchange
from minibot.adapters.storage.codec import decode_message, decode_part
from minibot.adapters.storage.rules import shown_part
from minibot.adapters.storage.sqlite import inbox_statements as statements
from minibot.adapters.storage.sqlite.conversations import PAGE
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.schema import (
    OUTBOX_DEAD,
    OUTBOX_UNFINISHED,
    inbox,
    outbox,
)
from minibot.adapters.storage.sqlite.statement import Row, Statement, Transaction, fixed, param
from minibot.core.account import AnswerAccount
from minibot.core.exchanges import MOST, Exchange
from minibot.core.inbox import InboxState, Outcome
from minibot.core.messages import ChatRef, IncomingMessage
from minibot.core.ports import Heard, SaidPart

_ITEM = Statement(
    select(inbox.c.id, inbox.c.state, inbox.c.problem).where(
        inbox.c.channel == param("channel"),
        inbox.c.account == param("account"),
        inbox.c.key == param("key"),
    )
)
_PARTS = Statement(
    select(func.count(case((OUTBOX_UNFINISHED, 1))), func.count(case((OUTBOX_DEAD, 1)))).where(
        # By their names, which have an index: those that the recorder gives to an answer's parts.
        outbox.c.key >= param("first"),
        outbox.c.key < param("behind"),
    )
)
_CONTENTS = Statement(
    select(inbox.c.channel, inbox.c.chat_id, inbox.c.thread_id, inbox.c.message).where(
        inbox.c.id == param("item"), inbox.c.message.is_not(None)
    )
)
_is_of = case(
    (
        func.json_valid(inbox.c.message) == 1,
        and_(
            func.json_extract(inbox.c.message, "$.id") == param("message_id"),
            func.coalesce(func.json_extract(inbox.c.message, "$.reaction"), fixed("")) == fixed(""),
            func.json_extract(inbox.c.message, "$.press.data").is_(None),
        ),
    ),
    else_=false(),
)
_HEARD = Statement(
    select(
        *(inbox.c[name] for name in ("id", "state", "problem")),
        *(inbox.c[name] for name in ("channel", "chat_id", "thread_id", "message")),
    )
    .where(inbox.c.conversation == param("of"), inbox.c.id < param("before"), _is_of)
    .order_by(inbox.c.id.desc())
    .limit(PAGE)
)
_SAID_COLUMNS = tuple(
    outbox.c[name]
    for name in ("key", "channel", "chat_id", "thread_id", "inbox_id", "message_id", "part")
)
_SAID = Statement(
    select(*_SAID_COLUMNS)
    .where(outbox.c.key >= param("first"), outbox.c.key < param("behind"))
    .order_by(outbox.c.id)
)
_SAID_IN = Statement(
    select(*_SAID_COLUMNS)
    .where(
        outbox.c.channel == param("channel"),
        outbox.c.chat_id == param("chat_id"),
        outbox.c.message_id == param("message_id"),
    )
    .order_by(outbox.c.id)
)


class SqliteOutcomes:
    """Looks at inbox and outbox together."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, channel: str, account: str, key: str) -> Outcome | None:
        names = {"channel": channel, "account": account, "key": key}

        def work(tx: Transaction) -> Outcome | None:
            for id_, state, problem in tx.execute(_ITEM, names):
                ((undelivered, lost),) = tx.execute(
                    _PARTS, {"first": f"inbox:{id_}:", "behind": f"inbox:{id_};"}
                )
                return Outcome(
                    inbox_id=id_,
                    state=InboxState(state),
                    problem=problem,
                    undelivered=undelivered,
                    lost=lost,
                )
            return None

        return await self._database.read(work)

    async def contents(self, inbox_id: int) -> IncomingMessage | None:
        rows = await self._database.read(lambda tx: tx.execute(_CONTENTS, {"item": inbox_id}))
        for channel, chat_id, thread_id, message in rows:
            chat = ChatRef(channel=channel, chat_id=chat_id, thread_id=thread_id)
            return decode_message(message, chat)
        return None

    async def heard(self, conversation: str, message_id: str, *, before: int) -> list[Heard]:
        moves = self._database.moves

        def work(tx: Transaction) -> list[Heard]:
            key = moves.current_key(tx, conversation)
            names = {"of": key, "message_id": message_id, "before": before}
            return [*map(_heard, tx.execute(_HEARD, names))]

        return await self._database.read(work)

    async def exchanges(self, conversation: str) -> list[Exchange]:
        moves = self._database.moves

        def work(tx: Transaction) -> list[Row]:
            key = moves.current_key(tx, conversation)
            return tx.execute(statements.EXCHANGES, {"of": key, "count": MOST})

        found: list[Exchange] = []
        for item, stored in await self._database.read(work):
            if (exchange := decode_exchange(item, stored)) is None:
                break  # how far back in the history those before it are is not known
            found.append(exchange)
        return found[::-1]

    async def account(self, conversation: str) -> AnswerAccount | None:
        moves = self._database.moves

        def work(tx: Transaction) -> list[Row]:
            return tx.execute(statements.ACCOUNT, {"of": moves.current_key(tx, conversation)})

        for (stored,) in await self._database.read(work):
            return decode_account(stored)
        return None

    async def said(self, inbox_id: int) -> list[SaidPart]:
        names = {"first": f"inbox:{inbox_id}:", "behind": f"inbox:{inbox_id};"}
        return await self._database.read(lambda tx: [*map(_said, tx.execute(_SAID, names))])

    async def said_in(self, chat: ChatRef, message_id: str) -> SaidPart | None:
        moves = self._database.moves

        def work(tx: Transaction) -> SaidPart | None:
            names = {"channel": chat.channel, "chat_id": moves.current_chat(tx, chat).chat_id}
            found = map(_said, tx.execute(_SAID_IN, {**names, "message_id": message_id}))
            return shown_part([*found])

        return await self._database.read(work)


def _heard(row: Row) -> Heard:
    id_, state, problem, channel, chat_id, thread_id, message = row
    chat = ChatRef(channel=channel, chat_id=chat_id, thread_id=thread_id)
    return Heard(
        inbox_id=id_,
        state=InboxState(state),
        problem=problem,
        message=decode_message(message, chat),
    )


def _said(row: Row) -> SaidPart:
    key, channel, chat_id, thread_id, inbox_id, message_id, part = row
    return SaidPart(
        key=key,
        chat=ChatRef(channel=channel, chat_id=chat_id, thread_id=thread_id),
        inbox_id=inbox_id,
        message_id=message_id,
        part=decode_part(part) if part else None,
    )
