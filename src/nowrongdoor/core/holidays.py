"""On which days a country's offices are closed, as its file says (holidays.toml).

The promise: a holiday that is observed on another day, in another year even, closes that day and no other; one that
only some places keep closes no other place.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime
import functools
import tomllib
from collections.abc import Mapping, Sequence

from nowrongdoor import jurisdictions

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
    """A country's holidays. `closed`: the weekdays without business; `fixed`: months and days; `observed`: for a
    weekday on which a fixed one falls, how many days later it is observed."""

    version: str
    closed: frozenset[int]
    fixed: Sequence[tuple[int, int]]
    moving: Sequence[Moving]
    observed: Mapping[int, int]

    @functools.cache  # noqa: B019  one calendar lives as long as the process
    def of(self, year: int) -> frozenset[datetime.date]:
        """List the days on which the holidays of a year are observed."""
        fixed = (datetime.date(year, month, day) for month, day in self.fixed)
        days = {day + datetime.timedelta(days=self.observed.get(day.weekday(), 0)) for day in fixed}
        return frozenset(days | {each.in_year(year) for each in self.moving})

    def is_business_day(self, day: datetime.date) -> bool:
        """Return whether offices are open on a day."""
        observed = (self.of(year) for year in (day.year - 1, day.year, day.year + 1))
        return day.weekday() not in self.closed and all(day not in days for days in observed)


def read(text: str, place: str = "") -> Calendar:
    """Read a country's holidays.toml for a place: a holiday that names `places` is kept there alone, in a State's
    districts too; one that names none, everywhere."""
    content = tomllib.loads(text)
    here = {place, place.partition("-")[0]}
    fixed, moving = (
        [each for each in content.get(kind, ()) if "places" not in each or here & set(each["places"])]
        for kind in ("fixed", "moving")
    )
    return Calendar(
        content["version"],
        frozenset(_WEEKDAYS[day] for day in content["closed"]),
        tuple((each["month"], each["day"]) for each in fixed),
        tuple(Moving(each["month"], _WEEKDAYS[each["weekday"]], each["nth"]) for each in moving),
        {_WEEKDAYS[day]: later for day, later in content.get("observed", {}).items()},
    )


@functools.cache
def installed(place: str = "") -> Calendar:
    """Return the holidays of the country that is installed, as a place keeps them; without one, its capital's."""
    return read(jurisdictions.text("holidays.toml"), place)
