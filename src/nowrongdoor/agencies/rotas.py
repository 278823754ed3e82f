"""Who is on call at an agency: keeping the list, and reading it.

The promise: an agency that keeps a list always has somebody to tell. While nobody is on call, everybody there who may
answer an offer is told, and so are their administrators (notifications/clock.py).
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Mapping, Sequence

from django.db.models import Q

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import models, queries
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext as _

FIRST, SECOND = 1, 2


class Refused(Exception):
    """The list cannot be changed like that; the message is fit to show."""


class NoSuchShift(LookupError):
    """There is no such shift, or it is another agency's: the answer is the same."""


@dataclasses.dataclass(frozen=True, slots=True)
class ShiftRow:
    """One shift as a page shows it."""

    id: uuid.UUID
    person: str
    step: int
    from_at: datetime.datetime
    to_at: datetime.datetime
    is_now: bool


@dataclasses.dataclass(frozen=True, slots=True)
class OnCall:
    """Whom an agency that keeps a list has to tell now. `first` and `second`: who is on call; `all`: everybody who may
    answer an offer. `gap_since`: since when nobody is, None while somebody is first."""

    rota_id: uuid.UUID
    first: frozenset[uuid.UUID]
    second: frozenset[uuid.UUID]
    all: frozenset[uuid.UUID]
    gap_since: datetime.datetime | None

    def to_tell(self, step: int) -> frozenset[uuid.UUID]:
        """Return who hears of an urgent offer at once, after a third of its time, and after two: whoever is first, then
        second, then all. Where nobody is, everybody."""
        chosen = {0: self.first, 1: self.second}.get(step, self.all)
        return chosen or self.all


def begin(*, by: viewers.Viewer, at: datetime.datetime) -> models.Rota:
    """Begin to keep a list. Refused where there is one."""
    assert by.user_id is not None  # a token keeps no list
    with row_security.looking(by):
        if models.Rota.objects.filter(agency=by.agency_id, ended_at=None).exists():
            raise Refused(_("Your agency already keeps an on-call list."))
        rota = models.Rota.objects.create(agency_id=by.agency_id, by_id=by.user_id, at=at)
        record.record(record.Deed("rota.begun", by.agency_id, rota.id, by.user_id), at=at)
    return rota


def end(*, by: viewers.Viewer, at: datetime.datetime) -> None:
    """End the list: from now on everybody who may answer is told. Refused where there is none."""
    with row_security.looking(by):
        rota = _open(by)
        models.Rota.objects.filter(id=rota.id).update(ended_at=at, ended_by_id=by.user_id)
        record.record(record.Deed("rota.ended", by.agency_id, rota.id, by.user_id), at=at)


def add(
    person_id: uuid.UUID,
    step: int,
    *,
    from_at: datetime.datetime,
    to_at: datetime.datetime,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> models.Shift:
    """Put somebody of the viewer's agency on call. Refused."""
    assert by.user_id is not None  # a token keeps no list
    if to_at <= from_at:
        raise Refused(_("The shift has to end after it begins."))
    if to_at <= at:
        raise Refused(_("This shift is over already. Choose an end that is still to come."))
    if to_at - from_at > models.LONGEST_SHIFT:
        raise Refused(_("A shift can last 31 days at most. Add several for a longer time."))
    with row_security.looking(by):
        rota = _open(by)
        if person_id not in dict(who_may_answer(by)):
            raise Refused(_("Choose an active coordinator of your agency: only coordinators can accept offers."))
        shift = models.Shift.objects.create(
            rota=rota,
            agency_id=by.agency_id,
            person_id=person_id,
            step=step,
            from_at=from_at,
            to_at=to_at,
            by_id=by.user_id,
            at=at,
        )
        record.record(record.Deed("shift.added", by.agency_id, shift.id, by.user_id), at=at)
    return shift


def take_back(shift_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Take somebody off call. NoSuchShift."""
    with row_security.looking(by):
        if not models.Shift.objects.filter(id=shift_id, agency=by.agency_id, ended_at=None).update(ended_at=at):
            raise NoSuchShift
        record.record(record.Deed("shift.ended", by.agency_id, shift_id, by.user_id), at=at)


def _open(by: viewers.Viewer) -> models.Rota:
    rota = models.Rota.objects.filter(agency=by.agency_id, ended_at=None).first()
    if rota is None:
        raise Refused(_("Your agency keeps no on-call list. Start one first."))
    return rota


def who_may_answer(viewer: viewers.Viewer) -> Sequence[tuple[uuid.UUID, str]]:
    """List the active coordinators of the viewer's agency, by name: id and full name."""
    rows = models.User.objects.filter(agency=viewer.agency_id, is_active=True, role=viewers.ANSWERS.value)
    return list(rows.order_by("full_name", "id").values_list("id", "full_name"))


def shifts(viewer: viewers.Viewer, *, at: datetime.datetime) -> Sequence[ShiftRow]:
    """List who is on call now and later, as the viewer's agency planned it, first come first."""
    rows = (
        models.Shift.objects.filter(agency=viewer.agency_id, rota__ended_at=None, ended_at=None, to_at__gt=at)
        .order_by("from_at", "step", "id")
        .values_list("id", queries.name_of("person_id"), "step", "from_at", "to_at")
    )
    return [
        ShiftRow(id_, person, step, from_at, to_at, is_now=from_at <= at) for id_, person, step, from_at, to_at in rows
    ]


def on_call(*, at: datetime.datetime, agency_ids: Collection[uuid.UUID] | None = None) -> Mapping[uuid.UUID, OnCall]:
    """Read who is on call at an instant, by agency, for open agencies that keep a list. The caller works in a context
    that sees them."""
    rotas = models.Rota.objects.filter(ended_at=None, agency__active=True)
    if agency_ids is not None:
        rotas = rotas.filter(agency__in=agency_ids)
    begun = {agency_id: (rota_id, since) for agency_id, rota_id, since in rotas.values_list("agency", "id", "at")}
    answering: dict[uuid.UUID, set[uuid.UUID]] = {agency_id: set() for agency_id in begun}
    people = models.User.objects.filter(agency__in=begun, is_active=True, role=viewers.ANSWERS.value)
    for agency_id, person_id in people.values_list("agency", "id"):
        answering[agency_id].add(person_id)
    on: dict[tuple[uuid.UUID, int], set[uuid.UUID]] = {}
    last: dict[uuid.UUID, datetime.datetime] = {agency_id: since for agency_id, (_rota, since) in begun.items()}
    of_rotas = models.Shift.objects.filter(rota__in=[rota_id for rota_id, _since in begun.values()], from_at__lte=at)
    for agency_id, person_id, step, to_at, ended_at in of_rotas.values_list(
        "agency", "person", "step", "to_at", "ended_at"
    ):
        until = min(to_at, ended_at) if ended_at else to_at
        if until > at:
            on.setdefault((agency_id, step), set()).add(person_id)
        elif step == FIRST:
            last[agency_id] = max(last[agency_id], until)
    return {
        agency_id: OnCall(
            rota_id=rota_id,
            first=frozenset(on.get((agency_id, FIRST), ())),
            second=frozenset(on.get((agency_id, SECOND), ())),
            all=frozenset(answering[agency_id]),
            gap_since=None if on.get((agency_id, FIRST)) else last[agency_id],
        )
        for agency_id, (rota_id, _since) in begun.items()
    }


def gap_after(viewer: viewers.Viewer, *, at: datetime.datetime) -> datetime.datetime | None:
    """Return the first instant from now on at which nobody of the viewer's agency is first on call; None where nobody
    is now, or the agency keeps no list."""
    ranges = models.Shift.objects.filter(
        Q(agency=viewer.agency_id, rota__ended_at=None, ended_at=None, step=FIRST, to_at__gt=at)
    ).order_by("from_at", "id")
    reached = at
    for from_at, to_at in ranges.values_list("from_at", "to_at"):
        if from_at > reached:
            break
        reached = max(reached, to_at)
    return reached if reached > at else None


def keeps_a_list(viewer: viewers.Viewer) -> bool:
    """Return whether the viewer's agency keeps a list."""
    return models.Rota.objects.filter(agency=viewer.agency_id, ended_at=None).exists()
