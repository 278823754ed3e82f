"""The trail as an inspector reads it: who of the agency looked at a case, what somebody looked at, what is unusual."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import connection
from django.db.models import Q

from nowrongdoor.access import viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import User
from nowrongdoor.audit import words
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import need_to_know
from nowrongdoor.cases.queries import NoSuchCase
from nowrongdoor.core import reference
from nowrongdoor.core.language import gettext as _

LIMIT = 200


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A question to the trail: a case's reference, a person's sign-in name, or neither."""

    case: str
    person: str


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


def events(viewer: viewers.Viewer, asked: Asked) -> Sequence[EventShown]:
    """List the newest events of the viewer's agency that answer the question."""
    which = Q(agency_id=viewer.agency_id)
    if asked.case:
        try:
            which &= Q(case_id=need_to_know.case_named(asked.case))  # an inspector opens no case: only its events
        except NoSuchCase:
            return ()
    if asked.person:
        person = User.objects.filter(name=asked.person, agency_id=viewer.agency_id).first()
        if person is None:
            return ()
        which &= Q(by_id=person.id)
    rows = Event.objects.filter(which).annotate(who=agencies.name_of("by_id")).order_by("-id")[:LIMIT]
    return [
        EventShown(
            row.at,
            row.who or (_("another system") if row.authority == "mandate" else "a rule"),
            words.of(row.verb),
            words.AUTHORITIES[row.authority],
            reference.of(row.case_id) if row.case_id else "",
        )
        for row in rows
    ]


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
