"""What is to come."""

from datetime import datetime

from minibot.core.jobs import Recurrence
from minibot.core.ports.agenda import Calendar


def upcoming(
    calendar: Calendar, recurrence: Recurrence, after: datetime, count: int
) -> list[datetime]:
    """Give the next moments, in UTC; fewer when it ends. Raises `ScheduleInvalid`."""
    moments: list[datetime] = []
    moment: datetime | None = after
    while moment is not None and len(moments) < count:
        moment = calendar.next_after(recurrence, moment)
        if moment is not None:
            moments.append(moment)
    return moments
