"""Moments as people read them."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def spoken(moment: datetime, zone: str, now: datetime) -> str:
    """Say a moment by the clock of a zone: ``Fri 27 Nov, 18:00``, with the year if not this one."""
    local, today = moment.astimezone(known_zone(zone)), now.astimezone(known_zone(zone))
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M}"


def known_zone(name: str) -> ZoneInfo:
    """Give a zone by its name; UTC for one that this machine does not know any more."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
