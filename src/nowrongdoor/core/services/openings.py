"""When a service is open: schedules of HSDS 3.1, whose rules are those of RFC 5545, read in the zone of the place.

The promise: a time of day is one on the wall of the place, also in the nights in which its clocks change; and a
schedule that cannot be read makes nothing open and nothing closed: it is said that nobody knows.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

from dateutil import rrule

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.services.hsds import Row
from nowrongdoor.core.services.service import Hours, Unusable

AHEAD = 35  # days for which the next opening is looked for: a day of each month is in them
_DAY = datetime.timedelta(days=1)
_MIDNIGHT = datetime.time()
_ANY = datetime.date(2000, 1, 1)
_LAST_MINUTE = datetime.time(23, 59)  # as many write the end of a day
Frequency = Literal[0, 1, 2]  # of rrule: yearly, monthly, weekly
_FREQUENCIES: Mapping[str, Frequency] = {"WEEKLY": rrule.WEEKLY, "MONTHLY": rrule.MONTHLY}
_WEEKDAYS = {str(each): each for each in (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)}
_NUMBERS = {"byweekno": (1, 53), "bymonthday": (1, 31), "byyearday": (1, 366)}
Closed = Callable[[datetime.date], bool]


def never(_day: datetime.date) -> bool:
    """Say of every day that it is no holiday."""
    return False


@dataclasses.dataclass(frozen=True, slots=True)
class Opening:
    """A time of day, on the days of a rule. `closes` at or before `opens`: on the next day. `is_on_call`: somebody who
    isn't there comes then; `has_begin`: whether its rule counts from a day; `weekdays`: from 0 for Monday, in the
    place of a rule that says no more, as most do: they cost nothing to read and to look at."""

    opens: datetime.time
    closes: datetime.time
    rule: rrule.rrule | None
    has_begin: bool
    first: datetime.date
    last: datetime.date
    zone: datetime.tzinfo
    is_on_call: bool = False
    is_closed_on: Closed = never
    weekdays: frozenset[int] | None = None

    def holds(self, at: datetime.datetime) -> bool:
        """Say whether it is open at an instant."""
        local = at.astimezone(self.zone).replace(tzinfo=None)
        return any(
            begins <= local < ends
            for day in (local.date(), local.date() - _DAY)
            if self._is_on(day)
            for begins, ends in [self._of(day)]
        )

    def next(self, at: datetime.datetime) -> datetime.datetime | None:
        """Return when it opens next after an instant, None where that is further away than `AHEAD`."""
        local = at.astimezone(self.zone)
        for days in range(AHEAD + 1):
            day = local.date() + days * _DAY
            begins = self._of(day)[0].replace(tzinfo=self.zone)
            if begins > at and self._is_on(day):
                return begins.astimezone(datetime.UTC)
        return None

    def _of(self, day: datetime.date) -> tuple[datetime.datetime, datetime.datetime]:
        begins, ends = datetime.datetime.combine(day, self.opens), datetime.datetime.combine(day, self.closes)
        if self.closes == _LAST_MINUTE:
            ends = datetime.datetime.combine(day, _MIDNIGHT) + _DAY
        return begins, ends if ends > begins else ends + _DAY

    def _is_on(self, day: datetime.date) -> bool:
        if not self.first <= day <= self.last or self.is_closed_on(day):
            return False
        if self.weekdays is not None:
            return day.weekday() in self.weekdays
        if self.rule is None:
            return True
        midnight = datetime.datetime.combine(day, _MIDNIGHT)
        if not self.has_begin:  # it begins nowhere, so it may begin here: nothing before is counted
            return next(iter(self.rule.replace(dtstart=midnight, until=midnight)), None) is not None
        return bool(self.rule.between(midnight, midnight, inc=True))


def read(row: Row, zone: datetime.tzinfo, *, is_on_call: bool = False, is_closed_on: Closed = never) -> Opening:
    """Read a schedule. `zone`: the place's, where the schedule says no other. Unusable."""
    if "opens_at" not in row or "closes_at" not in row:
        raise Unusable(_("This schedule doesn’t say from when to when."))
    opens, closes = _time(row, "opens_at"), _time(row, "closes_at")
    if opens.tzinfo != closes.tzinfo:
        raise Unusable(_("opens_at and closes_at have different time zones. Write both in one."))
    own = opens.tzinfo or (_offset(row) if "timezone" in row else zone)
    frequency = row.get("freq")
    begins = _day(row, "dtstart")
    first = max(filter(None, [begins, _day(row, "valid_from")]), default=datetime.date.min)
    last = min(filter(None, [_day(row, "until"), _day(row, "valid_to")]), default=datetime.date.max - 2 * _DAY)
    weekdays = None
    if frequency is None:
        if begins is None:
            raise Unusable(_("This schedule doesn’t say on which days. Write freq and byday, or dtstart."))
        rule, last = None, min(begins, last)
    else:
        rule, weekdays = _rule(row, _FREQUENCIES[str(frequency)], begins)
    times = opens.replace(tzinfo=None), closes.replace(tzinfo=None)
    return Opening(*times, rule, begins is not None, first, last, own, is_on_call, is_closed_on, weekdays)


def _rule(
    row: Row, frequency: Frequency, begins: datetime.date | None
) -> tuple[rrule.rrule | None, frozenset[int] | None]:
    """Read on which days it is: the rule, or the weekdays where that is all that it says."""
    interval, count = _whole(row, "interval", 1), _whole(row, "count", 0)
    if begins is None and (interval != 1 or count):
        raise Unusable(_("Write dtstart: interval and count begin there."))
    numbers = {name: _numbers(row, name, *between) for name, between in _NUMBERS.items() if name in row}
    byday = _weekdays(str(row["byday"])) if "byday" in row else None
    if begins is None and not byday and not numbers:
        raise Unusable(_("This schedule doesn’t say on which days. Write byday, bymonthday, or dtstart."))
    if frequency == rrule.WEEKLY and any(each.n for each in byday or ()):
        raise Unusable(_("byday: a number before a day is for MONTHLY only."))
    if frequency == rrule.WEEKLY and begins is None and not numbers:
        return None, frozenset(each.weekday for each in byday or ())
    if numbers.keys() - {"bymonthday"}:
        frequency = rrule.YEARLY  # RFC 5545 has these two for years alone
    rule = rrule.rrule(
        frequency,
        dtstart=datetime.datetime.combine(begins or _ANY, _MIDNIGHT),
        interval=interval,
        wkst=_WEEKDAYS[str(row.get("wkst", "MO"))],
        count=count or None,
        byweekday=byday,
        bymonthday=numbers.get("bymonthday"),
        byyearday=numbers.get("byyearday"),
        byweekno=numbers.get("byweekno"),
        cache=True,
    )
    return rule, None


def _time(row: Row, name: str) -> datetime.time:
    return datetime.time.fromisoformat(str(row[name]))


def _day(row: Row, name: str) -> datetime.date | None:
    return datetime.date.fromisoformat(str(row[name])) if name in row else None


def _offset(row: Row) -> datetime.timezone:
    hours = float(row["timezone"])
    if not -14 <= hours <= 14:
        raise Unusable(_("timezone: write the hours from UTC, as -5."))
    return datetime.timezone(datetime.timedelta(hours=hours))


def _whole(row: Row, name: str, otherwise: int) -> int:
    if name not in row:
        return otherwise
    number = row[name]
    if not isinstance(number, int) or not otherwise <= number <= 10_000:
        raise Unusable(_("%(field)s: write a whole number from %(least)s.") % {"field": name, "least": otherwise})
    return number


def _numbers(row: Row, name: str, least: int, most: int) -> list[int]:
    try:
        numbers = [int(each) for each in str(row[name]).split(",")]
    except ValueError:
        numbers = [0]
    if not all(least <= abs(each) <= most for each in numbers):
        raise Unusable(
            _("%(field)s: write whole numbers from %(least)s to %(most)s, with commas between them.")
            % {"field": name, "least": least, "most": most}
        )
    return numbers


@functools.lru_cache(maxsize=1_000)  # most are open on the same days as many others
def _weekdays(text: str) -> Sequence[rrule.weekday]:
    days = []
    for each in text.split(","):
        name, number = each.strip()[-2:], each.strip()[:-2]
        try:
            days.append(_WEEKDAYS[name](int(number)) if number else _WEEKDAYS[name])
        except (KeyError, ValueError):
            raise Unusable(_("byday: write days as MO,TU, or as 2MO for the second Monday of a month.")) from None
    return days


@dataclasses.dataclass(frozen=True, slots=True)
class Now:
    """Whether somebody is there at an instant, and when somebody is next."""

    hours: Hours
    next_at: datetime.datetime | None


def now(openings: Iterable[Opening], *, at: datetime.datetime, is_all_known: bool) -> Now:
    """Say whether somebody is there, and when somebody is next. `is_all_known`: as in `hours`."""
    held = list(openings)
    following = min(filter(None, (each.next(at) for each in held)), default=None)
    return Now(hours(held, at=at, is_all_known=is_all_known), following)


def hours(held: Sequence[Opening], *, at: datetime.datetime, is_all_known: bool) -> Hours:
    """Say whether somebody is there. `is_all_known`: whether every schedule could be read; else what is not open is not
    known."""
    open_ = [each for each in held if each.holds(at)]
    if open_:
        return Hours.ON_CALL if all(each.is_on_call for each in open_) else Hours.OPEN
    return Hours.LATER if held and is_all_known else Hours.UNKNOWN
