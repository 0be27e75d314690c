"""Wires what happens without being asked at that moment: jobs and tasks."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from minibot.adapters.calendar import SystemCalendar
from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.held import Digests
from minibot.app.agenda.job_clock import JobClock, Say
from minibot.app.agenda.planner import AgendaPlanner
from minibot.app.agenda.progress_cards import CardReach, ProgressCards
from minibot.app.agenda.quiet import QuietHours
from minibot.app.agenda.runs import Runs
from minibot.app.agenda.settler import Settler
from minibot.app.agenda.strategies import KINDS
from minibot.app.agenda.upkeep import Upkeep
from minibot.app.agenda.workers import Workers
from minibot.app.crash_points import CrashPoints
from minibot.app.event_bus import EventBus
from minibot.app.running_turns import RunningTurns
from minibot.container.stores import Stores
from minibot.core.ports import Calendar, Clock, Receive, SettingsSource

TIDY_EVERY_SECONDS = 3600.0
LOOK_FOR_STUCK_EVERY_SECONDS = 300.0

Run = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """The agenda, and who may change it."""

    agenda: Agenda
    planner: AgendaPlanner
    calendar: Calendar
    quiet: QuietHours
    runs: Runs = field(default_factory=Runs)


async def open_planning(
    stores: Stores, live: SettingsSource, clock: Clock, crash_points: CrashPoints
) -> Planning:
    """Read the agenda. Raises `StorageDamaged`, `StorageUnavailable`."""
    agenda = Agenda(stores.agenda, clock, crash_points)
    await agenda.open()
    calendar = SystemCalendar()
    planner = AgendaPlanner(
        agenda, calendar, stores.storage.preferences, settings=live, clock=clock, kinds=KINDS
    )
    quiet = QuietHours(stores.storage.preferences, clock)
    return Planning(agenda=agenda, planner=planner, calendar=calendar, quiet=quiet)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How what is due gets to people."""

    receive: Receive
    say: Say
    cards: CardReach
    running: RunningTurns


def agenda_parts(
    planning: Planning,
    stores: Stores,
    reach: Reach,
    *,
    bus: EventBus,
    live: SettingsSource,
    clock: Clock,
    random: Callable[[], float] = random.random,
) -> dict[str, Run]:
    """Give the components that run beside the conversations, by name."""
    agenda = planning.agenda
    jobs = JobClock(
        agenda,
        planning.calendar,
        receive=reach.receive,
        say=reach.say,
        settings=live,
        clock=clock,
        random=random,
    )
    workers = Workers(
        agenda, receive=reach.receive, running=reach.running, settings=live, clock=clock
    )
    settler = Settler(
        agenda,
        planning.runs,
        stores.storage.outcomes,
        receive=reach.receive,
        bus=bus,
        settings=live,
        clock=clock,
    )
    quiet = planning.quiet
    digests = Digests(
        agenda,
        quiet,
        channels=reach.cards.channels,
        tell=reach.cards.tell,
        end=settler.end_told,
        clock=clock,
    )
    cards = ProgressCards(agenda, quiet, reach.cards, clock=clock)
    return {
        "jobs": jobs.run,
        "tasks": workers.run,
        "agenda": settler.run,
        "digests": digests.run,
        "progress cards": cards.run,
    }


def agenda_upkeep(
    planning: Planning, *, bus: EventBus, live: SettingsSource, clock: Clock
) -> Sequence[tuple[str, float, Run]]:
    """Give work on the agenda that is due every so many seconds, by name."""
    upkeep = Upkeep(planning.agenda, bus=bus, settings=live, clock=clock)
    return (
        ("old jobs and tasks", TIDY_EVERY_SECONDS, upkeep.tidy),
        ("stuck tasks", LOOK_FOR_STUCK_EVERY_SECONDS, upkeep.find_stuck),
    )
