"""What an agency may dispose of, what waits for a second person, and what is held."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.db import connection
from django.db.models import BooleanField, Func

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.cases.models import Case
from nowrongdoor.core import schedules
from nowrongdoor.retention import models
from nowrongdoor.vault import keys, sealing

SHOWN = 100


class _IsHeld(Func):
    """Whether a hold covers a case (migration 0029)."""

    function = "nowrongdoor_is_held"
    output_field = BooleanField()


@dataclasses.dataclass(frozen=True, slots=True)
class HoldShown:
    """A hold that is on."""

    id: uuid.UUID
    reference: str
    kind: str
    because: str
    by: str
    at: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class DisposalShown:
    """A disposal that waits, or was done. `may_approve`: the viewer is a second person."""

    id: uuid.UUID
    reference: str
    asked_by: str
    asked_at: datetime.datetime
    approved_by: str
    approved_at: datetime.datetime | None
    destroyed: int
    may_approve: bool


def due(viewer: viewers.Viewer, *, at: datetime.datetime) -> Sequence[tuple[str, datetime.datetime]]:
    """List cases that the viewer's agency led last and whose time is over: reference and when closed."""
    keep = schedules.installed()["case"].keep
    assert keep is not None
    rows = Case.objects.filter(lead_id=viewer.agency_id, closed_at__lte=at - keep)
    rows = rows.exclude(disposals__stopped_at=None, disposals__isnull=False).alias(held=_IsHeld("id"))
    rows = rows.filter(held=False)
    closed = rows.order_by("closed_at", "id").values_list("reference", "closed_at")[:SHOWN]
    return [(reference, closed_at) for reference, closed_at in closed if closed_at]


def is_held(case_id: uuid.UUID) -> bool:
    """Return whether a hold is on a case, or on one that was merged with it, whichever agency placed it."""
    with connection.cursor() as database:
        database.execute("SELECT nowrongdoor_is_held(%s)", [case_id])
        return bool(database.fetchone()[0])


def merged_with(case_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """List the ids of the cases that were merged with this one, which is among them."""
    with connection.cursor() as database:
        database.execute("SELECT * FROM nowrongdoor_merged_with(%s) AS id ORDER BY id", [case_id])
        return [row[0] for row in database.fetchall()]


def holds(viewer: viewers.Viewer) -> Sequence[HoldShown]:
    """List the viewer's agency's holds that are on, newest first."""
    rows = models.Hold.objects.filter(agency_id=viewer.agency_id, lifted_at=None).select_related("case")
    shown = []
    for row in rows.annotate(who=agencies.name_of("by_id")).order_by("-at", "-id")[:SHOWN]:
        row_security.act_on(row.case_id)
        place = sealing.Place("hold", row.id, "because", row.agency_id)
        because = keys.of(row.case_id).open(row.because, place)
        shown.append(HoldShown(row.id, row.case.reference, row.get_kind_display(), because, row.who, row.at))
    return shown


def disposals(viewer: viewers.Viewer) -> Sequence[DisposalShown]:
    """List the viewer's agency's disposals, those that wait first."""
    rows = models.Disposal.objects.filter(agency_id=viewer.agency_id, stopped_at=None).select_related("case")
    rows = rows.annotate(who=agencies.name_of("asked_by_id"), second=agencies.name_of("approved_by_id"))
    return [
        DisposalShown(
            row.id,
            row.case.reference,
            row.who,
            row.asked_at,
            row.second or "",
            row.approved_at,
            row.destroyed,
            row.approved_at is None and row.asked_by_id != viewer.user_id,
        )
        for row in rows.order_by("approved_at", "-asked_at", "-id")[:SHOWN]
    ]


@row_security.system()
def count_waiting(agency_id: uuid.UUID) -> int:
    """Count an agency's disposals that wait for a second person, for its administrator, who opens none of them."""
    return models.Disposal.objects.filter(agency_id=agency_id, approved_at=None, stopped_at=None).count()
