"""The daemon's parts wired as in the container, with the outside world replaced."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from minibot.adapters.storage import Rows, Storage, in_memory_storage
from minibot.app.channels import ChannelKind, ChannelSet
from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.composing import Composer
from minibot.app.crash_points import CrashPoints
from minibot.app.delivery import Delivery
from minibot.app.dispatcher import Dispatcher, RunTurn
from minibot.app.event_bus import EventBus, WhenFull
from minibot.app.live_settings import LiveSettings
from minibot.app.long_turns import LetGo, LongTurns
from minibot.app.model_chain import ModelChain, Place
from minibot.app.moved_chats import MovedChats
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.app.preview import PreviewReach
from minibot.app.recorder import Queues, Recorder
from minibot.app.running_turns import RunningTurns
from minibot.app.signs_of_life import SignsOfLife
from minibot.app.slots import Slots
from minibot.app.supervisor import Supervisor
from minibot.app.turns import TurnRunner
from minibot.core.errors import ToolFailed
from minibot.core.events import Event, MessageAccepted
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.llm import CompletionRequest, Role, Utterance
from minibot.core.messages import Arrival, ChatRef, Document, OutgoingFile, Part
from minibot.core.outbox import Draft, OutgoingPart
from minibot.core.ports import LanguageModel
from minibot.core.settings import LanguageModelSettings, Settings
from tests.app.faulty_storage import Faults, faulty_storage
from tests.fakes import FakeChannel, FakeClock, make_arrival, make_settings, render_plain, settle

Run = Callable[[], Awaitable[None]]


@asynccontextmanager
async def in_background(*runs: Run) -> AsyncIterator[tuple[asyncio.Task[None], ...]]:
    """Run parts beside the test; what one of them raises, the test raises."""
    async with asyncio.TaskGroup() as group:
        tasks = tuple(group.create_task(_completed(run)) for run in runs)
        await settle()
        yield tasks
        for task in tasks:
            task.cancel()


async def _completed(run: Run) -> None:
    await run()


async def cancel(task: "asyncio.Task[Any]") -> None:
    """End a task and wait for it."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@asynccontextmanager
async def overheard(bus: EventBus, *types: type[Event]) -> AsyncIterator[list[Event]]:
    """Collect events while inside."""
    heard: list[Event] = []

    async def listen() -> None:
        with bus.subscribe("test", *types, capacity=10_000, when_full=WhenFull.DROP_OLDEST) as all_:
            async for event in all_:
                heard.append(event)

    async with in_background(listen):
        yield heard


class HandingOut:
    """Implements `minibot.app.composing.HandOut`."""

    def __init__(self) -> None:
        self.files: list[tuple[str, str, bytes]] = []
        """The owner, the name and the content of each."""
        self.disk_full = False

    async def __call__(self, owner: str, name: str, data: bytes) -> OutgoingFile:
        if self.disk_full:
            raise ToolFailed("the disk is full")
        self.files.append((owner, name, data))
        return OutgoingFile(path=f"/out/{name}", name=name)


class Rig:
    """Everything between a stored message and a delivered answer."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        rows: Rows | None = None,
        clock: FakeClock | None = None,
    ) -> None:
        """Wire the parts.

        Args:
            rows: what another rig left behind: this one is then the process that follows it.
            clock: of that rig, where it matters how much time is left.
        """
        self.clock = clock or FakeClock()
        self.rows = Rows() if rows is None else rows
        self.faults = Faults()
        self.storage: Storage = faulty_storage(
            in_memory_storage(self.clock, rows=self.rows), self.faults
        )
        self.bus = EventBus()
        self.live = LiveSettings(settings or make_settings())
        self.crash_points = CrashPoints()
        self.running = RunningTurns()
        self.supervisor = Supervisor(self.bus, self.clock)
        self.channel = FakeChannel()
        self.render: Callable[[str], tuple[Part, ...]] = render_plain
        self.render_rich = self.render
        self.as_document: Callable[[str, Sequence[Part]], Document | None] = lambda *_: None
        self.handing_out = HandingOut()
        self.channels = self.channel_set({"telegram": self._kind()})
        self.chats = ChatSettingsBook(self.storage.preferences)
        self.composer = Composer(self.channels, self.chats, self.handing_out, self.live)
        self.moved_chats = MovedChats(self.storage.outbox, self.bus)
        self.delivery = Delivery(
            self.storage.outbox,
            channels=self.channels,
            moved_chats=self.moved_chats,
            bus=self.bus,
            clock=self.clock,
            random=lambda: 0.0,
            crash_points=self.crash_points,
        )
        self.noticed = 0
        self.recorder = Recorder(
            Queues(
                inbox=self.storage.inbox,
                outbox=self.storage.outbox,
                ledger=self.storage.ledger,
            ),
            composer=self.composer,
            delivery=self.delivery,
            bus=self.bus,
            clock=self.clock,
            crash_points=self.crash_points,
            on_waiting=self._on_waiting,
        )

    def _on_waiting(self) -> None:
        self.noticed += 1

    async def tell(self, drafts: Sequence[Draft]) -> None:
        self.delivery.hand_over(await self.storage.outbox.enqueue(drafts))

    def chain(
        self, model: LanguageModel, settings: LanguageModelSettings | None = None
    ) -> ModelChain:
        """Give a chain of one model, unless the settings name more; they are then all this one."""
        return ModelChain(
            lambda _: model,
            settings or self.live.current.llm,
            clock=self.clock,
            bus=self.bus,
        )

    def channel_set(self, kinds: dict[str, ChannelKind]) -> ChannelSet:
        return ChannelSet(
            kinds,
            self.live,
            receive=self.admit,
            supervisor=self.supervisor,
            bus=self.bus,
        )

    def turns(
        self, handle: Handler, on_stopped: Callable[[int], Awaitable[None]] | None = None
    ) -> TurnRunner:
        return TurnRunner(
            handle,
            recorder=self.recorder,
            journal=self.storage.journal,
            running=self.running,
            settings=self.live,
            on_stopped=on_stopped or nothing_to_withdraw,
            wording=self.chats.texts,
        )

    def long_turns(self, let_go: LetGo = print) -> LongTurns:
        return LongTurns(
            self.storage.inbox,
            self.storage.outbox,
            self.running,
            let_go=let_go,
            tell=self.tell,
            clock=self.clock,
            wording=self.chats.texts,
        )

    def dispatcher(self, run_turn: RunTurn) -> Dispatcher:
        return Dispatcher(
            self.storage.inbox,
            self.bus,
            run_turn=run_turn,
            slots=Slots(lambda: self.live.current.runtime.max_concurrent_turns),
            clock=self.clock,
            crash_points=self.crash_points,
        )

    async def admit(self, arrivals: Sequence[Arrival]) -> None:
        """Store arrivals and say so, as the intake does."""
        for event in await self.storage.inbox.admit(arrivals):
            self.bus.publish(event)

    async def take(self, key: str = "1", chat: ChatRef | None = None, **fields: Any) -> InboxItem:
        """Store a message and claim it, as the dispatcher does."""
        arrival = make_arrival(key, chat=chat, **fields)
        (event,) = await self.storage.inbox.admit([arrival])
        claimed = await self._claim(event)
        assert isinstance(claimed, InboxItem)
        return claimed

    async def enqueue(self, *texts: str, chat: ChatRef) -> list[OutgoingPart]:
        """Store parts to be delivered, without handing them over."""
        drafts = [
            Draft(key=f"{chat.key}/{text}", chat=chat, part=Part(text=text)) for text in texts
        ]
        return await self.storage.outbox.enqueue(drafts)

    def state(self, inbox_id: int) -> InboxState:
        return self.rows.inbox[inbox_id].state

    def part_states(self) -> list[str]:
        return [row.part.state.value for row in self.rows.outbox.values()]

    async def _claim(self, event: MessageAccepted) -> object:
        if event.urgent:
            return await self.storage.inbox.claim_urgent(event.inbox_id)
        return await self.storage.inbox.claim(event.conversation)

    def _kind(self) -> ChannelKind:
        return ChannelKind(
            enabled=lambda settings: settings.channels.telegram.enabled,
            key=lambda settings: (settings.channels.telegram.bot_token.get_secret_value(),),
            build=lambda settings: self.channel,
            render=lambda markdown: self.render(markdown),
            render_rich=lambda markdown: self.render_rich(markdown),
            render_caption=lambda markdown: self.render(markdown),
            as_document=lambda markdown, parts: self.as_document(markdown, parts),
        )


async def nothing_to_withdraw(_inbox_id: int) -> None:
    """No question is open."""


async def say_done(_context: TurnContext) -> Answer:
    return Answer(markdown="done")


def plain_request(place: Place) -> CompletionRequest:
    """Build a question for `ModelChain.ask` that fits everywhere."""
    question = Utterance(role=Role.USER, text="hello")
    return CompletionRequest(model="", system_prompt="", messages=(question,), once=place.once)


def signs_of_life(rig: Rig, long_turns: LongTurns | None = None) -> SignsOfLife:
    reach = PreviewReach(
        channels=rig.channels,
        outbox=rig.storage.outbox,
        tell=rig.tell,
        delivery=rig.delivery,
        clock=rig.clock,
        chats=ChatSettingsBook(rig.storage.preferences),
    )
    return SignsOfLife(reach, long_turns or rig.long_turns())
