"""Answering an offer: accept, decline, run out, take back, step forward. Read this first: other actions look like it.

The promise: one verb is one transaction and one event. The case is locked first, then the offer is read again, then
the core says whether it may move, then rows change; whoever comes second gets a sentence and changes nothing.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Mapping

from django.db.models import F, OuterRef, Q, Subquery

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases.models import Case, CaseFacts, Participant
from nowrongdoor.cases.queries import NoSuchCase
from nowrongdoor.core import handoff, places
from nowrongdoor.core.language import gettext as _
from nowrongdoor.duties import kinds
from nowrongdoor.duties import queries as duties
from nowrongdoor.leads import leading, models, planning, retrying
from nowrongdoor.mandates import queries as tables
from nowrongdoor.vault import keys, sealing

EXPIRE_AT_ONCE = 1_000


class NoSuchOffer(LookupError):
    """There is no such offer, or it concerns other agencies: the answer is the same."""

    def __init__(self) -> None:
        super().__init__(_("We can’t find this offer, or it isn’t for your agency."))


class CannotStepForward(handoff.Refused):
    """The agency is not one that the chain would ask."""


@retrying.unless_closed
def accept(handoff_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> models.Handoff:
    """Move the lead to the agency that was asked. NoSuchOffer, handoff.Refused."""
    with row_security.looking(by):
        offer = _locked(handoff_id, by)
        _end(offer, handoff.Verb.ACCEPT, by=by, reason="", at=at)
        leading.give_leads([offer.id], at=at)
        cases.leave(_offered(offer), at=at)
        _record("offer.accepted", offer, by=by, at=at)
    return offer


@retrying.unless_closed
def decline(handoff_id: uuid.UUID, *, reason: str, by: viewers.Viewer, at: datetime.datetime) -> models.Handoff:
    """Note why an agency says no and ask the next one, in the same commit. NoSuchOffer, handoff.Refused."""
    with row_security.looking(by):
        offer = _locked(handoff_id, by)
        _end(offer, handoff.Verb.DECLINE, by=by, reason=reason, at=at)
        plan = _ask_next(offer, at=at)
        _record("offer.declined", offer, by=by, at=at, details=leading.details(plan))
    return offer


@retrying.unless_closed
def revoke(handoff_id: uuid.UUID, *, reason: str, by: viewers.Viewer, at: datetime.datetime) -> models.Handoff:
    """Take an offer back; the lead stays where it is. NoSuchOffer, handoff.Refused."""
    with row_security.looking(by):
        offer = _locked(handoff_id, by)
        _end(offer, handoff.Verb.REVOKE, by=by, reason=reason, at=at)
        cases.leave(_offered(offer), at=at)
        _record("offer.revoked", offer, by=by, at=at)
    return offer


@row_security.system()
def due_offers(*, at: datetime.datetime) -> list[uuid.UUID]:
    """List the offers that ran out, oldest first."""
    due = models.Handoff.objects.filter(state=handoff.State.OFFERED.value, due_at__lte=at)
    return list(due.order_by("due_at", "id").values_list("id", flat=True)[:EXPIRE_AT_ONCE])


@retrying.unless_closed
def expire(handoff_id: uuid.UUID, *, at: datetime.datetime) -> bool:
    """End an offer that ran out and ask the next agency; False when somebody answers it just now."""
    with row_security.system():
        case = Case.objects.select_for_update(skip_locked=True).filter(handoffs=handoff_id).first()
        if case is None:
            return False
        offer = models.Handoff.objects.select_related("to_agency", "from_agency").get(id=handoff_id)
        if offer.state != handoff.State.OFFERED.value or offer.due_at is None or offer.due_at > at:
            return False
        offer.case = case
        _end(offer, handoff.Verb.EXPIRE, by=None, reason="", at=at)
        plan = _ask_next(offer, at=at)
        _record("offer.expired", offer, by=None, at=at, details=leading.details(plan))
    return True


@retrying.unless_closed
def step_forward(case_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> models.Handoff:
    """Give the lead to an agency of the chain that did not wait to be asked, while nobody accepted it yet.
    NoSuchCase, CannotStepForward, handoff.Over."""
    with row_security.looking(by):
        case = Case.objects.select_for_update().filter(id=case_id).first()
        if case is None:
            raise NoSuchCase
        row_security.act_on(case.id)
        if case.closed_at or models.Handoff.is_accepted(case):
            raise handoff.Over(_("This case already has a lead that accepted it. Nothing was changed."))
        if case.lead_id == by.agency_id:
            raise CannotStepForward(_("Your agency already leads this case."))
        ruled = tables.ruled_of(case.id)
        duty = _place_in_chain(case, ruled, by)
        supersede_open(case, because=f"{by.agency_name} stepped forward", at=at)
        step = models.Handoff.objects.create(
            id=new_id(),
            case=case,
            from_agency_id=case.lead_id,
            to_agency_id=by.agency_id,
            kind=handoff.Kind.STEP_FORWARD.value,
            state=handoff.State.ACCEPTED.value,
            position=duty.position,
            rule=duty.duty.rule,
            why=duty.duty.why,
            citation=duty.duty.law.citation,
            evidence=duty.duty.law.evidence_words,
            facts_version=case.facts_version,
            offered_at=at,
            over_at=at,
            over_by_id=by.user_id,
        )
        leading.give_leads([step.id], at=at)
        _record("lead.stepped_forward", step, by=by, at=at)
    return step


def supersede_open(case: Case, *, because: str, at: datetime.datetime) -> None:
    """End the open offer of a locked case, if there is one, because it no longer stands."""
    offer = models.Handoff.objects.filter(case=case, state=handoff.State.OFFERED.value).first()
    if offer is not None:
        offer.case = case
        _end(offer, handoff.Verb.SUPERSEDE, by=None, reason=because, at=at)
        cases.leave(_offered(offer), at=at)


def gone_past(case: Case) -> set[str]:
    """List the desks that declined a case, or did not answer, on the facts it has now."""
    return gone_past_of([case.id])[case.id]


def gone_past_of(case_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, set[str]]:
    """List those desks of many cases, by case, in one query."""
    said_no = [handoff.State.DECLINED.value, handoff.State.EXPIRED.value]
    newest = CaseFacts.objects.filter(case=OuterRef("case"), version=OuterRef("case__facts_version")).values("at")
    on_these_facts = Q(facts_version=F("case__facts_version")) | Q(over_at__gte=Subquery(newest))
    rows = models.Handoff.objects.filter(on_these_facts, case__in=case_ids, state__in=said_no)
    by_case: dict[uuid.UUID, set[str]] = {case_id: set() for case_id in case_ids}
    for case_id, desk in rows.values_list("case_id", "to_agency__desk"):
        by_case[case_id].add(desk)
    return by_case


def ask(
    case: Case,
    ruled: tables.Ruled,
    *,
    at: datetime.datetime,
    without: str = "",
    until: datetime.datetime | None = None,
) -> planning.Plan:
    """Offer the lead of a locked case to whoever is next, unless it is where the chain has come to, and return what was
    planned. `without`: a desk that is about to close; `until`: when the offer runs out at the latest."""
    asked = planning.next_asked(
        ruled,
        places.Place(case.state, case.district),
        lead_id=case.lead_id,
        gone_past={*gone_past(case), without},
        directory=agencies.directory(),
    )
    plan = planning.Plan(ruled, asked.offer, asked.passed_over, (), ())
    led = [leading.Led(case.id, case.lead_id, plan, case.facts_version, at, until=until)]
    leading.offer_all(led, at=at)
    cases.join(leading.joinings_of(led), at=at)
    return plan


def _locked(handoff_id: uuid.UUID, by: viewers.Viewer) -> models.Handoff:
    """Locks the case, then reads the offer: in this order everywhere, so that two verbs queue instead of deadlock."""
    case = Case.objects.select_for_update().filter(handoffs=handoff_id).first()
    if case is None:
        raise NoSuchOffer
    row_security.act_on(case.id)
    offer = models.Handoff.objects.select_related("to_agency", "from_agency").get(id=handoff_id)
    offer.case = case
    if by.agency_id not in (offer.to_agency_id, offer.from_agency_id, case.lead_id):
        raise NoSuchOffer
    return offer


def _end(
    offer: models.Handoff,
    verb: handoff.Verb,
    *,
    by: viewers.Viewer | None,
    reason: str,
    at: datetime.datetime,
) -> None:
    state = handoff.move(state=handoff.State(offer.state), verb=verb, actor=_actor(offer, by), reason=reason)
    offer.state, offer.over_at = state.value, at
    place = sealing.Place("handoff", offer.id, "reason", offer.to_agency_id)
    offer.reason = keys.of(offer.case_id).seal(reason.strip(), place)
    offer.over_by_id = by.user_id if by else None
    offer.save(update_fields=["state", "over_at", "reason", "over_by"])


def _actor(offer: models.Handoff, by: viewers.Viewer | None) -> handoff.Actor:
    if by is None:
        return handoff.Actor.SYSTEM
    if by.agency_id == offer.to_agency_id:
        return handoff.Actor.OFFERED_AGENCY
    if by.agency_id == offer.case.lead_id:
        return handoff.Actor.LEAD_AGENCY
    raise handoff.NotYours(_("Your agency no longer leads this case, so it cannot change this offer."))


def _ask_next(offer: models.Handoff, *, at: datetime.datetime) -> planning.Plan:
    """Ask whoever the chain has next; nobody where the lead had chosen itself whom to ask: it chooses again."""
    ruled = tables.ruled_of(offer.case_id)
    if offer.kind == handoff.Kind.REQUEST.value:
        plan = planning.Plan(ruled, None, (), (), ())
    else:
        plan = ask(offer.case, ruled, at=at)
    _tell_the_rest(offer.case, ruled, at=at)
    cases.leave(_offered(offer), at=at)  # last: whoever no longer takes part lets nobody in
    return plan


def _tell_the_rest(case: Case, ruled: tables.Ruled, *, at: datetime.datetime) -> None:
    """Whoever said no keeps its other duties: now a notice tells what the offer had told."""
    case.refresh_from_db(fields=["lead"])
    plan = planning.plan(
        ruled,
        places.Place(case.state, case.district),
        lead_id=case.lead_id,
        gone_past=gone_past(case),
        directory=agencies.directory(),
    )
    known = {(each.desk, each.role) for each in duties.of_case(case.id, kinds.Kind.NOTICE)}
    notices = tuple(each for each in plan.told if (each.desk, each.duty.role.value) not in known)
    led = [leading.Led(case.id, case.lead_id, planning.Plan(ruled, None, (), notices, ()), case.facts_version, at)]
    cases.join(leading.joinings_of(led), at=at)
    leading.tell_all(led, at=at)


def _place_in_chain(case: Case, ruled: tables.Ruled, by: viewers.Viewer) -> planning.Offer:
    directory = agencies.directory()
    for position, duty in enumerate(ruled.decision.chain):
        office = directory.office(duty.agency, state=case.state, district=case.district)
        if office and office.id == by.agency_id:
            return planning.Offer(office, duty, position, handoff.Kind.STEP_FORWARD)
    raise CannotStepForward(_("Your agency isn’t in line for this case, so it can’t take the lead without an offer."))


def _offered(offer: models.Handoff) -> cases.Joining:
    return cases.Joining(offer.case_id, offer.to_agency_id, Participant.Relation.OFFERED)


def _record(
    verb: str,
    offer: models.Handoff,
    *,
    by: viewers.Viewer | None,
    at: datetime.datetime,
    details: Mapping[str, record.Detail] | None = None,
) -> None:
    agency_id = by.agency_id if by else offer.to_agency_id
    by_id = by.user_id if by else None
    record.record(record.Deed(verb, agency_id, offer.id, by_id, offer.case_id, details or {}), at=at)
