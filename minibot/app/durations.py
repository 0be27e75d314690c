"""How long something took, in words."""

from datetime import timedelta


def spoken(time: timedelta) -> str:
    """Say how long something took, in its two largest units."""
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    while len(units) > 1 and not units[0][0]:
        units.pop(0)
    return " ".join(f"{amount} {unit}" for amount, unit in units[:2] if amount) or "0 s"
