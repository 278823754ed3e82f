"""When a service is open: a table of schedules and instants, then any week against a count by hand."""

from __future__ import annotations

import dataclasses
import datetime
import zoneinfo

import pytest
from dateutil import rrule
from hypothesis import given
from hypothesis import strategies as st

from nowrongdoor.core.services import openings
from nowrongdoor.core.services.hsds import Row
from nowrongdoor.core.services.service import Hours, Unusable

RENO = zoneinfo.ZoneInfo("America/Los_Angeles")
OFFICE: Row = {"id": "x", "freq": "WEEKLY", "byday": "MO,TU,WE,TH,FR", "opens_at": "09:00", "closes_at": "17:00"}
NIGHT: Row = {**OFFICE, "opens_at": "22:00", "closes_at": "06:00"}
ALWAYS: Row = {**OFFICE, "byday": "MO,TU,WE,TH,FR,SA,SU", "opens_at": "00:00", "closes_at": "23:59"}
DAY = datetime.timedelta(days=1)


def local(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=RENO)


@pytest.mark.parametrize(
    ("row", "at", "is_open"),
    [
        (OFFICE, "2026-11-30 09:00", True),  # a Monday
        (OFFICE, "2026-11-30 08:59", False),
        (OFFICE, "2026-11-30 17:00", False),
        (OFFICE, "2026-11-29 12:00", False),  # a Sunday
        (NIGHT, "2026-11-30 23:00", True),
        (NIGHT, "2026-12-01 05:59", True),
        (NIGHT, "2026-12-05 05:59", True),  # the night that began on Friday
        (NIGHT, "2026-12-05 23:00", False),
        (ALWAYS, "2026-11-29 23:59:30", True),
        ({**ALWAYS, "closes_at": "00:00"}, "2026-11-29 23:59:30", True),
        ({**OFFICE, "valid_from": "2026-12-01"}, "2026-11-30 10:00", False),
        ({**OFFICE, "valid_to": "2026-11-30"}, "2026-11-30 10:00", True),
        ({**OFFICE, "until": "2026-11-29"}, "2026-11-30 10:00", False),
        ({**OFFICE, "dtstart": "2026-11-16", "interval": 2}, "2026-11-30 10:00", True),
        ({**OFFICE, "dtstart": "2026-11-16", "interval": 2}, "2026-11-23 10:00", False),
        ({**OFFICE, "dtstart": "2026-11-16", "count": 5}, "2026-11-23 10:00", False),
        ({**OFFICE, "freq": "MONTHLY", "byday": "-1MO"}, "2026-11-30 10:00", True),
        ({**OFFICE, "freq": "MONTHLY", "byday": "2MO"}, "2026-11-30 10:00", False),
        ({"opens_at": "09:00", "closes_at": "17:00", "dtstart": "2026-11-30"}, "2026-11-30 10:00", True),
        ({"opens_at": "09:00", "closes_at": "17:00", "dtstart": "2026-11-30"}, "2026-12-01 10:00", False),
        ({**OFFICE, "timezone": -5}, "2026-11-30 07:00", True),
        ({**OFFICE, "opens_at": "09:00-05:00", "closes_at": "17:00-05:00"}, "2026-11-30 15:00", False),
        (OFFICE, "2026-03-09 09:00", True),  # the clocks changed the night before
        (OFFICE, "2026-11-02 16:59", True),
    ],
)
def test_open_or_not(row: Row, at: str, *, is_open: bool) -> None:
    assert openings.read(row, RENO).holds(local(at)) is is_open


def monthly(**row: str | int) -> Row:
    return {"freq": "MONTHLY", "opens_at": "09:00", "closes_at": "17:00", **row}


@pytest.mark.parametrize(
    ("row", "on"),
    [
        (monthly(bymonthday="1,-1"), ["2026-12-01", "2026-12-31"]),
        (monthly(byyearday="340"), ["2026-12-06"]),
        (monthly(byweekno="50", byday="MO"), ["2026-12-07"]),
    ],
)
def test_days_of_a_month_and_of_a_year(row: Row, on: list[str]) -> None:
    opening = openings.read(row, RENO)
    noons = [local("2026-12-01 12:00") + number * DAY for number in range(31)]
    assert [str(noon.date()) for noon in noons if opening.holds(noon)] == on


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({**OFFICE, "opens_at": "09:00Z"}, "different time zones"),
        ({"freq": "WEEKLY", "byday": "MO"}, "from when to when"),
        ({"opens_at": "09:00", "closes_at": "17:00"}, "on which days"),
        ({"freq": "WEEKLY", "opens_at": "09:00", "closes_at": "17:00"}, "on which days"),
        ({**OFFICE, "interval": 2}, "Write dtstart"),
        ({**OFFICE, "count": 2}, "Write dtstart"),
        ({**OFFICE, "interval": 0, "dtstart": "2026-11-30"}, "interval: write a whole number from 1"),
        ({**OFFICE, "byday": "2MO"}, "for MONTHLY only"),
        ({**OFFICE, "byday": "Monday"}, "write days as MO,TU"),
        (monthly(bymonthday="32"), "bymonthday: write whole numbers from 1 to 31"),
        (monthly(bymonthday="first"), "bymonthday: write whole numbers"),
        ({**OFFICE, "timezone": 30}, "hours from UTC"),
    ],
)
def test_a_schedule_that_cannot_be_read_says_why(row: Row, why: str) -> None:
    with pytest.raises(Unusable, match=why):
        openings.read(row, RENO)


def test_it_is_closed_on_holidays_where_it_says_so() -> None:
    christmas = datetime.date(2026, 12, 25)
    opening = openings.read(OFFICE, RENO, is_closed_on=lambda day: day == christmas)
    assert not opening.holds(local("2026-12-25 10:00"))
    assert opening.next(local("2026-12-24 18:00")) == local("2026-12-28 09:00")


@pytest.mark.parametrize(
    ("held", "is_all_known", "hours"),
    [
        ([OFFICE], True, Hours.OPEN),
        ([NIGHT], True, Hours.LATER),
        ([NIGHT], False, Hours.UNKNOWN),
        ([], True, Hours.UNKNOWN),
    ],
)
def test_what_is_said_of_now(held: list[Row], hours: Hours, *, is_all_known: bool) -> None:
    read = [openings.read(row, RENO) for row in held]
    assert openings.now(read, at=local("2026-11-30 10:00"), is_all_known=is_all_known).hours is hours


def test_somebody_who_comes_when_called_is_said_to_and_who_is_there_comes_first() -> None:
    on_call = openings.read(ALWAYS, RENO, is_on_call=True)
    office = openings.read(OFFICE, RENO)
    at = local("2026-11-30 20:00")
    assert openings.now([on_call, office], at=at, is_all_known=True) == openings.Now(
        Hours.ON_CALL, local("2026-12-01 00:00")
    )
    assert openings.now([on_call, office], at=local("2026-11-30 10:00"), is_all_known=True).hours is Hours.OPEN


@given(
    st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1),
    st.times(),
    st.times(),
    st.integers(0, 3_000_000_000).map(lambda seconds: datetime.datetime.fromtimestamp(seconds, datetime.UTC)),
)
def test_any_week_by_hand(days: set[str], opens: datetime.time, closes: datetime.time, at: datetime.datetime) -> None:
    opens, closes = opens.replace(microsecond=0), closes.replace(microsecond=0)
    row: Row = {"freq": "WEEKLY", "byday": ",".join(sorted(days)), "opens_at": str(opens), "closes_at": str(closes)}
    opening = openings.read(row, datetime.UTC)
    names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    today, before = names[at.weekday()] in days, names[at.weekday() - 1] in days
    if closes > opens or closes == datetime.time(23, 59):
        end = datetime.time.max if closes == datetime.time(23, 59) else closes
        expected = today and opens <= at.time() and (at.time() < end or end == datetime.time.max)
    else:
        expected = (today and at.time() >= opens) or (before and at.time() < closes)
    assert opening.holds(at) is expected
    rule = rrule.rrule(rrule.WEEKLY, byweekday=[names.index(each) for each in days])
    assert dataclasses.replace(opening, weekdays=None, rule=rule).holds(at) is expected  # its rule says the same
    following = opening.next(at)
    assert following is not None
    assert following > at
    assert opening.holds(following)
