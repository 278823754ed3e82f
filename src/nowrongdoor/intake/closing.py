"""Closing an agency, alone or into another, while others work on. It is here and not in `leads`, because the signals
that still wait at the agency become cases first.

The promise: an agency closes only when no open case and no open offer needs it. That it is closing, into which agency
and by which administrator is put on record first: the database lets a lead succeed another only along that row. Cases
and offers are moved one at a time, each in its own transaction with the case locked first and the record after it; the
last transaction locks the record, then the agency, and looks again. So no two of these ever wait for each other in a
circle.
"""

from __future__ import annotations

import datetime
import uuid

from django.db import IntegrityError
from django.db.models import QuerySet

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import Agency, Closing
from nowrongdoor.audit import record
from nowrongdoor.bulk import writing
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases.models import Case, Participant
from nowrongdoor.core import handoff
from nowrongdoor.core.language import gettext
from nowrongdoor.core.mandates import rules
from nowrongdoor.duties import actions as duties
from nowrongdoor.intake import routing
from nowrongdoor.leads import answering, changing, retrying
from nowrongdoor.leads.models import Handoff
from nowrongdoor.mailbox import desk
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals.models import Signal

TRIES = 20


class NotAnAdministrator(handoff.NotYours):
    """Only an administrator closes an agency."""

    def __init__(self) -> None:
        super().__init__(gettext("Only an administrator can close an agency."))


class StillNeeded(Exception):
    """The agency leads open cases and nobody was named to take them over; or new ones kept coming."""


class Overtaken(StillNeeded):
    """Somebody else began to close the same agency."""

    def __init__(self, agency: Agency) -> None:
        super().__init__(
            gettext("Somebody else began to close %(name)s meanwhile. Look how it stands, then try again.")
            % {"name": agency.name}
        )


def close_agency(code: str, *, into: str | None, by: viewers.Viewer, at: datetime.datetime) -> Agency:
    """Close an agency. `into`: the code of the agency that takes over what it leads. agencies.NoSuchAgency,
    NotAnAdministrator, StillNeeded, and then the agency stays open."""
    closing = agencies.by_code(code)
    if by.role is not viewers.Role.ADMINISTRATOR:
        raise NotAnAdministrator
    if closing.desk in tables.in_force().backstops:
        raise StillNeeded(
            gettext("%(name)s is a backstop of the mandate table in force: it cannot be closed.")
            % {"name": closing.name}
        )
    successor = agencies.by_code(into) if into else None
    if successor == closing:
        raise StillNeeded(gettext("An agency cannot take over from itself."))
    if successor and not successor.may_lead:
        raise StillNeeded(
            gettext("%(name)s (%(kind)s) leads no cases. Name an agency that does.")
            % {"name": successor.name, "kind": successor.kind}
        )
    row = _put_on_record(closing, successor, by=by, at=at)
    try:
        _close(row, closing, successor, by=by, at=at)
    except StillNeeded:
        _give_up(row, by=by, at=at)
        raise
    return closing


def _close(
    row: Closing, closing: Agency, successor: Agency | None, *, by: viewers.Viewer, at: datetime.datetime
) -> None:
    for _ in range(TRIES):
        for case_id in _led_cases(closing):
            if successor is None:
                raise StillNeeded(
                    gettext("%(name)s leads open cases. Name an agency that takes them over.") % {"name": closing.name}
                )
            _move(row, case_id, closing, successor, by=by, at=at)
        for case_id in _asked_cases(closing):
            _ask_another(case_id, closing, at=at)
        for case_id in _owed_cases(closing):
            _pass_duties_on(case_id, closing, successor, at=at)
        routing.route(_waiting(closing), at=at)
        if _shut(row, closing, successor, by=by, at=at):
            return
    raise StillNeeded(
        gettext("%(name)s keeps being asked. Take it out of the mandate table first, then try again.")
        % {"name": closing.name}
    )


def _put_on_record(closing: Agency, successor: Agency | None, *, by: viewers.Viewer, at: datetime.datetime) -> Closing:
    """Begins a closing, in the place of one that was left halfway (by a crash, or by somebody else)."""
    assert by.user_id is not None  # a token is no administrator
    try:
        with row_security.system():
            Closing.objects.filter(agency=closing, given_up_at=None).update(given_up_at=at)
            if not Agency.objects.filter(id=closing.id, active=True).exists():
                raise agencies.NoSuchAgency(closing.code)  # somebody else was through first: what they did stays
            row = Closing.objects.create(agency=closing, into=successor, by_id=by.user_id, at=at)
            details: dict[str, record.Detail] = {"into": successor.code if successor else None}
            record.record(record.Deed("agency.closing", closing.id, row.id, by.user_id, None, details), at=at)
    except IntegrityError as error:
        if writing.constraint_of(error) != "an_agency_closes_one_way_at_a_time":
            raise
        raise Overtaken(closing) from None
    return row


def _lock(row: Closing) -> None:
    if not Closing.objects.select_for_update(of=("self",)).filter(id=row.id, given_up_at=None).exists():
        raise Overtaken(row.agency)


@row_security.system()
def _give_up(row: Closing, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    if Closing.objects.filter(id=row.id, given_up_at=None).update(given_up_at=at):
        record.record(record.Deed("agency.kept", row.agency_id, row.id, by.user_id), at=at)


@row_security.system()
def _led_cases(closing: Agency) -> list[uuid.UUID]:
    return list(Case.objects.filter(lead=closing, closed_at=None).values_list("id", flat=True))


@row_security.system()
def _asked_cases(closing: Agency) -> list[uuid.UUID]:
    return list(_offered(closing).values_list("case_id", flat=True))


@row_security.system()
def _waiting(closing: Agency) -> list[uuid.UUID]:
    return list(Signal.objects.filter(receiver=closing, routed_at=None).values_list("id", flat=True))


@row_security.system()
def _owed_cases(closing: Agency) -> set[uuid.UUID]:
    return duties.cases_owed_on(closing.id)


@retrying.unless_closed
def _pass_duties_on(case_id: uuid.UUID, closing: Agency, successor: Agency | None, *, at: datetime.datetime) -> None:
    """Moves what the agency still owes in a case: to its successor, unless a gate keeps the case from it; or else to
    the lead, which does it by hand."""
    with row_security.system():
        case = Case.objects.select_for_update().get(id=case_id)
        duties.end_what_is_private(case.id, from_agency_id=closing.id, at=at)
        gate = _gate_against(successor, case) if successor else None
        if successor and gate is None:
            cases.join([cases.Joining(case.id, successor.id, Participant.Relation.TOLD)], at=at)
            duties.hand_over(case.id, from_agency_id=closing.id, to_agency_id=successor.id)
        elif case.lead_id != closing.id:
            duties.leave_to_lead(case.id, from_agency_id=closing.id, lead_id=case.lead_id)
        elif successor and gate:
            raise _barred(successor, case, gate)
        else:
            raise StillNeeded(
                gettext("%(name)s still owes something in a closed case. Name an agency that takes over.")
                % {"name": closing.name}
            )


def _gate_against(agency: Agency, case: Case) -> rules.Gate | None:
    """The gate that keeps a case from an agency, by its newest ruling: what bars it from being asked bars it from
    taking over as well."""
    return tables.ruled_of(case.id).gate_against(desk=agency.desk, kind=agency.kind)


def _barred(successor: Agency, case: Case, gate: rules.Gate) -> StillNeeded:
    return StillNeeded(
        gettext(
            "%(name)s cannot take over case %(reference)s. %(effect)s Name another agency, or "
            "let somebody else lead that case first."
        )
        % {"name": successor.name, "reference": case.reference, "effect": gate.effect}
    )


def _offered(agency: Agency) -> QuerySet[Handoff]:
    return Handoff.objects.filter(to_agency=agency, state=handoff.State.OFFERED.value).order_by("id")


@retrying.unless_closed
def _move(
    row: Closing,
    case_id: uuid.UUID,
    closing: Agency,
    successor: Agency,
    *,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> None:
    with row_security.system():
        case = Case.objects.select_for_update().get(id=case_id)
        _lock(row)
        if case.lead_id == closing.id and case.closed_at is None:
            if gate := _gate_against(successor, case):
                raise _barred(successor, case, gate)
            changing.succeed(case, to_agency_id=successor.id, by=by, at=at)


@retrying.unless_closed
def _ask_another(case_id: uuid.UUID, closing: Agency, *, at: datetime.datetime) -> None:
    with row_security.system():
        case = Case.objects.select_for_update().get(id=case_id)
        standing = _offered(closing).filter(case=case).first()
        if standing is None:
            return
        answering.supersede_open(case, because=gettext("%(name)s is closing") % {"name": closing.name}, at=at)
        answering.ask(case, tables.ruled_of(case.id), at=at, without=closing.desk)
        deed = record.Deed("offer.superseded", closing.id, standing.id, None, case.id)
        record.record(deed, at=at)


def _shut(
    row: Closing, closing: Agency, successor: Agency | None, *, by: viewers.Viewer, at: datetime.datetime
) -> bool:
    with row_security.system():
        _lock(row)
        locked = Agency.objects.select_for_update().get(id=closing.id)
        if not locked.active:  # somebody else closed it meanwhile: who took over stays as they said
            raise agencies.NoSuchAgency(closing.code)
        if Signal.objects.filter(receiver=locked, routed_at=None).exists():
            return False
        if duties.owes(locked.id):
            return False
        if Case.objects.filter(lead=locked, closed_at=None).exists() or _offered(locked).exists():
            return False
        if successor:
            desk.hand_over(locked.id, to_agency_id=successor.id, at=at)
        elif desk.has_open(locked.id, at=at):
            raise StillNeeded(
                gettext("People who contacted %(name)s can still write to it. Name an agency that takes over.")
                % {"name": closing.name}
            )
        locked.active, locked.closed_at, locked.succeeded_by = False, at, successor
        locked.save(update_fields=["active", "closed_at", "succeeded_by"])
        details: dict[str, record.Detail] = {"into": successor.code if successor else None}
        record.record(record.Deed("agency.closed", closing.id, closing.id, by.user_id, None, details), at=at)
        closing.active, closing.closed_at = False, at
    return True
