"""The time of day, anywhere."""

import re
from datetime import datetime, timedelta, timezone, tzinfo
from difflib import get_close_matches
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from minibot.adapters.tools.family import NO_UNDO
from minibot.adapters.tools.function import function_tool
from minibot.adapters.tools.wording import one_line
from minibot.core.errors import ToolArgumentsInvalid
from minibot.core.ports import Clock
from minibot.core.tools import ToolContext

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE | re.ASCII)


class TimeTools:
    """Tells the time."""

    undo = NO_UNDO

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.tools = (function_tool(self.current_time),)

    async def current_time(self, context: ToolContext, timezone: str = "") -> str:
        """Tell the date and time now, with weekday and ISO week. Use it instead of guessing.

        Args:
            timezone: IANA name such as Europe/Berlin; the computer's own zone when left out.
        """
        now = self._clock.now()
        asked = timezone.strip()
        return _told(now.astimezone(self._zone(asked)) if asked else now.astimezone())

    def _zone(self, asked: str) -> tzinfo:
        offset = _OFFSET.fullmatch(asked)
        if offset:
            return _fixed(offset)
        name = self._names.get(asked.casefold().replace(" ", "_"))
        if name is None:
            raise ToolArgumentsInvalid(self._complaint(asked))
        return ZoneInfo(name)

    @cached_property
    def _names(self) -> dict[str, str]:
        """The zones by name in lower case, and by their city where only one has it."""
        try:
            zones = sorted(available_timezones())
        except (OSError, ZoneInfoNotFoundError):
            zones = []
        cities = [zone.rpartition("/")[2].casefold() for zone in zones]
        by_city = {
            city: zone for city, zone in zip(cities, zones, strict=True) if cities.count(city) == 1
        }
        return {"utc": "UTC", **by_city, **{zone.casefold(): zone for zone in zones}}

    def _complaint(self, asked: str) -> str:
        wanted = asked.casefold().replace(" ", "_")[:80]
        near = get_close_matches(wanted, self._names, n=5, cutoff=0.6)
        names = list(dict.fromkeys(self._names[each] for each in near))
        hint = f"Near it are: {', '.join(names)}." if names else "Names look like Europe/Berlin."
        return f'"timezone": there is no time zone "{one_line(asked, 60)}". {hint}'


def _fixed(offset: re.Match[str]) -> tzinfo:
    hours, minutes = int(offset[2]), int(offset[3] or 0)
    if hours > 14:
        raise ToolArgumentsInvalid('"timezone": no zone is more than 14 hours from UTC.')
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(ahead if offset[1] == "+" else -ahead)


def _told(moment: datetime) -> str:
    year, week, _ = moment.isocalendar()
    zone = moment.tzinfo.key if isinstance(moment.tzinfo, ZoneInfo) else moment.tzname()
    return (
        f"{moment:%A}, {moment:%Y-%m-%d %H:%M:%S}, {zone} (UTC{_offset(moment)}), "
        f"week {year}-W{week:02}"
    )


def _offset(moment: datetime) -> str:
    text = f"{moment:%z}"
    return f"{text[:3]}:{text[3:5]}"
