"""Tools: what the model may do, and which of it a person has to agree to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from minibot.core.messages import ChatRef, OutgoingFile, Person
from minibot.core.settings import Settings


class Effect(StrEnum):
    """What a call changes."""

    READ = "read"
    """Nothing."""
    WRITE = "write"
    """Something of the person's own, and it can be undone or seen at once."""
    DANGEROUS = "dangerous"
    """Something that a person has to agree to every time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolTraits:
    """What has to be known of a tool to run it safely."""

    effect: Effect = Effect.READ
    outbound: bool = False
    """True when what it is given reaches a place that the model chooses."""
    untrusted: bool = False
    """True when strangers may have written what it gives back."""
    timeout_seconds: float | None = None
    """Its own, instead of the one of the settings."""

    @property
    def repeatable(self) -> bool:
        """Say whether it may run again when nobody knows whether it ran."""
        return self.effect is Effect.READ


def needs_approval(traits: ToolTraits, *, tainted: bool) -> bool:
    """Say whether a person has to agree before a tool runs.

    Args:
        tainted: something that strangers wrote is before the model, and may have told it what
            to call. From then on nothing is changed or sent out unasked.
    """
    if traits.effect is Effect.DANGEROUS:
        return True
    return tainted and (traits.outbound or traits.effect is not Effect.READ)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """Who is asking, where, and when. Nothing of this ever comes from a tool's arguments."""

    person: Person
    owner: str
    """Whose notes and files are used; see `minibot.core.owners`."""
    chat: ChatRef
    conversation: str
    now: datetime
    settings: Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoAction:
    """How to take back what a tool did."""

    kind: str
    """Name of the way back, in the toolbox that made it."""
    payload: str
    """What it has to know, as JSON text of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What a tool gives back."""

    text: str
    """For the model."""
    receipt: str = ""
    """For the person: what was changed, in one line of Markdown; empty when nothing was."""
    undo: UndoAction | None = None
    files: tuple[OutgoingFile, ...] = ()
    """To be sent with the answer."""
    untrusted: bool = False
    """True when strangers may have written this one, whatever the traits of its tool say."""


class CallState(StrEnum):
    """Where a call stands in the journal of its turn."""

    STARTED = "started"
    """It may have had its effect; nothing is known yet."""
    FINISHED = "finished"
    UNKNOWN = "unknown"
    """The process died meanwhile, and it is not run again, because it must not run twice."""


CALL_TRANSITIONS: dict[CallState, frozenset[CallState]] = {
    CallState.STARTED: frozenset({CallState.FINISHED, CallState.UNKNOWN}),
    CallState.FINISHED: frozenset(),
    CallState.UNKNOWN: frozenset(),
}
