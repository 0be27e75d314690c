"""The histories the contract suite runs on."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from minibot.adapters.storage import in_memory_storage, open_storage
from minibot.core.llm import Role, Utterance
from minibot.core.ports import History, Inbox
from tests.contracts.redis_server import redis_history
from tests.contracts.storages import ManualClock, a_chat, an_arrival, said

KEY = "telegram:42"
OTHER = "telegram:43"
TOPIC = "telegram:-100:7"

OpenHistory = Callable[[Path, ManualClock], AbstractAsyncContextManager[History]]
"""Opens a history with nothing in it, in which `KEY`, `OTHER` and `TOPIC` are known."""


@asynccontextmanager
async def sqlite_history(folder: Path, clock: ManualClock) -> AsyncIterator[History]:
    async with open_storage(folder / "data" / "minibot.db", clock=clock) as storage:
        await make_known(storage.inbox)
        yield storage.history


@asynccontextmanager
async def in_memory_history(_folder: Path, clock: ManualClock) -> AsyncIterator[History]:
    storage = in_memory_storage(clock)
    await make_known(storage.inbox)
    yield storage.history


async def make_known(inbox: Inbox) -> None:
    """Have somebody write in each of the conversations."""
    chats = (a_chat("42"), a_chat("43"), a_chat("-100", "7"))
    await inbox.admit([an_arrival(f"{index}", chat) for index, chat in enumerate(chats)])


HISTORIES: list[OpenHistory] = [sqlite_history, in_memory_history, redis_history]


async def hear(history: History, *texts: str, conversation: str = KEY) -> None:
    """Have an exchange begin with each of these texts."""
    for text in texts:
        await history.append(conversation, [said(text), said(f"{text}!", Role.ASSISTANT)])


async def shown(history: History, conversation: str = KEY) -> list[str]:
    return said_by_users(await history.recent(conversation, 1000))


def said_by_users(entries: Sequence[Utterance]) -> list[str]:
    return [entry.text for entry in entries if entry.role is Role.USER]
