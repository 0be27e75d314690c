"""Shows in the chat how work gets on: one message a task or batch, which changes as it does."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.progress_words import end_of, progress_of
from minibot.app.agenda.quiet import QuietHours
from minibot.app.channels import ChannelSet
from minibot.core.errors import ChannelError, SendRefused, SlowDown, StorageUnavailable
from minibot.core.messages import ChatRef, Part
from minibot.core.outbox import Draft, OutboxState, OutgoingPart
from minibot.core.ports import Clock, Outbox, Tell
from minibot.core.tasks import Task, TaskState, untold

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""Between two looks while there is something to show."""

EDIT_SECONDS = 5.0
"""The shortest between two changes of a card."""

SLOWEST_EDIT_SECONDS = 60.0
EDITS_PER_DURATION = 20
"""What runs for long changes less often: so many times in as long as it has run already."""

LONG = timedelta(seconds=5)
"""From here on a task of its own is worth a card; a batch always is."""

ARRIVAL_SECONDS = 60.0
"""How long the end of a card waits for the card itself to arrive."""

PICKED_UP = timedelta(days=1)
"""A start looks for cards that were left open by work which ended since then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReach:
    """How cards get to people."""

    outbox: Outbox
    tell: Tell
    channels: ChannelSet
    is_free: Callable[[ChatRef], bool]
    """Says whether nothing else is being sent to a chat; see `Delivery.is_free`."""


@dataclass(slots=True, kw_only=True)
class _Card:
    """A message that shows how something gets on."""

    name: str
    """Of the batch, or the task of its own."""
    shown: str = ""
    """What it says; empty when that is not known, after a restart."""
    next_edit: float = 0.0
    refused_until: float = 0.0
    """The channel asked to wait until then. Both are monotonic seconds."""
    message_id: str = ""
    """Empty until it is known to have arrived."""
    editing: bool = False
    over_since: float | None = None

    @property
    def key(self) -> str:
        return f"progress:{self.name}"


class ProgressCards:
    """Follows tasks that people asked for, and says how they get on.

    A card is a message like any other, by whose key a restart finds it again. What it says
    while the work goes on is sent past the outbox: it is soon outdated, and whatever becomes
    of it, no message waits for it. How the work ended is a message again, behind the report.
    """

    def __init__(
        self, agenda: Agenda, quiet: QuietHours, reach: CardReach, *, clock: Clock
    ) -> None:
        self._agenda = agenda
        self._quiet = quiet
        self._reach = reach
        self._clock = clock
        self._cards: dict[str, _Card] = {}

    async def run(self) -> None:
        changed = asyncio.Event()
        self._agenda.task_watchers.add(changed)
        self._cards.clear()
        try:
            async with asyncio.TaskGroup() as edits:
                await self._insist_on_picking_up()
                while True:
                    changed.clear()
                    if await self._look(edits):
                        await self._clock.sleep(LOOK_SECONDS)
                    else:
                        await changed.wait()
        finally:
            self._agenda.task_watchers.discard(changed)

    async def _insist_on_picking_up(self) -> None:
        while True:
            try:
                return await self._pick_up()
            except StorageUnavailable:
                log.exception("storage failed; open cards are looked up again")
                await self._clock.sleep(LOOK_SECONDS)

    async def _pick_up(self) -> None:
        """Find cards of work that ended as the process did: nobody told them of it."""
        since = self._clock.now() - PICKED_UP
        works: dict[str, list[Task]] = {}
        for task in self._agenda.tasks():
            works.setdefault(_name(task), []).append(task)
        for name, tasks in works.items():
            recent = max(task.updated_at for task in tasks) >= since
            if recent and _is_shown(tasks) and all(task.over for task in tasks):
                card = _Card(name=name)
                if await self._has_arrived(card):
                    self._cards[name] = card

    async def _look(self, edits: asyncio.TaskGroup) -> bool:
        """Bring every card up to date; says whether there is more to come soon."""
        running = self._agenda.tasks(states={TaskState.RUNNING})
        names = {_name(task): self._tasks(_name(task)) for task in running}
        shown = {name: tasks for name, tasks in names.items() if _is_shown(tasks)}
        try:
            for name, tasks in shown.items():
                if name not in self._cards and self._is_due(tasks):
                    await self._open(name, tasks)
            for card in list(self._cards.values()):
                await self._follow(card, edits)
        except StorageUnavailable:
            log.exception("storage failed; cards are brought up to date later")
            return True
        return bool(shown or self._cards)

    def _is_due(self, tasks: Sequence[Task]) -> bool:
        if self._quiet.end(tasks[0].owner) is not None:
            return False
        now = self._clock.now()
        return len(tasks) > 1 or any(
            task.started_at is not None and now - task.started_at >= LONG for task in tasks
        )

    async def _open(self, name: str, tasks: Sequence[Task]) -> None:
        card = _Card(name=name, next_edit=self._clock.monotonic() + EDIT_SECONDS)
        if not await self._has_arrived(card):  # as it has when a process before this showed it
            card.shown = progress_of(tasks, self._clock.now())
            draft = Draft(key=card.key, chat=tasks[0].chat, part=Part(text=card.shown))
            await self._reach.tell([draft])
        self._cards[name] = card

    async def _follow(self, card: _Card, edits: asyncio.TaskGroup) -> None:
        tasks = self._tasks(card.name)
        if not tasks:  # erased, and nothing more is said of it
            del self._cards[card.name]
        elif card.editing:
            return
        elif all(task.over for task in tasks):
            await self._close(card, tasks)
        else:
            card.over_since = None
            await self._refresh(card, tasks, edits)

    async def _refresh(self, card: _Card, tasks: Sequence[Task], edits: asyncio.TaskGroup) -> None:
        first = tasks[0]
        if self._clock.monotonic() < card.next_edit or self._quiet.end(first.owner) is not None:
            return
        text = progress_of(tasks, self._clock.now())
        if text != card.shown and self._reach.is_free(first.chat) and await self._has_arrived(card):
            card.editing = True
            edits.create_task(self._edit(card, tasks, text), name=f"card {card.name}")

    async def _edit(self, card: _Card, tasks: Sequence[Task], text: str) -> None:
        """Change what a card says, once; what fails is outdated before it could be sent again."""
        pause = self._pace(tasks)
        channel = self._reach.channels.find(tasks[0].chat.channel)
        try:
            if channel is not None:
                await channel.send(self._passing(card, tasks[0].chat, text))
                card.shown = text
        except SlowDown as error:
            pause = max(pause, error.retry_after)
            card.refused_until = self._clock.monotonic() + error.retry_after
        except SendRefused as error:
            log.info("a card cannot be changed", extra={"card": card.name, "problem": str(error)})
            pause = SLOWEST_EDIT_SECONDS
        except ChannelError as error:
            log.info("a card was not changed", extra={"card": card.name, "problem": str(error)})
        finally:
            card.editing = False
            card.next_edit = self._clock.monotonic() + pause

    def _pace(self, tasks: Sequence[Task]) -> float:
        now = self._clock.now()
        began = min((task.started_at for task in tasks if task.started_at), default=now)
        wanted = (now - began).total_seconds() / EDITS_PER_DURATION
        return min(max(wanted, EDIT_SECONDS), SLOWEST_EDIT_SECONDS)

    def _passing(self, card: _Card, chat: ChatRef, text: str) -> OutgoingPart:
        now = self._clock.now()
        return OutgoingPart(
            id=0,
            key=card.key,
            chat=chat,
            part=Part(text=text),
            reply_to="",
            state=OutboxState.SENDING,
            attempts=1,
            created_at=now,
            not_before=now,
            inbox_id=None,
            edits=card.message_id,
        )

    async def _close(self, card: _Card, tasks: Sequence[Task]) -> None:
        """Say how it ended, once whoever asked was told: no report waits behind a card."""
        now = self._clock.monotonic()
        card.over_since = card.over_since or now
        if now < card.refused_until or any(untold(task) and not task.held for task in tasks):
            return
        if await self._has_arrived(card):
            ended_at = max(
                task.updated_at if task.finished_at is None else task.finished_at for task in tasks
            )
            draft = Draft(
                key=f"{card.key}:end:{ended_at.isoformat()}",
                chat=tasks[0].chat,
                part=Part(text=end_of(tasks)),
                edits=card.message_id,
            )
            await self._reach.tell([draft])
            del self._cards[card.name]
        elif now - card.over_since > ARRIVAL_SECONDS:
            del self._cards[card.name]

    async def _has_arrived(self, card: _Card) -> bool:
        if not card.message_id:
            card.message_id = await self._reach.outbox.message_id(card.key)
        return bool(card.message_id)

    def _tasks(self, name: str) -> list[Task]:
        task = self._agenda.task(name)
        return self._agenda.batch(name) if task is None else [task]


def _name(task: Task) -> str:
    return task.batch or task.id


def _is_shown(tasks: Sequence[Task]) -> bool:
    """Leave out what nobody waits for: what jobs do, and what nobody is told of."""
    return bool(tasks) and not any(task.job or task.quiet for task in tasks)
