"""From a message to an answer: a handler, wrapped in middleware."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from minibot.app.progress import Progress
from minibot.core.account import AnswerAccount
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.llm import Utterance
from minibot.core.messages import Button, IncomingMessage, OutgoingFile
from minibot.core.outbox import Draft
from minibot.core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnContext:
    """What a turn works with: its message, and the settings as they were when it began."""

    item: InboxItem
    settings: Settings
    progress: "Progress[Answer]" = field(default_factory=Progress, compare=False)
    """Filled while the model writes."""

    @property
    def message(self) -> IncomingMessage:
        return self.item.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a turn leads to. Without `markdown` nothing is said."""

    markdown: str = ""
    state: InboxState = InboxState.DONE
    """`WAITING` and `RETRY` put the message back in line; `markdown` is then said once."""
    entries: tuple[Utterance, ...] = ()
    forget_history: bool = False
    problem: str = ""
    quote: bool = False
    """True to point at the message in private as well, because it was sent long before."""
    buttons: tuple[tuple[Button, ...], ...] = ()
    """Rows under the last part of the text."""
    files: tuple[OutgoingFile, ...] = ()
    """Sent behind the text."""
    account: AnswerAccount | None = None
    """Given when a model answered: how that came about."""
    drafts: tuple[Draft, ...] = ()
    """More to be said, or changed, elsewhere."""
    replaces: str = ""
    """The key of a part in whose place the text comes; see `OutgoingPart.replaces`."""


Handler = Callable[[TurnContext], Awaitable[Answer]]

# A middleware is given the rest of the chain. It may answer itself, call on, or change what
# comes back.
Middleware = Callable[[Handler, TurnContext], Awaitable[Answer]]


def compose(handler: Handler, middleware: Sequence[Middleware]) -> Handler:
    """Wrap a handler; the first middleware is the outermost."""
    for wrap in reversed(middleware):
        handler = partial(wrap, handler)
    return handler
