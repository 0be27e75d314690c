"""Everything that travels on the event bus.

Events say that something happened; what must not be lost is in the storage before the event
is published. A subscriber that missed events catches up from there.
"""

from dataclasses import dataclass

from minibot.core.inbox import InboxItem
from minibot.core.messages import ChatRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAccepted(Event):
    """A message is stored and waits for its turn."""

    inbox_id: int
    conversation: str
    urgent: bool
    item: InboxItem | None = None
    """The item itself, when it was claimed as it was stored; see `Inbox.admit`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFinished(Event):
    """A message left the pipeline; `outcome` is the inbox state it went to."""

    inbox_id: int
    conversation: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartDelivered(Event):
    """A part reached its chat."""

    part_id: int
    conversation: str
    attempts: int
    inbox_id: int | None = None
    """The message it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartDead(Event):
    """A part was given up."""

    part_id: int
    conversation: str
    problem: str
    inbox_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRekeyed(Event):
    """A chat got a new id; all that is stored about it is under the new one."""

    old: ChatRef
    new_chat_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChanged(Event):
    """A new settings snapshot is in force."""

    generation: int
    changed_keys: tuple[str, ...]
    restart_keys: tuple[str, ...]
    """Those of them that take effect only at the next start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsRejected(Event):
    """An edit of config.toml was refused and changed nothing."""

    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentFailed(Event):
    """A component died and will be started again."""

    component: str
    problem: str
    restart_in_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleNoticed(Event):
    """Something the owner should know; `topic` names it so that it is told once."""

    topic: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsLost(Event):
    """No language model could be reached; messages wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsRecovered(Event):
    """A language model answered again."""

    model: str
