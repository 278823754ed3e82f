"""What of referrals somebody is to be told, in the system's context."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.db.models import F, Q

from nowrongdoor.referrals import models
from nowrongdoor.referrals.models import State

RECENT = datetime.timedelta(hours=24)  # after which an answer is no news; policy
_ANSWERS = (State.ACCEPTED, State.DECLINED, State.WAITLISTED, State.LAPSED)


@dataclasses.dataclass(frozen=True, slots=True)
class News:
    """A service is asked or asked no more, or whoever asked has an answer or somebody to ask how it went. `ask_id`: the
    ask, or the referral; `agency_id`: of whoever is told; `person_id`: who that is, where it is not everybody who
    answers for the service; `about_at`: since when it is so; `case_id`: the case that the referral is for."""

    ask_id: uuid.UUID
    agency_id: uuid.UUID
    person_id: uuid.UUID | None
    about_at: datetime.datetime
    case_id: uuid.UUID | None = None


def waiting(*, at: datetime.datetime) -> Sequence[News]:
    """List what services are asked that sign in. Whoever answers one meanwhile waits until it is told."""
    rows = models.Ask.objects.select_for_update(of=("self",)).filter(state=State.ASKED, until__gt=at)
    asks = rows.exclude(provider=None).order_by("id")
    return [News(row.id, row.provider_id, None, row.at) for row in asks if row.provider_id]


def withdrawn(*, at: datetime.datetime) -> Sequence[News]:
    """List what services that sign in were asked, and are asked no more since whoever asked withdrew it lately."""
    rows = models.Ask.objects.filter(state=State.WITHDRAWN, answered_at__gt=at - RECENT).exclude(provider=None)
    return [
        News(row.id, row.provider_id, None, row.answered_at)
        for row in rows.order_by("id")
        if row.provider_id and row.answered_at
    ]


def to_follow_up(*, at: datetime.datetime) -> Sequence[News]:
    """List the referrals of people who wanted to be asked how it went, and whose day has come."""
    rows = models.Plan.objects.select_for_update(of=("self",)).select_related("referral").filter(follow_up_at__lte=at)
    return [
        News(row.referral_id, row.agency_id, row.referral.by_id, row.follow_up_at, row.case_id)
        for row in rows.order_by("referral_id")
        if row.follow_up_at
    ]


def answered(*, at: datetime.datetime) -> Sequence[News]:
    """List what services that sign in answered lately, and what nobody answered in time."""
    rows = models.Ask.objects.filter(state__in=_ANSWERS, answered_at__gt=at - RECENT)
    rows = rows.filter(
        Q(provider__isnull=False) | Q(state=State.LAPSED)
    )  # what they were told on the telephone they know
    rows = rows.annotate(of_case=F("referral__plan__case")).order_by("id")
    return [News(row.id, row.agency_id, row.by_id, row.answered_at, row.of_case) for row in rows if row.answered_at]
