"""config.toml as types: one frozen model a section; every default lives here.

A field that names something this version does not have is refused as soon as it is switched
on. Ranges are checked in the sections, references between them in `Settings`. The key that a
validator's message names first is the one it is about; the message is shown at its line.
"""

from minibot.core.settings.channels import (
    Channels,
    ConsoleChannel,
    SlackChannel,
    TelegramChannel,
)
from minibot.core.settings.llm import (
    BreakerSettings,
    CapabilityOverrides,
    LanguageModelSettings,
    ModelContext,
    ModelPrices,
    ModelRetry,
    ModelSettings,
    ModelTimeouts,
)
from minibot.core.settings.logging import LogFile, LogfmtSettings, Logging
from minibot.core.settings.media import Media, Transcription
from minibot.core.settings.memory import Memory, MongoMemory, RedisMemory, SqlMemory
from minibot.core.settings.runtime import LogLevel, Runtime
from minibot.core.settings.section import Section
from minibot.core.settings.snapshot import RESTART_KEYS, Settings
from minibot.core.settings.tools import (
    FilesTool,
    HttpClientTool,
    NotesTool,
    Tools,
    WebSearchTool,
)
from minibot.core.settings.work import CatchUp, Scheduler, TaskDatabase, Tasks, TaskStorage

__all__ = [
    "RESTART_KEYS",
    "BreakerSettings",
    "CapabilityOverrides",
    "CatchUp",
    "Channels",
    "ConsoleChannel",
    "FilesTool",
    "HttpClientTool",
    "LanguageModelSettings",
    "LogFile",
    "LogLevel",
    "LogfmtSettings",
    "Logging",
    "Media",
    "Memory",
    "ModelContext",
    "ModelPrices",
    "ModelRetry",
    "ModelSettings",
    "ModelTimeouts",
    "MongoMemory",
    "NotesTool",
    "RedisMemory",
    "Runtime",
    "Scheduler",
    "Section",
    "Settings",
    "SlackChannel",
    "SqlMemory",
    "TaskDatabase",
    "TaskStorage",
    "Tasks",
    "TelegramChannel",
    "Tools",
    "Transcription",
    "WebSearchTool",
]
