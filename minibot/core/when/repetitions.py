"""What comes again and again, as a recurrence."""

import calendar
from datetime import date, datetime, time, timedelta

from minibot.core.errors import ScheduleInvalid
from minibot.core.jobs import Recurrence, RecurrenceKind
from minibot.core.when.complaints import check_date, nothing, refused, whole
from minibot.core.when.phrases import Each
from minibot.core.when.today import Today

_RFC_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Repetition:
    """An interval within a day; cron for each day, week, month or year; RFC 5545 otherwise."""

    def __init__(self, each: Each, today: Today) -> None:
        self._each = each
        self._today = today

    def recurrence(self) -> Recurrence:
        each = self._each
        if each.seconds:
            return self._interval()
        if not (each.days or each.months or each.weekdays):
            raise nothing()
        at = self._today.time()
        if at.second:
            raise refused("What repeats goes by whole minutes.")
        if each.months:
            return self._monthly(whole(each.months, "months"), at)
        days = whole(each.days, "days")
        if each.weekdays or days % 7 == 0:
            return self._weekly(days // 7, at)
        if days == 1:
            return self._cron(at, "* * *")
        return self._rrule("DAILY", days, at, start=self._today.first(lambda _: True))

    def _interval(self) -> Recurrence:
        if self._each.days or self._each.months:
            raise refused("Days do not go with hours here.")
        seconds = timedelta(seconds=self._each.seconds).total_seconds()
        rule = str(int(seconds)) if seconds.is_integer() else str(seconds)
        return self._today.recurrence(RecurrenceKind.EVERY, rule)

    def _weekly(self, weeks: int, at: time) -> Recurrence:
        weekdays = self._each.weekdays or (self._today.date.isoweekday(),)
        if weeks <= 1:
            days = ",".join(str(day) for day in sorted(day % 7 for day in weekdays))
            return self._cron(at, f"* * {'1-5' if days == '1,2,3,4,5' else days}")
        start = self._today.first(lambda day: day.isoweekday() in weekdays)
        named = ",".join(_RFC_DAYS[day - 1] for day in weekdays)
        return self._rrule("WEEKLY", weeks, at, start=start, more=f";BYDAY={named}")

    def _monthly(self, months: int, at: time) -> Recurrence:
        day, month = self._each.day, self._each.month
        if day is None or self._each.days or (months % 12 == 0 and month is None):
            raise ScheduleInvalid(
                "Say on which day: every month on the 1st 9:00 · every year on 24 december 9:00."
            )
        check_date(None, month or 1, 31 if day == -1 else day)
        if months in (1, 12):
            return self._cron(at, f"{'L' if day == -1 else day} {month or '*'} *")
        start = self._today.first(
            lambda each: each.day == _day_in(each, day) and month in (None, each.month)
        )
        by_month = f";BYMONTH={month}" if month else ""
        return self._rrule("MONTHLY", months, at, start=start, more=f"{by_month};BYMONTHDAY={day}")

    def _cron(self, at: time, days: str) -> Recurrence:
        return self._today.recurrence(RecurrenceKind.CRON, f"{at.minute} {at.hour} {days}")

    def _rrule(
        self, often: str, interval: int, at: time, *, start: datetime, more: str = ""
    ) -> Recurrence:
        # The hour is told, because that of a start on a day of changed clocks may be another.
        hour = f";BYHOUR={at.hour};BYMINUTE={at.minute};BYSECOND=0"
        rule = f"FREQ={often};INTERVAL={interval}{more}{hour}"
        return self._today.recurrence(RecurrenceKind.RRULE, rule, start=start)


def _day_in(month: date, day: int) -> int:
    return calendar.monthrange(month.year, month.month)[1] if day == -1 else day
