"""``minibot check``: everything about the configuration, nothing started."""

import asyncio
import os
from pathlib import Path

from minibot.adapters.config import load
from minibot.adapters.media.speech import problems_on_trial
from minibot.commands.hooks import environment
from minibot.commands.report import ExitCode, explain, say, warn
from minibot.commands.usable import problems_of
from minibot.core.errors import ConfigurationError, Problem
from minibot.core.settings import Settings


def check(path: Path) -> ExitCode:
    """Say what is wrong and exit with 2, or what would run and exit with 0."""
    try:
        loaded = load(path, environment())
        _check_usable(path, loaded.settings)
    except ConfigurationError as error:
        return explain(error)
    warn(str(path), loaded.warnings)
    say(f"{path} is fine: {_summary(loaded.settings)}")
    return ExitCode.OK


def _check_usable(path: Path, settings: Settings) -> None:
    problems = problems_of(settings)
    folder = settings.runtime.data_dir.absolute()
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        problems.append(
            Problem(key="runtime.data_dir", message=f"{existing} is no folder we may write to")
        )
    if settings.memory.backend == "redis":
        problems += _problems_with_redis(settings)
    problems += asyncio.run(problems_on_trial(settings.media.transcription))
    if problems:
        raise ConfigurationError(str(path), problems)


def _problems_with_redis(settings: Settings) -> tuple[Problem, ...]:
    # Loads the client, which is an optional extra.
    from minibot.adapters.storage.redis import problems_with

    return problems_with(settings.memory.redis)


def _summary(settings: Settings) -> str:
    telegram = settings.channels.telegram
    models = ", then ".join(model.title for model in settings.llm.chain)
    parts = [f"model {models}"]
    if telegram.enabled:
        people = len(telegram.allowed_user_ids)
        everybody = "*" in telegram.allowed_user_ids
        whom = "everybody" if everybody else _people(people)
        parts.append(f"Telegram by {telegram.mode}, for {whom}")
    if settings.channels.console.enabled:
        parts.append("console")
    return ", ".join([*parts, f"data in {settings.runtime.data_dir}"])


def _people(number: int) -> str:
    return {0: "nobody yet", 1: "one person"}.get(number, f"{number} people")
