"""The composition root: builds every part, hands it its collaborators, closes it in the end."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from minibot import __version__
from minibot.adapters.channels.console.channel import standard_console
from minibot.adapters.channels.telegram.markup import render
from minibot.adapters.clock import SystemClock
from minibot.adapters.llm import open_model
from minibot.adapters.locks import hold_token
from minibot.adapters.storage import InMemoryHistory, Storage, open_storage
from minibot.app.channels import ChannelKind, ChannelSet
from minibot.app.crash_points import CrashPoints
from minibot.app.daemon import Daemon
from minibot.app.delivery import Delivery
from minibot.app.dispatcher import Dispatcher
from minibot.app.event_bus import EventBus
from minibot.app.handlers.commands import Commands
from minibot.app.handlers.llm import AskModel
from minibot.app.intake import Intake
from minibot.app.live_model import LiveModel, OpenModel
from minibot.app.live_settings import LiveSettings
from minibot.app.middleware import Authorise, ShowTyping, apologise, heed_address, log_turn
from minibot.app.moved_chats import MovedChats
from minibot.app.notices import OwnerNotices
from minibot.app.pipeline import Handler, compose
from minibot.app.recorder import Recorder
from minibot.app.reload import Reloader
from minibot.app.running_turns import RunningTurns
from minibot.app.scheduler import PeriodicJob, Scheduler
from minibot.app.slots import Slots
from minibot.app.status import Status
from minibot.app.supervisor import Supervisor
from minibot.app.turns import TurnRunner
from minibot.core.access import CONSOLE, TELEGRAM
from minibot.core.events import TroubleNoticed
from minibot.core.messages import Arrival, ChatRef
from minibot.core.outbox import Draft
from minibot.core.ports import Channel, Clock, SettingsFeed
from minibot.core.settings import Settings

PURGE_EVERY_SECONDS = 3600.0
CHECKPOINT_EVERY_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What a daemon touches of the world; a test replaces single pieces."""

    feed: SettingsFeed
    clock: Clock = field(default_factory=SystemClock)
    random: Callable[[], float] = random.random
    open_model: OpenModel = open_model
    follow_logging: Callable[[Settings], None] = lambda settings: None
    """Told the new settings, so that logs follow."""
    crash_order: str = ""
    """See `CrashPoints`."""


@asynccontextmanager
async def build(settings: Settings, outside: Outside) -> AsyncIterator[Daemon]:
    """Give a daemon that is ready to run; everything it opened is closed behind it.

    Raises:
        StorageDamaged, StorageError: the database cannot be used.
    """
    async with AsyncExitStack() as stack:
        storage = await stack.enter_async_context(_open_storage(settings, outside.clock))
        model = LiveModel(outside.open_model, settings.llm)
        stack.push_async_callback(model.close)
        assembly = _Assembly(settings, outside, storage, model)
        await assembly.moved_chats.load()
        stack.push_async_callback(assembly.channels.close)
        yield assembly.daemon()


def _open_storage(settings: Settings, clock: Clock) -> AbstractAsyncContextManager[Storage]:
    sql = settings.memory.sqlalchemy
    return open_storage(
        settings.database_path,
        clock=clock,
        pool_size=sql.pool_size,
        echo=sql.echo,
        history=InMemoryHistory() if settings.memory.backend == "in_memory" else None,
    )


class _Assembly:
    """Wires the parts. Each property of the constructor is one part."""

    def __init__(
        self, settings: Settings, outside: Outside, storage: Storage, model: LiveModel
    ) -> None:
        self._outside = outside
        self._storage = storage
        self._model = model
        self._live = LiveSettings(settings)
        self._bus = EventBus()
        self._crash_points = CrashPoints(outside.crash_order)
        self._running = RunningTurns()
        self._supervisor = Supervisor(self._bus, outside.clock)
        self.moved_chats = MovedChats(storage.outbox, self._bus)
        self.channels = ChannelSet(
            self._kinds(),
            self._live,
            receive=self._receive,
            supervisor=self._supervisor,
            bus=self._bus,
        )
        self._delivery = Delivery(
            storage.outbox,
            channels=self.channels,
            moved_chats=self.moved_chats,
            bus=self._bus,
            clock=outside.clock,
            random=outside.random,
            crash_points=self._crash_points,
        )
        self._reloader = Reloader(
            outside.feed,
            self._live,
            bus=self._bus,
            checks=[_check_token],
            appliers=[self._follow],
        )
        self._turns = self._turn_runner()
        self._dispatcher = Dispatcher(
            storage.inbox,
            self._bus,
            run_turn=self._turns.run,
            slots=Slots(lambda: self._live.current.runtime.max_concurrent_turns),
            clock=outside.clock,
            crash_points=self._crash_points,
        )
        self._intake = Intake(
            storage.inbox,
            self._bus,
            dispatcher=self._dispatcher,
            tell=self._tell,
            crash_points=self._crash_points,
        )

    async def _receive(self, arrivals: Sequence[Arrival]) -> None:
        await self._intake.receive(arrivals)

    async def _tell(self, drafts: Sequence[Draft]) -> None:
        self._delivery.hand_over(await self._storage.outbox.enqueue(drafts))

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

    def _turn_runner(self) -> TurnRunner:
        recorder = Recorder(
            self._storage.inbox,
            self._storage.ledger,
            channels=self.channels,
            delivery=self._delivery,
            bus=self._bus,
            clock=self._outside.clock,
            crash_points=self._crash_points,
        )
        return TurnRunner(
            self._pipeline(), recorder=recorder, running=self._running, settings=self._live
        )

    def _pipeline(self) -> Handler:
        status = Status(
            version=__version__,
            clock=self._outside.clock,
            channels=self.channels,
            supervisor=self._supervisor,
            running=self._running,
            bus=self._bus,
            generation=lambda: self._live.generation,
            started_at=self._outside.clock.monotonic(),
        )
        commands = Commands(
            self._running,
            self._storage.inbox,
            outbox=self._storage.outbox,
            status=status,
            bus=self._bus,
            reload=self._reloader.reload,
        )
        ask = AskModel(self._model, self._storage.history, crash_points=self._crash_points)
        return compose(
            ask,
            [
                log_turn,
                Authorise(self.moved_chats.new_by_old),
                heed_address,
                commands,
                ShowTyping(self.channels, self._outside.clock),
                apologise,
            ],
        )

    def _background(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        notices = OwnerNotices(
            self._storage.outbox,
            self._delivery,
            bus=self._bus,
            settings=self._live,
            clock=self._outside.clock,
        )
        parts = {"owner notices": notices.run, "reload": self._reloader.run}
        if self._live.current.scheduler.enabled:
            parts["scheduler"] = self._scheduler().run
        return parts

    def _scheduler(self) -> Scheduler:
        maintenance = self._storage.maintenance

        async def purge() -> None:
            await maintenance.purge(self._outside.clock.now())

        return Scheduler(
            [
                PeriodicJob(name="purge", every_seconds=PURGE_EVERY_SECONDS, run=purge),
                PeriodicJob(
                    name="checkpoint",
                    every_seconds=CHECKPOINT_EVERY_SECONDS,
                    run=maintenance.checkpoint,
                ),
            ],
            settings=self._live,
            clock=self._outside.clock,
            bus=self._bus,
        )

    async def _follow(self, settings: Settings) -> None:
        """Have every part that keeps something of the settings take over the new ones."""
        await self._model.follow(settings.llm)
        self._outside.follow_logging(settings)
        self.channels.follow_settings()

    def _kinds(self) -> Mapping[str, ChannelKind]:
        """The registry of channels; one line each."""
        return {
            TELEGRAM: ChannelKind(
                enabled=lambda settings: settings.channels.telegram.enabled,
                key=_telegram_key,
                build=self._telegram,
                render=render,
            ),
            CONSOLE: ChannelKind(
                enabled=lambda settings: settings.channels.console.enabled,
                key=lambda settings: (),
                build=self._console,
                render=render,
            ),
        }

    def _telegram(self, settings: Settings) -> Channel:
        # Costs 0.6 s to import, which an installation without Telegram need not pay.
        from minibot.adapters.channels.telegram.channel import Surroundings, TelegramChannel

        return TelegramChannel(
            settings.channels.telegram,
            Surroundings(
                settings=self._live,
                clock=self._outside.clock,
                random=self._outside.random,
                moved_chats=self.moved_chats.new_by_old,
                on_moved=self._on_moved,
                on_conflict=self._on_conflict,
                hold_token=hold_token,
            ),
        )

    def _console(self, settings: Settings) -> Channel:
        offline = settings.llm.provider == "offline"
        model = "the offline responder" if offline else f"{settings.llm.model}"
        greeting = f"minibot {__version__} with {model}. /help lists commands, Ctrl-D ends."
        return standard_console(self._outside.clock, greeting)

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


def _telegram_key(settings: Settings) -> tuple[object, ...]:
    """What a running Telegram channel cannot follow; allow-lists it reads at every message."""
    telegram = settings.channels.telegram
    connection = (telegram.bot_token.get_secret_value(), telegram.api_base_url, telegram.mode)
    if telegram.mode == "long_polling":
        return connection
    return (
        *connection,
        telegram.webhook_url,
        telegram.webhook_secret.get_secret_value(),
        telegram.webhook_host,
        telegram.webhook_port,
    )


async def _check_token(old: Settings, new: Settings) -> None:
    """Ask Telegram about a new token before the old one is given up for it."""
    before, after = old.channels.telegram, new.channels.telegram
    if not after.enabled or _telegram_key(old)[:2] == _telegram_key(new)[:2] and before.enabled:
        return
    from minibot.adapters.channels.telegram.token import check_token

    await check_token(after)
