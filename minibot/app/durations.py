"""How long something took, in words."""

from datetime import timedelta

from minibot.core.texts import ENGLISH, Texts


def spoken(time: timedelta, texts: Texts = ENGLISH) -> str:
    """Say how long something took, in its two largest units."""
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = [
        (days, texts.days),
        (hours, texts.hours),
        (minutes, texts.minutes),
        (seconds, texts.seconds),
    ]
    while len(units) > 1 and not units[0][0]:
        units.pop(0)
    said = [unit.format(number=number) for number, unit in units[:2] if number]
    return " ".join(said) or texts.seconds.format(number=0)
