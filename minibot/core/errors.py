"""Everything minibot raises on purpose.

MinibotError
├── ConfigurationError           config.toml cannot be used; carries every problem found
├── AlreadyRunning               another process holds the data folder or the bot token
├── StorageError
│   ├── StorageDamaged           the database file cannot be trusted; it was not touched
│   ├── StorageUnavailable       a write or read failed and may work later (disk full, locked)
│   ├── StaleEntry               a job or task was changed by somebody else meanwhile
│   ├── NotesFull                an owner has as many notes as can be kept; for the model
│   ├── IllegalTransition        a row was asked to go where its state machine does not lead
│   └── UnknownConversation      history was written for a conversation nobody opened
├── ScheduleInvalid              a time, rule or zone that cannot be used; for people and the model
├── UnknownEntry                 there is no such job or task
├── TaskCycle                    tasks that would wait for each other for ever
├── ChannelError
│   ├── TokenRefused             the channel says the credentials are wrong
│   ├── SlowDown                 the channel asked to wait; carries the seconds
│   ├── SendFailed               nothing final: network, 5xx; may or may not have arrived
│   ├── SendRefused              final for this message
│   │   ├── ChatClosed           final for this chat: blocked, kicked, deleted
│   │   └── TopicsImpossible     no topic can be opened in this chat; carries what it lacks
│   └── ChatMoved                the chat has a new id; carries it
├── ToolError
│   ├── ToolArgumentsInvalid     the model called a tool with arguments that cannot be used
│   └── ToolFailed               carries whether another try may help
├── MediaUnreadable              what was sent along cannot be fetched or read; for people
├── TurnLimit                    a turn may go no further with tools
└── ModelError                   carries whether another attempt may help
    ├── ModelUnavailable         no model can be reached at the moment
    ├── ModelUnreachable         connect failure, reset, 5xx
    ├── ModelTimeout             one of the four deadlines passed
    ├── ModelBusy                429; carries Retry-After when given
    ├── ModelReplyInvalid        garbage, empty or cut answer
    ├── ModelRequestRefused      4xx that will not change by itself
    │   ├── ToolsUnsupported     the model takes no tools
    │   └── PicturesUnsupported  the model takes no pictures
    ├── ModelAccessDenied        401, 402, 403: key or balance
    └── ContextTooLong           the conversation does not fit the model

The docstring of a class is its message when none is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from inspect import cleandoc

from minibot.core.topics import TopicLack


class MinibotError(Exception):
    """Something went wrong inside minibot."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or cleandoc(type(self).__doc__ or ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong in the configuration."""

    key: str
    """Dotted path of the key, e.g. ``llm.model``; empty when it is about the whole file."""
    message: str
    line: int | None = None
    """1-based line in the file, when known."""


class ConfigurationError(MinibotError):
    """The configuration cannot be used."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """Give one line a problem: ``config.toml:12: llm.modle: unknown key …``."""
        return [
            ": ".join(
                part
                for part in (
                    f"{self.source}:{problem.line}" if problem.line else self.source,
                    problem.key,
                    problem.message,
                )
                if part
            )
            for problem in self.problems
        ]


class AlreadyRunning(MinibotError):
    """Another minibot holds this data folder or this bot token."""


class StorageError(MinibotError):
    """The storage failed."""


class StorageDamaged(StorageError):
    """The database is damaged and was left untouched."""


class StorageUnavailable(StorageError):
    """The storage cannot be written or read at the moment."""


class IllegalTransition(StorageError):
    """A row was asked to go where its state machine does not lead."""


class StaleEntry(StorageError):
    """A job or task was changed by somebody else meanwhile; nothing was written."""


class NotesFull(StorageError):
    """There is no room for another note. The text is for the model."""


class UnknownConversation(StorageError):
    """History was written for a conversation that nobody opened."""


class ScheduleInvalid(MinibotError):
    """This is no time, rule or zone that can be used."""


class UnknownEntry(MinibotError):
    """There is no such job or task."""


class TaskCycle(MinibotError):
    """These tasks would wait for each other for ever."""


class ChannelError(MinibotError):
    """A channel failed."""


class TokenRefused(ChannelError):
    """The channel says the token is wrong or was revoked."""


class SlowDown(ChannelError):
    """The channel asks to wait."""

    def __init__(self, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(f"the channel asks to wait {retry_after:g} s")


class SendFailed(ChannelError):
    """Sending failed for a reason that may pass; the message may or may not have arrived."""


class SendRefused(ChannelError):
    """The channel will never take this message."""


class ChatClosed(SendRefused):
    """The chat takes no messages: the person blocked the bot, or it was removed."""


class TopicsImpossible(SendRefused):
    """No topic can be opened in this chat."""

    def __init__(self, lack: TopicLack) -> None:
        self.lack = lack
        super().__init__(f"no topic can be opened here: {lack.value}")


class ChatMoved(ChannelError):
    """The chat has a new id."""

    def __init__(self, new_chat_id: str) -> None:
        self.new_chat_id = new_chat_id
        super().__init__(f"the chat moved to {new_chat_id}")


class ToolError(MinibotError):
    """A tool could not do what it was asked."""


class ToolArgumentsInvalid(ToolError):
    """The arguments of a tool cannot be used. The text is for the model to mend them."""


class ToolFailed(ToolError):
    """A tool failed. The text is for the model."""

    def __init__(self, message: str = "", *, transient: bool = False) -> None:
        self.transient = transient
        super().__init__(message)


class MediaUnreadable(MinibotError):
    """It cannot be read."""


class TurnLimit(MinibotError):
    """A turn has used up what it may."""


class ModelError(MinibotError):
    """The language model failed."""

    transient = False
    """True when the same request may succeed later."""


class ModelUnavailable(ModelError):
    """No language model can be reached at the moment."""

    transient = True


class ModelUnreachable(ModelError):
    """The model's server cannot be reached or fails."""

    transient = True


class ModelTimeout(ModelError):
    """The model took too long."""

    transient = True


class ModelBusy(ModelError):
    """The model's server asks to slow down."""

    transient = True

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class ModelReplyInvalid(ModelError):
    """The model's answer cannot be read."""

    transient = True


class ModelRequestRefused(ModelError):
    """The model's server refuses the request."""


class ModelAccessDenied(ModelError):
    """The model's server refuses the key, or the account has no balance."""


class ToolsUnsupported(ModelRequestRefused):
    """The model takes no tools."""


class PicturesUnsupported(ModelRequestRefused):
    """The model takes no pictures."""


class ContextTooLong(ModelError):
    """The conversation is longer than the model can read."""
