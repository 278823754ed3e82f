"""When somebody is told by mail, when an offer goes to others, and when a deadline is reminded of."""

from __future__ import annotations

import datetime
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nowrongdoor.core import handoff, notices
from nowrongdoor.core.notices import Hours, How

NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(datetime.UTC)


@pytest.mark.parametrize(
    ("how", "quiet", "asked", "due"),
    [
        (How.PAGE, None, "2026-11-23T12:00", None),
        (How.AT_ONCE, None, "2026-11-23T12:00", "2026-11-23T12:00"),
        (How.AT_ONCE, (22, 7), "2026-11-23T12:00", "2026-11-23T12:00"),
        (How.AT_ONCE, (22, 7), "2026-11-23T23:30", "2026-11-24T07:00"),
        (How.AT_ONCE, (22, 7), "2026-11-24T06:59", "2026-11-24T07:00"),
        (How.AT_ONCE, (22, 7), "2026-11-24T07:00", "2026-11-24T07:00"),
        (How.AT_ONCE, (9, 17), "2026-11-23T12:00", "2026-11-23T17:00"),
        (How.DIGEST, None, "2026-11-23T07:59", "2026-11-23T08:00"),
        (How.DIGEST, None, "2026-11-23T08:00", "2026-11-24T08:00"),
        (How.DIGEST, (22, 9), "2026-11-23T12:00", "2026-11-24T09:00"),
        # The clocks go forward on 2026-03-08 and back on 2026-11-01: eight o'clock is eight o'clock.
        (How.DIGEST, None, "2026-03-07T12:00", "2026-03-08T08:00"),
        (How.DIGEST, None, "2026-10-31T12:00", "2026-11-01T08:00"),
    ],
)
def test_a_mail_is_due_when_its_person_wants_it(
    how: How, quiet: tuple[int, int] | None, asked: str, due: str | None
) -> None:
    hours = Hours(NEW_YORK, 8, *(quiet or (None, None)))
    found = notices.due(how, hours, at=at(asked), is_on_call=False)
    assert found == (at(due) if due else None)


def test_whoever_is_on_call_hears_it_at_once_in_quiet_hours_too() -> None:
    hours = Hours(NEW_YORK, 8, 22, 7)
    night = at("2026-11-23T23:30")
    assert notices.due(How.PAGE, hours, at=night, is_on_call=True) == night
    assert notices.due(How.PAGE, hours, at=night, is_on_call=False) is None


ZONES = st.sampled_from(["UTC", "America/New_York", "America/Havana", "Australia/Lord_Howe", "Pacific/Chatham"])
HOURS = st.integers(0, 23)


@given(
    ZONES,
    HOURS,
    st.none() | st.tuples(HOURS, st.integers(1, 23)).map(lambda pair: (pair[0], sum(pair) % 24)),
    st.datetimes(datetime.datetime(2026, 1, 1), datetime.datetime(2027, 12, 31)),  # noqa: DTZ001  made UTC below
    st.sampled_from([How.AT_ONCE, How.DIGEST]),
)
def test_no_mail_is_due_in_quiet_hours_or_before_it_is_asked_for_or_two_days_later(
    zone: str, digest_at: int, quiet: tuple[int, int] | None, when: datetime.datetime, how: How
) -> None:
    hours = Hours(zoneinfo.ZoneInfo(zone), digest_at, *(quiet or (None, None)))
    asked = when.replace(tzinfo=datetime.UTC)
    due = notices.due(how, hours, at=asked, is_on_call=False)
    assert due is not None
    assert asked <= due <= asked + 2 * DAY + HOUR
    assert not hours.is_quiet(due)


def test_an_offer_is_urgent_when_its_case_is_in_danger_or_cannot_wait_a_day() -> None:
    urgent = {
        urgency
        for urgency, window in handoff.WINDOWS.items()
        if notices.is_urgent(offered_at=BEGUN, due_at=BEGUN + window)
    }
    assert urgent == {"immediate_danger", "within_24h"}


BEGUN = at("2026-11-23T12:00")


@pytest.mark.parametrize(("minutes", "step"), [(0, 0), (4, 0), (5, 1), (9, 1), (10, 2), (14, 2), (15, 3), (99, 3)])
def test_an_offer_has_thirds_behind_it(minutes: int, step: int) -> None:
    window = datetime.timedelta(minutes=15)
    moment = BEGUN + datetime.timedelta(minutes=minutes)
    assert notices.step_of(offered_at=BEGUN, due_at=BEGUN + window, at=moment) == step


@pytest.mark.parametrize(("lasts", "before"), [(30 * DAY, DAY), (3 * DAY, DAY), (DAY, 8 * HOUR), (3 * HOUR, HOUR)])
def test_a_deadline_is_reminded_of_a_day_before_or_with_a_third_of_its_time_left(
    lasts: datetime.timedelta, before: datetime.timedelta
) -> None:
    assert notices.remind_at(since=BEGUN, due_at=BEGUN + lasts) == BEGUN + lasts - before


def test_what_was_late_from_the_start_is_reminded_of_at_its_time() -> None:
    assert notices.remind_at(since=BEGUN, due_at=BEGUN - HOUR) == BEGUN - HOUR
