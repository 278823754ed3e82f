"""Writing a plan down: the offer, what is owed, who takes part; and moving a lead that was accepted.

The promise: a lead moves in one statement, to the agency of an accepted hand-off, and what the lead owes moves along.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import connection

from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.bulk import writing
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases.models import Participant
from nowrongdoor.core import deadlines, handoff
from nowrongdoor.core.mandates import rules
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import kinds
from nowrongdoor.leads import models, planning
from nowrongdoor.vault import keys, sealing


@dataclasses.dataclass(frozen=True, slots=True)
class Led:
    """A case, the agency that leads it now, and the plan for a version of its facts. `discovered_at`: when what the
    plan rests on came to an agency, from which the law's clocks run; it is before it was typed, or the same. `began`:
    since when clocks run already, by id; whoever has to act now, they go on. `until`: when its offer runs out at the
    latest."""

    case_id: uuid.UUID
    lead_id: uuid.UUID
    plan: planning.Plan
    facts_version: int
    discovered_at: datetime.datetime
    began: Mapping[str, datetime.datetime] = dataclasses.field(default_factory=dict)
    until: datetime.datetime | None = None

    def start_of(self, clock: rules.Clock) -> datetime.datetime:
        """Return from when a clock of the table is counted."""
        return self.began.get(clock.id, self.discovered_at)


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


# The lead follows the accepted hand-off; a_lead_was_accepted (promises.sql) would refuse anything else.
GIVE_LEADS = """
UPDATE nowrongdoor_case c
   SET lead_id = h.to_agency_id, lead_handoff_id = h.id, lead_since = %(at)s
  FROM nowrongdoor_handoff h
 WHERE h.id = ANY(%(handoffs)s) AND h.case_id = c.id
RETURNING c.id
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
        cursor.execute(GIVE_LEADS, values)
        moved = [case_id for (case_id,) in cursor.fetchall()]
        cursor.execute(JOIN_LED, values)
    duties.follow_leads(moved)


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
        due_at = handoff.due(urgency=each.plan.ruled.urgency, at=at)
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
                due_at=None if is_backstop else min(due_at, each.until or due_at),
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
                    reason=opened[each.case_id].seal(office.why_not, place),
                )
            )
    writing.add(models.Handoff, rows)


def tell_all(led: Iterable[Led], *, at: datetime.datetime) -> None:
    """Write the notices and deadlines of plans. A clock of the table runs from the discovery; what only policy sets a
    time for runs from now, because nobody could have done it before."""
    owings = []
    dues: dict[tuple[int, str, datetime.datetime], deadlines.Deadline] = {}
    for case in led:
        plan = case.plan
        for notice in plan.told:
            since = case.start_of(notice.clock) if notice.clock else at
            key = (id(notice), plan.ruled.urgency, since)
            due = dues.get(key)
            if due is None:
                due = dues[key] = planning.notice_due(notice, urgency=plan.ruled.urgency, since=since)
            owings.append(
                duties.Owing(
                    kind=kinds.Kind.NOTICE,
                    case_id=case.case_id,
                    agency_id=notice.office.id if notice.office else case.lead_id,
                    desk=notice.desk,
                    by_hand=notice.office is None,
                    role=notice.duty.role.value,
                    rule=notice.duty.rule,
                    clock=notice.clock.id if notice.clock else "",
                    why=notice.because,
                    citation=notice.duty.law.citation,
                    evidence=notice.duty.law.evidence_words,
                    basis=due.basis.value,
                    since=since,
                    due_at=due.due_at,
                )
            )
        for deadline in plan.owed:
            office_id = deadline.office.id if deadline.office else None
            since = case.start_of(deadline.clock)
            key = (id(deadline), "", since)
            due = dues.get(key)
            if due is None:
                due = dues[key] = planning.clock_due(deadline.clock, since=since, place=deadline.place)
            owings.append(
                duties.Owing(
                    kind=kinds.Kind.DEADLINE,
                    case_id=case.case_id,
                    agency_id=case.lead_id if deadline.follows_lead else office_id,
                    desk=deadline.clock.holder,
                    follows_lead=deadline.follows_lead,
                    clock=deadline.clock.id,
                    why=deadline.clock.duty,
                    limit=deadline.clock.limit.words,
                    citation=deadline.clock.law.citation,
                    evidence=deadline.clock.law.evidence_words,
                    basis=due.basis.value,
                    since=since,
                    due_at=due.due_at,
                )
            )
    duties.owe(*owings, at=at)


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
    values: dict[str, record.Detail] = {"asked": plan.offer.office.code if plan.offer else None}
    if plan.passed_over:
        values["passed_over"] = ", ".join(each.office.code for each in plan.passed_over)
    return values
