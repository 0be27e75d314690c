"""What a daemon touches of the world."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from minibot.adapters.clock import SystemClock
from minibot.adapters.llm import open_model
from minibot.app.model_pool import OpenModel
from minibot.core.ports import Clock, SettingsFeed
from minibot.core.settings import Settings


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
