"""Finds moments: zones, cron and RFC 5545."""

from minibot.adapters.calendar.calendar import SystemCalendar

__all__ = ["SystemCalendar"]
