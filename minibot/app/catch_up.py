"""While minibot was away: what it missed is answered late, or kept and offered.

The door decides, once, for everything that was sent before this process began to listen. What
is kept is never in line, so nothing waits behind it. Each chat is asked about what was kept for
it when no more of it comes in, and the owner is told in the end.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.durations import spoken
from minibot.app.event_bus import EventBus
from minibot.app.markdown import counted
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.core.catch_up import Kept, Limits, MissedItem, oldest, was_missed, why_kept
from minibot.core.errors import StorageUnavailable
from minibot.core.events import TroubleNoticed
from minibot.core.inbox import InboxState
from minibot.core.messages import Arrival, Button, IncomingMessage, Part
from minibot.core.outbox import Draft
from minibot.core.ports import Clock, Missed, SettingsSource, Tell
from minibot.core.texts import Texts

log = logging.getLogger(__name__)

QUIET_SECONDS = 2.0
"""When nothing missed came in for so long, all of it is there: a channel brings it at once."""

REPORT_WITHIN_SECONDS = 30
"""The owner is told when all is answered, and after so long in any case."""

STORAGE_PAUSE_SECONDS = 1.0

PRESS = "away"
"""First part of the buttons' data: ``away:<choice>:<first id>-<last id>``."""

ANSWER, SKIP = "answer", "skip"


class Start:
    """When this process began: by the clock of then, or of now if that was ahead and is not.

    Else all that is written would seem to be from before, until the clock has caught up.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._shown = clock.now()
        self._surely = self._shown.replace(microsecond=0)
        self._began = clock.monotonic()

    @property
    def moment(self) -> datetime:
        elapsed = timedelta(seconds=self._clock.monotonic() - self._began)
        return min(self._shown, self._clock.now() - elapsed)

    def is_behind(self, moment: datetime) -> bool:
        """Say whether something happened before; see `was_missed`."""
        # It is never put later than the clock showed, so little has to be held against it.
        return moment < self._surely and was_missed(moment, self.moment)


class CatchUp:
    """Looks after what was missed before one start."""

    def __init__(
        self,
        missed: Missed,
        bus: EventBus,
        chats: ChatSettingsBook,
        *,
        tell: Tell,
        settings: SettingsSource,
        clock: Clock,
    ) -> None:
        self._missed = missed
        self._chats = chats
        self._bus = bus
        self._tell = tell
        self._settings = settings
        self._clock = clock
        self._start = Start(clock)
        self._arrived = asyncio.Event()
        self._last_arrival = clock.monotonic()
        self._late: dict[str, set[str]] = {}
        """Message ids that are answered by themselves, by conversation."""
        self._pending: set[tuple[str, str]] = set()
        self._answered = 0
        self._offered: Counter[str] = Counter()
        self._beyond = 0
        """Of those that were offered, how many are there only because too many came."""
        self._first_sent: datetime | None = None
        self._reported = False

    async def sort_out(self, arrivals: Sequence[Arrival]) -> Sequence[Arrival]:
        """Keep what came too late to be answered by itself; gives the rest.

        Raises `StorageUnavailable` with nothing kept.
        """
        kept: list[Arrival] = []
        rest: list[Arrival] = []
        for arrival in arrivals:
            why = self._judge(arrival)
            if why is None:
                rest.append(arrival)
            else:
                kept.append(replace(arrival, problem=why.value))
        if kept:
            await self._missed.keep(kept)
            self._note_arrival()  # once more: only now can it be offered
        return rest

    async def quote(self, call_next: Handler, context: TurnContext) -> Answer:
        """Middleware: have late answers point at what they answer."""
        answer = await call_next(context)
        item, message = context.item, context.message
        if message.press is not None or message.work is not None:
            return answer
        if answer.state not in (InboxState.WAITING, InboxState.RETRY):
            self._note_end(message, answered=answer.state is InboxState.DONE)
        late = self._start.is_behind(item.received_at) or self._start.is_behind(message.sent_at)
        return replace(answer, quote=True) if late else answer

    async def run(self) -> None:
        self._arrived.set()  # for what was kept by a process that died before it could ask
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            await self._quiet()
            try:
                await self._offer()
            except StorageUnavailable:
                log.exception("storage failed; missed messages are offered later")
                self._arrived.set()
                await self._clock.sleep(STORAGE_PAUSE_SECONDS)
            else:
                await self._report()

    def _judge(self, arrival: Arrival) -> Kept | None:
        message = arrival.message
        if message is None or not self._is_missed(arrival, message):
            return None
        catch_up = self._settings.current.catch_up
        late = self._late.setdefault(arrival.chat.key, set())
        self._note_arrival()
        if message.id in late:  # its channel brings it again
            return None
        limits = Limits(
            window=timedelta(seconds=catch_up.window_seconds), most=catch_up.max_per_chat
        )
        why = why_kept(message.sent_at, start=self._start.moment, limits=limits, answered=len(late))
        if why is None:
            late.add(message.id)
            self._pending.add((arrival.chat.key, message.id))
            self._note_sent(message.sent_at)
        return why

    def _is_missed(self, arrival: Arrival, message: IncomingMessage) -> bool:
        # An urgent one or a press does something at once or not at all, and what was not meant
        # for minibot is not answered in any case.
        ordinary = not arrival.urgent and (message.is_new or message.edited)
        return ordinary and message.addressed and self._start.is_behind(message.sent_at)

    def _note_arrival(self) -> None:
        self._last_arrival = self._clock.monotonic()
        self._arrived.set()

    def _note_end(self, message: IncomingMessage, *, answered: bool) -> None:
        if self._pending and (name := (message.chat.key, message.id)) in self._pending:
            self._pending.discard(name)
            self._answered += answered

    def _note_sent(self, moment: datetime) -> None:
        self._first_sent = min(moment, self._first_sent or moment)

    async def _quiet(self) -> None:
        """Wait until nothing missed has come in for a while."""
        while (left := self._last_arrival + QUIET_SECONDS - self._clock.monotonic()) > 0:
            await self._clock.sleep(left)

    async def _offer(self) -> None:
        """Ask each chat about what was kept for it."""
        found = sorted(await self._missed.unoffered(), key=lambda item: (item.chat.key, item.id))
        for conversation, group in groupby(found, key=lambda item: item.chat.key):
            items = list(group)
            # In this order: when the process dies in between, the same card is known by its key.
            await self._tell([self._card(items)])
            await self._missed.mark([item.id for item in items], Kept.OFFERED)
            self._offered[conversation] += len(items)
            self._beyond += _beyond(items)
            self._note_sent(oldest(items) or self._start.moment)
            log.info(
                "missed messages were offered",
                extra={"conversation": conversation, "messages": len(items)},
            )

    def _card(self, items: Sequence[MissedItem]) -> Draft:
        texts = _texts(items, self._chats)
        said = [card_text(items, texts)]
        if beyond := _beyond(items):
            most = self._settings.current.catch_up.max_per_chat
            all_are = beyond == len(items)
            which = texts.missed_all_beyond if all_are else texts.missed_some_beyond
            said.append(which.format(number=beyond, most=most))
        said.append(texts.missed_answer_it if len(items) == 1 else texts.missed_answer_them)
        answer = _button(texts.missed_answer, ANSWER, items)
        skip = _button(texts.missed_skip, SKIP, items)
        return Draft(
            key=card_key(items),
            chat=items[0].chat,
            part=Part(text=" ".join(said), buttons=((answer, skip),)),
        )

    async def _report(self) -> None:
        """Tell the owner and the log, once, and only if there is something to tell."""
        if self._reported or not (any(self._late.values()) or self._offered):
            return
        for _ in range(REPORT_WITHIN_SECONDS):
            if not self._pending:
                break
            await self._clock.sleep(1.0)
        self._reported = True
        log.info(
            "caught up with what was missed",
            extra={
                "answered": self._answered,
                "unanswered": len(self._pending),
                "kept": self._offered.total(),
                "chats": len(self._offered),
            },
        )
        self._bus.publish(TroubleNoticed(topic="catch up", text=self._summary()))

    def _summary(self) -> str:
        start = self._start.moment
        away = start - (self._first_sent or start)
        so_far = " so far" if self._pending else ""
        told = []
        if any(self._late.values()):
            told.append(f"{counted(self._answered, 'message')} answered late{so_far}")
        if kept := self._offered.total():
            beyond = f" ({self._beyond} because so many came at once)" if self._beyond else ""
            chats = counted(len(self._offered), "chat")
            told.append(f"{kept} older {'one' if kept == 1 else 'ones'} kept in {chats}{beyond}")
        return f"Back after at least {spoken(away)}: {', '.join(told)}."


def card_text(items: Sequence[MissedItem], texts: Texts) -> str:
    """Say what was kept for a chat."""
    if any(item.message.private for item in items if item.message):
        one, several = texts.missed_one, texts.missed_several
    else:
        one, several = texts.missed_one_here, texts.missed_several_here
    said = one if len(items) == 1 else several
    return said.format(number=len(items), when=_when(oldest(items), texts))


def _when(moment: datetime | None, texts: Texts) -> str:
    if moment is None:
        return texts.missed_long_ago
    month = texts.months.split()[moment.month - 1]
    return texts.missed_when.format(day=moment.day, month=month, time=f"{moment:%H:%M}")


def _texts(items: Sequence[MissedItem], chats: ChatSettingsBook) -> Texts:
    """Give the language of the chat, or else of who wrote first."""
    for item in items:
        if item.message is not None:
            return chats.texts(item.message)
    return chats.chat_texts(items[0].chat.key)


def card_key(items: Sequence[MissedItem]) -> str:
    """Name the question about these in the outbox; ids of rows are never used twice."""
    return f"missed:{_range(items)}"


def _button(label: str, choice: str, items: Sequence[MissedItem]) -> Button:
    return Button(label=label, data=f"{PRESS}:{choice}:{_range(items)}")


def _range(items: Sequence[MissedItem]) -> str:
    return f"{items[0].id}-{items[-1].id}"


def _beyond(items: Sequence[MissedItem]) -> int:
    return sum(item.kept is Kept.TOO_MANY for item in items)
