"""Deadlines are counted where they are owed: in the owner's time zone, by the owner's holidays."""

from __future__ import annotations

import datetime
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nowrongdoor import jurisdictions
from nowrongdoor.core import deadlines, holidays, places
from nowrongdoor.core.mandates import rules
from tests import claims

Unit = rules.Unit


def due(unit: Unit, amount: int | None, start: str | datetime.datetime, place: str = "") -> str:
    begun = start if isinstance(start, datetime.datetime) else datetime.datetime.fromisoformat(start)
    zone = places.zone(place)
    deadline = deadlines.after(
        rules.Limit(unit, amount),
        begun,
        basis=rules.Evidence.STATUTE,
        zone=zone,
        calendar=holidays.installed(place),
    )
    return deadline.due_at.astimezone(zone).isoformat()


@pytest.mark.parametrize(
    ("unit", "amount", "start", "place", "expected"),
    [
        # The same instant is another day in another place: Monday night in Washington, Tuesday morning on Guam.
        (Unit.BUSINESS_DAYS, 1, "2026-11-24T02:00+00:00", "", "2026-11-24T23:59:59-05:00"),
        (Unit.BUSINESS_DAYS, 1, "2026-11-24T02:00+00:00", "GU", "2026-11-25T23:59:59+10:00"),
        (Unit.BUSINESS_DAYS, 1, "2026-11-24T02:00+00:00", "HI", "2026-11-24T23:59:59-10:00"),
        (Unit.BUSINESS_DAYS, 1, "2026-11-25T12:00-05:00", "CA-N", "2026-11-27T23:59:59-08:00"),  # over Thanksgiving
        # Calendar days, holidays and weekends among them, over when the last one ends.
        (Unit.DAYS, 90, "2026-01-10T09:00-05:00", "", "2026-04-10T23:59:59-04:00"),  # over the start of summer time
        (Unit.DAYS, 90, "2026-09-01T09:00-04:00", "", "2026-11-30T23:59:59-05:00"),  # over its end
        (Unit.DAYS, 90, "2026-01-10T09:00-07:00", "AZ", "2026-04-10T23:59:59-07:00"),  # where there is none
        (Unit.WEEKS, 6, "2026-10-01T23:30-05:00", "TX-S", "2026-11-12T23:59:59-06:00"),
        (Unit.WEEKS, 6, "2026-10-01T23:30-05:00", "", "2026-11-13T23:59:59-05:00"),  # past midnight in Washington
        # An hour is an hour: 24 of them on the day that has 23, and on the one that has 25.
        (Unit.HOURS, 24, "2026-03-07T12:00-05:00", "", "2026-03-08T13:00:00-04:00"),
        (Unit.HOURS, 24, "2026-10-31T12:00-04:00", "", "2026-11-01T11:00:00-05:00"),
        (Unit.YEARS, 10, "2026-03-10T12:00-04:00", "", "2036-03-10T12:00:00-04:00"),
    ],
)
def test_a_limit_runs_out_where_it_is_owed(unit: Unit, amount: int, start: str, place: str, expected: str) -> None:
    assert due(unit, amount, start, place) == expected


def test_hours_are_hours_even_from_a_local_time() -> None:
    """Adding to a local time moves the hands of the clock, and on that day the hands move by themselves too."""
    local = datetime.datetime(2026, 3, 7, 12, tzinfo=zoneinfo.ZoneInfo("America/New_York"))
    assert due(Unit.HOURS, 24, local) == "2026-03-08T13:00:00-04:00"
    assert due(Unit.PROMPTLY, None, local) == "2026-03-08T13:00:00-04:00"


@pytest.mark.parametrize(("unit", "hours"), [(Unit.IMMEDIATELY, 1), (Unit.PROMPTLY, 24)])
def test_what_has_no_number_asks_no_calendar(unit: Unit, hours: int) -> None:
    begun = datetime.datetime(2026, 12, 24, 22, tzinfo=datetime.UTC)
    for place in ("", "GU"):
        assert datetime.datetime.fromisoformat(due(unit, None, begun, place)) == begun + datetime.timedelta(hours=hours)


@given(st.integers(0, 17 * 366 * 24 * 60), st.sampled_from(sorted(places.names())), st.integers(1, 120))
def test_days_end_at_the_end_of_a_day_and_never_early(minutes: int, place: str, amount: int) -> None:
    begun = datetime.datetime(2023, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(minutes=minutes)
    zone = places.zone(place)
    end = datetime.datetime.fromisoformat(due(Unit.DAYS, amount, begun, place))
    assert (end.hour, end.minute, end.second) == (23, 59, 59)
    assert (end.date() - begun.astimezone(zone).date()).days == amount


def test_a_place_counts_in_its_own_zone_else_in_its_states_else_in_the_capitals() -> None:
    assert places.zone("TN-E") != places.zone("TN-W") == places.zone("TN")
    assert places.zone("NY-S") == places.zone("") == places.zone("nowhere")


def test_a_holiday_of_one_place_closes_no_other() -> None:
    text = jurisdictions.text("holidays.toml")
    text += '\n[[moving]]\nname = "x"\nmonth = 4\nweekday = "monday"\nnth = 3\nplaces = ["MA"]\n'
    day = datetime.date(2026, 4, 20)
    for place, is_open in (("MA", False), ("ME", True), ("", True)):
        assert holidays.read(text, place).is_business_day(day) is is_open
    assert not holidays.read(text.replace('["MA"]', '["NY"]'), "NY-S").is_business_day(day)
    assert claims.every(len(holidays.read(text).of(year)) == 11 for year in range(2023, 2030))
