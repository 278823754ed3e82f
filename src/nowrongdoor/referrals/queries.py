"""Referrals and asks as a page shows them."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from django.db.models import Prefetch, Q

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.cases import people
from nowrongdoor.core import country_words
from nowrongdoor.core.services import profile
from nowrongdoor.referrals import models
from nowrongdoor.referrals.actions import NoSuchReferral
from nowrongdoor.referrals.models import State
from nowrongdoor.services.models import Listing

CLOSED = 25  # how many of those that are closed a page shows
LOOK_BACK = datetime.timedelta(days=30)  # for whom a service took, until it says whether they came
_WITH_ASKS = Prefetch("asks", models.Ask.objects.order_by("at", "id"))


@dataclasses.dataclass(frozen=True, slots=True)
class Totals:
    """What a provider was asked for, by need: no person is in it."""

    kind: str
    asked: int
    accepted: int
    declined: int
    waitlisted: int
    other: int
    came: int
    did_not_come: int


def need(kind: str) -> str:
    """Name a need."""
    known = profile.installed().kinds.get(kind)
    return country_words.worded(known.words) if known else kind


def ours(viewer: viewers.Viewer) -> tuple[Sequence[models.Referral], Sequence[models.Referral]]:
    """List the referrals of the viewer's agency: those that are open, and the last that were closed."""
    with row_security.looking(viewer):
        rows = models.Referral.objects.filter(agency=viewer.agency_id).prefetch_related(_WITH_ASKS)
        going_on = list(rows.filter(closed_at=None).order_by("-at", "-id"))
        closed = list(rows.exclude(closed_at=None).order_by("-closed_at", "-id")[:CLOSED])
    return going_on, closed


def one(referral_id: uuid.UUID, viewer: viewers.Viewer) -> models.Referral:
    """Return a referral of the viewer's agency with its asks. NoSuchReferral."""
    with row_security.looking(viewer):
        rows = models.Referral.objects.filter(agency=viewer.agency_id).prefetch_related(_WITH_ASKS)
        row = rows.filter(id=referral_id).first()
        if row is None:
            raise NoSuchReferral
    return row


@dataclasses.dataclass(frozen=True, slots=True)
class Around:
    """What belongs to a referral besides what was asked: the services to ask next, with the name that each has in the
    directory; the referrals that go along with it; the case that it is for, where the viewer may see it."""

    then: Sequence[tuple[uuid.UUID, str]]
    with_it: Sequence[models.Referral]
    along: models.Referral | None
    case: str


def around(row: models.Referral, viewer: viewers.Viewer) -> Around:
    """Find what belongs to a referral of the viewer's agency."""
    with row_security.looking(viewer):
        names = dict(Listing.objects.filter(id__in=row.asked_next).values_list("id", "name"))
        rows = models.Referral.objects.filter(agency=viewer.agency_id).prefetch_related(_WITH_ASKS)
        case = models.CaseReferral.objects.filter(referral=row).values_list("case__reference", flat=True).first()
        return Around(
            then=[(each, names[each]) for each in row.asked_next if each in names],
            with_it=list(rows.filter(along=row).order_by("at", "id")),
            along=rows.filter(id=row.along_id).first() if row.along_id else None,
            case=case or "",
        )


def of_case(viewer: viewers.Viewer, case_id: uuid.UUID) -> Sequence[models.Referral]:
    """List the referrals of the viewer's agency for a case, the newest first. The caller has opened it."""
    rows = models.Referral.objects.filter(agency=viewer.agency_id, of_case__case=case_id)
    return list(rows.prefetch_related(_WITH_ASKS).order_by("-at", "-id"))


def shown_of(
    ask_id: uuid.UUID, viewer: viewers.Viewer, *, at: datetime.datetime
) -> tuple[models.Ask, Sequence[Sequence[people.PartShown]]]:
    """Return what the viewer's service is asked, and what the people released to it; nothing where nothing is in force
    now. Each look is noted for them. NoSuchReferral."""
    with row_security.looking(viewer):
        rows = models.Ask.objects.filter(id=ask_id, provider=viewer.agency_id).select_related("agency", "referral")
        row = rows.first()
        if row is None:
            raise NoSuchReferral
        link = models.CaseReferral.objects.filter(referral=row.referral_id).first()
        if link is None:
            return row, []
        by_person = people.parts_shown(link.case_id, link.agency_id)
        for person_id in by_person:
            record.looked(
                "person.read",
                person_id,
                by=viewer,
                at=at,
                case_id=link.case_id,
                authority=record.Authority.RELEASE,
            )
    return row, list(by_person.values())


def shows(viewer: viewers.Viewer) -> Collection[uuid.UUID]:
    """List the referrals of whose people a release shows the viewer's service something now."""
    with row_security.looking(viewer):
        return set(models.CaseReferral.objects.values_list("referral_id", flat=True))


def asked(viewer: viewers.Viewer, *, at: datetime.datetime) -> Sequence[models.Ask]:
    """List what the viewer's agency is asked now, and whom it took or put on its waiting list lately."""
    with row_security.looking(viewer):
        rows = models.Ask.objects.filter(provider=viewer.agency_id).select_related("agency", "referral", "room")
        waits = rows.filter(state=State.ASKED, until__gte=at).order_by("until", "id")
        lately = rows.filter(Q(state=State.WAITLISTED) | Q(state=State.ACCEPTED, came="", at__gte=at - LOOK_BACK))
        return [*waits, *lately.order_by("-at", "-id")]


def totals(viewer: viewers.Viewer, *, since: datetime.datetime, until: datetime.datetime) -> Sequence[Totals]:
    """Count what the viewer's agency was asked from one instant until another, by need."""
    with row_security.looking(viewer):
        rows = models.Ask.objects.filter(provider=viewer.agency_id, at__gte=since, at__lt=until)
        states: dict[str, Counter[str]] = {}
        for kind, state, afterwards in rows.values_list("referral__kind", "state", "came"):
            states.setdefault(kind, Counter()).update([state, *([afterwards] if afterwards else [])])
        record.record(record.Deed("referral.totals_read", viewer.agency_id, viewer.agency_id, viewer.user_id), at=until)
    return [_totals(kind, states[kind]) for kind in sorted(states, key=need)]


def _totals(kind: str, counts: Mapping[str, int]) -> Totals:
    answers = {state: counts.get(state, 0) for state in State.values}
    return Totals(
        kind=need(kind),
        asked=sum(answers.values()),
        accepted=answers[State.ACCEPTED],
        declined=answers[State.DECLINED],
        waitlisted=answers[State.WAITLISTED],
        other=answers[State.ASKED] + answers[State.WITHDRAWN] + answers[State.LAPSED],
        came=counts.get(models.Came.CAME, 0),
        did_not_come=counts.get(models.Came.DID_NOT_COME, 0),
    )
