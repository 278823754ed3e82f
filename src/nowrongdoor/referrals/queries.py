"""Referrals and asks as a page shows them."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import connection
from django.db.models import F, Prefetch, Q

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
ENDED = datetime.timedelta(hours=24)  # for how long a service sees what ended by no answer of its own
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


def lines(rows: Iterable[models.Referral]) -> Sequence[tuple[models.Referral, str, Sequence[models.Ask]]]:
    """Give each referral of a list with its need, and with what was asked."""
    return [(each, need(each.kind), list(each.asks.all())) for each in rows]


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
    """What the agency keeps of a referral besides what was asked: the services to ask next, with the name that each
    has in the directory (empty for one that is there no more); the referrals that go along with it, and the one that it
    goes along with; the case that it is for, and which person of it, by number."""

    then: Sequence[tuple[uuid.UUID, str]]
    with_it: Sequence[models.Referral]
    along: models.Referral | None
    case: str
    person: int | None
    follow_up_at: datetime.datetime | None


def around(row: models.Referral, viewer: viewers.Viewer) -> Around:
    """Find what belongs to a referral of the viewer's agency."""
    with row_security.looking(viewer):
        plans = models.Plan.objects.select_related("along").filter(referral=row)
        plan = plans.annotate(reference=F("case__reference"), number=F("person__number")).get()
        names = dict(Listing.objects.filter(id__in=plan.asked_next).values_list("id", "name"))
        rows = models.Referral.objects.filter(agency=viewer.agency_id).prefetch_related(_WITH_ASKS)
        return Around(
            then=[(each, names.get(each, "")) for each in plan.asked_next],
            with_it=list(rows.filter(plan__along=row).order_by("at", "id")),
            along=plan.along,
            case=plan.reference or "",
            person=plan.number,
            follow_up_at=plan.follow_up_at,
        )


def of_case(viewer: viewers.Viewer, case_id: uuid.UUID) -> Sequence[models.Referral]:
    """List the referrals of the viewer's agency for a case, the newest first. The caller has opened it."""
    rows = models.Referral.objects.filter(agency=viewer.agency_id, plan__case=case_id)
    return list(rows.prefetch_related(_WITH_ASKS).order_by("-at", "-id"))


def to_follow_up(viewer: viewers.Viewer, *, at: datetime.datetime) -> Sequence[models.Referral]:
    """List the referrals of people who wanted to be asked how it went, and whose day has come."""
    with row_security.looking(viewer):
        rows = models.Referral.objects.filter(agency=viewer.agency_id, plan__follow_up_at__lte=at)
        return list(rows.prefetch_related(_WITH_ASKS).order_by("plan__follow_up_at", "id"))


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """What somebody let the viewer's service read of them, and until when; nothing without `until`."""

    parts: Sequence[people.PartShown] = ()
    until: datetime.datetime | None = None


def shown_of(ask_id: uuid.UUID, viewer: viewers.Viewer, *, at: datetime.datetime) -> tuple[models.Ask, Shown]:
    """Return what the viewer's service is asked, and what the person released to it now. The look is noted for them.
    NoSuchReferral."""
    with row_security.looking(viewer):
        row = models.Ask.objects.filter(id=ask_id, provider=viewer.agency_id).select_related("agency").first()
        if row is None:
            raise NoSuchReferral
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT of_case, person, max(until) FROM nwd_released_to_us(%s) GROUP BY of_case, person",
                [row.referral_id],
            )
            released = cursor.fetchone()
        if released is None:
            return row, Shown()
        case_id, person_id, until = released
        parts = people.parts_shown(case_id, person_id)
        by_release = record.Authority.RELEASE
        record.looked("person.read", person_id, by=viewer, at=at, case_id=case_id, authority=by_release)
    return row, Shown(parts, until)


def shows(viewer: viewers.Viewer) -> Collection[uuid.UUID]:
    """List the referrals of whose people a release shows the viewer's service something now."""
    with row_security.looking(viewer), connection.cursor() as cursor:
        cursor.execute("SELECT referral FROM nwd_released_to_us(NULL)")
        return {referral for (referral,) in cursor.fetchall()}


def asked(viewer: viewers.Viewer, *, at: datetime.datetime) -> Sequence[models.Ask]:
    """List what the viewer's agency is asked now, whom it took or put on its waiting list lately, and what ended within
    a day by no answer of its own."""
    with row_security.looking(viewer):
        rows = models.Ask.objects.filter(provider=viewer.agency_id).select_related("agency", "room")
        waits = rows.filter(state=State.ASKED, until__gte=at).order_by("until", "id")
        taken = Q(state=State.ACCEPTED, at__gte=at - LOOK_BACK) & (Q(closed_at=None) | Q(came=""))
        withdrawn = Q(state=State.WITHDRAWN, answered_at__gt=at - ENDED)
        closed = Q(state=State.ACCEPTED, closed_at__gt=at - ENDED)
        lately = rows.filter(Q(state=State.WAITLISTED) | taken | withdrawn | closed)
        return [*waits, *lately.order_by("-at", "-id")]


def totals(viewer: viewers.Viewer, *, since: datetime.datetime, until: datetime.datetime) -> Sequence[Totals]:
    """Count what the viewer's agency was asked from one instant until another, by need."""
    with row_security.looking(viewer):
        rows = models.Ask.objects.filter(provider=viewer.agency_id, at__gte=since, at__lt=until)
        states: dict[str, Counter[str]] = {}
        for kind, state, afterwards in rows.values_list("kind", "state", "came"):
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
