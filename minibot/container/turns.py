"""Wires what happens to a message between its claim and its record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from minibot import __version__
from minibot.app.agent.approval_desk import ApprovalDesk
from minibot.app.agent.calls import CallRunner
from minibot.app.agent.loop import TurnLoop
from minibot.app.channels import ChannelSet
from minibot.app.crash_points import CrashPoints
from minibot.app.event_bus import EventBus
from minibot.app.handlers.command import Command
from minibot.app.handlers.commands import Commands
from minibot.app.handlers.control_commands import ControlCommands, Reload
from minibot.app.handlers.llm import AskModel, Overflow, Remembered
from minibot.app.handlers.memory_commands import MemoryCommands
from minibot.app.handlers.own_data import OwnData
from minibot.app.handlers.presses import ApprovalButton, Button, Presses, UndoButton
from minibot.app.incognito import Incognito
from minibot.app.middleware import Apologise, Authorise, ShowTyping, heed_address, log_turn
from minibot.app.model_chain import ModelChain
from minibot.app.pipeline import Handler, compose
from minibot.app.running_turns import RunningTurns
from minibot.app.status import Status
from minibot.app.supervisor import Supervisor
from minibot.container.stores import Stores
from minibot.core.ports import Clock, Toolbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The parts a turn touches."""

    stores: Stores
    chain: ModelChain
    toolbox: Toolbox
    clock: Clock
    bus: EventBus
    channels: ChannelSet
    supervisor: Supervisor
    running: RunningTurns
    moved_chats: Callable[[], Mapping[str, str]]
    generation: Callable[[], int]
    reload: Reload
    desk: ApprovalDesk
    on_overflow: Overflow
    crash_points: CrashPoints


def build_pipeline(around: Surroundings) -> Handler:
    """Put middleware around the handler that asks the model."""
    storage, clock = around.stores.storage, around.clock
    incognito = Incognito(storage.preferences)
    desk = around.desk
    buttons: dict[str, Button] = {
        ApprovalButton.kind: ApprovalButton(desk),
        UndoButton.kind: UndoButton(storage.undo_log, around.toolbox, clock),
    }
    return compose(
        _ask_model(around, desk, incognito),
        [
            log_turn,
            Authorise(around.moved_chats),
            heed_address,
            Presses(buttons, around.channels),
            Commands(_control(around, incognito) | _memory(around, incognito)),
            ShowTyping(around.channels, clock),
            Apologise(clock),
        ],
    )


def _ask_model(around: Surroundings, desk: ApprovalDesk, incognito: Incognito) -> AskModel:
    storage, clock = around.stores.storage, around.clock
    runner = CallRunner(storage.journal, desk, clock=clock, crash_points=around.crash_points)
    loop = TurnLoop(around.chain, storage.journal, runner, crash_points=around.crash_points)
    return AskModel(
        loop,
        around.toolbox,
        Remembered(history=storage.history, notes=around.stores.notes, incognito=incognito),
        clock=clock,
        on_overflow=around.on_overflow,
    )


def _control(around: Surroundings, incognito: Incognito) -> dict[str, Command]:
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
        started_at=around.clock.monotonic(),
    )
    return ControlCommands(
        running=around.running,
        inbox=storage.inbox,
        outbox=storage.outbox,
        status=status,
        bus=around.bus,
        reload=around.reload,
        chain=around.chain,
        incognito=incognito,
    ).commands()


def _memory(around: Surroundings, incognito: Incognito) -> dict[str, Command]:
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
            incognito=incognito,
        ),
        clock=around.clock,
    ).commands()
