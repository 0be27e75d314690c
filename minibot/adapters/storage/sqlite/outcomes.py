"""What came of messages, in a database."""

from sqlalchemy import case, func, select

from minibot.adapters.storage.codec import decode_message
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.schema import (
    OUTBOX_DEAD,
    OUTBOX_UNFINISHED,
    inbox,
    outbox,
)
from minibot.adapters.storage.sqlite.statement import Statement, Transaction, param
from minibot.core.inbox import InboxState, Outcome
from minibot.core.messages import ChatRef, IncomingMessage

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
