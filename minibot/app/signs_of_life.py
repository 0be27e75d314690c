"""What a person sees while their answer is being written: typing, its words, an offer."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from minibot.app.first_of import first_of
from minibot.app.long_turns import LongTurns
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.app.preview import Preview, PreviewReach, bubble_key

log = logging.getLogger(__name__)

SOON_SECONDS = 0.02
"""An answer that comes sooner needs no sign of life, and no request for one."""

TYPING_EVERY_SECONDS = 4.0
"""Telegram shows a chat action for five seconds (Bot API, sendChatAction)."""

LAST_CALL_SECONDS = 3.0
"""How long an answer waits for a preview that is on its way, which must not come after it."""


class SignsOfLife:
    """Middleware: shows what there is to see, and asks about what takes long."""

    def __init__(self, reach: PreviewReach, long_turns: LongTurns) -> None:
        self._reach = reach
        self._long_turns = long_turns
        self._began = reach.clock.now()

    async def __call__(self, call_next: Handler, context: TurnContext) -> Answer:
        self._long_turns.begin(context)
        calls = _Calls()
        signs = asyncio.create_task(self._show(context, calls), name="signs of life")
        try:
            answer = await call_next(context)
            answer = await self._long_turns.settled(context.item, answer)
        finally:
            self._long_turns.end(context.item)
            signs.cancel()
            if calls.begun:
                await calls.end(signs)
        return await self._in_place(context, answer)

    async def _show(self, context: TurnContext, calls: "_Calls") -> None:
        clock, progress, typed = self._reach.clock, context.progress, -TYPING_EVERY_SECONDS
        await clock.sleep(SOON_SECONDS)
        calls.begun = True
        preview = Preview(context, self._reach)
        while not self._long_turns.is_aside(context.item):
            progress.changed.clear()
            look = preview.look()
            if look.shows:
                await calls.insist(preview.show())
                continue
            until_typing = typed + TYPING_EVERY_SECONDS - clock.monotonic()
            if until_typing <= 0 and not preview.is_draft:
                await self._type(context)
                typed, until_typing = clock.monotonic(), TYPING_EVERY_SECONDS
            offer = await self._long_turns.offer(context)
            pause = min(look.seconds, max(until_typing, 0.0) or TYPING_EVERY_SECONDS, offer)
            if look.sleeps:
                await clock.sleep(pause)
            else:
                await first_of(clock.sleep(pause), progress.changed.wait())

    async def _type(self, context: TurnContext) -> None:
        chat = context.message.chat
        channel = self._reach.channels.find(chat.channel)
        if channel is not None and self._reach.delivery.is_free(chat):
            await channel.show_typing(chat)

    async def _in_place(self, context: TurnContext, answer: Answer) -> Answer:
        """Have the answer take the place of the message that showed it."""
        key, item = context.progress.bubble, context.item
        if not key and (item.received_at < self._began or item.attempts > 1):
            key = bubble_key(item.id)  # shown by a process before this one, or by another try
            key = key if await self._reach.outbox.message_id(key) else ""
        return replace(answer, replaces=key) if key else answer


class _Calls:
    """What is on its way to a channel, and is not torn off when nobody needs it any more."""

    def __init__(self) -> None:
        self.begun = False
        """True once there may be some."""
        self._running: set[asyncio.Task[None]] = set()

    async def insist(self, work: Coroutine[Any, Any, None]) -> None:
        """Run to the end, also when the one who waits for it is cancelled."""
        task = asyncio.create_task(work, name="preview")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await asyncio.shield(task)

    async def end(self, signs: asyncio.Task[None]) -> None:
        """Wait for what is on its way, for a moment."""
        await asyncio.wait((signs, *self._running), timeout=LAST_CALL_SECONDS)
        for task in self._running:
            task.cancel()
        if signs.done() and not signs.cancelled() and (error := signs.exception()) is not None:
            log.error("signs of life broke; the answer does not depend on them", exc_info=error)
