"""Reopening a closed case: the agency that led it last leads it again, and the law in force is applied anew.

The promise: how it was closed stays on record, nobody else gets the lead by it, and of two who reopen it at the same
moment one is told. The database refuses what was merged, and what is to be destroyed (migration 0031).
"""

from __future__ import annotations

import datetime
import uuid

from django.db.utils import IntegrityError

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.bulk import writing
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases.models import Case, Reopening
from nowrongdoor.core import handoff
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.leads import changing, leading, retrying
from nowrongdoor.mandates import queries as tables
from nowrongdoor.vault import keys


class CannotReopen(handoff.Refused):
    """This case stays closed; the message says why."""


@retrying.unless_closed
def reopen(case_id: uuid.UUID, *, because: str, by: viewers.Viewer, at: datetime.datetime) -> Case:
    """Open a closed case again with a reason, and decide on it by the table in force. Where no table can decide now,
    `follow_table` does once one can. changing.NotTheLead, CannotReopen, handoff.ReasonMissing."""
    try:
        with row_security.looking(by):
            return _reopen(case_id, because=because, by=by, at=at)
    except IntegrityError as error:  # who keeps disposals looks at this room, so that the database alone knows here
        if writing.constraint_of(error) == "what_is_to_be_destroyed_is_not_reopened":
            raise CannotReopen(_("The disposal of this case was requested, so it can’t be reopened.")) from None
        raise


def _reopen(case_id: uuid.UUID, *, because: str, by: viewers.Viewer, at: datetime.datetime) -> Case:
    case = Case.objects.select_for_update().filter(id=case_id).first()
    if case is None or case.lead_id != by.agency_id:
        raise changing.NotTheLead
    row_security.act_on(case.id)
    if case.closed_at is None:
        raise CannotReopen(_("This case is open. Somebody may have reopened it just now; nothing was changed."))
    if case.merged_into_id is not None:
        raise CannotReopen(_("This case was merged into another one, which goes on. Work on that one."))
    if not because.strip():
        raise handoff.ReasonMissing(_("Say why you are reopening the case, so that the other agencies understand it."))
    handoff.check_text(because)
    details = _open(case, because=because, by=by, at=at)
    record.record(record.Deed("case.reopened", by.agency_id, case.id, by.user_id, case.id, details), at=at)
    return case


def _open(case: Case, *, because: str, by: viewers.Viewer, at: datetime.datetime) -> dict[str, record.Detail]:
    row_id = new_id()
    assert by.user_id is not None  # a token opens nothing
    assert case.closed_at is not None  # _reopen looked
    assert case.closed_by_id is not None  # a constraint says so
    Reopening.objects.create(
        id=row_id,
        case=case,
        agency_id=by.agency_id,
        by_id=by.user_id,
        at=at,
        because=keys.of(case.id).seal(because.strip(), cases.place("reopening", row_id, "because", case)),
        closed_at=case.closed_at,
        closed_by_id=case.closed_by_id,
        closed_because=case.closed_because,
        closed_as=case.closed_as,
        found=case.found,
    )
    case.closed_at, case.closed_by, case.closed_because = None, None, b""
    case.closed_as = case.found = ""
    case.save(update_fields=["closed_at", "closed_by", "closed_because", "closed_as", "found"])
    try:
        book = tables.in_force()
    except tables.CannotDecide:
        return {"asked": None, "waits": "table"}
    ruled = book.rule(case.facts, at=at)
    because_of = gettext_lazy("the case was reopened")
    plan = changing.follow(case, ruled, book=book, because=because_of, discovered_at=at, at=at)
    return leading.details(plan)
