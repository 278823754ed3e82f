"""Who of an agency may not see a case although it takes part, and who sees one for a while although it does not.

The promise: an exclusion holds in the database, at once; emergency access says why, ends by itself within hours, is
shown to everybody who works on the case, and is looked at by a second person.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Mapping, Sequence

from django.db.models import F, QuerySet

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.audit import record
from nowrongdoor.cases import models
from nowrongdoor.cases.queries import Access, NoSuchCase
from nowrongdoor.core import reference
from nowrongdoor.core.language import gettext as _
from nowrongdoor.vault import keys, sealing

EMERGENCY = datetime.timedelta(hours=1)  # policy; the database allows four at most
SHORTEST, LONGEST = 10, 1_000
SHOWN = 100


class Refused(ValueError):
    """It cannot be done as it is; the message says what to do."""


class NotThere(Refused):
    """There is nothing here that this person may change: the answer is that of a row that does not exist."""


def exclude(
    case_id: uuid.UUID, *, person_id: uuid.UUID, because: str, by: viewers.Viewer, at: datetime.datetime
) -> models.Exclusion:
    """Keep somebody of the viewer's own agency away from a case they have a stake in. Refused."""
    assert by.user_id is not None  # a token has no page
    because = _checked(because)
    with row_security.looking(by):
        if not User.objects.filter(id=person_id, agency_id=by.agency_id).exists():
            raise Refused(_("Choose someone at your own agency."))
        if models.Exclusion.objects.filter(case_id=case_id, person_id=person_id, lifted_at=None).exists():
            raise Refused(_("This person is excluded from the case already."))
        row_id = new_id()
        row = models.Exclusion.objects.create(
            id=row_id,
            case_id=case_id,
            agency_id=by.agency_id,
            person_id=person_id,
            because=keys.of(case_id).seal(because, sealing.Place("exclusion", row_id, "because", by.agency_id)),
            at=at,
            by_id=by.user_id,
        )
        deed = record.Deed("person.excluded", by.agency_id, person_id, by.user_id, case_id)
        record.record(deed, at=at)
    return row


def lift(exclusion_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """End an exclusion; never by the excluded person. NotThere."""
    with row_security.looking(by):
        row = models.Exclusion.objects.filter(id=exclusion_id, agency_id=by.agency_id, lifted_at=None).first()
        if row is None or row.person_id == by.user_id:
            raise NotThere(_("We can’t find this exclusion, or you can’t lift it."))
        row.lifted_at, row.lifted_by_id = at, by.user_id
        row.save(update_fields=["lifted_at", "lifted_by"])
        deed = record.Deed("exclusion.lifted", by.agency_id, row.person_id, by.user_id, row.case_id)
        record.record(deed, at=at)


def kept_away(case_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, frozenset[uuid.UUID]]:
    """Return who is kept away from cases, by case, where anybody is; in the system's context."""
    rows = models.Exclusion.objects.filter(case__in=case_ids, lifted_at=None).values_list("case_id", "person_id")
    by_case: dict[uuid.UUID, frozenset[uuid.UUID]] = {}
    for case_id, person_id in rows:
        by_case[case_id] = by_case.get(case_id, frozenset()) | {person_id}
    return by_case


def open_in_emergency(typed: str, *, because: str, by: viewers.Viewer, at: datetime.datetime) -> models.Emergency:
    """Show a case for an hour to somebody who may open cases but takes no part in this one. NoSuchCase,
    Refused."""
    assert by.user_id is not None  # a token has no page
    because = _checked(because)
    case_id = case_named(typed)
    with row_security.looking(by):
        if models.Exclusion.objects.filter(case_id=case_id, person_id=by.user_id, lifted_at=None).exists():
            raise NoSuchCase
        if not Agency.objects.filter(id=by.agency_id, may_be_told=True).exists():
            raise Refused(_("Your agency opens no case. Call the agency that asked you."))
        row_id = new_id()
        row = models.Emergency(
            id=row_id,
            case_id=case_id,
            agency_id=by.agency_id,
            by_id=by.user_id,
            at=at,
            until=at + EMERGENCY,
        )
        row_security.act_on(case_id)
        row.because = keys.of(case_id).seal(because, sealing.Place("emergency", row_id, "because", by.agency_id))
        row.save(force_insert=True)
        record.record(record.Deed("emergency.opened", by.agency_id, row.id, by.user_id, case_id), at=at)
    return row


def review(
    emergency_id: uuid.UUID, *, justified: str, words: str, by: viewers.Viewer, at: datetime.datetime
) -> models.Emergency:
    """Note what a second person of the agency thinks of it. `justified`: yes or no. NotThere, Refused."""
    with row_security.looking(by):
        row = models.Emergency.objects.filter(id=emergency_id, agency_id=by.agency_id, reviewed_at=None).first()
        if row is None or row.by_id == by.user_id:
            raise NotThere(_("You can’t review this emergency access. A second person reviews each one, once."))
        words = _checked(words)
        if justified not in ("yes", "no"):
            raise Refused(_("Say whether the emergency access was justified: yes or no."))
        row.reviewed_at, row.reviewed_by_id, row.justified = at, by.user_id, justified == "yes"
        row_security.act_on(row.case_id)
        row.review = keys.of(row.case_id).seal(words, sealing.Place("emergency", row.id, "review", by.agency_id))
        row.save(update_fields=["reviewed_at", "reviewed_by", "justified", "review"])
        deed = record.Deed(
            "emergency.reviewed", by.agency_id, row.id, by.user_id, row.case_id, {"justified": justified}
        )
        record.record(deed, at=at)
    return row


@row_security.system()
def case_named(typed: str) -> uuid.UUID:
    """Look past row security for one thing only: the id of the case with this reference. NoSuchCase."""
    try:
        case_id = models.Case.objects.filter(reference=reference.read(typed)).values_list("id", flat=True).first()
    except reference.UnreadableReference:
        case_id = None
    if case_id is None:
        raise NoSuchCase
    return case_id


def _checked(words: str) -> str:
    words = words.strip()
    if not SHORTEST <= len(words) <= LONGEST or "\x00" in words:
        raise Refused(
            _("Write why in %(shortest)s to %(longest)s characters; others will read it.")
            % {"shortest": SHORTEST, "longest": f"{LONGEST:,}"}
        )
    return words


@dataclasses.dataclass(frozen=True, slots=True)
class EmergencyShown:
    """An emergency access, with what was said of it; `may_review`: the viewer is a second person, and it waits."""

    id: uuid.UUID
    case_reference: str
    by: str
    agency: str
    at: datetime.datetime
    until: datetime.datetime
    because: str
    reviewed_at: datetime.datetime | None
    reviewer: str
    justified: bool | None
    review: str
    may_review: bool


@dataclasses.dataclass(frozen=True, slots=True)
class ExclusionShown:
    """Somebody of the viewer's agency who may not see the case."""

    id: uuid.UUID
    person: str
    because: str


@dataclasses.dataclass(frozen=True, slots=True)
class Sight:
    """Who of the viewer's agency is kept away from a case, or could be, and who opened it in an emergency."""

    exclusions: Sequence[ExclusionShown]
    emergencies: Sequence[EmergencyShown]
    colleagues: Sequence[tuple[uuid.UUID, str]]


def of_case(viewer: viewers.Viewer, access: Access) -> Sight:
    """List who may not look although their agency works on the case, and who did in an emergency."""
    rows = models.Exclusion.objects.filter(case=access.case, agency_id=viewer.agency_id, lifted_at=None)
    exclusions = [
        ExclusionShown(
            row.id,
            row.person.full_name,
            access.opened(row.because, sealing.Place("exclusion", row.id, "because", row.agency_id)),
        )
        for row in rows.select_related("person").order_by("at", "id")
    ]
    people = User.objects.filter(agency_id=viewer.agency_id, is_active=True).order_by("full_name", "id")
    return Sight(
        exclusions,
        _shown(models.Emergency.objects.filter(case=access.case), viewer),
        list(people.values_list("id", "full_name")),
    )


def emergencies(viewer: viewers.Viewer) -> list[EmergencyShown]:
    """List the emergency accesses of the viewer's agency, those that wait for a review first."""
    return _shown(models.Emergency.objects.filter(agency_id=viewer.agency_id), viewer)


def _shown(rows: QuerySet[models.Emergency], viewer: viewers.Viewer) -> list[EmergencyShown]:
    newest = rows.select_related("agency").annotate(
        who=agencies.name_of("by_id"), second=agencies.name_of("reviewed_by_id")
    )
    accesses = list(newest.order_by(F("reviewed_at").asc(nulls_first=True), "-at", "id")[:SHOWN])
    opened: dict[uuid.UUID, sealing.Key | None] = {}
    references: dict[uuid.UUID, str] = {}
    for case_id in {row.case_id for row in accesses}:  # few: the reviewer sees this much of a case, and no more
        row_security.act_on(case_id)
        opened[case_id] = keys.open_all([case_id]).get(case_id)
        references[case_id] = models.Case.objects.values_list("reference", flat=True).get(id=case_id)
    return [
        EmergencyShown(
            row.id,
            references[row.case_id],
            row.who,
            row.agency.name,
            row.at,
            row.until,
            _words(row, "because", row.because, opened[row.case_id]),
            row.reviewed_at,
            row.second or "",
            row.justified,
            _words(row, "review", row.review, opened[row.case_id]),
            row.reviewed_at is None and row.agency_id == viewer.agency_id and row.by_id != viewer.user_id,
        )
        for row in accesses
    ]


def _words(row: models.Emergency, field: str, sealed: bytes | memoryview, key: sealing.Key | None) -> str:
    return keys.shown(key, sealed, sealing.Place("emergency", row.id, field, row.agency_id))
