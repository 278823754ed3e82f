"""The trail as an inspector reads it: who of the agency looked at a case, what somebody looked at, what is unusual."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from nowrongdoor.access import viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import User
from nowrongdoor.audit import noted, words
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import need_to_know
from nowrongdoor.cases.queries import NoSuchCase
from nowrongdoor.core import reference
from nowrongdoor.core.language import gettext as _

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
PAGE = 50
COUNTED = 1_000  # events that answer are counted up to here
LOOKED, CHANGED = Event.Kind.READ.value, Event.Kind.WRITE.value


class UnreadableCursor(ValueError):
    """The address names no place in the trail."""


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A question to the trail: days in the reader's zone, a person, a kind of event (LOOKED, CHANGED or a verb), a
    case's reference; empty leaves nothing out."""

    from_on: datetime.date | None = None
    to_on: datetime.date | None = None
    person: uuid.UUID | None = None
    kind: str = ""
    case: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the trail, and whether the page before or after it is asked for."""

    at: datetime.datetime
    id: int
    is_newer: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class EventShown:
    """One event in words."""

    at: datetime.datetime
    who: str
    what: str
    authority: str
    case: str


@dataclasses.dataclass(frozen=True, slots=True)
class Unusual:
    """Somebody who looked at more cases in a day than they do on their days: both numbers."""

    who: str
    day: datetime.date
    cases: int
    usual: float


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Events, the newest first, with where the pages of newer and older ones begin. `count`: how many answer, None
    where there are more than are counted."""

    events: Sequence[EventShown]
    count: int | None
    newer: str = ""
    older: str = ""


def read_cursor(text: str, *, is_newer: bool) -> Cursor:
    """Read a place in the trail, as an address holds it. UnreadableCursor."""
    moment, _, number = text.partition("-")
    if not (moment.isascii() and moment.isdigit() and number.isascii() and number.isdigit() and len(text) < 40):
        raise UnreadableCursor
    try:
        at = _EPOCH + datetime.timedelta(microseconds=int(moment))
    except OverflowError:
        raise UnreadableCursor from None
    return Cursor(at, int(number), is_newer)


def page(viewer: viewers.Viewer, asked: Asked, cursor: Cursor | None = None) -> Page:
    """List the events of the viewer's agency that answer the question, a page at a time."""
    events = _found(viewer, asked)
    if events is None:
        return Page((), 0)
    counted = events.order_by()[: COUNTED + 1].count()
    rows = list(_from(events, cursor))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if cursor and cursor.is_newer:
        rows.reverse()
    is_first = cursor is None or (cursor.is_newer and not more)
    is_last = not more and not (cursor and cursor.is_newer)
    return Page(
        [_shown(row) for row in rows],
        counted if counted <= COUNTED else None,
        newer="" if is_first or not rows else _place(rows[0]),
        older="" if is_last or not rows else _place(rows[-1]),
    )


def people(viewer: viewers.Viewer) -> Sequence[tuple[str, str]]:
    """List the people of the viewer's agency for a form, those that are switched off among them: id and name."""
    rows = User.objects.filter(agency_id=viewer.agency_id).order_by("full_name", "name", "id")
    return [(str(row.id), f"{row.full_name} ({row.name})") for row in rows]


def _found(viewer: viewers.Viewer, asked: Asked) -> QuerySet[Event] | None:
    """The events that answer; None where no case has the reference."""
    which = Q(agency_id=viewer.agency_id)
    if asked.case:
        try:
            which &= Q(case_id=need_to_know.case_named(asked.case))  # an inspector opens no case: only its events
        except NoSuchCase:
            return None
    if asked.person:
        which &= Q(by_id=asked.person)
    if asked.kind in (LOOKED, CHANGED):
        which &= Q(kind=asked.kind)
    elif asked.kind:
        which &= Q(verb=asked.kind)
    if asked.kind != noted.NOTED:  # digests, which `nwd audit verify` reads: of what was done, another event says it
        which &= ~Q(verb=noted.NOTED)
    if asked.from_on:
        which &= Q(at__gte=_begins(asked.from_on))
    if asked.to_on:
        which &= Q(at__lt=_begins(asked.to_on + datetime.timedelta(days=1)))
    return Event.objects.filter(which)


def _from(events: QuerySet[Event], cursor: Cursor | None) -> QuerySet[Event]:
    rows = events.annotate(who=agencies.name_of("by_id"))
    if cursor is None:
        return rows.order_by("-at", "-id")[: PAGE + 1]
    if cursor.is_newer:
        beyond = Q(at__gte=cursor.at) & (Q(at__gt=cursor.at) | Q(id__gt=cursor.id))
        return rows.filter(beyond).order_by("at", "id")[: PAGE + 1]
    beyond = Q(at__lte=cursor.at) & (Q(at__lt=cursor.at) | Q(id__lt=cursor.id))
    return rows.filter(beyond).order_by("-at", "-id")[: PAGE + 1]


def _begins(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), timezone.get_current_timezone())


def _place(row: Event) -> str:
    return f"{(row.at - _EPOCH) // datetime.timedelta(microseconds=1)}-{row.id}"


def _shown(row: Event) -> EventShown:
    who: str | None = getattr(row, "who")  # noqa: B009  annotated
    return EventShown(
        row.at,
        who or (_("another system") if row.authority == "mandate" else _("a rule")),
        words.of(row.verb),
        words.AUTHORITIES[row.authority],
        reference.of(row.case_id) if row.case_id else "",
    )


# A person's day against their own: over three times as many cases as on their usual day of the last thirty, and ten.
_UNUSUAL = """
WITH days AS (
  SELECT by_id, (at AT TIME ZONE %(zone)s)::date AS day, count(DISTINCT case_id) AS cases
    FROM nowrongdoor_auditevent
   WHERE agency_id = %(agency)s AND kind = 'read' AND case_id IS NOT NULL AND by_id IS NOT NULL AND at > %(since)s
   GROUP BY 1, 2),
usual AS (SELECT by_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY cases) AS cases FROM days GROUP BY 1)
SELECT nwd_name_of(d.by_id), d.day, d.cases, u.cases FROM days d JOIN usual u USING (by_id)
 WHERE d.cases >= 10 AND d.cases > 3 * u.cases ORDER BY d.day DESC, d.cases DESC, 1 LIMIT 50
"""


def unusual(viewer: viewers.Viewer, *, at: datetime.datetime) -> Sequence[Unusual]:
    """List the days of the last thirty on which somebody looked at many more cases than they do."""
    values: dict[str, uuid.UUID | datetime.datetime | str] = {
        "agency": viewer.agency_id,
        "since": at - datetime.timedelta(days=30),
        "zone": settings.TIME_ZONE,
    }
    with connection.cursor() as database:
        database.execute(_UNUSUAL, values)
        return [Unusual(*row) for row in database.fetchall()]
