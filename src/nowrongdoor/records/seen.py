"""Who has seen what an agency wrote down of a person, for that person: agencies, days and reasons.

The promise: whoever asks learns no more than that. Other agencies' trail is read by one function of the database's
owner (`nwd_who_saw`, in tables.py), which asks again who is looking: an advocate of the agency that wrote the person
down, in the case they opened. What it leaves out leaves no gap: rows carry no number and no time, and the page says the
same sentence every time.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import uuid
from collections.abc import Mapping, Sequence

from django.db import connection

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.cases import people
from nowrongdoor.cases import queries as cases
from nowrongdoor.core.language import gettext_lazy


class Reason(enum.Enum):
    """Why an agency could see it, or did."""

    WROTE = "wrote"
    EMERGENCY = "emergency"
    RELEASED = "released"
    BY_RELEASE = "by_release"
    DISCLOSED = "disclosed"
    BY_DUTY = "by_duty"

    @property
    def words(self) -> str:
        """Say it to the person."""
        return _WORDS[self]


_WORDS: Mapping[Reason, str] = {
    Reason.WROTE: gettext_lazy("They wrote it down, and looked at it to work on your case."),
    Reason.EMERGENCY: gettext_lazy("They wrote it down, and looked at it in an emergency."),
    Reason.RELEASED: gettext_lazy("You signed a release for them."),
    Reason.BY_RELEASE: gettext_lazy("They looked at what you signed a release for."),
    Reason.DISCLOSED: gettext_lazy("A law required that they be told."),
    Reason.BY_DUTY: gettext_lazy("They looked at what a law required that they be told."),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """That an agency saw something of the person, or was let see it: on which day, and why."""

    agency: str
    day: datetime.date
    reason: Reason


class NotYours(LookupError):
    """There is no such person whom the viewer's agency wrote down in this case: the answer is the same."""


def person(viewer: viewers.Viewer, access: cases.Access, person_id: uuid.UUID) -> people.PersonShown:
    """Return the person, whom the viewer's agency wrote down. NotYours."""
    if access.sight is not cases.Sight.CASE:
        raise NotYours
    for each in people.shown(viewer, access.case.id, None):
        if each.id == person_id and each.is_ours:
            return each
    raise NotYours


def by_whom(
    viewer: viewers.Viewer,
    access: cases.Access,
    person_id: uuid.UUID,
    *,
    language: str,
    form: str,
    at: datetime.datetime,
) -> Sequence[Seen]:
    """List who has seen what is known of the person, newest day first; the opening is put on record. `form`: where it
    may be seen, `screen` or `paper`."""
    row_security.act_on(access.case.id)
    with connection.cursor() as database:
        database.execute("SELECT agency, day, reason FROM nwd_who_saw(%s) ORDER BY 2 DESC, 1, 3", [person_id])
        rows = [Seen(agency, day, Reason(reason)) for agency, day, reason in database.fetchall()]
    details = {"form": form, "language": language}
    record.looked("person.seen_read", person_id, by=viewer, at=at, case_id=access.case.id, details=details)
    return rows
