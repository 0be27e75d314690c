"""Permission to run a tool: asked with buttons, bound to one person and exact arguments."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from minibot.core.messages import ChatRef


class Verdict(StrEnum):
    """What a person pressed."""

    ONCE = "once"
    TASK = "task"
    """For every call like it in the answer that is being worked on."""
    ALWAYS = "always"
    """For every call like it that this person ever causes."""
    DENY = "deny"


class ApprovalState(StrEnum):
    """Where a question stands. It leaves `PENDING` once."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """What is asked for."""

    inbox_id: int
    call_id: str
    person_id: str
    chat: ChatRef
    tool: str
    arguments: str
    """Canonical JSON: exactly these."""
    scope: str
    """What `TASK` and `ALWAYS` cover, e.g. ``https://example.org``."""
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A question that was asked."""

    token: str
    """128 random bits, which the buttons carry."""
    request: ApprovalRequest
    state: ApprovalState
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A permission a person gave for good."""

    id: int
    tool: str
    scope: str
    granted_at: datetime


class Refusal(StrEnum):
    """Why a button did nothing."""

    UNKNOWN = "unknown"
    NOT_YOURS = "not yours"
    DECIDED = "decided"
    EXPIRED = "expired"
