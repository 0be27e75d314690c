"""Answers at once what a person sent at once, though it came in several messages."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from minibot.app.first_of import first_of
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.app.running_turns import RunningTurns
from minibot.core.exchanges import says_the_same
from minibot.core.gathering import belongs, expects_more, joined
from minibot.core.inbox import InboxItem
from minibot.core.messages import IncomingMessage
from minibot.core.ports import Clock, Inbox, SettingsSource

MOST_WINDOWS = 10
"""Windows that are waited for while more and more comes."""

OnBusy = Callable[[str, IncomingMessage], None]
"""Told of a message that found its conversation busy."""


@dataclass(slots=True)
class _Turn:
    context: TurnContext
    last: IncomingMessage
    """The newest that belongs to it."""
    waits: asyncio.Event | None = None
    """Set when more came, while it waits for that."""

    def is_changed_by(self, edit: IncomingMessage) -> bool:
        """Say whether something that is being answered reads otherwise now."""
        answered = (each.message for each in (self.context.item, *self.context.joined))
        return any(
            (each.id, each.sender.id) == (edit.id, edit.sender.id) and not says_the_same(each, edit)
            for each in answered
        )


class Gathering:
    """Middleware: has a turn answer its message together with those that belong to it.

    Albums, forwards, files without a word and texts as long as a message can be wait for more;
    nothing else does. What belongs to a message that did not wait, such as forwards to the
    comment that comes before them, has its turn begin anew, unless something of that is seen.
    Every message is stored as it comes, so nothing depends on what is remembered here.
    """

    def __init__(
        self,
        inbox: Inbox,
        running: RunningTurns,
        *,
        settings: SettingsSource,
        clock: Clock,
        otherwise: OnBusy,
    ) -> None:
        """`otherwise` is told of what finds its conversation busy with something else."""
        self._inbox = inbox
        self._running = running
        self._settings = settings
        self._clock = clock
        self._otherwise = otherwise
        self._began = clock.now()
        self._turns: dict[str, _Turn] = {}
        self._followed: dict[str, datetime] = {}
        """When the newest message was sent that may belong to one before it, by conversation."""

    async def __call__(self, call_next: Handler, context: TurnContext) -> Answer:
        conversation = context.item.conversation
        if not (context.message.is_new or context.message.edited):
            return await call_next(context)
        turn = self._turns[conversation] = _Turn(context, context.message)
        try:
            # An edit brings nothing that would belong to it.
            if not context.message.edited and self._has_company(context.item):
                context = await self._gather(turn)
            return await call_next(context)
        finally:
            if self._turns.get(conversation) is turn:
                del self._turns[conversation]

    def on_busy(self, conversation: str, message: IncomingMessage) -> None:
        """Hear of a message that found its conversation busy."""
        turn = self._turns.get(conversation)
        if message.edited:
            if turn is not None and turn.is_changed_by(message):
                self._running.begin_anew(conversation)
            return
        if turn is None or not belongs(turn.last, message, self._window()):
            if message.forwarded or message.album:
                self._followed[conversation] = message.sent_at
            self._otherwise(conversation, message)
            return
        if turn.waits is not None:
            turn.last = message
            turn.waits.set()
            return
        self._followed[conversation] = message.sent_at
        progress = turn.context.progress
        if not (progress.begun or progress.acted or progress.bubble):
            self._running.begin_anew(conversation)

    def _has_company(self, item: InboxItem) -> bool:
        """Say whether something may belong to a message, here or on its way."""
        return expects_more(item.message) or self._is_followed(item)

    async def _gather(self, turn: _Turn) -> TurnContext:
        """Give the turn with all that belongs to its message."""
        context, window = turn.context, self._window()
        await self._take(turn, window)
        if window and expects_more(turn.last):
            turn.waits = asyncio.Event()
            await self._quiet(turn.waits, window)
            turn.waits = None
            await self._take(turn, window)
        if not context.joined:
            return context
        messages = [context.message, *(each.message for each in context.joined)]
        return replace(context, item=replace(context.item, message=joined(messages)))

    async def _take(self, turn: _Turn, window: timedelta) -> None:
        """Take what belongs to a turn and is stored by now."""

        def wanted(last: InboxItem, item: InboxItem) -> bool:
            return belongs(last.message, item.message, window)

        behind = (turn.context.joined or [turn.context.item])[-1]
        if taken := await self._inbox.claim_behind(behind, wanted):
            turn.context.joined.extend(taken)
            turn.last = taken[-1].message

    async def _quiet(self, arrived: asyncio.Event, window: timedelta) -> None:
        """Wait until nothing more came for a while."""
        for _ in range(MOST_WINDOWS):
            arrived.clear()
            await first_of(self._clock.sleep(window.total_seconds()), arrived.wait())
            if not arrived.is_set():
                return

    def _is_followed(self, item: InboxItem) -> bool:
        """Say whether something may lie in the inbox that belongs to a message."""
        if item.received_at < self._began:
            return True  # by a process before this one
        newest = self._followed.get(item.conversation)
        if newest is None:
            return False
        if newest < item.message.sent_at:
            del self._followed[item.conversation]
            return False
        return True

    def _window(self) -> timedelta:
        return timedelta(milliseconds=self._settings.current.chat.gather_ms)
