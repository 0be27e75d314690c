"""What the parts of one in-memory storage share."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from minibot.core.inbox import InboxState
from minibot.core.messages import Arrival, ChatRef
from minibot.core.outbox import OutboxState, OutgoingPart


@dataclass(slots=True, kw_only=True)
class InboxRow:
    """A message received. `owner` is the boot id of the process that claimed it."""

    id: int
    arrival: Arrival
    chat: ChatRef
    conversation: str
    state: InboxState
    received_at: datetime
    not_before: datetime
    finished_at: datetime | None = None
    problem: str = ""
    attempts: int = 0
    crashes: int = 0
    owner: str = ""

    @property
    def is_open(self) -> bool:
        return self.state in (InboxState.RECEIVED, InboxState.RETRY)


@dataclass(slots=True, kw_only=True)
class OutboxRow:
    """A part to be delivered, or one that was."""

    part: OutgoingPart
    finished_at: datetime | None = None
    problem: str = ""
    owner: str = ""

    @property
    def is_waiting(self) -> bool:
        return self.part.state in (OutboxState.PENDING, OutboxState.RETRY)


@dataclass(slots=True, kw_only=True)
class Rows:
    """Everything an in-memory storage holds; what a file is to the other kind."""

    inbox: dict[int, InboxRow] = field(default_factory=dict)
    deliveries: set[tuple[str, str, str]] = field(default_factory=set)
    outbox: dict[int, OutboxRow] = field(default_factory=dict)
    part_keys: set[str] = field(default_factory=set)
    conversations: set[str] = field(default_factory=set)
    moved: dict[str, ChatRef] = field(default_factory=dict)
    """Old chat key to the chat it is now; never in two steps."""
    inbox_ids: "count[int]" = field(default_factory=lambda: count(1))
    part_ids: "count[int]" = field(default_factory=lambda: count(1))

    def current_chat(self, chat: ChatRef) -> ChatRef:
        """Give the place a chat is at now."""
        target = self.moved.get(chat.chat_key)
        return chat if target is None else replace(chat, chat_id=target.chat_id)

    def current_key(self, conversation: str) -> str:
        """Give the key a conversation has now."""
        chat_key = ":".join(conversation.split(":", 2)[:2])
        target = self.moved.get(chat_key)
        return conversation if target is None else target.key + conversation[len(chat_key) :]

    def remember_move(self, old: ChatRef, new: ChatRef) -> None:
        """Note where a chat went, and send on whoever was sent to it before."""
        for key, target in self.moved.items():
            if target.chat_key == old.chat_key:
                self.moved[key] = new
        self.moved[old.chat_key] = new
        self.moved.pop(new.chat_key, None)

    def move_conversations(self, old: ChatRef, new_chat_id: str) -> None:
        """Hand what was received in a chat, in all its threads, over to its new id."""
        for row in self.inbox.values():
            if row.chat.chat_key == old.chat_key:
                row.chat = replace(row.chat, chat_id=new_chat_id)
                row.conversation = row.chat.key
        new = ChatRef(channel=old.channel, chat_id=new_chat_id)
        for key in list(self.conversations):
            if key == old.chat_key or key.startswith(f"{old.chat_key}:"):
                self.conversations.remove(key)
                self.conversations.add(new.key + key[len(old.chat_key) :])
