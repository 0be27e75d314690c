"""A channel between a scripted Bot API and a store that can fail."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import Any, Generic, Protocol, TypeVar

from minibot.adapters.channels.telegram.channel import TelegramChannel
from minibot.adapters.channels.telegram.listening import Surroundings
from minibot.core.errors import StorageUnavailable
from minibot.core.messages import Arrival, ChatRef
from minibot.core.outbox import OutgoingPart
from tests.adapters.channels.telegram.update_samples import Fixed, Json, settings, update
from tests.contracts.storages import ManualClock


class NotingClock(ManualClock):
    """Remembers how long it was slept on."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        await super().sleep(seconds)


class Store:
    """Implements `minibot.core.ports.Receive`; fails as often as told."""

    def __init__(self) -> None:
        self.kept: list[Arrival] = []
        self.offered: list[list[str]] = []
        self.failures = 0
        self.offer_made = asyncio.Event()
        self.may_finish = asyncio.Event()
        self.may_finish.set()

    async def receive(self, arrivals: Sequence[Arrival]) -> None:
        self.offered.append([arrival.key for arrival in arrivals])
        self.offer_made.set()
        await self.may_finish.wait()
        if self.failures:
            self.failures -= 1
            raise StorageUnavailable("disk full")
        self.kept += arrivals

    @property
    def texts(self) -> list[str]:
        return [each.message.text for each in self.kept if each.message is not None]


class RichWishes:
    """Implements `minibot.core.ports.RichForms`: wanted everywhere, until refused there."""

    def __init__(self) -> None:
        self.refusals: list[tuple[str, str]] = []
        """The chat and the problem of each."""

    def wanted(self, chat: ChatRef) -> bool:
        return chat.key not in [key for key, _ in self.refusals]

    async def refused(self, part: OutgoingPart, problem: str) -> None:
        self.refusals.append((part.chat.key, problem))


class Listening(Protocol):
    """A Bot API that is up."""

    @property
    def url(self) -> str: ...


Api = TypeVar("Api", bound=Listening)


class Rig(Generic[Api]):
    """A channel, running or not, and everything around it."""

    def __init__(self, api: Api, **changes: Any) -> None:
        self.api = api
        self.clock = NotingClock()
        self.store = Store()
        self.random = 0.0
        self.moves: list[tuple[ChatRef, str]] = []
        self.moved: Mapping[str, str] = {}
        self.conflicts = 0
        self.rich = RichWishes()
        self.settings = settings(api_base_url=api.url, **changes)
        self.channel = TelegramChannel(self.settings.channels.telegram, self._surroundings())

    def _surroundings(self) -> Surroundings:
        async def on_moved(old: ChatRef, new_chat_id: str) -> None:
            self.moves.append((old, new_chat_id))

        def on_conflict() -> None:
            self.conflicts += 1

        return Surroundings(
            settings=Fixed(self.settings),
            clock=self.clock,
            random=lambda: self.random,
            moved_chats=lambda: self.moved,
            rich=self.rich,
            on_moved=on_moved,
            on_conflict=on_conflict,
            hold_token=lambda token: nullcontext(),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        task = asyncio.create_task(self.channel.run(self.store.receive))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait((task,))
            await self.channel.close()


def batch(*numbers: int) -> list[Json]:
    """Updates of the owner, each with its number as text."""
    return [update(text=str(number)) | {"update_id": number} for number in numbers]
