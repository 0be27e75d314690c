"""The text of a rule of RFC 5545, looked at before dateutil reads it.

dateutil takes hours that no day has, and reads some combinations as something else than the RFC.
Whatever this lets pass, dateutil reads as the RFC has it.
"""

import re
from dataclasses import dataclass
from datetime import datetime, time

from minibot.core.errors import ScheduleInvalid

FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")

_LONGEST = 500
_MOST_TIMES = 2_000
_LONGEST_INTERVAL = 10_000

_BOUNDS = {
    "BYSECOND": (0, 59),
    "BYMINUTE": (0, 59),
    "BYHOUR": (0, 23),
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYSETPOS": (-366, 366),
}
_KNOWN = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *_BOUNDS)
_WEEKDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")


@dataclass(frozen=True, slots=True, kw_only=True)
class RruleText:
    """A rule whose parts can be used."""

    text: str
    parts: dict[str, str]
    """As they are written, except COUNT, UNTIL and INTERVAL."""
    interval: int
    count: int | None
    until: str

    @property
    def frequency(self) -> str:
        return self.parts["FREQ"]

    @property
    def limited(self) -> bool:
        """True when it says more than how often."""
        return any(name.startswith("BY") for name in self.parts)

    def hours(self) -> set[int]:
        """Give the hours it names; none means that it names none."""
        return {int(each) for each in self.parts.get("BYHOUR", "").split(",") if each}

    def end(self) -> datetime | None:
        """Give UNTIL: an instant, or a time on the wall. A day alone is meant as a whole."""
        if not self.until:
            return None
        try:
            until = datetime.fromisoformat(self.until)
        except ValueError:
            raise ScheduleInvalid(
                f"UNTIL={self.until[:40]} is no moment; write UNTIL=20261231T235959Z."
            ) from None
        return until if "T" in self.until else datetime.combine(until, time.max)


def read(text: str) -> RruleText:
    """Read a rule, with or without "RRULE:". Raises `ScheduleInvalid`."""
    rule = text.strip().upper()
    if len(rule) > _LONGEST or len(rule.split()) != 1:
        raise _refused(text, "only one line is read, and when it starts is told apart")
    parts = _parts(text, rule.removeprefix("RRULE:").rstrip(";"))
    if parts.get("FREQ") not in FREQUENCIES:
        raise _refused(text, f"FREQ has to be one of {', '.join(FREQUENCIES)}")
    _check_values(text, parts)
    _check_combination(text, parts)
    interval = _number(text, "INTERVAL", parts.pop("INTERVAL", "1"), (1, _LONGEST_INTERVAL))
    count = parts.pop("COUNT", None)
    return RruleText(
        text=rule,
        interval=interval,
        count=None if count is None else _number(text, "COUNT", count, (1, _MOST_TIMES)),
        until=parts.pop("UNTIL", ""),
        parts=parts,
    )


def _parts(text: str, rule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in rule.split(";"):
        name, _, value = part.partition("=")
        if name not in _KNOWN:
            raise _refused(text, f'"{name[:40]}" is not one of {", ".join(_KNOWN)}')
        if name in parts or not value:
            raise _refused(text, f"{name} needs one value")
        parts[name] = value
    return parts


def _check_values(text: str, parts: dict[str, str]) -> None:
    for name, bounds in _BOUNDS.items():
        if name in parts:
            for each in parts[name].split(","):
                if _number(text, name, each, bounds) == 0 and bounds[0] < 0:
                    raise _refused(text, f"{name}=0 is nothing")
    for each in parts["BYDAY"].split(",") if "BYDAY" in parts else ():
        found = _WEEKDAY.fullmatch(each)
        if not found or found[1] and not 1 <= abs(int(found[1])) <= 53:
            raise _refused(text, f"BYDAY={each[:20]} is no day; write MO or, in months, 1MO, -1FR")
    if "WKST" in parts and not _WEEKDAY.fullmatch(parts["WKST"]):
        raise _refused(text, "WKST has to be a day such as MO")


def _check_combination(text: str, parts: dict[str, str]) -> None:
    """Refuse what the RFC forbids, or leaves without a meaning."""
    if "COUNT" in parts and "UNTIL" in parts:
        raise _refused(text, "COUNT and UNTIL exclude each other")
    numbered = {bool(day.strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for day in _days(parts)}
    if numbered == {True, False}:
        raise _refused(text, "BYDAY cannot have days with and without a number")
    if True in numbered and (parts["FREQ"] not in FREQUENCIES[:2] or "BYWEEKNO" in parts):
        raise _refused(text, "numbered days such as 1MO are for MONTHLY and YEARLY")
    if "BYWEEKNO" in parts and parts["FREQ"] != "YEARLY":
        raise _refused(text, "BYWEEKNO is for YEARLY")
    limited = [name for name in parts if name.startswith("BY") and name != "BYSETPOS"]
    if "BYSETPOS" in parts and not limited:
        raise _refused(text, "BYSETPOS picks from another BY part, and there is none")
    if parts["FREQ"] == "SECONDLY" and (limited or "COUNT" in parts):
        raise _refused(text, "SECONDLY goes with INTERVAL and UNTIL only")


def _days(parts: dict[str, str]) -> list[str]:
    return [each for each in parts.get("BYDAY", "").split(",") if each]


def _number(text: str, name: str, value: str, bounds: tuple[int, int]) -> int:
    least, most = bounds
    if not re.fullmatch(r"[+-]?[0-9]{1,5}", value) or not least <= int(value) <= most:
        raise _refused(text, f"{name}={value[:20]} is not between {least} and {most}")
    return int(value)


def _refused(text: str, reason: str) -> ScheduleInvalid:
    return ScheduleInvalid(
        f'"{text.strip()[:80]}" cannot be used: {reason}. '
        "A rule looks like FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=9;BYMINUTE=0;BYSECOND=0."
    )
