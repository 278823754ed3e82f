"""Writing a plan down: the offer, the notices, the clocks, who takes part; and moving a lead that was accepted.

The promise: a lead moves in one statement, to the agency of an accepted hand-off, and what the lead owes moves along.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Iterable, Sequence

from django.db import connection

from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases.models import Participant
from nowrongdoor.core import handoff
from nowrongdoor.referrals import models
from nowrongdoor.referrals.actions import planning
from nowrongdoor.rows import writing
from nowrongdoor.vault import keys, sealing


@dataclasses.dataclass(frozen=True, slots=True)
class Led:
    """A case, the agency that leads it now, and the plan for a version of its facts."""

    case_id: uuid.UUID
    lead_id: uuid.UUID
    plan: planning.Plan
    facts_version: int


_COLUMNS = (
    *("id", "case", "from_agency", "to_agency", "kind", "state", "position"),
    *("rule", "why", "citation", "evidence", "facts_version"),
    *("offered_at", "due_at", "over_at", "reason"),
)
# The lead follows the accepted hand-off; a_lead_was_accepted (promises.sql) would refuse anything else.
GIVE_LEADS = """
UPDATE nowrongdoor_case c
   SET lead_id = h.to_agency_id, lead_handoff_id = h.id, lead_since = %(at)s
  FROM nowrongdoor_handoff h
 WHERE h.id = ANY(%(handoffs)s) AND h.case_id = c.id
"""
GIVE_NOTICES = """
UPDATE nowrongdoor_notice n SET agency_id = h.to_agency_id
  FROM nowrongdoor_handoff h
 WHERE h.id = ANY(%(handoffs)s) AND n.case_id = h.case_id AND n.by_hand AND n.acknowledged_at IS NULL
"""
GIVE_CLOCKS = """
UPDATE nowrongdoor_clock k SET agency_id = h.to_agency_id
  FROM nowrongdoor_handoff h
 WHERE h.id = ANY(%(handoffs)s) AND k.case_id = h.case_id AND k.follows_lead AND k.met_at IS NULL
"""
JOIN_LED = f"""
INSERT INTO nowrongdoor_participant (id, case_id, agency_id, relation, from_at)
SELECT gen_random_uuid(), h.case_id, h.to_agency_id, 'led', %(at)s
  FROM nowrongdoor_handoff h WHERE h.id = ANY(%(handoffs)s)
{cases.AGAIN}"""  # noqa: S608  a constant


def give_leads(handoff_ids: Collection[uuid.UUID], *, at: datetime.datetime) -> None:
    """Move the leads of accepted hand-offs, with the notices and clocks that the lead owes."""
    if not handoff_ids:
        return
    values: dict[str, list[uuid.UUID] | datetime.datetime] = {"handoffs": list(handoff_ids), "at": at}
    with connection.cursor() as cursor:
        for statement in (GIVE_LEADS, GIVE_NOTICES, GIVE_CLOCKS, JOIN_LED):
            cursor.execute(statement, values)


def offer_all(led: Sequence[Led], *, at: datetime.datetime) -> None:
    """Offer each lead to whom its plan asks; a backstop has said yes for good, and leads at once. Whoever was passed
    over is written down first."""
    backstops: list[uuid.UUID] = []
    _pass_over(led, at=at)
    rows = []
    now = at.isoformat()
    for each in led:
        case_id, lead_id, plan = each.case_id, each.lead_id, each.plan
        offer = plan.offer
        if offer is None:
            continue
        handoff_id = new_id()
        is_backstop = offer.kind is handoff.Kind.BACKSTOP
        due = None if is_backstop else handoff.due(urgency=plan.ruled.urgency, at=at).isoformat()
        state = handoff.State.ACCEPTED if is_backstop else handoff.State.OFFERED
        law = offer.duty.law
        rows.append(
            (
                *(
                    handoff_id,
                    case_id,
                    lead_id,
                    offer.office.id,
                    offer.kind.value,
                    state.value,
                    offer.position,
                ),
                *(
                    offer.duty.rule,
                    offer.duty.why,
                    law.citation,
                    law.evidence_words,
                    each.facts_version,
                ),
                *(now, due, now if is_backstop else None, b""),
            )
        )
        if is_backstop:
            backstops.append(handoff_id)
    writing.add(
        models.Handoff,
        _COLUMNS,
        rows,
    )
    give_leads(backstops, at=at)


def _pass_over(led: Sequence[Led], *, at: datetime.datetime) -> None:
    """Write down whom the chain came past, unless it is on the record for these facts already: an offer that ended in
    the instant in which it was made, because nobody there can answer."""
    passing = [each for each in led if each.plan.passed_over]
    if not passing:
        return
    ids = [each.case_id for each in passing]
    opened = keys.open_all(ids)
    known = set(
        models.Handoff.passed_over()
        .filter(case__in=ids)
        .values_list("case_id", "to_agency_id", "rule", "facts_version")
    )
    now, state = at.isoformat(), handoff.State.SUPERSEDED.value
    rows = []
    for each in passing:
        for passed in each.plan.passed_over:
            office, law, handoff_id = passed.office, passed.duty.law, new_id()
            if (each.case_id, office.id, passed.duty.rule, each.facts_version) in known:
                continue
            place = sealing.Place("handoff", handoff_id, "reason", office.id)
            who = (handoff_id, each.case_id, each.lead_id, office.id, passed.kind.value, state, passed.position)
            why = (passed.duty.rule, passed.duty.why, law.citation, law.evidence_words, each.facts_version)
            rows.append((*who, *why, now, now, now, opened[each.case_id].seal(handoff.NOBODY_ANSWERS, place)))
    writing.add(models.Handoff, _COLUMNS, rows)


def tell_all(led: Iterable[Led], *, at: datetime.datetime) -> None:
    """Write the notices and clocks of plans."""
    now = at.isoformat()
    notices, clocks = [], []
    dues: dict[tuple[int, str], tuple[str, str]] = {}
    for case in led:
        case_id, lead_id, plan = case.case_id, case.lead_id, case.plan
        for each in plan.told:
            key = (id(each), plan.ruled.urgency)
            if key not in dues:
                deadline = planning.notice_due(each, urgency=plan.ruled.urgency, at=at)
                dues[key] = (deadline.due_at.isoformat(), deadline.basis.value)
            due, basis = dues[key]
            law = each.duty.law
            notices.append(
                (
                    *(
                        new_id(),
                        case_id,
                        each.desk,
                        each.office.id if each.office else lead_id,
                        each.office is None,
                    ),
                    *(
                        each.duty.role.value,
                        each.duty.rule,
                        each.because,
                        law.citation,
                        law.evidence_words,
                    ),
                    *(basis, each.clock.id if each.clock else "", now, due, b""),
                )
            )
        for owed in plan.owed:
            key = (id(owed), "")
            if key not in dues:
                deadline = planning.clock_due(owed.clock, at=at)
                dues[key] = (deadline.due_at.isoformat(), deadline.basis.value)
            due, basis = dues[key]
            holder_id = lead_id if owed.follows_lead else owed.office.id if owed.office else None
            law = owed.clock.law
            clocks.append(
                (
                    *(
                        new_id(),
                        case_id,
                        owed.clock.id,
                        owed.clock.holder,
                        holder_id,
                        owed.follows_lead,
                    ),
                    *(owed.clock.duty, owed.clock.limit.words, law.citation, law.evidence_words),
                    *(basis, now, due, b""),
                )
            )
    writing.add(
        models.Notice,
        [
            *(
                "id",
                "case",
                "desk",
                "agency",
                "by_hand",
                "role",
                "rule",
                "why",
                "citation",
                "evidence",
            ),
            *("basis", "clock", "sent_at", "due_at", "how"),
        ],
        notices,
    )
    writing.add(
        models.Clock,
        [
            *(
                "id",
                "case",
                "clock",
                "desk",
                "agency",
                "follows_lead",
                "duty",
                "limit",
                "citation",
                "evidence",
            ),
            *("basis", "started_at", "due_at", "how"),
        ],
        clocks,
    )


def joinings_of(led: Iterable[Led]) -> list[cases.Joining]:
    """List who takes part because of a plan: whom it asks and whom it tells."""
    joinings = {}
    for case in led:
        case_id, plan = case.case_id, case.plan
        if plan.offer:
            relation = Participant.Relation.OFFERED
            joinings[case_id, plan.offer.office.id, relation] = cases.Joining(case_id, plan.offer.office.id, relation)
        for each in plan.told:
            if each.office:
                relation = Participant.Relation.TOLD
                joinings[case_id, each.office.id, relation] = cases.Joining(case_id, each.office.id, relation)
    return list(joinings.values())


def details(plan: planning.Plan) -> dict[str, record.Detail]:
    """Return what an event says of a plan: the code of the agency that it asks, and of those that were passed over
    because nobody there can answer."""
    told: dict[str, record.Detail] = {"asked": plan.offer.office.code if plan.offer else None}
    if plan.passed_over:
        told["passed_over"] = ", ".join(each.office.code for each in plan.passed_over)
    return told
