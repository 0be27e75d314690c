"""Wires what happens to a message between its claim and its record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from minibot import __version__
from minibot.app.agenda.held import HoldBack
from minibot.app.agenda.overview import Overview
from minibot.app.agenda.own_plans import OwnPlans
from minibot.app.agenda.strategies import Equipment, build_strategies
from minibot.app.agent.approval_desk import ApprovalDesk
from minibot.app.agent.calls import CallRunner
from minibot.app.agent.loop import TurnLoop
from minibot.app.catch_up import CatchUp
from minibot.app.channels import ChannelSet
from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.crash_points import CrashPoints
from minibot.app.delivery import Delivery
from minibot.app.enclosures import Enclosures
from minibot.app.event_bus import EventBus
from minibot.app.exchanges import ExchangeBook
from minibot.app.handlers.agenda.works import Works
from minibot.app.handlers.aside_buttons import AsideButton
from minibot.app.handlers.catch_up_buttons import MissedButton
from minibot.app.handlers.command import Command
from minibot.app.handlers.commands import Commands
from minibot.app.handlers.control_commands import ControlCommands, Reload
from minibot.app.handlers.group_mode import HeedGroupMode
from minibot.app.handlers.llm import AskModel, Overflow, Remembered
from minibot.app.handlers.memory_commands import MemoryCommands
from minibot.app.handlers.own_data import OwnData
from minibot.app.handlers.presses import ApprovalButton, Button, Presses, UndoButton
from minibot.app.handlers.reactions import Reactions
from minibot.app.handlers.redo_commands import RedoCommands
from minibot.app.handlers.settings_buttons import SettingsButton, SettingsScenes
from minibot.app.handlers.settings_commands import SettingsCommands
from minibot.app.handlers.stopping import HeedStopWord, StopButton, StoppedButton
from minibot.app.handlers.topic_command import TopicCommand
from minibot.app.handlers.why import WhyCommand
from minibot.app.incognito import Incognito
from minibot.app.long_turns import LongTurns
from minibot.app.middleware import Apologise, Authorise
from minibot.app.model_chain import ModelChain
from minibot.app.pipeline import Handler, Middleware, compose
from minibot.app.preview import PreviewReach
from minibot.app.redoing import Redoing
from minibot.app.running_turns import RunningTurns
from minibot.app.signs_of_life import SignsOfLife
from minibot.app.status import Status
from minibot.app.supervisor import Supervisor
from minibot.container.agenda import Planning
from minibot.container.agenda_handlers import agenda_handlers
from minibot.container.meanwhile import Meanwhile
from minibot.container.media import MediaMeans
from minibot.container.stores import Stores
from minibot.core.ports import Clock, Receive, Tell, Toolbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The parts a turn touches."""

    stores: Stores
    chain: ModelChain
    toolbox: Toolbox
    media: MediaMeans
    clock: Clock
    bus: EventBus
    channels: ChannelSet
    supervisor: Supervisor
    running: RunningTurns
    meanwhile: Meanwhile
    receive: Receive
    delivery: Delivery
    tell: Tell
    moved_chats: Callable[[], Mapping[str, str]]
    generation: Callable[[], int]
    reload: Reload
    desk: ApprovalDesk
    on_overflow: Overflow
    crash_points: CrashPoints
    catch_up: CatchUp
    planning: Planning
    chats: ChatSettingsBook
    upkeep: Callable[[], str]
    """Gives a line about the daemon's own periodic work."""


def build_pipeline(around: Surroundings) -> tuple[Handler, Mapping[str, Command]]:
    """Put middleware around the handler that asks the model; gives it and the commands."""
    storage, clock, wording = around.stores.storage, around.clock, around.chats.texts
    incognito = Incognito(storage.preferences)
    desk = around.desk
    long_turns = around.meanwhile.long_turns
    agenda = agenda_handlers(around.planning, storage.preferences, around.channels, clock)
    buttons: dict[str, Button] = {
        ApprovalButton.kind: ApprovalButton(desk, wording),
        UndoButton.kind: UndoButton(storage.undo_log, around.toolbox, clock, wording),
        AsideButton.kind: AsideButton(long_turns, wording),
        StopButton.kind: StopButton(long_turns),
        StoppedButton.kind: StoppedButton(storage.outcomes, around.receive, clock, wording),
        MissedButton.kind: MissedButton(storage.missed, around.bus, wording),
        SettingsButton.kind: SettingsButton(
            around.chats, SettingsScenes(around.chats, around.chain), around.channels
        ),
        **agenda.buttons,
    }
    memory = _memory(around, incognito)
    redo = _redo(around, incognito)
    commands = Commands(
        {
            **_control(around, incognito, long_turns),
            **_choices(around, incognito),
            **agenda.commands,
            **memory.commands(),
            **redo.commands(),
        },
        wording,
    )
    runner = CallRunner(storage.journal, desk, clock=clock, crash_points=around.crash_points)
    ask_model = _ask_model(around, runner, incognito)
    handle = compose(
        ask_model,
        [
            around.meanwhile.gathering,
            around.catch_up.quote,
            Authorise(around.moved_chats),
            HeedGroupMode(around.chats),
            _works(around, runner, ask_model),
            Presses(buttons, around.channels, wording),
            *_redoing(around, redo, memory),
            HeedStopWord(around.running, long_turns, wording),
            commands,
            _signs_of_life(around),
            Apologise(clock, wording),
        ],
    )
    return handle, commands.list()


def _redo(around: Surroundings, incognito: Incognito) -> RedoCommands:
    storage = around.stores.storage
    book = ExchangeBook(
        incognito,
        outcomes=storage.outcomes,
        journal=storage.journal,
        undo_log=storage.undo_log,
    )
    return RedoCommands(book=book, chats=around.chats)


def _redoing(
    around: Surroundings, redo: RedoCommands, memory: MemoryCommands
) -> tuple[Middleware, Middleware]:
    outcomes = around.stores.storage.outcomes
    redoing = Redoing(redo.book, outcomes, around.running)
    reactions = Reactions(
        redoing,
        redo,
        outcomes=outcomes,
        stop=around.running.stop,
        keep=memory.keep,
        receive=around.receive,
    )
    return reactions, redoing


def _signs_of_life(around: Surroundings) -> SignsOfLife:
    reach = PreviewReach(
        channels=around.channels,
        outbox=around.stores.storage.outbox,
        tell=around.tell,
        delivery=around.delivery,
        clock=around.clock,
        chats=around.chats,
    )
    return SignsOfLife(reach, around.meanwhile.long_turns)


def _works(around: Surroundings, runner: CallRunner, ask_model: AskModel) -> Works:
    agenda = around.planning.agenda
    strategies = build_strategies(
        Equipment(
            agenda=agenda,
            ask_model=ask_model,
            toolbox=around.toolbox,
            journal=around.stores.storage.journal,
            runner=runner,
            clock=around.clock,
        )
    )
    return Works(
        agenda,
        around.planning.runs,
        strategies,
        zone_of=around.planning.planner.zone_of,
        clock=around.clock,
        hold=HoldBack(agenda, around.planning.quiet, around.clock),
    )


def _ask_model(around: Surroundings, runner: CallRunner, incognito: Incognito) -> AskModel:
    storage, clock = around.stores.storage, around.clock
    loop = TurnLoop(around.chain, storage.journal, runner, crash_points=around.crash_points)
    return AskModel(
        loop,
        around.toolbox,
        Remembered(
            history=storage.history,
            notes=around.stores.notes,
            incognito=incognito,
            chats=around.chats,
        ),
        enclosures=Enclosures(
            around.channels,
            store=around.stores.media,
            reader=around.media.reader,
            transcriber=around.media.transcriber,
        ),
        clock=clock,
        on_overflow=around.on_overflow,
        enter=around.meanwhile.newcomers.enter,
    )


def _control(
    around: Surroundings, incognito: Incognito, long_turns: LongTurns
) -> dict[str, Command]:
    storage = around.stores.storage
    status = Status(
        version=__version__,
        clock=around.clock,
        channels=around.channels,
        chain=around.chain,
        supervisor=around.supervisor,
        running=around.running,
        bus=around.bus,
        generation=around.generation,
        work=[Overview(around.planning.agenda, around.clock).describe, around.upkeep],
        started_at=around.clock.monotonic(),
    )
    return ControlCommands(
        running=around.running,
        long_turns=long_turns,
        inbox=storage.inbox,
        dead_letters=storage.dead_letters,
        outbox=storage.outbox,
        status=status,
        bus=around.bus,
        reload=around.reload,
        incognito=incognito,
        wording=around.chats.texts,
    ).commands()


def _choices(around: Surroundings, incognito: Incognito) -> dict[str, Command]:
    settings = SettingsCommands(
        chats=around.chats,
        scenes=SettingsScenes(around.chats, around.chain),
        chain=around.chain,
    )
    why = WhyCommand(
        outcomes=around.stores.storage.outcomes, chats=around.chats, incognito=incognito
    )
    topic = TopicCommand(
        channels=around.channels,
        chats=around.chats,
        preferences=around.stores.storage.preferences,
        crash_points=around.crash_points,
    )
    return topic.commands() | settings.commands() | why.commands()


def _memory(around: Surroundings, incognito: Incognito) -> MemoryCommands:
    storage, notes = around.stores.storage, around.stores.notes
    return MemoryCommands(
        notes=notes,
        toolbox=around.toolbox,
        undo_log=storage.undo_log,
        approvals=storage.approvals,
        incognito=incognito,
        own_data=OwnData(
            personal_data=storage.personal_data,
            notes=notes,
            files=around.stores.files,
            media=around.stores.media,
            incognito=incognito,
            plans=OwnPlans(around.planning.agenda, around.running),
            chats=around.chats,
        ),
        clock=around.clock,
        wording=around.chats.texts,
    )
