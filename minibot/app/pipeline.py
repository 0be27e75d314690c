"""From a message to an answer: a handler, wrapped in middleware."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from minibot.app.progress import Progress
from minibot.core.account import AnswerAccount
from minibot.core.exchanges import Exchange
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.journal import StepRecord
from minibot.core.llm import Utterance
from minibot.core.messages import Button, IncomingMessage, OutgoingFile
from minibot.core.outbox import Draft
from minibot.core.ports import SaidPart
from minibot.core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerAnswer:
    """An answer in whose place another one comes."""

    exchange: Exchange
    questions: tuple[int, ...]
    """The inbox ids of what is answered now."""
    parts: tuple[SaidPart, ...] = ()
    steps: tuple[StepRecord, ...] = ()
    """What was done for it, but for what was undone since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnContext:
    """What a turn works with: its message, and the settings as they were when it began."""

    item: InboxItem
    settings: Settings
    progress: "Progress[Answer]" = field(default_factory=Progress, compare=False)
    """Filled while the model writes."""
    joined: list[InboxItem] = field(default_factory=list, compare=False)
    """Items that are answered with this one; they end as it does."""
    former: FormerAnswer | None = None
    """Given when the last exchange is redone: `message` is what was asked there."""

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
    receipts: str = ""
    """The end of `markdown`, as far as that tells what was changed; it is seen even where the rest
    is not at once."""
    choices: tuple[tuple[str, str], ...] = ()
    """Names and values for the `Preferences` of the conversation; an empty one is forgotten."""
    notice: bool = False
    """True for words of minibot's own that concern nobody but who wrote: a group does not see
    them, and they may be lost."""
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
    exchange: Exchange | None = None
    """Given when a model answered: who asked."""
    drops: int = 0
    """See `TurnResult.drops`."""
    in_place_of: tuple[SaidPart, ...] = ()
    """The parts of an earlier answer that this one takes the place of."""
    incognito: bool = False
    """True when nothing of it is to be remembered."""


Handler = Callable[[TurnContext], Awaitable[Answer]]

# A middleware is given the rest of the chain. It may answer itself, call on, or change what
# comes back.
Middleware = Callable[[Handler, TurnContext], Awaitable[Answer]]


def compose(handler: Handler, middleware: Sequence[Middleware]) -> Handler:
    """Wrap a handler; the first middleware is the outermost."""
    for wrap in reversed(middleware):
        handler = partial(wrap, handler)
    return handler
