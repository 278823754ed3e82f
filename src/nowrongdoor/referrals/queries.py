"""Referrals and asks as a page shows them."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db.models import Prefetch, Q

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.core import country_words
from nowrongdoor.core.services import profile
from nowrongdoor.referrals import models
from nowrongdoor.referrals.actions import NoSuchReferral
from nowrongdoor.referrals.models import State

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
