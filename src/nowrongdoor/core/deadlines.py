"""When a limit of law runs out: 24 hours, one business day, 6 weeks, 10 years, or "promptly".

A business day is one on which the country's offices are open (`holidays`), counted in the time zone of whoever owes it.
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


def after(
    limit: rules.Limit,
    start: datetime.datetime,
    *,
    basis: rules.Evidence,
    zone: datetime.tzinfo,
    calendar: holidays.Calendar,
) -> Deadline:
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
        day = _next_business_day(day, calendar)
    end = datetime.datetime.combine(day, datetime.time(23, 59, 59), zone)
    return Deadline(end.astimezone(datetime.UTC), basis)


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
