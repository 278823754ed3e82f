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
from nowrongdoor.bulk import writing
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases.models import Participant
from nowrongdoor.core import handoff
from nowrongdoor.duties import models as duties
from nowrongdoor.leads import models, planning
from nowrongdoor.vault import keys, sealing


@dataclasses.dataclass(frozen=True, slots=True)
class Led:
    """A case, the agency that leads it now, and the plan for a version of its facts."""

    case_id: uuid.UUID
    lead_id: uuid.UUID
    plan: planning.Plan
    facts_version: int


@dataclasses.dataclass(frozen=True, slots=True)
class HandoffRow:
    """An offer, a backstop's yes, or whom the chain came past."""

    id: uuid.UUID
    case: uuid.UUID
    from_agency: uuid.UUID
    to_agency: uuid.UUID
    kind: str
    state: str
    position: int
    rule: str
    why: str
    citation: str
    evidence: str
    facts_version: int
    offered_at: datetime.datetime
    due_at: datetime.datetime | None
    over_at: datetime.datetime | None
    reason: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class NoticeRow:
    """Whom the law wants told, and by when."""

    id: uuid.UUID
    case: uuid.UUID
    desk: str
    agency: uuid.UUID
    by_hand: bool
    role: str
    rule: str
    why: str
    citation: str
    evidence: str
    basis: str
    clock: str
    sent_at: datetime.datetime
    due_at: datetime.datetime
    how: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class ClockRow:
    """What somebody owes until then."""

    id: uuid.UUID
    case: uuid.UUID
    clock: str
    desk: str
    agency: uuid.UUID | None
    follows_lead: bool
    duty: str
    limit: str
    citation: str
    evidence: str
    basis: str
    started_at: datetime.datetime
    due_at: datetime.datetime
    how: bytes


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
    for each in led:
        offer = each.plan.offer
        if offer is None:
            continue
        handoff_id = new_id()
        is_backstop = offer.kind is handoff.Kind.BACKSTOP
        law = offer.duty.law
        rows.append(
            HandoffRow(
                id=handoff_id,
                case=each.case_id,
                from_agency=each.lead_id,
                to_agency=offer.office.id,
                kind=offer.kind.value,
                state=(handoff.State.ACCEPTED if is_backstop else handoff.State.OFFERED).value,
                position=offer.position,
                rule=offer.duty.rule,
                why=offer.duty.why,
                citation=law.citation,
                evidence=law.evidence_words,
                facts_version=each.facts_version,
                offered_at=at,
                due_at=None if is_backstop else handoff.due(urgency=each.plan.ruled.urgency, at=at),
                over_at=at if is_backstop else None,
                reason=b"",
            )
        )
        if is_backstop:
            backstops.append(handoff_id)
    writing.add(models.Handoff, rows)
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
    rows = []
    for each in passing:
        for passed in each.plan.passed_over:
            office, law, handoff_id = passed.office, passed.duty.law, new_id()
            if (each.case_id, office.id, passed.duty.rule, each.facts_version) in known:
                continue
            place = sealing.Place("handoff", handoff_id, "reason", office.id)
            rows.append(
                HandoffRow(
                    id=handoff_id,
                    case=each.case_id,
                    from_agency=each.lead_id,
                    to_agency=office.id,
                    kind=passed.kind.value,
                    state=handoff.State.SUPERSEDED.value,
                    position=passed.position,
                    rule=passed.duty.rule,
                    why=passed.duty.why,
                    citation=law.citation,
                    evidence=law.evidence_words,
                    facts_version=each.facts_version,
                    offered_at=at,
                    due_at=at,
                    over_at=at,
                    reason=opened[each.case_id].seal(handoff.NOBODY_ANSWERS, place),
                )
            )
    writing.add(models.Handoff, rows)


def tell_all(led: Iterable[Led], *, at: datetime.datetime) -> None:
    """Write the notices and clocks of plans."""
    notices: list[NoticeRow] = []
    clocks: list[ClockRow] = []
    dues: dict[tuple[int, str], tuple[datetime.datetime, str]] = {}
    for case in led:
        case_id, lead_id, plan = case.case_id, case.lead_id, case.plan
        for each in plan.told:
            key = (id(each), plan.ruled.urgency)
            if key not in dues:
                deadline = planning.notice_due(each, urgency=plan.ruled.urgency, at=at)
                dues[key] = (deadline.due_at, deadline.basis.value)
            due, basis = dues[key]
            law = each.duty.law
            notices.append(
                NoticeRow(
                    id=new_id(),
                    case=case_id,
                    desk=each.desk,
                    agency=each.office.id if each.office else lead_id,
                    by_hand=each.office is None,
                    role=each.duty.role.value,
                    rule=each.duty.rule,
                    why=each.because,
                    citation=law.citation,
                    evidence=law.evidence_words,
                    basis=basis,
                    clock=each.clock.id if each.clock else "",
                    sent_at=at,
                    due_at=due,
                    how=b"",
                )
            )
        for owed in plan.owed:
            key = (id(owed), "")
            if key not in dues:
                deadline = planning.clock_due(owed.clock, at=at)
                dues[key] = (deadline.due_at, deadline.basis.value)
            due, basis = dues[key]
            holder_id = lead_id if owed.follows_lead else owed.office.id if owed.office else None
            law = owed.clock.law
            clocks.append(
                ClockRow(
                    id=new_id(),
                    case=case_id,
                    clock=owed.clock.id,
                    desk=owed.clock.holder,
                    agency=holder_id,
                    follows_lead=owed.follows_lead,
                    duty=owed.clock.duty,
                    limit=owed.clock.limit.words,
                    citation=law.citation,
                    evidence=law.evidence_words,
                    basis=basis,
                    started_at=at,
                    due_at=due,
                    how=b"",
                )
            )
    writing.add(duties.Notice, notices)
    writing.add(duties.Clock, clocks)


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
