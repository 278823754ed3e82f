"""When a limit of law runs out: 24 hours, one business day, 6 weeks, 10 years, or "promptly".

Hours are counted by the clock that knows no daylight saving time. Days, weeks and business days are days of whoever
owes it: counted in the time zone of their place, from the day after, and over when the last one ends there. A business
day is one on which offices of that place are open (`holidays`).
Where the law gives no number ("immediately", "promptly") the time is a target of policy, and says so.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping

from nowrongdoor.core import holidays
from nowrongdoor.core.mandates import rules

# What is expected where the law only says how fast it should feel. Policy, not law.
TARGETS: Mapping[rules.Unit, datetime.timedelta] = {
    rules.Unit.IMMEDIATELY: datetime.timedelta(hours=1),
    rules.Unit.PROMPTLY: datetime.timedelta(hours=24),
}
_DAYS = {rules.Unit.DAYS: 1, rules.Unit.WEEKS: 7}


@dataclasses.dataclass(frozen=True)
class Deadline:
    """Until when, and whether law or policy set that instant."""

    due_at: datetime.datetime
    basis: rules.Evidence


def after(
    limit: rules.Limit,
    start: datetime.datetime,
    *,
    basis: rules.Evidence,
    zone: datetime.tzinfo,
    calendar: holidays.Calendar,
) -> Deadline:
    """Count a limit from an aware instant, in the zone and by the holidays of whoever owes it. `basis` is what set the
    limit's number."""
    start = start.astimezone(datetime.UTC)  # an hour more of a local time is not always an hour later
    if limit.amount is None:
        return Deadline(start + TARGETS[limit.unit], rules.Evidence.POLICY)
    if limit.unit is rules.Unit.HOURS:
        return Deadline(start + datetime.timedelta(hours=limit.amount), basis)
    local = start.astimezone(zone)
    if limit.unit is rules.Unit.YEARS:
        return Deadline(_years_later(local, limit.amount).astimezone(datetime.UTC), basis)
    day = local.date()
    if limit.unit in _DAYS:
        return Deadline(end_of(day + datetime.timedelta(days=limit.amount * _DAYS[limit.unit]), zone), basis)
    for _ in range(limit.amount):
        day = _next_business_day(day, calendar)
    return Deadline(end_of(day, zone), basis)


def end_of(day: datetime.date, zone: datetime.tzinfo) -> datetime.datetime:
    """Return the last second of a day in a zone."""
    return datetime.datetime.combine(day, datetime.time(23, 59, 59), zone).astimezone(datetime.UTC)


def _next_business_day(day: datetime.date, calendar: holidays.Calendar) -> datetime.date:
    day += datetime.timedelta(days=1)
    while not calendar.is_business_day(day):
        day += datetime.timedelta(days=1)
    return day


def _years_later(instant: datetime.datetime, years: int) -> datetime.datetime:
    try:
        return instant.replace(year=instant.year + years)
    except ValueError:  # 29 February
        return instant.replace(year=instant.year + years, day=28)
