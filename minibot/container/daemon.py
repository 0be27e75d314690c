"""Wires the daemon."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from minibot.adapters.tools import Supplies, build_toolbox
from minibot.app.agenda.progress_cards import CardReach
from minibot.app.agent.approval_desk import ApprovalDesk
from minibot.app.catch_up import CatchUp
from minibot.app.channels import ChannelSet
from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.composing import Composer
from minibot.app.crash_points import CrashPoints
from minibot.app.daemon import Daemon
from minibot.app.delivery import Delivery
from minibot.app.dispatcher import Dispatcher
from minibot.app.event_bus import EventBus
from minibot.app.handlers.command import Command
from minibot.app.intake import Intake
from minibot.app.live_settings import LiveSettings
from minibot.app.menus import CommandMenus
from minibot.app.model_chain import ModelChain
from minibot.app.model_watch import ModelWatch
from minibot.app.moved_chats import MovedChats
from minibot.app.notices import OwnerNotices
from minibot.app.recorder import Queues, Recorder
from minibot.app.reload import Reloader
from minibot.app.rich_forms import ChosenRichForms
from minibot.app.running_turns import RunningTurns
from minibot.app.scheduler import PeriodicJob, Scheduler
from minibot.app.slots import Slots
from minibot.app.summaries import Summariser
from minibot.app.supervisor import Supervisor
from minibot.app.topic_titles import TopicTitles
from minibot.app.turns import TurnRunner
from minibot.container.agenda import (
    Planning,
    Reach,
    agenda_parts,
    agenda_upkeep,
    open_planning,
)
from minibot.container.channels import ChannelRegistry, check_token
from minibot.container.meanwhile import Meanwhile, build_meanwhile
from minibot.container.media import MediaMeans, media_means
from minibot.container.outside import Outside
from minibot.container.stores import Stores, open_stores
from minibot.container.turns import Surroundings, build_pipeline
from minibot.core.events import TroubleNoticed
from minibot.core.messages import Arrival, ChatRef
from minibot.core.outbox import Draft
from minibot.core.ports import Toolbox
from minibot.core.settings import Settings

PURGE_EVERY_SECONDS = 3600.0
CHECKPOINT_EVERY_SECONDS = 300.0
INDEX_EVERY_SECONDS = 600.0


@asynccontextmanager
async def build(settings: Settings, outside: Outside) -> AsyncIterator[Daemon]:
    """Give a daemon that is ready to run; everything it opened is closed behind it.

    Raises:
        StorageDamaged, StorageError: the database cannot be used.
    """
    async with AsyncExitStack() as stack:
        live, bus = LiveSettings(settings), EventBus()
        stores = await stack.enter_async_context(open_stores(live, outside.clock))
        chain = ModelChain(outside.open_model, settings.llm, clock=outside.clock, bus=bus)
        stack.push_async_callback(chain.close)
        await chain.open()
        crash_points = CrashPoints(outside.crash_order)
        planning = await open_planning(stores, live, outside.clock, crash_points)
        toolbox = build_toolbox(
            Supplies(
                history=stores.storage.history,
                notes=stores.notes,
                files=stores.files,
                planner=planning.planner,
                clock=outside.clock,
            )
        )
        stack.push_async_callback(toolbox.close)
        toolbox.enabled(settings)  # loads what they need now, so that no message waits for it
        media = media_means()
        stack.push_async_callback(media.transcriber.close)
        means = _Means(
            stores=stores,
            chain=chain,
            toolbox=toolbox,
            planning=planning,
            media=media,
            crash_points=crash_points,
        )
        assembly = _Assembly(outside, live, bus, means)
        await assembly.moved_chats.load()
        stack.push_async_callback(assembly.channels.close)
        yield assembly.daemon()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Means:
    """What was opened before the parts are built."""

    stores: Stores
    chain: ModelChain
    toolbox: Toolbox
    planning: Planning
    media: MediaMeans
    crash_points: CrashPoints


class _Assembly:
    """Builds the parts around each other. Each attribute of the constructor is one part."""

    def __init__(self, outside: Outside, live: LiveSettings, bus: EventBus, means: _Means) -> None:
        self._outside = outside
        self._live = live
        self._bus = bus
        self._stores = stores = means.stores
        self._storage = storage = stores.storage
        self._chain = chain = means.chain
        self._toolbox = means.toolbox
        self._planning = planning = means.planning
        self._media = means.media
        self._crash_points = means.crash_points
        self._running = RunningTurns()
        self._chats = ChatSettingsBook(self._storage.preferences)
        self._supervisor = Supervisor(bus, outside.clock)
        follow = (*stores.follow_moved_chat, planning.agenda.move_chat, self._running.move_chat)
        self.moved_chats = MovedChats(storage.outbox, bus, follow=follow)
        self.channels = self._channel_set()
        self._delivery = Delivery(
            self._storage.outbox,
            channels=self.channels,
            moved_chats=self.moved_chats,
            bus=bus,
            clock=outside.clock,
            random=outside.random,
            crash_points=self._crash_points,
        )
        self._reloader = Reloader(
            outside.feed, live, bus=bus, checks=[check_token], appliers=[self._follow]
        )
        self._watch = ModelWatch(self._storage.inbox, chain, bus=bus, clock=outside.clock)
        self._summariser = Summariser(chain, self._storage.history, settings=live)
        self._catch_up = CatchUp(
            storage.missed, bus, self._chats, tell=self._tell, settings=live, clock=outside.clock
        )
        self._scheduler = self._upkeep()
        self._meanwhile = self._build_meanwhile()
        self._turns = self._turn_runner()
        self._dispatcher = Dispatcher(
            self._storage.inbox,
            bus,
            run_turn=self._turns.run,
            slots=Slots(lambda: live.current.runtime.max_concurrent_turns),
            clock=outside.clock,
            crash_points=self._crash_points,
        )
        self._intake = Intake(
            self._storage.inbox,
            bus,
            dispatcher=self._dispatcher,
            tell=self._tell,
            crash_points=self._crash_points,
            on_busy=self._meanwhile.gathering.on_busy,
            chat_texts=self._chats.chat_texts,
        )

    def daemon(self) -> Daemon:
        return Daemon(
            inbox=self._storage.inbox,
            outbox=self._storage.outbox,
            channels=self.channels,
            dispatcher=self._dispatcher,
            delivery=self._delivery,
            turns=self._turns,
            supervisor=self._supervisor,
            settings=self._live,
            background=self._background(),
        )

    def _channel_set(self) -> ChannelSet:
        registry = ChannelRegistry(
            outside=self._outside,
            settings=self._live,
            moved_chats=self.moved_chats.new_by_old,
            rich=ChosenRichForms(self._chats, self._storage.outcomes, tell=self._tell),
            on_moved=self._on_moved,
            on_conflict=self._on_conflict,
        )
        return ChannelSet(
            registry.kinds(),
            self._live,
            receive=self._receive,
            supervisor=self._supervisor,
            bus=self._bus,
        )

    def _build_meanwhile(self) -> Meanwhile:
        return build_meanwhile(
            self._storage,
            self._running,
            self._chats,
            let_go=lambda item: self._dispatcher.let_go(item),
            tell=self._tell,
            settings=self._live,
            clock=self._outside.clock,
        )

    def _turn_runner(self) -> TurnRunner:
        storage, chats, clock = self._storage, self._chats, self._outside.clock
        recorder = Recorder(
            Queues(inbox=storage.inbox, outbox=storage.outbox, ledger=storage.ledger),
            composer=Composer(self.channels, chats, self._stores.files.hand_out, self._live),
            delivery=self._delivery,
            bus=self._bus,
            clock=clock,
            crash_points=self._crash_points,
            on_waiting=self._watch.notice,
        )
        desk = ApprovalDesk(storage.approvals, tell=self._tell, clock=clock, wording=chats.texts)
        pipeline, commands = build_pipeline(
            Surroundings(
                stores=self._stores,
                chain=self._chain,
                toolbox=self._toolbox,
                media=self._media,
                clock=clock,
                bus=self._bus,
                channels=self.channels,
                supervisor=self._supervisor,
                running=self._running,
                meanwhile=self._meanwhile,
                receive=self._receive,
                delivery=self._delivery,
                tell=self._tell,
                moved_chats=self.moved_chats.new_by_old,
                generation=lambda: self._live.generation,
                reload=self._reloader.reload,
                desk=desk,
                on_overflow=self._summariser.notice,
                crash_points=self._crash_points,
                catch_up=self._catch_up,
                planning=self._planning,
                chats=chats,
                upkeep=self._scheduler.describe,
            )
        )
        self._menus = self._command_menus(commands)
        return TurnRunner(
            pipeline,
            recorder=recorder,
            journal=storage.journal,
            running=self._running,
            settings=self._live,
            on_stopped=desk.withdraw,
            wording=chats.texts,
        )

    def _command_menus(self, commands: Mapping[str, Command]) -> CommandMenus:
        return CommandMenus(
            commands,
            channels=self.channels,
            settings=self._live,
            preferences=self._storage.preferences,
            clock=self._outside.clock,
        )

    def _background(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        notices = OwnerNotices(
            self._storage.outbox,
            self._delivery,
            bus=self._bus,
            settings=self._live,
            clock=self._outside.clock,
        )
        titles = TopicTitles(
            self._chain,
            self.channels,
            self._bus,
            preferences=self._storage.preferences,
            history=self._storage.history,
            outcomes=self._storage.outcomes,
        )
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "owner notices": notices.run,
            "reload": self._reloader.run,
            "model watch": self._watch.run,
            "summaries": self._summariser.run,
            "topic titles": titles.run,
            "catch-up": self._catch_up.run,
            "menus": self._menus.run,
        }
        if self._live.current.scheduler.enabled:
            parts["scheduler"] = self._scheduler.run
            parts |= agenda_parts(
                self._planning,
                self._stores,
                Reach(
                    receive=self._intake.receive,
                    say=self._say,
                    cards=CardReach(
                        outbox=self._storage.outbox,
                        tell=self._tell,
                        channels=self.channels,
                        is_free=self._delivery.is_free,
                    ),
                    running=self._running,
                ),
                bus=self._bus,
                live=self._live,
                clock=self._outside.clock,
                random=self._outside.random,
            )
        return parts

    def _upkeep(self) -> Scheduler:
        databases = self._stores.maintenance

        async def purge() -> None:
            now = self._outside.clock.now()
            for each in databases:
                await each.purge(now)
            await self._stores.files.purge(now)
            await self._stores.media.purge(now)

        async def index() -> None:
            for each in databases:
                await each.index()

        async def checkpoint() -> None:
            for each in databases:
                await each.checkpoint()

        jobs = (
            ("purge", PURGE_EVERY_SECONDS, purge),
            ("search index", INDEX_EVERY_SECONDS, index),
            ("checkpoint", CHECKPOINT_EVERY_SECONDS, checkpoint),
            *agenda_upkeep(
                self._planning, bus=self._bus, live=self._live, clock=self._outside.clock
            ),
        )
        return Scheduler(
            [PeriodicJob(name=name, every_seconds=every, run=run) for name, every, run in jobs],
            settings=self._live,
            clock=self._outside.clock,
            bus=self._bus,
        )

    async def _receive(self, arrivals: Sequence[Arrival]) -> None:
        await self._intake.receive(await self._catch_up.sort_out(arrivals))

    async def _tell(self, drafts: Sequence[Draft]) -> None:
        self._delivery.hand_over(await self._storage.outbox.enqueue(drafts))

    async def _say(self, key: str, chat: ChatRef, markdown: str) -> None:
        """Say something once, whatever is being talked about."""
        parts = self.channels.render(chat.channel, markdown)
        await self._tell(
            [Draft(key=f"{key}:{n}", chat=chat, part=part) for n, part in enumerate(parts)]
        )

    async def _follow(self, settings: Settings) -> None:
        """Have every part that keeps something of the settings take over the new ones."""
        await self._chain.follow(settings.llm)
        self._outside.follow_logging(settings)
        self.channels.follow_settings()
        self._menus.follow_settings()

    async def _on_moved(self, old: ChatRef, new_chat_id: str) -> None:
        self._delivery.hand_over(await self.moved_chats.move(old, new_chat_id))

    def _on_conflict(self) -> None:
        self._bus.publish(
            TroubleNoticed(
                topic="telegram conflict",
                text="Another process somewhere uses this bot token, so messages reach only "
                "one of us. Stop it, or give it a token of its own.",
            )
        )
