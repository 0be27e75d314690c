"""What a configuration has to fulfil beyond its types, before anything is started with it."""

from pathlib import Path

from minibot.adapters.media.speech import problems_with
from minibot.adapters.tools import check_tool_names
from minibot.core.errors import ConfigurationError, Problem
from minibot.core.settings import Settings


def problems_of(settings: Settings) -> list[Problem]:
    """Find what keeps settings from being used."""
    problems = [
        Problem(key="tools.disabled", message=complaint) for complaint in check_tool_names(settings)
    ]
    if not (settings.channels.telegram.enabled or settings.channels.console.enabled):
        message = "no channel is switched on: set enabled = true for telegram or console"
        problems.append(Problem(key="channels", message=message))
    problems += problems_with(settings.media.transcription)
    return problems


def require_usable(path: Path, settings: Settings) -> None:
    """Raise `ConfigurationError` when settings cannot be used."""
    if problems := problems_of(settings):
        raise ConfigurationError(str(path), problems)
