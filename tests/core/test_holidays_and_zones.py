"""Which days are no business days, and where a day ends, by place: of the United States, and of the United Kingdom as
test data (tests/site/countries/uk)."""

from __future__ import annotations

import datetime
import pathlib
import zoneinfo

import pytest

from nowrongdoor.core import entries, holidays, places

UK = pathlib.Path(__file__).resolve().parents[1] / "site" / "countries" / "uk"
DAYS = (UK / "holidays.toml").read_text(encoding="utf-8")
PLACES = (UK / "places.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "day",
    [
        *("2000-04-23", "2005-03-27", "2008-03-23", "2011-04-24", "2016-03-27", "2019-04-21", "2024-03-31"),
        *("2025-04-20", "2026-04-05", "2027-03-28", "2030-04-21", "2038-04-25", "2049-04-18"),
    ],
)
def test_easter_is_on_the_day_on_which_it_is(day: str) -> None:
    easter = datetime.date.fromisoformat(day)
    assert holidays.easter_sunday(easter.year) == easter


@pytest.mark.parametrize(
    ("state", "year", "days"),
    [
        # As gov.uk lists them.
        ("ENG", 2026, ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"]),
        ("ENG-MET", 2026, ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"]),
        ("SCT", 2026, ["01-01", "01-02", "04-03", "05-04", "05-25", "08-03", "11-30", "12-25", "12-28"]),
        ("NIR", 2026, ["01-01", "03-17", "04-03", "04-06", "05-04", "05-25", "07-13", "08-31", "12-25", "12-28"]),
        # Two that fall on a weekend are observed on two days, and one never takes the day of another.
        ("ENG", 2027, ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"]),
        ("ENG", 2022, ["01-03", "04-15", "04-18", "05-02", "05-30", "08-29", "12-26", "12-27"]),
        ("SCT", 2022, ["01-03", "01-04", "04-15", "05-02", "05-30", "08-01", "11-30", "12-26", "12-27"]),
        # A day of one year alone, and in a place that is not known what holds everywhere.
        ("WLS", 2023, ["01-02", "04-07", "04-10", "05-01", "05-08", "05-29", "08-28", "12-25", "12-26"]),
        ("", 2026, ["01-01", "04-03", "05-04", "05-25", "12-25", "12-28"]),
    ],
)
def test_a_place_has_the_holidays_of_its_country_and_its_own(state: str, year: int, days: list[str]) -> None:
    assert sorted(f"{day:%m-%d}" for day in holidays.read(DAYS, state).of(year)) == days


def test_a_place_of_the_installed_country_has_a_calendar_and_every_one_has_a_time_zone() -> None:
    columbus = datetime.date(2026, 10, 12)
    assert not holidays.installed("NY-S").is_business_day(columbus)
    assert not holidays.installed().is_business_day(columbus)
    known = places.installed()
    assert {code.partition("-")[0] for code in known.names} == {code for code in known.zones if "-" not in code}
    assert places.zone("") == zoneinfo.ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("NY-S", "America/New_York"),
        ("TN-M", "America/Chicago"),
        ("TN-E", "America/New_York"),
        ("KY", "America/New_York"),
        ("KY-W", "America/Chicago"),
        ("AZ", "America/Phoenix"),
        ("GU", "Pacific/Guam"),
    ],
)
def test_a_district_has_the_time_of_its_own_or_of_its_state(code: str, zone: str) -> None:
    assert places.zone(code) == zoneinfo.ZoneInfo(zone)


def test_a_country_calls_its_places_as_it_does() -> None:
    known = places.read_file(PLACES)
    assert list(known.names)[:3] == ["ENG", "ENG-MET", "ENG-GMP"]
    assert known.names["ENG"] == "England, police area not known"
    assert known.names["SCT"] == "Scotland"
    assert str(places.UnknownPlace("NY", known)) == (
        "'NY' is no place: write a nation like ENG or a police area like ENG-MET, or leave it empty."
    )
    whole = places.read_file(PLACES.replace('"ENG-MET"', '"SCT"'))
    assert str(places.UnknownPlace("NY", whole)) == "'NY' is no place: write a nation like SCT, or leave it empty."


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("\nnth = 1", "\nnth = 0", "write 1 to 4 for the first to the fourth"),
        ("month = 5", "month = 13", "write a whole number from 1 to 12"),
        ('weekday = "monday"', 'weekday = "Monday"', "write monday, tuesday"),
        ("after = -2", "behind = -2", "'after' is missing"),
        ("[[easter]]", "[[ester]]", "'ester' is no part of this"),
        ("observed = {", "observed = [", "holidays.toml: .* Mend the line that it names"),
    ],
)
def test_holidays_that_cannot_be_read_are_refused(right: str, wrong: str, told: str) -> None:
    assert right in DAYS
    with pytest.raises(entries.Unreadable, match=told):
        holidays.read(DAYS.replace(right, wrong, 1))
