"""What was received and what is to be sent, and how a turn ends."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from minibot.core.account import AnswerAccount
from minibot.core.events import MessageAccepted
from minibot.core.exchanges import Exchange
from minibot.core.inbox import DeadItem, InboxItem, InboxState, Outcome
from minibot.core.llm import Utterance
from minibot.core.messages import Arrival, ChatRef, IncomingMessage, Part
from minibot.core.outbox import DeadPart, Draft, OutgoingPart

Wanted = Callable[[InboxItem, InboxItem], bool]
"""Given the last item that was taken and the next one, says whether to take that too. Called
wherever the storage works, so it may look at nothing else."""


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

        Whatever is claimed, here or elsewhere, reads as its person edited it meanwhile: its
        edits that are in line behind it are cancelled in the same transaction.
        """

    async def claim_behind(self, item: InboxItem, wanted: Wanted) -> list[InboxItem]:
        """Take what stands right behind an item in its line, one after the other.

        It ends at the first that is not `wanted`, may not run yet, or has to run alone. What is
        taken is held like the item itself, and is finished or given back like it.
        """

    async def claim_urgent(self, inbox_id: int) -> InboxItem | None:
        """Take this urgent item, whatever else the conversation is doing."""

    async def release(self, inbox_id: int) -> None:
        """Give an unfinished item back as if it had not been claimed."""

    async def postpone(self, inbox_id: int, until: datetime, problem: str) -> None:
        """Give a failed item back to run again, not before `until`."""

    async def wait(self, inbox_id: int, until: datetime, problem: str) -> None:
        """Give an item back that no model could answer, as if it had not been claimed.

        It runs again when `wake_waiting` says so, or at `until`.
        """

    async def set_aside(self, inbox_id: int) -> None:
        """Take an item that is being processed out of its line, for good: it becomes urgent.

        What came behind it may be claimed, and whoever takes it again does so by
        `claim_urgent`. Raises `IllegalTransition` when this process does not hold it.
        """

    async def wake_waiting(self, limit: int) -> list[MessageAccepted]:
        """Let the oldest items that wait for a model run at once; gives them, oldest first."""

    async def cancel_waiting(self, conversation: str) -> int:
        """Cancel what was put off in a conversation, waiting for a model or for another try;
        gives the number of items."""

    async def open_conversations(self) -> list[MessageAccepted]:
        """Name what is still to do: one event an urgent item, one a conversation."""

    async def recover(self) -> "Recovery":
        """Take back what processes that died were holding. Called once, at start."""


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

    async def message_id(self, key: str) -> str:
        """Give the channel's id of the message a part became; empty when it became none."""

    async def waiting(self) -> list[OutgoingPart]:
        """Everything still to be delivered, oldest first."""

    async def recover(self) -> int:
        """Take back parts that processes that died were sending; they are sent again."""

    async def move_chat(self, old: ChatRef, new_chat_id: str) -> list[OutgoingPart]:
        """Re-key a chat everywhere, in one transaction; its waiting parts come back."""

    async def moved_chats(self) -> dict[str, str]:
        """Old chat key to new, for every chat that moved."""

    async def dead(self, limit: int = 100) -> list[DeadPart]: ...


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
    """True to put the conversation away before `entries` are added, and to begin its exchanges
    anew."""
    also: tuple[int, ...] = ()
    """Ids of items that were answered with this one, and end as it does."""
    exchange: Exchange | None = None
    """What `entries` are, given when this was an exchange; it is that of `item`."""
    account: AnswerAccount | None = None
    """Given when a model answered: how that came about."""
    drops: int = 0
    """The turn whose exchange is taken out of the history before that, provided it is still the
    last of the conversation; 0 for none."""
    choices: tuple[tuple[str, str], ...] = ()
    """Names and values for the `Preferences` of the conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message as it was admitted, and what came of it."""

    inbox_id: int
    state: InboxState
    problem: str
    message: IncomingMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidPart:
    """A part that was queued for people."""

    key: str
    chat: ChatRef
    inbox_id: int | None
    message_id: str
    """The channel's id of its message; empty while there is none."""
    part: Part | None
    """None when that is not kept any more."""


class DeadLetters(Protocol):
    """Messages that were given up, until somebody looks at them."""

    async def dead(self, limit: int = 100) -> list[DeadItem]: ...

    async def revive(self, inbox_id: int) -> MessageAccepted | None:
        """Put a dead item back in line; None when there is no such item."""


class Outcomes(Protocol):
    """Tells what came of what was admitted."""

    async def find(self, channel: str, account: str, key: str) -> Outcome | None:
        """Look an item up by the name of its delivery; None when it was never admitted.

        What was forgotten long after its end counts as never admitted.
        """

    async def contents(self, inbox_id: int) -> IncomingMessage | None:
        """Give what was said in a message, while that is kept."""

    async def heard(self, conversation: str, message_id: str, *, before: int) -> list[Heard]:
        """Give the forms of a message that were admitted before an item, the newest first."""

    async def exchanges(self, conversation: str) -> list[Exchange]:
        """Give the newest exchanges since a fresh start, in the order they ended: up to
        `exchanges.MOST`, the last one last.

        Like what follows, they are forgotten with the messages they answer.
        """

    async def account(self, conversation: str) -> AnswerAccount | None:
        """Tell how the last answer came about, whatever was started anew or taken back since."""

    async def said(self, inbox_id: int) -> list[SaidPart]:
        """Give the parts of the answer to an item, in order."""

    async def said_in(self, chat: ChatRef, message_id: str) -> SaidPart | None:
        """Give the part that a message of minibot's shows, in whatever topic of a chat."""


class Ledger(Protocol):
    """Writes a turn's result as one transaction."""

    async def finish(self, result: TurnResult, *, claim_first: bool) -> list[OutgoingPart]:
        """Record history, outbox and inbox together, or nothing at all.

        With `claim_first` the first part is recorded as already being sent, which saves its
        sender a transaction. Raises `IllegalTransition` when the item is not being processed
        by this process any more.
        """
