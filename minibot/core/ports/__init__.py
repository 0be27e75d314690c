"""Every door between what minibot does and the outside world."""

from minibot.core.ports.channels import Channel, Receive
from minibot.core.ports.memory import Backlog, Files, History, Notes, PersonalData, Preferences
from minibot.core.ports.models import LanguageModel
from minibot.core.ports.queues import Inbox, Ledger, Outbox, Recovery, TurnResult
from minibot.core.ports.surroundings import Clock, SettingsFeed, SettingsSource
from minibot.core.ports.tools import Approvals, CallOutcome, Journal, Tool, Toolbox, UndoLog

__all__ = [
    "Approvals",
    "Backlog",
    "CallOutcome",
    "Channel",
    "Clock",
    "Files",
    "History",
    "Inbox",
    "Journal",
    "LanguageModel",
    "Ledger",
    "Notes",
    "Outbox",
    "PersonalData",
    "Preferences",
    "Receive",
    "Recovery",
    "SettingsFeed",
    "SettingsSource",
    "Tool",
    "Toolbox",
    "TurnResult",
    "UndoLog",
]
