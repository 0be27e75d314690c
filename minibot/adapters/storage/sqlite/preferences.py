"""Preferences: small choices people make about a conversation."""

import asyncio

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from minibot.adapters.storage.codec import storable
from minibot.adapters.storage.in_memory.preferences import InMemoryPreferences
from minibot.adapters.storage.in_memory.rows import Rows
from minibot.adapters.storage.sqlite.conversations import moved_page
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.statement import Row, Statement, Transaction, Work, param
from minibot.adapters.storage.sqlite.turn_tables import preferences
from minibot.core.messages import ChatRef

_row = preferences.c

_setting = insert(preferences).values(
    {name: param(name) for name in ("conversation", "name", "value")}
)
_SET = Statement(
    _setting.on_conflict_do_update(
        index_elements=[_row.conversation, _row.name], set_={"value": _setting.excluded.value}
    )
)
_FORGET = Statement(
    delete(preferences).where(
        _row.conversation == param("conversation"), _row.name == param("name")
    )
)
_ALL = Statement(select(_row.conversation, _row.name, _row.value))


class SqlitePreferences:
    """Preferences in a database, all of them known by heart: a turn must not wait for them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = Rows()
        self._known = InMemoryPreferences(self._rows)
        # What is known by heart is what was written last, so nobody overtakes.
        self._one_at_a_time = asyncio.Lock()

    async def load(self) -> None:
        """Learn all there is. Called once, before anybody asks."""
        # Through the one connection that is open already.
        moved, rows = await self._database.write(_read_all, brisk=True)
        for old, new in moved.items():
            self._rows.moved[old] = ChatRef.parse(new)
        for conversation, name, value in rows:
            await self.learn(conversation, name, value)

    def get(self, conversation: str, name: str) -> str:
        return self._known.get(conversation, name)

    async def set(self, conversation: str, name: str, value: str) -> None:
        value = storable(value)
        async with self._one_at_a_time:
            before = self.get(conversation, name)
            await self._database.write(
                self._writing(conversation, name, value),
                undo=lambda _: self._writing(conversation, name, before),
            )
            await self.learn(conversation, name, value)

    def move_chat(self, old: ChatRef, new_chat_id: str) -> None:
        """Know a chat by its new id; for whoever moves it in the database."""
        self._rows.move_conversations(old, new_chat_id)
        self._rows.remember_move(old, ChatRef(channel=old.channel, chat_id=new_chat_id))

    async def forget_chat(self, chat: ChatRef) -> None:
        """Forget every choice made in a chat, in all its threads."""
        for conversation, name in list(self._rows.preferences):
            if f"{conversation}:".startswith(f"{chat.chat_key}:"):
                await self.set(conversation, name, "")

    def write(self, tx: Transaction, conversation: str, name: str, value: str) -> None:
        """Keep a choice as a part of something larger; `learn` has to follow it."""
        key = self._database.moves.current_key(tx, conversation)
        statement = _SET if value else _FORGET
        tx.execute(statement, {"conversation": key, "name": name, "value": storable(value)})

    async def learn(self, conversation: str, name: str, value: str) -> None:
        """Know what was written."""
        await self._known.set(conversation, name, value)

    def _writing(self, conversation: str, name: str, value: str) -> Work[None]:
        return lambda tx: self.write(tx, conversation, name, value)


def _read_all(tx: Transaction) -> tuple[dict[str, str], list[Row]]:
    moved: dict[str, str] = {}
    while page := moved_page(tx, max(moved, default="")):
        moved |= page
    return moved, tx.execute(_ALL)
