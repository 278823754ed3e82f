"""The directory of agencies as an administrator reads it: who is there, whether somebody answers, and what became of
each.

The promise: it says what every agency may know of every other. How many people another agency has, and who they are,
stays with that agency.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Mapping, Sequence

from django.db.models import Q, QuerySet

from nowrongdoor.access import viewers
from nowrongdoor.agencies import queries
from nowrongdoor.agencies.models import Agency, Closing, User
from nowrongdoor.core import country_words
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.mandates import rules

KINDS: Mapping[str, str] = {
    rules.Kind.LAW_ENFORCEMENT.value: gettext_lazy("Law enforcement"),
    rules.Kind.STATE_AND_LOCAL.value: gettext_lazy("State and local law enforcement"),
    rules.Kind.IMMIGRATION_ENFORCEMENT.value: gettext_lazy("Immigration enforcement"),
    rules.Kind.PROSECUTOR.value: gettext_lazy("Prosecutor"),
    rules.Kind.INSPECTOR_GENERAL.value: gettext_lazy("Inspector general"),
    rules.Kind.REGULATOR.value: gettext_lazy("Regulator"),
    rules.Kind.IMMIGRATION.value: gettext_lazy("Immigration benefits"),
    rules.Kind.SERVICES.value: gettext_lazy("Services"),
    rules.Kind.CHILD_WELFARE.value: gettext_lazy("Child welfare"),
    rules.Kind.COORDINATION.value: gettext_lazy("Coordination"),
    rules.Kind.HOTLINE.value: gettext_lazy("Hotline"),
    rules.Kind.OTHER.value: gettext_lazy("Other (notified only)"),
    rules.Kind.PROVIDER.value: gettext_lazy("Service provider"),
    rules.Kind.CARRIER.value: gettext_lazy("Carrier"),
    rules.Kind.GRANTEE.value: gettext_lazy("Grantee"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; empty leaves nothing out. `answers`: yes or no; `state`: open or closed."""

    kind: str = ""
    place: str = ""
    answers: str = ""
    state: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """One agency. `added_at` is read off its id where that tells the time; `office` is None once it closed, and
    `people` where it is not the viewer's own."""

    row: Agency
    office: queries.Office | None
    added_at: datetime.datetime | None
    people: int | None

    @property
    def kind(self) -> str:
        """Name its kind."""
        return str(KINDS[self.row.kind])

    @property
    def place(self) -> str:
        """Name the place of an office; empty for a body that has none."""
        return str(country_words.place_names().get(self.row.place, self.row.place))

    @property
    def why_not(self) -> str:
        """Say why nobody answers there, as the end of a sentence; empty where somebody does or the agency closed."""
        return str(self.office.why_not) if self.office and self.row.may_lead else ""


@dataclasses.dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to an agency, in words."""

    at: datetime.datetime
    words: str


def agencies(viewer: viewers.Viewer, wanted: Wanted) -> Sequence[Shown]:
    """List the agencies, open and closed, by name."""
    which = Q()
    if wanted.kind:
        which &= Q(kind=wanted.kind)
    if wanted.place:
        which &= Q(place=wanted.place)
    if wanted.state:
        which &= Q(active=wanted.state == "open")
    shown = _shown(viewer, Agency.objects.filter(which).order_by("name", "id"))
    if wanted.answers:
        return [
            each
            for each in shown
            if each.office and each.row.may_lead and each.office.is_answered == (wanted.answers == "yes")
        ]
    return shown


def agency(viewer: viewers.Viewer, agency_id: uuid.UUID) -> Shown | None:
    """Find one agency, or None."""
    rows = _shown(viewer, Agency.objects.filter(id=agency_id).select_related("succeeded_by"))
    return rows[0] if rows else None


def history(agency_id: uuid.UUID, added_at: datetime.datetime | None) -> Sequence[Happening]:
    """List what is on record of an agency, newest first: that it was added, and each time it began to close."""
    happenings = [Happening(added_at, _("Added to the directory"))] if added_at else []
    rows = Closing.objects.filter(Q(agency_id=agency_id) | Q(into_id=agency_id)).select_related("agency", "into")
    for row in rows.annotate(who=queries.name_of("by_id"), theirs=queries.agency_name_of("by_id")).order_by("at", "id"):
        values = {
            "who": row.who,
            "agency": row.theirs,
            "closed": row.agency.name,
            "into": row.into.name if row.into else "",
        }
        if row.into_id == agency_id:
            words = _("%(who)s (%(agency)s) began to close %(closed)s, whose cases move here")
        elif row.into_id:
            words = _("%(who)s (%(agency)s) began to close it; its cases move to %(into)s")
        else:
            words = _("%(who)s (%(agency)s) began to close it")
        happenings.append(Happening(row.at, words % values))
        if row.given_up_at:
            happenings.append(Happening(row.given_up_at, _("The closing was given up")))
    row_of_agency = Agency.objects.filter(id=agency_id).values_list("closed_at", flat=True).first()
    if row_of_agency:
        happenings.append(Happening(row_of_agency, _("Closed")))
    return sorted(happenings, key=lambda each: each.at, reverse=True)


def _shown(viewer: viewers.Viewer, rows: QuerySet[Agency]) -> list[Shown]:
    offices = {office.id: office for office in queries.directory().offices}
    people = User.objects.filter(agency_id=viewer.agency_id, is_active=True).count()
    return [
        Shown(row, offices.get(row.id), _made_at(row.id), people if row.id == viewer.agency_id else None)
        for row in rows
    ]


def _made_at(row_id: uuid.UUID) -> datetime.datetime | None:
    """Return when a row was made, which a time-ordered id begins with (RFC 9562, 5.7: 48 bits of milliseconds)."""
    if row_id.version != 7:
        return None
    return datetime.datetime.fromtimestamp((row_id.int >> 80) / 1000, datetime.UTC)
