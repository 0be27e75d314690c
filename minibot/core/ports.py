"""Every door between what minibot does and the outside world."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from minibot.core.errors import ConfigurationError
from minibot.core.events import MessageAccepted
from minibot.core.inbox import DeadItem, InboxItem, InboxState
from minibot.core.llm import CompletionRequest, StreamEvent, Utterance
from minibot.core.messages import Arrival, ChatRef
from minibot.core.outbox import DeadPart, Draft, OutgoingPart
from minibot.core.settings import Settings


class Clock(Protocol):
    """Time. Tests drive it by hand."""

    def now(self) -> datetime:
        """Give the wall time, aware, in UTC."""

    def monotonic(self) -> float:
        """Give seconds that never jump; only differences mean anything."""

    async def sleep(self, seconds: float) -> None: ...


class SettingsSource(Protocol):
    """The settings in force at this moment. A turn takes one snapshot and keeps it."""

    @property
    def current(self) -> Settings: ...


Receive = Callable[[Sequence[Arrival]], Awaitable[None]]
"""Store arrivals; when it returns they are durable and may be confirmed.

Raises `StorageUnavailable` when nothing was stored; call again with the same arrivals.
"""


class Channel(Protocol):
    """A way to talk with people."""

    @property
    def name(self) -> str:
        """The first part of its conversations' keys."""

    async def run(self, receive: Receive) -> None:
        """Listen until cancelled, or until there is nothing more to come."""

    async def send(self, part: OutgoingPart) -> str:
        """Deliver a part and give the channel's id of the new message.

        A refusal of formatting or of the reply target is overcome inside. Raises `SlowDown`,
        `SendFailed`, `SendRefused`, `ChatClosed`, `ChatMoved`.
        """

    async def show_typing(self, chat: ChatRef) -> None:
        """Show for some seconds that an answer is being written. Never raises `ChannelError`."""

    async def close(self) -> None:
        """Drop connections; nothing can be sent any more."""


class LanguageModel(Protocol):
    """A model of some provider."""

    def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent, None]:
        """Ask. The last event is `Finished`; anything else raises a `ModelError`.

        Closing the iterator cancels the request at the provider.
        """

    async def close(self) -> None: ...


class Inbox(Protocol):
    """Messages received and not yet answered, durable."""

    async def admit(
        self, arrivals: Sequence[Arrival], *, claim: Collection[str] = ()
    ) -> list[MessageAccepted]:
        """Store arrivals in one transaction; those that are new and readable come back.

        They may be worked on at once. They survive the death of the process, and a power cut
        once `secure` returned: only then may a channel confirm them.

        A delivery stored before is skipped; one without a message becomes a dead row. Of each
        conversation in `claim` the oldest open item is claimed in the same transaction, as
        `claim` would, and comes back in its event: a lane that is ready for it saves one.
        Raises `StorageUnavailable` with nothing stored.
        """

    async def secure(self) -> None:
        """Return when all that was admitted before is on the disk. Raises `StorageUnavailable`."""

    async def claim(self, conversation: str) -> InboxItem | datetime | None:
        """Take the oldest open item that is not urgent and count the attempt.

        A moment comes back when that item may not run before it, because order holds inside
        a conversation; None when nothing is open or one is already being processed.
        """

    async def claim_urgent(self, inbox_id: int) -> InboxItem | None:
        """Take this urgent item, whatever else the conversation is doing."""

    async def release(self, inbox_id: int) -> None:
        """Give an unfinished item back as if it had not been claimed."""

    async def postpone(self, inbox_id: int, until: datetime, problem: str) -> None:
        """Give a failed item back to run again, not before `until`."""

    async def open_conversations(self) -> list[MessageAccepted]:
        """Name what is still to do: one event an urgent item, one a conversation."""

    async def recover(self) -> "Recovery":
        """Take back what processes that died were holding. Called once, at start."""

    async def dead(self, limit: int = 100) -> list[DeadItem]: ...

    async def revive(self, inbox_id: int) -> MessageAccepted | None:
        """Put a dead item back in line; None when there is no such item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What a start found of the processes before it."""

    requeued: int
    """Items and parts that go on."""
    given_up: tuple[InboxItem, ...]
    """Items that killed the process too often; still claimed, for the caller to bury."""


class Outbox(Protocol):
    """Parts to be delivered, durable."""

    async def enqueue(self, drafts: Sequence[Draft]) -> list[OutgoingPart]:
        """Queue parts; those whose key is known already are skipped."""

    async def claim(self, part_id: int) -> OutgoingPart | None:
        """Mark a part as being sent and count the attempt; None when it is not waiting."""

    async def mark_sent(self, part_id: int, message_id: str) -> None: ...

    async def postpone(self, part_id: int, until: datetime, problem: str) -> None: ...

    async def release(self, part_id: int) -> None:
        """Give a part that was not sent back as if it had not been claimed."""

    async def bury(self, part_id: int, problem: str) -> None: ...

    async def waiting(self) -> list[OutgoingPart]:
        """Everything still to be delivered, oldest first."""

    async def recover(self) -> int:
        """Take back parts that processes that died were sending; they are sent again."""

    async def move_chat(self, old: ChatRef, new_chat_id: str) -> list[OutgoingPart]:
        """Re-key a chat everywhere, in one transaction; its waiting parts come back."""

    async def moved_chats(self) -> dict[str, str]:
        """Old chat key to new, for every chat that moved."""

    async def dead(self, limit: int = 100) -> list[DeadPart]: ...


class History(Protocol):
    """What was said, per conversation."""

    async def recent(self, conversation: str, limit: int) -> list[Utterance]:
        """Give the newest entries, oldest first; `limit` is capped at 1,000."""

    async def append(self, conversation: str, entries: Sequence[Utterance]) -> None:
        """Add entries. Raises `UnknownConversation`."""

    async def exists(self, conversation: str) -> bool:
        """Say whether anything was said, without reading it."""

    async def clear(self, conversation: str) -> int:
        """Forget a conversation; gives the number of entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnResult:
    """All that a turn leaves behind."""

    item: InboxItem
    state: InboxState
    """Where the item goes: done, ignored, cancelled or dead."""
    entries: tuple[Utterance, ...] = ()
    drafts: tuple[Draft, ...] = ()
    problem: str = ""
    forget_history: bool = False
    """True to clear the conversation before `entries` are added."""


class Ledger(Protocol):
    """Writes a turn's result as one transaction."""

    async def finish(self, result: TurnResult, *, claim_first: bool) -> list[OutgoingPart]:
        """Record history, outbox and inbox together, or nothing at all.

        With `claim_first` the first part is recorded as already being sent, which saves its
        sender a transaction. Raises `IllegalTransition` when the item is not being processed
        by this process any more.
        """


class SettingsFeed(Protocol):
    """Where new settings come from."""

    def read(self) -> Settings:
        """Read config.toml and .env as they are now. Raises `ConfigurationError`."""

    def changes(self) -> AsyncIterator[Settings | ConfigurationError]:
        """Give every new content of config.toml: its settings, or why it cannot be used."""
