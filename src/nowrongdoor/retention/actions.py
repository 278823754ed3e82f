"""Holding, asking for disposal, and disposing: the second person's yes destroys the keys in the same transaction."""

from __future__ import annotations

import datetime
import uuid

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.cases.models import Case, CaseSignal
from nowrongdoor.cases.person_models import PersonToken
from nowrongdoor.core import schedules
from nowrongdoor.core.language import gettext
from nowrongdoor.retention import models, queries
from nowrongdoor.vault import keys, sealing
from nowrongdoor.vault.models import DataKey

SCHEDULE = "case"
LIMIT = 1_000


class Refused(ValueError):
    """It cannot be done; the message says why."""


class NotThere(Refused):
    """There is nothing here that this agency may change: the answer is that of a row that does not exist."""


def hold(
    case_id: uuid.UUID,
    *,
    because: str,
    by: viewers.Viewer,
    at: datetime.datetime,
    kind: models.Hold.Kind = models.Hold.Kind.OTHER,
) -> models.Hold:
    """Keep a case, and all that were merged with it, from being disposed of. Refused."""
    assert by.user_id is not None  # a token has no page
    because = because.strip()
    if not because or len(because) > LIMIT or "\x00" in because:
        raise Refused(gettext("Say why it’s on hold, in up to %(limit)s characters.") % {"limit": f"{LIMIT:,}"})
    with row_security.looking(by):
        row_id = new_id()
        row = models.Hold.objects.create(
            id=row_id,
            case_id=case_id,
            agency_id=by.agency_id,
            kind=kind.value,
            because=keys.of(case_id).seal(because, sealing.Place("hold", row_id, "because", by.agency_id)),
            at=at,
            by_id=by.user_id,
        )
        waiting = models.Disposal.objects.filter(case_id__in=queries.merged_with(case_id))
        waiting.filter(approved_at=None, stopped_at=None).update(stopped_at=at)
        deed = record.Deed("case.held", by.agency_id, row.id, by.user_id, case_id, {"kind": kind.value})
        record.record(deed, at=at)
    return row


def lift(hold_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """End a hold of the viewer's agency. NotThere."""
    with row_security.looking(by):
        row = models.Hold.objects.filter(id=hold_id, agency_id=by.agency_id, lifted_at=None).first()
        if row is None:
            raise NotThere(gettext("We can’t find this hold, or your agency can’t lift it."))
        row.lifted_at, row.lifted_by_id = at, by.user_id
        row.save(update_fields=["lifted_at", "lifted_by"])
        record.record(record.Deed("hold.lifted", by.agency_id, row.id, by.user_id, row.case_id), at=at)


def ask(case_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> models.Disposal:
    """Ask for the disposal of a case that the viewer's agency led last and whose time is over. Refused."""
    assert by.user_id is not None  # a token has no page
    with row_security.looking(by):
        case = _locked(case_id, by)
        schedule = schedules.installed()[SCHEDULE]
        if case.closed_at is None or schedule.keep is None or case.closed_at + schedule.keep > at:
            raise Refused(
                gettext("The retention period hasn’t ended: the text of a case is kept %(kept_for)s after it closes.")
                % {"kept_for": schedule.kept_for}
            )
        if queries.is_held(case.id):
            raise Refused(gettext("This case is on hold, so nothing in it can be destroyed."))
        if models.Disposal.objects.filter(case=case, stopped_at=None).exists():
            raise Refused(gettext("Disposal of this case was already requested."))
        row = models.Disposal.objects.create(
            case=case, agency_id=by.agency_id, schedule=SCHEDULE, asked_at=at, asked_by_id=by.user_id
        )
        record.record(record.Deed("disposal.asked", by.agency_id, row.id, by.user_id, case_id), at=at)
    return row


def approve(disposal_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> models.Disposal:
    """Destroy the keys of a case and of its signals, as the second person. What they sealed opens nowhere any more;
    the tombstone and the coded facts stay. NotThere, Refused."""
    with row_security.looking(by):
        row = models.Disposal.objects.filter(id=disposal_id, agency_id=by.agency_id, approved_at=None).first()
        if row is None or row.stopped_at is not None:
            raise NotThere(gettext("This disposal isn’t waiting for a second person."))
        if row.asked_by_id == by.user_id:
            raise Refused(gettext("A second person must approve a disposal, not the one who requested it."))
        case = _locked(row.case_id, by)
        if queries.is_held(case.id):
            raise Refused(gettext("This case is on hold, so nothing in it can be destroyed."))
        row.approved_at, row.approved_by_id = at, by.user_id
        row.save(update_fields=["approved_at", "approved_by"])
        subjects = [case.id, *CaseSignal.objects.filter(case=case).values_list("signal_id", flat=True)]
        PersonToken.objects.filter(person__case=case).delete()
        row.destroyed, _ = DataKey.objects.filter(subject_id__in=subjects).delete()  # every version goes along
        row.save(update_fields=["destroyed"])
        details: dict[str, record.Detail] = {"schedule": row.schedule, "keys": row.destroyed}
        deed = record.Deed("case.disposed", by.agency_id, row.id, by.user_id, row.case_id, details)
        record.record(deed, at=at)
    return row


def _locked(case_id: uuid.UUID, by: viewers.Viewer) -> Case:
    case = Case.objects.select_for_update().filter(id=case_id, lead_id=by.agency_id).first()
    if case is None:
        raise Refused(gettext("Only the agency that led the case last can request its disposal."))
    row_security.act_on(case.id)
    return case
