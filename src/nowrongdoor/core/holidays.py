"""On which days the offices of a country, or of one of its places, are closed, as its file says (holidays.toml).

The promise: a holiday that is observed on another day, in another year even, closes that day and no other; two never
share a day on which one of them is observed instead; a place's own holidays close nothing elsewhere.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime
import functools
import tomllib
from collections.abc import Mapping, Sequence

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries
from nowrongdoor.core.language import gettext

FILE = "holidays.toml"
_WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}


@dataclasses.dataclass(frozen=True)
class Moving:
    """A holiday on the n-th weekday of a month; -1 is the last."""

    month: int
    weekday: int
    nth: int

    def in_year(self, year: int) -> datetime.date:
        """Return its day in a year."""
        _, length = calendar.monthrange(year, self.month)
        days = [datetime.date(year, self.month, day) for day in range(1, length + 1)]
        chosen = [day for day in days if day.weekday() == self.weekday]
        return chosen[self.nth if self.nth < 0 else self.nth - 1]


@dataclasses.dataclass(frozen=True, eq=False)
class Calendar:
    """The holidays of a country or a place. `closed`: the weekdays without business; `fixed`: months and days;
    `easter`: days after Easter Sunday; `once`: days of one year alone; `observed`: for a weekday on which a fixed one
    falls, how many days later it is observed, or the next day that is free."""

    version: str
    closed: frozenset[int]
    fixed: Sequence[tuple[int, int]]
    moving: Sequence[Moving]
    easter: Sequence[int]
    once: Sequence[datetime.date]
    observed: Mapping[int, int]

    @functools.cache  # noqa: B019  one calendar lives as long as the process
    def of(self, year: int) -> frozenset[datetime.date]:
        """List the days on which the holidays of a year are observed."""
        fixed = [datetime.date(year, month, day) for month, day in self.fixed]
        days = {day for day in fixed if day.weekday() not in self.observed}
        days |= {each.in_year(year) for each in self.moving}
        days |= {easter_sunday(year) + datetime.timedelta(days=after) for after in self.easter}
        days |= {day for day in self.once if day.year == year}
        for day in fixed:
            if day.weekday() in self.observed:
                instead = day + datetime.timedelta(days=self.observed[day.weekday()])
                while instead in days or instead.weekday() in self.closed:
                    instead += datetime.timedelta(days=1)
                days.add(instead)
        return frozenset(days)

    def is_business_day(self, day: datetime.date) -> bool:
        """Return whether offices are open on a day."""
        observed = (self.of(year) for year in (day.year - 1, day.year, day.year + 1))
        return day.weekday() not in self.closed and all(day not in days for days in observed)


def easter_sunday(year: int) -> datetime.date:
    """Return Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher; exact in every year)."""
    century, of_century = divmod(year, 100)
    golden = year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return datetime.date(year, month, day + 1)


def read(text: str, place: str = "") -> Calendar:
    """Read the holidays of a place out of a country's holidays.toml; without one, those that hold in all of it. A
    state's holidays are its districts' too. entries.Unreadable."""
    content = entries.read(text, FILE)
    closed = frozenset(_weekday(content, "closed", day) for day in content.texts("closed"))
    fixed: list[tuple[int, int]] = []
    moving: list[Moving] = []
    easter: list[int] = []
    once: list[datetime.date] = []
    for each in content.each("fixed"):
        month_and_day = each.number("month", 1, 12), each.number("day", 1, 31)
        try:
            datetime.date(2001, *month_and_day)  # a holiday is there in every year
        except ValueError:
            raise each.wrong("day", gettext("write a day that this month has in every year")) from None
        if _holds(each, place):
            fixed.append(month_and_day)
    for each in content.each("moving"):
        nth = each.number("nth", -1, 4)
        if nth == 0:
            raise each.wrong("nth", gettext("write 1 to 4 for the first to the fourth, or -1 for the last"))
        one = Moving(each.number("month", 1, 12), _weekday(each, "weekday", each.text("weekday")), nth)
        if _holds(each, place):
            moving.append(one)
    for each in content.each("easter"):
        after = each.number("after", -60, 70)
        if _holds(each, place):
            easter.append(after)
    for each in content.each("once"):
        day = each.day("on")
        if _holds(each, place):
            once.append(day)
    observed: dict[int, int] = {}
    if content.has("observed"):
        table = content.one("observed")
        observed = {_weekday(table, day, day): table.number(day, -6, 6) for day in table.left()}
    read = Calendar(content.text("version"), closed, fixed, moving, easter, once, observed)
    content.end()
    return read


def named_places(text: str) -> set[str]:
    """List the places that the holidays of a file name."""
    lists = [value for value in tomllib.loads(text).values() if isinstance(value, list)]
    holidays = [each for entries_ in lists for each in entries_ if isinstance(each, dict)]
    return {state for each in holidays for state in each.get("places", ())}


def _weekday(content: entries.Entry, key: str, day: str) -> int:
    if day not in _WEEKDAYS:
        raise content.wrong(key, f"write {', '.join(_WEEKDAYS)}")
    return _WEEKDAYS[day]


def _holds(each: entries.Entry, place: str) -> bool:
    """Return whether a holiday is kept in a place: one that names no place is kept everywhere."""
    each.text("name")
    named = each.texts("places", ())
    each.end()
    return not named or bool({place, place.partition("-")[0]} & set(named))


@functools.cache
def installed(place: str = "") -> Calendar:
    """Return the holidays of the country that is installed as a place keeps them, by its code; without one, those that
    hold in all of it, so that no deadline is later than the law lets it be anywhere."""
    return read(jurisdictions.text(FILE), place)
