"""What the parts of one in-memory storage share."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from minibot.adapters.storage.note_matching import NoteEntry
from minibot.core.account import AnswerAccount
from minibot.core.approvals import Approval, ApprovalState, Grant
from minibot.core.errors import UnknownConversation
from minibot.core.exchanges import Exchange
from minibot.core.inbox import InboxState
from minibot.core.journal import StepRecord
from minibot.core.messages import Arrival, ChatRef
from minibot.core.outbox import OutboxState, OutgoingPart
from minibot.core.owners import moved_owner
from minibot.core.undo import Undoable


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
    answer: int = 0
    """Its place among all answers; 0 when no model answered."""
    exchange: Exchange | None = None
    account: AnswerAccount | None = None

    @property
    def is_open(self) -> bool:
        return self.state in (InboxState.RECEIVED, InboxState.RETRY, InboxState.WAITING)


@dataclass(slots=True, kw_only=True)
class OutboxRow:
    """A part to be delivered, or one that was."""

    part: OutgoingPart
    finished_at: datetime | None = None
    problem: str = ""
    owner: str = ""
    message_id: str = ""

    @property
    def is_waiting(self) -> bool:
        return self.part.state in (OutboxState.PENDING, OutboxState.RETRY)


@dataclass(slots=True, kw_only=True)
class StepRow:
    """A step of a turn."""

    step: StepRecord
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class GrantRow:
    """A permission given for good."""

    person_id: str
    grant: Grant


@dataclass(slots=True, kw_only=True)
class UndoableRow:
    """What can be taken back, or was."""

    undoable: Undoable
    taken: bool = False


@dataclass(slots=True, kw_only=True)
class Rows:
    """Everything an in-memory storage holds; what a file is to the other kind."""

    inbox: dict[int, InboxRow] = field(default_factory=dict)
    deliveries: set[tuple[str, str, str]] = field(default_factory=set)
    outbox: dict[int, OutboxRow] = field(default_factory=dict)
    part_ids_by_key: dict[str, int] = field(default_factory=dict)
    conversations: set[str] = field(default_factory=set)
    moved: dict[str, ChatRef] = field(default_factory=dict)
    """Old chat key to the chat it is now; never in two steps."""
    notes: dict[str, dict[str, NoteEntry]] = field(default_factory=dict)
    """Owner, then folded title; the note saved last is the last."""
    steps: dict[int, list[StepRow]] = field(default_factory=dict)
    """By the id of the inbox row, in order."""
    approvals: dict[str, Approval] = field(default_factory=dict)
    grants: dict[int, GrantRow] = field(default_factory=dict)
    undoables: dict[str, UndoableRow] = field(default_factory=dict)
    preferences: dict[tuple[str, str], str] = field(default_factory=dict)
    """By conversation and name."""
    answers: "count[int]" = field(default_factory=lambda: count(1))
    inbox_ids: "count[int]" = field(default_factory=lambda: count(1))
    part_ids: "count[int]" = field(default_factory=lambda: count(1))
    grant_ids: "count[int]" = field(default_factory=lambda: count(1))

    def answered(self, conversation: str) -> list[InboxRow]:
        """Give what a model answered in a conversation, the last answer first."""
        key = self.current_key(conversation)
        rows = [row for row in self.inbox.values() if row.answer and row.conversation == key]
        return sorted(rows, key=lambda row: row.answer, reverse=True)

    def current_chat(self, chat: ChatRef) -> ChatRef:
        """Give the place a chat is at now."""
        target = self.moved.get(chat.chat_key)
        return chat if target is None else replace(chat, chat_id=target.chat_id)

    def current_key(self, conversation: str) -> str:
        """Give the key a conversation has now."""
        if not self.moved:
            return conversation  # as nearly always, and asked several times an answer
        chat_key = ":".join(conversation.split(":", 2)[:2])
        target = self.moved.get(chat_key)
        return conversation if target is None else target.key + conversation[len(chat_key) :]

    def check_known(self, conversation: str) -> None:
        """Refuse a conversation nobody opened.

        Raises:
            UnknownConversation: there is no such conversation.
        """
        if self.current_key(conversation) not in self.conversations:
            raise UnknownConversation(f"nobody opened the conversation {conversation}")

    def remember_move(self, old: ChatRef, new: ChatRef) -> None:
        """Note where a chat went, and send on whoever was sent to it before."""
        for key, target in self.moved.items():
            if target.chat_key == old.chat_key:
                self.moved[key] = new
        self.moved[old.chat_key] = new
        self.moved.pop(new.chat_key, None)

    def move_conversations(self, old: ChatRef, new_chat_id: str) -> None:
        """Hand what hangs on a chat, in all its threads, over to its new id."""
        for row in self.inbox.values():
            if row.chat.chat_key == old.chat_key:
                row.chat = replace(row.chat, chat_id=new_chat_id)
                row.conversation = row.chat.key
        new = ChatRef(channel=old.channel, chat_id=new_chat_id)
        for key in list(self.conversations):
            if _is_of(key, old):
                self.conversations.remove(key)
                self.conversations.add(new.key + key[len(old.chat_key) :])
        self._move_choices(old, new)
        self._move_notes(old, new_chat_id)
        self._move_buttons(old, new_chat_id)

    def _move_choices(self, old: ChatRef, new: ChatRef) -> None:
        for key, name in list(self.preferences):
            if _is_of(key, old):
                value = self.preferences.pop((key, name))
                self.preferences.setdefault((new.key + key[len(old.chat_key) :], name), value)

    def _move_notes(self, old: ChatRef, new_chat_id: str) -> None:
        for owner in list(self.notes):
            moved = moved_owner(owner, old, new_chat_id)
            if moved not in self.notes:
                kept = self.notes.pop(owner)
                self.notes[moved] = {
                    title: replace(entry, note=replace(entry.note, owner=moved))
                    for title, entry in kept.items()
                }

    def _move_buttons(self, old: ChatRef, new_chat_id: str) -> None:
        for token, approval in self.approvals.items():
            chat = approval.request.chat
            if approval.state is ApprovalState.PENDING and chat.chat_key == old.chat_key:
                request = replace(approval.request, chat=replace(chat, chat_id=new_chat_id))
                self.approvals[token] = replace(approval, request=request)
        for row in self.undoables.values():
            owner = moved_owner(row.undoable.owner, old, new_chat_id)
            row.undoable = replace(row.undoable, owner=owner)


def _is_of(conversation: str, chat: ChatRef) -> bool:
    return conversation == chat.chat_key or conversation.startswith(f"{chat.chat_key}:")
