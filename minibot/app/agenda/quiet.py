"""When people want to hear nothing that can wait."""

from datetime import datetime

from minibot.app.agenda.moments import known_zone
from minibot.app.agenda.planner import TIMEZONE
from minibot.core.errors import ScheduleInvalid
from minibot.core.ports import Clock, Preferences
from minibot.core.quiet import Hours

QUIET_HOURS = "quiet_hours"
"""Name of the preference; kept beside the time zone, whose clock they follow."""


class QuietHours:
    """Knows the quiet hours of everybody. Without any it is never quiet."""

    def __init__(self, preferences: Preferences, clock: Clock) -> None:
        self._preferences = preferences
        self._clock = clock

    def of(self, owner: str) -> Hours | None:
        kept = self._preferences.get(owner, QUIET_HOURS)
        try:
            return Hours.parse(kept) if kept else None
        except ScheduleInvalid:  # of a version that wrote them otherwise
            return None

    async def keep(self, owner: str, hours: Hours | None) -> None:
        """Remember the hours of a person; None for none."""
        await self._preferences.set(owner, QUIET_HOURS, str(hours) if hours else "")

    def end(self, owner: str) -> datetime | None:
        """Say until when it is quiet for a person; None when it is not quiet now."""
        hours = self.of(owner)
        if hours is None:
            return None
        zone = known_zone(self._preferences.get(owner, TIMEZONE))
        return hours.end_after(self._clock.now(), zone)
