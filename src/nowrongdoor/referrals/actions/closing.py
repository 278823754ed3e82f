"""Closing an agency, alone or into another, while others work on.

The promise: an agency closes only when no open case and no open offer needs it. Cases and offers are moved one at a
time, each in its own transaction with the case locked first; the last transaction locks the agency and looks again.
So no two of these ever wait for each other in a circle.
"""

from __future__ import annotations

import datetime
import uuid

from django.db.models import QuerySet

from nowrongdoor.access import viewers, walls
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import Agency
from nowrongdoor.audit import record
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases.models import Case, Participant
from nowrongdoor.core import handoff
from nowrongdoor.mandates import queries as tables
from nowrongdoor.referrals import models
from nowrongdoor.referrals.actions import answering, changing, retrying, routing
from nowrongdoor.signals.models import Signal

TRIES = 20


class StillNeeded(Exception):
    """The agency leads open cases and nobody was named to take them over; or new ones kept coming."""


def close_agency(code: str, *, into: str | None, by: viewers.Viewer, at: datetime.datetime) -> Agency:
    """This will close an agency. `into`: the code of the agency that takes over what it leads. agencies.NoSuchAgency,
    StillNeeded."""
    closing = agencies.by_code(code)
    if closing.desk in tables.in_force().backstops:
        raise StillNeeded(f"{closing.name} is a backstop of the mandate table in force: it cannot be closed.")
    successor = agencies.by_code(into) if into else None
    if successor == closing:
        raise StillNeeded("An agency cannot take over from itself.")
    for _ in range(TRIES):
        for case_id in _led_cases(closing):
            if successor is None:
                raise StillNeeded(f"{closing.name} leads open cases. Name an agency that takes them over.")
            _move(case_id, closing, successor, by=by, at=at)
        for case_id in _asked_cases(closing):
            _ask_another(case_id, closing, at=at)
        for case_id in _owed_cases(closing):
            _pass_duties_on(case_id, closing, successor, at=at)
        routing.route(_waiting(closing), at=at)
        if _shut(closing, successor, by=by, at=at):
            return closing
    raise StillNeeded(f"{closing.name} keeps being asked. Take it out of the mandate table first, then try again.")


@walls.house()
def _led_cases(closing: Agency) -> list[uuid.UUID]:
    return list(Case.objects.filter(lead=closing, closed_at=None).values_list("id", flat=True))


@walls.house()
def _asked_cases(closing: Agency) -> list[uuid.UUID]:
    return list(_offered(closing).values_list("case_id", flat=True))


@walls.house()
def _waiting(closing: Agency) -> list[uuid.UUID]:
    return list(Signal.objects.filter(receiver=closing, routed_at=None).values_list("id", flat=True))


@walls.house()
def _owed_cases(closing: Agency) -> set[uuid.UUID]:
    notices = models.Notice.objects.filter(agency=closing, acknowledged_at=None, withdrawn_at=None)
    clocks = models.Clock.objects.filter(agency=closing, met_at=None, withdrawn_at=None)
    return {*notices.values_list("case", flat=True), *clocks.values_list("case", flat=True)}


@retrying.unless_closed
def _pass_duties_on(case_id: uuid.UUID, closing: Agency, successor: Agency | None, *, at: datetime.datetime) -> None:
    """Moves what the agency still owes in a case: to its successor, or else to the lead, which does it by hand."""
    with walls.house():
        case = Case.objects.select_for_update().get(id=case_id)
        notices = models.Notice.objects.filter(case=case, agency=closing, acknowledged_at=None, withdrawn_at=None)
        clocks = models.Clock.objects.filter(case=case, agency=closing, met_at=None, withdrawn_at=None)
        if successor:
            cases.join([cases.Joining(case.id, successor.id, Participant.Relation.TOLD)], at=at)
            notices.update(agency=successor)
            clocks.update(agency=successor)
        elif case.lead_id == closing.id:
            raise StillNeeded(f"{closing.name} still owes something in a closed case. Name an agency that takes over.")
        else:
            notices.update(agency=case.lead_id, by_hand=True)
            clocks.update(agency=case.lead_id, follows_lead=True)


def _offered(agency: Agency) -> QuerySet[models.Handoff]:
    return models.Handoff.objects.filter(to_agency=agency, state=handoff.State.OFFERED.value).order_by("id")


@retrying.unless_closed
def _move(
    case_id: uuid.UUID,
    closing: Agency,
    successor: Agency,
    *,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> None:
    with walls.house():
        case = Case.objects.select_for_update().get(id=case_id)
        if case.lead_id == closing.id and case.closed_at is None:
            changing.succeed(case, to_agency_id=successor.id, by=by, at=at)


@retrying.unless_closed
def _ask_another(case_id: uuid.UUID, closing: Agency, *, at: datetime.datetime) -> None:
    with walls.house():
        case = Case.objects.select_for_update().get(id=case_id)
        standing = _offered(closing).filter(case=case).first()
        if standing is None:
            return
        answering.supersede_open(case, because=f"{closing.name} is closing", at=at)
        answering.ask(case, tables.ruled_of(case.id), at=at, without=closing.desk)
        deed = record.Deed("offer.superseded", closing.id, standing.id, None, case.id)
        record.record(deed, at=at)


def _shut(closing: Agency, successor: Agency | None, *, by: viewers.Viewer, at: datetime.datetime) -> bool:
    with walls.house():
        locked = Agency.objects.select_for_update().get(id=closing.id)
        if not locked.active:  # somebody else closed it meanwhile: who took over stays as they said
            raise agencies.NoSuchAgency(closing.code)
        if Signal.objects.filter(receiver=locked, routed_at=None).exists():
            return False
        for owed in (models.Notice.objects.filter(acknowledged_at=None), models.Clock.objects.filter(met_at=None)):
            if owed.filter(agency=locked, withdrawn_at=None).exists():
                return False
        if Case.objects.filter(lead=locked, closed_at=None).exists() or _offered(locked).exists():
            return False
        locked.active, locked.closed_at, locked.succeeded_by = False, at, successor
        locked.save(update_fields=["active", "closed_at", "succeeded_by"])
        details: dict[str, record.Detail] = {"into": successor.code if successor else None}
        record.record(record.Deed("agency.closed", closing.id, closing.id, by.user_id, None, details), at=at)
        closing.active, closing.closed_at = False, at
    return True
