"""Giving a case back, and passing it on: the lead itself chooses whom to ask, and says why.

The promise: the lead stays until somebody says yes. A no, or no answer, goes to nobody else: the lead is told on its
own worklist (a trigger, migration 0023), and may withdraw its offer at any time. No gate is passed by it.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import Agency, new_id
from nowrongdoor.audit import record
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases.models import Case, Participant
from nowrongdoor.core import handoff
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import rules
from nowrongdoor.leads import changing, models, retrying
from nowrongdoor.mandates import queries as tables
from nowrongdoor.vault import keys, sealing


class CannotAsk(handoff.Refused):
    """This agency can't be asked to lead this case; the message says why."""


@retrying.unless_closed
def offer(
    case_id: uuid.UUID, *, to_agency_id: uuid.UUID, reason: str, by: viewers.Viewer, at: datetime.datetime
) -> models.Handoff:
    """Offer the lead to an agency that the lead chose. changing.NotTheLead, CannotAsk, handoff.Refused."""
    with row_security.looking(by):
        case = changing.locked_of_lead(case_id, by)
        if models.Handoff.objects.filter(case=case, state=handoff.State.OFFERED.value).exists():
            raise handoff.Over(_("This case already has an open offer. Withdraw it first."))
        if not reason.strip():
            raise handoff.ReasonMissing(_("Say why you are offering the lead. The agency you ask will read it."))
        handoff.check_text(reason)
        office = next((each for each in _offices(case) if each.id == to_agency_id), None)
        if office is None:
            raise CannotAsk(_("Choose an agency from the list."))
        ruled = tables.ruled_of(case.id)
        _check(case, office, ruled)
        row_id = new_id()
        place = sealing.Place("handoff", row_id, "because", to_agency_id)
        step = models.Handoff.objects.create(
            id=row_id,
            case=case,
            from_agency_id=case.lead_id,
            to_agency_id=to_agency_id,
            kind=handoff.Kind.REQUEST.value,
            state=handoff.State.OFFERED.value,
            position=0,
            why="",
            because=keys.of(case.id).seal(reason.strip(), place),
            facts_version=case.facts_version,
            offered_at=at,
            offered_by_id=by.user_id,
            due_at=handoff.due(urgency=ruled.urgency, at=at),
        )
        cases.join([cases.Joining(case.id, to_agency_id, Participant.Relation.OFFERED)], at=at)
        details: dict[str, record.Detail] = {"asked": office.code}
        record.record(record.Deed("lead.offered", by.agency_id, step.id, by.user_id, case.id, details), at=at)
    return step


def _check(case: Case, office: agencies.Office, ruled: tables.Ruled) -> None:
    kind = Agency.objects.values_list("kind", flat=True).get(id=office.id)
    if gate := ruled.gate_against(desk=office.desk, kind=kind):
        raise CannotAsk(gate.effect)
    if ruled.held_back and rules.Kind(kind) not in rules.HELPS:
        raise CannotAsk(
            _(
                "No enforcement agency is asked until somebody says who is telling us, or what the person wants. "
                "Add it to the facts of the case first."
            )
        )
    if not office.is_answered:
        sentence = _("Nobody at {agency} can be reached here. Call them, or choose another agency.")
        raise CannotAsk(sentence.format(agency=office.name))


@dataclasses.dataclass(frozen=True, slots=True)
class Choices:
    """Whom the lead could ask. `back`: whoever the case came from, if it is another agency."""

    back: Sequence[agencies.Office]
    others: Sequence[agencies.Office]


def choices(case: Case) -> Choices:
    """List whom the lead of a case could ask: those it came from first, the newest first. A gate, or a person who can't
    be reached, is told when it is asked."""
    came_from = models.Handoff.objects.filter(case=case, to_agency=case.lead_id, state=handoff.State.ACCEPTED.value)
    before = [*came_from.order_by("-over_at", "-id").values_list("from_agency_id", flat=True), case.received_by_id]
    offices = {each.id: each for each in _offices(case)}
    back = [offices[each] for each in dict.fromkeys(before) if each in offices]
    others = [each for each in offices.values() if each not in back and each.is_answered]
    return Choices(back, sorted(others, key=lambda each: each.name))


def _offices(case: Case) -> Sequence[agencies.Office]:
    return [each for each in agencies.directory().offices if each.may_lead and each.id != case.lead_id]
