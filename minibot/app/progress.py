"""What there is of an answer that is being written."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from minibot.core.llm import ReasoningDelta, Restarted, StreamEvent, TextDelta

T = TypeVar("T")


class Progress(Generic[T]):
    """The words of the model so far, and what its tools are doing; belongs to one turn."""

    __slots__ = (
        *("_pieces", "acted", "bubble", "changed", "doing"),
        *("finish", "is_new", "is_over", "thinks"),
    )

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.is_new = False
        """True when the words are of a step that is over: the next ones replace them."""
        self.is_over = False
        """True when the model has said all it had to say: the answer itself comes next."""
        self.thinks = False
        self.acted = False
        """True once tools were called."""
        self.doing: dict[str, str] = {}
        """What runs at this moment, by the id of the call."""
        self.bubble = ""
        """The key of the part that shows it; empty while none does."""
        self.finish: Callable[[str], T] | None = None
        """Makes an answer of the words so far."""
        self.changed = asyncio.Event()

    @property
    def text(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    @property
    def begun(self) -> bool:
        return bool(self._pieces)

    def begin_step(self) -> None:
        self.is_new, self.is_over = True, False

    def observe(self, event: StreamEvent) -> None:
        """Take in an event of the model's stream."""
        if isinstance(event, TextDelta):
            if self.is_new:
                self.is_new, self._pieces = False, []
            self._pieces.append(event.text)
            self.thinks = False
        elif isinstance(event, ReasoningDelta):
            if self.thinks:
                return
            self.thinks = True
        elif isinstance(event, Restarted):
            self._pieces = []
        else:
            return
        self.changed.set()

    @contextmanager
    def shown(self, call_id: str, doing: str) -> Iterator[None]:
        """Name what is done while inside."""
        self.acted = True
        self.doing[call_id] = doing
        self.changed.set()
        try:
            yield
        finally:
            self.doing.pop(call_id, None)
            self.changed.set()
