"""Undoing an acceptance: whoever accepted by mistake gives the lead back at once, and the chain goes on.

The promise: only the person who said yes takes it back, within two minutes, while nothing else was done to the case.
The database has the same limits (migration 0023): of two who act at the same moment, one is refused.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.db import connection
from django.db.models import BooleanField, F, Func, Value
from django.db.utils import IntegrityError

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.bulk import writing
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases.models import Case, Participant
from nowrongdoor.core import handoff
from nowrongdoor.core.language import gettext as _
from nowrongdoor.leads import answering, leading, models, retrying
from nowrongdoor.mandates import queries as tables

GUARD = "an_acceptance_is_undone_while_nothing_else_was_done"
CHECK_NOW = f"SET CONSTRAINTS {GUARD} IMMEDIATE; SET CONSTRAINTS {GUARD} DEFERRED"


class ActedOn(handoff.CannotUndo):
    """Somebody did something else to the case since."""

    def __init__(self) -> None:
        super().__init__(
            _("Something else was done to this case since, so the lead stays. You can offer the lead back instead.")
        )


@retrying.unless_closed
def undo(handoff_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> models.Handoff:
    """Give the lead back to the agency that offered it, and ask again whoever the chain has next: the agency that
    accepted keeps the time that its offer had left. answering.NoSuchOffer, handoff.CannotUndo."""
    try:
        with row_security.looking(by):
            return _undo(handoff_id, by=by, at=at)
    except IntegrityError as error:
        if writing.constraint_of(error) == GUARD:
            raise ActedOn from None
        raise


def _undo(handoff_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> models.Handoff:
    case = Case.objects.select_for_update().filter(handoffs=handoff_id).first()
    if case is None:
        raise answering.NoSuchOffer
    row_security.act_on(case.id)
    yes = models.Handoff.objects.get(id=handoff_id)
    if yes.to_agency_id != by.agency_id or yes.over_at is None:
        raise answering.NoSuchOffer
    handoff.check_undo(
        kind=handoff.Kind(yes.kind),
        is_own=yes.over_by_id == by.user_id,
        is_lead=case.lead_handoff_id == yes.id and case.closed_at is None,
        ago=at - yes.over_at,
    )
    step = models.Handoff.objects.create(
        id=new_id(),
        case=case,
        from_agency_id=yes.to_agency_id,
        to_agency_id=yes.from_agency_id,
        kind=handoff.Kind.UNDO.value,
        state=handoff.State.ACCEPTED.value,
        position=yes.position,
        why="",
        facts_version=case.facts_version,
        offered_at=at,
        offered_by_id=by.user_id,
        over_at=at,
    )
    leading.give_leads([step.id], at=at)
    case.refresh_from_db(fields=["lead", "lead_handoff_id"])
    asks_again = yes.kind == handoff.Kind.MANDATE.value
    until = max(yes.due_at, at + handoff.UNDO_WITHIN) if asks_again and yes.due_at else None
    plan = answering.ask(case, tables.ruled_of(case.id), at=at, until=until)
    cases.leave(cases.Joining(case.id, by.agency_id, Participant.Relation.LED), at=at)
    deed = record.Deed("offer.undone", by.agency_id, step.id, by.user_id, case.id, leading.details(plan))
    record.record(deed, at=at)
    with connection.cursor() as database:  # whoever acted meanwhile is known now, and not at the end of the request
        database.execute(CHECK_NOW)
    return step


@dataclasses.dataclass(frozen=True, slots=True)
class Undoable:
    """An acceptance that the viewer can undo now, until when, and for how long still. `is_told`: because somebody is in
    danger, others were told of it at once."""

    id: uuid.UUID
    reference: str
    until: datetime.datetime
    left: datetime.timedelta
    is_told: bool

    @property
    def minutes(self) -> int:
        """Return the whole minutes that are left."""
        return int(self.left.total_seconds()) // 60

    @property
    def seconds(self) -> int:
        """Return the seconds that are left besides."""
        return int(self.left.total_seconds()) % 60


def undoable(viewer: viewers.Viewer, *, at: datetime.datetime, case_id: uuid.UUID | None = None) -> Sequence[Undoable]:
    """List what the viewer accepted and can still undo, the newest first; of one case, or of all."""
    rows = models.Handoff.objects.filter(
        over_by_id=viewer.user_id,
        to_agency_id=viewer.agency_id,
        state=handoff.State.ACCEPTED.value,
        kind__in=[kind.value for kind in handoff.UNDOABLE],
        over_at__gt=at - handoff.UNDO_WITHIN,
        case__lead_handoff_id=F("id"),
        case__closed_at=None,
    )
    if case_id is not None:
        rows = rows.filter(case=case_id)
    untouched = Func(F("id"), Value(None), function="nowrongdoor_is_untouched", output_field=BooleanField())
    rows = rows.annotate(untouched=untouched).filter(untouched=True).order_by("-over_at", "-id")
    return [
        Undoable(
            row_id,
            reference,
            until := over_at + handoff.UNDO_WITHIN,
            until - at,
            handoff.told_from(urgency=str(facts.get("urgency", "")), at=over_at) <= at,
        )
        for row_id, reference, over_at, facts in rows.values_list("id", "case__reference", "over_at", "case__facts")
        if over_at is not None
    ]
