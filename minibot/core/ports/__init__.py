"""Every door between what minibot does and the outside world."""

from minibot.core.ports.agenda import AgendaStore, Calendar, Entry
from minibot.core.ports.channels import Channel, Receive, RichForms, Tell, Topics
from minibot.core.ports.media import Fill, MediaReader, MediaStore, Transcriber, Write
from minibot.core.ports.memory import Backlog, Files, History, Notes, PersonalData, Preferences
from minibot.core.ports.missed import Missed
from minibot.core.ports.models import LanguageModel
from minibot.core.ports.planner import Planner
from minibot.core.ports.queues import (
    DeadLetters,
    Heard,
    Inbox,
    Ledger,
    Outbox,
    Outcomes,
    Recovery,
    SaidPart,
    TurnResult,
    Wanted,
)
from minibot.core.ports.surroundings import Clock, SettingsFeed, SettingsSource
from minibot.core.ports.tools import Approvals, CallOutcome, Journal, Tool, Toolbox, UndoLog

__all__ = [
    "AgendaStore",
    "Approvals",
    "Backlog",
    "Calendar",
    "CallOutcome",
    "Channel",
    "Clock",
    "DeadLetters",
    "Entry",
    "Files",
    "Fill",
    "Heard",
    "History",
    "Inbox",
    "Journal",
    "LanguageModel",
    "Ledger",
    "MediaReader",
    "MediaStore",
    "Missed",
    "Notes",
    "Outbox",
    "Outcomes",
    "PersonalData",
    "Planner",
    "Preferences",
    "Receive",
    "Recovery",
    "RichForms",
    "SaidPart",
    "SettingsFeed",
    "SettingsSource",
    "Tell",
    "Tool",
    "Toolbox",
    "Topics",
    "Transcriber",
    "TurnResult",
    "UndoLog",
    "Wanted",
    "Write",
]
