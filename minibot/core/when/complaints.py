"""What is said to people about times that cannot be."""

from datetime import date

from minibot.core.errors import ScheduleInvalid

EXAMPLES = "Say for example: in 10m · tomorrow 9:00 · friday 18:30 · every mon 10:00."


def refused(reason: str) -> ScheduleInvalid:
    return ScheduleInvalid(f"{reason} {EXAMPLES}")


def nothing() -> ScheduleInvalid:
    return refused("It has to be longer than nothing.")


def check_date(year: int | None, month: int, day: int) -> None:
    """Refuse days that are in no calendar; without a year, in that of no year."""
    try:
        date(year if year is not None else 2000, month, day)
    except ValueError:
        of_year = "" if year is None else f" of {year}"
        raise refused(f"There is no day {day} in month {month}{of_year}.") from None


def whole(number: float, name: str) -> int:
    """Refuse halves of days and months."""
    if number != int(number):
        raise refused(f"{number:g} {name} cannot be counted in days.")
    return int(number)
