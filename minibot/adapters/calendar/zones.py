"""Names of zones as people write them."""

import re
from difflib import get_close_matches
from functools import cache
from zoneinfo import available_timezones

from minibot.core.errors import ScheduleInvalid

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])\s*(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE | re.ASCII)
_NOT_ZONES = {"localtime", "Factory"}
_FURTHEST = {"+": 14, "-": 12}
"""From UTC, in hours."""


def zone_name(asked: str) -> str:
    """Give the IANA name of a zone: of its name in any case, its city or its offset.

    Raises:
        ScheduleInvalid: there is none, or several cities have this name; names some.
    """
    wanted = asked.strip()
    offset = _OFFSET.fullmatch(wanted)
    if offset:
        return _fixed(offset)
    key = _key(wanted)
    if key in _by_name():
        return _by_name()[key]
    there = _by_city().get(key, [])
    if len(there) == 1:
        return there[0]
    raise ScheduleInvalid(_complaint(wanted, key, there))


def _fixed(offset: re.Match[str]) -> str:
    sign, hours, minutes = offset[1], int(offset[2]), int(offset[3] or 0)
    if minutes or hours > _FURTHEST[sign]:
        raise ScheduleInvalid(
            f'There is no time zone "{offset[0]}": offsets are whole hours, from UTC-12 to UTC+14. '
            "Better name a city, such as Asia/Kolkata."
        )
    if hours == 0:
        return "UTC"
    # IANA counts these the other way round, from the place to Greenwich.
    return f"Etc/GMT{'-' if sign == '+' else '+'}{hours}"


def _key(name: str) -> str:
    return "_".join(name[:80].casefold().split())


@cache
def _by_name() -> dict[str, str]:
    names = {name.casefold(): name for name in available_timezones() - _NOT_ZONES}
    return {**names, "utc": "UTC", "z": "UTC"}


@cache
def _by_city() -> dict[str, list[str]]:
    cities: dict[str, list[str]] = {}
    for key, name in sorted(_by_name().items()):
        if "/" in key:
            cities.setdefault(key.rpartition("/")[2], []).append(name)
    return cities


def _complaint(wanted: str, key: str, there: list[str]) -> str:
    if there:
        return f'There are several time zones named "{wanted[:60]}": {", ".join(there)}.'
    near = [
        name
        for each in get_close_matches(key, [*_by_name(), *_by_city()], n=5, cutoff=0.6)
        for name in ([_by_name()[each]] if each in _by_name() else _by_city()[each])
    ]
    hint = f"Near it are: {', '.join(dict.fromkeys(near))}." if near else "Try Europe/Berlin."
    return f'There is no time zone "{wanted[:60]}". {hint}'
