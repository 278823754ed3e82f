"""When a limit of law runs out: 24 hours, one business day, 6 weeks, 10 years, or "promptly".

A business day is a weekday that is no legal public holiday of 5 USC 6103(a), counted in the time zone of whoever owes
it. Where the law gives no number ("immediately", "promptly") the time is a target of policy, and says so.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime
import functools
from collections.abc import Mapping

from nowrongdoor.core.mandates import rules

# What is expected where the law only says how fast it should feel. Policy, not law.
TARGETS: Mapping[rules.Unit, datetime.timedelta] = {
    rules.Unit.IMMEDIATELY: datetime.timedelta(hours=1),
    rules.Unit.PROMPTLY: datetime.timedelta(hours=24),
}
_FIXED = {
    rules.Unit.HOURS: datetime.timedelta(hours=1),
    rules.Unit.DAYS: datetime.timedelta(days=1),
    rules.Unit.WEEKS: datetime.timedelta(weeks=1),
}


@dataclasses.dataclass(frozen=True)
class Deadline:
    """Until when, and whether law or policy set that instant."""

    due_at: datetime.datetime
    basis: rules.Evidence


def after(limit: rules.Limit, start: datetime.datetime, *, basis: rules.Evidence, zone: datetime.tzinfo) -> Deadline:
    """Count a limit from an aware instant. `basis` is what set the limit's number."""
    if limit.amount is None:
        return Deadline(start + TARGETS[limit.unit], rules.Evidence.POLICY)
    if limit.unit in _FIXED:
        return Deadline(start + limit.amount * _FIXED[limit.unit], basis)
    local = start.astimezone(zone)
    if limit.unit is rules.Unit.YEARS:
        return Deadline(_years_later(local, limit.amount), basis)
    day = local.date()
    for _ in range(limit.amount):
        day = _next_business_day(day)
    end = datetime.datetime.combine(day, datetime.time(23, 59, 59), zone)
    return Deadline(end.astimezone(datetime.UTC), basis)


def is_business_day(day: datetime.date) -> bool:
    """Return whether federal offices are open on a day."""
    return day.weekday() < 5 and day not in holidays(day.year) and day not in holidays(day.year + 1)


@functools.cache
def holidays(year: int) -> frozenset[datetime.date]:
    """List the legal public holidays of a year as they are observed, 5 USC 6103(a),(b): one that falls on a
    Saturday is observed on the Friday before, one on a Sunday on the Monday after."""
    fixed = [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)]
    moving = [(1, 3), (2, 3), (9, 1), (10, 2)]  # the n-th Monday: King, Washington, Labor, Columbus
    days = {_observed(datetime.date(year, month, day)) for month, day in fixed}
    days |= {_nth(year, month, calendar.MONDAY, n) for month, n in moving}
    days.add(_nth(year, 11, calendar.THURSDAY, 4))
    last_of_may = datetime.date(year, 5, 31)
    days.add(last_of_may - datetime.timedelta(days=last_of_may.weekday()))
    return frozenset(days)


def _observed(day: datetime.date) -> datetime.date:
    shift = {calendar.SATURDAY: -1, calendar.SUNDAY: 1}.get(day.weekday(), 0)
    return day + datetime.timedelta(days=shift)


def _nth(year: int, month: int, weekday: int, n: int) -> datetime.date:
    first = datetime.date(year, month, 1)
    return first + datetime.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _next_business_day(day: datetime.date) -> datetime.date:
    day += datetime.timedelta(days=1)
    while not is_business_day(day):
        day += datetime.timedelta(days=1)
    return day


def _years_later(instant: datetime.datetime, years: int) -> datetime.datetime:
    try:
        return instant.replace(year=instant.year + years)
    except ValueError:  # 29 February
        return instant.replace(year=instant.year + years, day=28)
