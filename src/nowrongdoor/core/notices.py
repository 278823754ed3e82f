"""When a person is told by mail: at once, with the day's digest, or not at all; never in their quiet hours, unless they
are on call; and when an offer that nobody opened, or something overdue, goes to others.

The promise: a mail is never due before it is asked for, and is due within a day of it. All times of day are the
person's own; on a day on which clocks change, an hour that is skipped counts as the next one.

No statute sets any of these times: they are policy.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import uuid
import zoneinfo

URGENT = datetime.timedelta(hours=2)  # an offer that must be answered within so long (core/handoff.py, WINDOWS)
SENDER_WAITS = datetime.timedelta(hours=1)  # for somebody who reads what they wrote
LIST_OVERDUE = datetime.timedelta(minutes=30)  # in which what is overdue on a list goes from one on call to everybody
REPORT_OVERDUE = datetime.timedelta(hours=6)  # in which a report that is overdue does
REMINDED = datetime.timedelta(hours=24)  # before a deadline, or a third of its time where that is less


class How(enum.Enum):
    """How a person wants to be told of something."""

    PAGE = "page"  # in the page alone
    AT_ONCE = "at_once"
    DIGEST = "digest"


@dataclasses.dataclass(frozen=True, slots=True)
class Hours:
    """A person's own day: when the digest comes, and from when to when it is quiet (None: never), all o'clock."""

    zone: zoneinfo.ZoneInfo
    digest_at: int
    quiet_from: int | None = None
    quiet_to: int | None = None

    def is_quiet(self, at: datetime.datetime) -> bool:
        """Return whether an instant falls into the quiet hours."""
        if self.quiet_from is None or self.quiet_to is None:
            return False
        hour = at.astimezone(self.zone).hour
        if self.quiet_from < self.quiet_to:
            return self.quiet_from <= hour < self.quiet_to
        return hour >= self.quiet_from or hour < self.quiet_to


@dataclasses.dataclass(frozen=True, slots=True)
class Matter:
    """Something that waits for somebody of an agency and is late, or soon will be. `about_at`: the instant that it is
    about; `since` to `until`: in which it goes from whoever is first on call to everybody; `people`: who is told in any
    case; `never`: who can do nothing about it; `case_id`: whoever is kept away from that case is not told."""

    thing_id: uuid.UUID
    agency_id: uuid.UUID
    about_at: datetime.datetime
    since: datetime.datetime
    until: datetime.datetime
    people: frozenset[uuid.UUID] = frozenset()
    never: frozenset[uuid.UUID] = frozenset()
    case_id: uuid.UUID | None = None


def due(how: How, hours: Hours, *, at: datetime.datetime, is_on_call: bool) -> datetime.datetime | None:
    """Return from when a mail about something that is said at `at` may leave; None for no mail. `is_on_call`: whoever
    is on call must hear it, and said yes to that: it leaves at once."""
    if is_on_call:
        return at
    if how is How.PAGE:
        return None
    first = _next(at, hours.digest_at, hours.zone) if how is How.DIGEST else at
    if hours.quiet_to is not None and hours.is_quiet(first):
        return _next(first, hours.quiet_to, hours.zone)
    return first


def _next(at: datetime.datetime, hour: int, zone: zoneinfo.ZoneInfo) -> datetime.datetime:
    """Find the next instant after `at` at which clocks in a zone show this hour, or the first after it."""
    day = at.astimezone(zone).date()
    for each in (day, day + datetime.timedelta(days=1), day + datetime.timedelta(days=2)):
        instant = datetime.datetime.combine(each, datetime.time(hour), zone).astimezone(datetime.UTC)
        if instant > at:
            return instant
    raise AssertionError("the day after tomorrow is after now")


def is_urgent(*, offered_at: datetime.datetime, due_at: datetime.datetime) -> bool:
    """Return whether an offer leaves so little time that it goes to others when nobody opens it."""
    return due_at - offered_at <= URGENT


def step_of(*, offered_at: datetime.datetime, due_at: datetime.datetime, at: datetime.datetime) -> int:
    """Count the thirds of its time that an open offer, or something overdue, has behind it: 0, 1, 2, or 3 when it ran
    out."""
    whole = due_at - offered_at
    return min(3, int(3 * (at - offered_at) / whole)) if whole else 3


def remind_at(*, since: datetime.datetime, due_at: datetime.datetime) -> datetime.datetime:
    """Return from when somebody is reminded of a deadline."""
    return due_at - min(REMINDED, max(datetime.timedelta(), due_at - since) / 3)
