"""config.toml: reading it, watching it, and writing the first one."""

from minibot.adapters.config.loader import Loaded, load
from minibot.adapters.config.template import Answers, compose, compose_env, write_private
from minibot.adapters.config.watcher import ConfigFile

__all__ = [
    "Answers",
    "ConfigFile",
    "Loaded",
    "compose",
    "compose_env",
    "load",
    "write_private",
]
