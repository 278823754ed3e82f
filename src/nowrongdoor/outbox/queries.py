"""What pages show of the outbox: what waits, since when and why, and what was given up."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.db.models import Count, Min, Q

from nowrongdoor.access import viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.outbox import models
from nowrongdoor.outbox.kinds import Kind, Outcome, Problem

SHOWN = 50


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """How an agency's messages stand. `since`: from when on the oldest waits that was tried in vain."""

    waiting: int
    in_vain: int
    since: datetime.datetime | None
    delivered: int
    given_up: int


@dataclasses.dataclass(frozen=True, slots=True)
class Trouble:
    """A message that did not go, or was given up."""

    id: uuid.UUID
    person: str
    at: datetime.datetime
    tries: int
    tried_at: datetime.datetime | None
    problem: Problem
    is_given_up: bool
    due_at: datetime.datetime


def standing(viewer: viewers.Viewer, *, at: datetime.datetime) -> Standing:
    """Count the messages of the viewer's agency in the last 30 days."""
    failed = Q(over_at=None) & ~Q(problem="")
    counts = models.Message.objects.filter(agency=viewer.agency_id, at__gte=at - datetime.timedelta(days=30)).aggregate(
        waiting=Count("id", filter=Q(over_at=None)),
        in_vain=Count("id", filter=failed),
        since=Min("at", filter=failed),
        delivered=Count("id", filter=Q(outcome=Outcome.DELIVERED.value)),
        given_up=Count("id", filter=Q(outcome=Outcome.GIVEN_UP.value)),
    )
    return Standing(**counts)


def troubles(viewer: viewers.Viewer, *, at: datetime.datetime) -> Sequence[Trouble]:
    """List what did not go of the viewer's agency in the last 30 days, newest first."""
    rows = (
        models.Message.objects.filter(agency=viewer.agency_id, at__gte=at - datetime.timedelta(days=30))
        .exclude(problem="")
        .annotate(name=agencies.name_of("person_id"))
        .order_by("-at", "-id")[:SHOWN]
    )
    return [_trouble(row) for row in rows]


def last_of(person_id: uuid.UUID) -> models.Message | None:
    """Find the newest message to a person that was tried; None before there is one."""
    return models.Message.objects.filter(person=person_id, tries__gt=0).order_by("-at", "-id").first()


def newest_check(person_id: uuid.UUID, *, since: datetime.datetime) -> models.Message | None:
    """Find the newest code for a person's address that was asked for since an instant."""
    rows = models.Message.objects.filter(person=person_id, kind=Kind.ADDRESS_CHECK.value, at__gte=since)
    return rows.order_by("-at", "-id").first()


def count_checks(person_id: uuid.UUID, *, since: datetime.datetime) -> int:
    """Count the codes for an address that a person asked for since an instant."""
    rows = models.Message.objects.filter(person=person_id, kind=Kind.ADDRESS_CHECK.value, at__gte=since)
    return rows.count()


def _trouble(row: models.Message) -> Trouble:
    return Trouble(
        row.id,
        getattr(row, "name", "") or "",
        row.at,
        row.tries,
        row.tried_at,
        Problem(row.problem),
        is_given_up=row.outcome == Outcome.GIVEN_UP.value,
        due_at=row.due_at,
    )
