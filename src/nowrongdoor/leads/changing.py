"""When something changes under a case: its facts, the mandate table, or the agencies; and when it is closed.

The promise: the history and the notes stay, the lead stays until somebody else accepts, and whoever no longer has
anything to do with the case is told no more.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence

from django.db.models import Q

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases.models import Case, CaseFacts, Participant
from nowrongdoor.core import handoff, outcomes, places
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.mandates import facts as facts_of
from nowrongdoor.core.triage import answers
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import kinds
from nowrongdoor.duties import queries as duty_queries
from nowrongdoor.leads import answering, leading, models, planning, retrying
from nowrongdoor.mandates import actions as mandates
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals.models import Signal
from nowrongdoor.triage import actions as triage
from nowrongdoor.vault import keys


class NotTheLead(handoff.Refused):
    """Only whoever leads a case may do this, and only while it is open."""

    def __init__(self, words: str = "") -> None:
        super().__init__(words or _("Only the agency that leads this case can do this."))


class ChangedMeanwhile(handoff.Refused):
    """Somebody else changed the facts since the page was opened."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else changed the facts of this case while you were working on them. "
                "Your change isn’t saved: look at the facts as they are now, then save it again."
            )
        )


@retrying.unless_closed
def change_facts(
    case_id: uuid.UUID,
    *,
    facts: Mapping[str, str],
    place: places.Place,
    seen_version: int,
    because: str,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> Case:
    """Keep new facts beside the old ones, assess and decide again, and ask whoever is first now.
    `seen_version` is the version that the person saw. NotTheLead, ChangedMeanwhile; facts.FactsError, of which
    facts.ImpossibleFacts when they cannot all be true."""
    with row_security.looking(by):
        case = locked_of_lead(case_id, by)
        if case.facts_version != seen_version:
            raise ChangedMeanwhile
        handoff.check_text(because)
        asked = tables.asked()
        facts_of.possible(facts_of.parse(facts, asked))
        details = keep_facts(case, facts, place, asked=asked, because=because, by=by, at=at)
        record.record(record.Deed("facts.changed", by.agency_id, case.id, by.user_id, case.id, details), at=at)
    return case


def follow_table(*, limit: int, at: datetime.datetime) -> int:
    """Decide again, oldest first, open cases whose facts the table in force has not decided on, and count them. Each is
    its own transaction; run it until it gives 0. tables.CannotDecide."""
    with row_security.system():
        book = tables.in_force()
        chosen = tables.decided_otherwise(book.table_id, limit=limit)
    for case_id in chosen:
        _decide_again(case_id, book, at=at)
    return len(chosen)


@retrying.unless_closed
def _decide_again(case_id: uuid.UUID, book: tables.Book, *, at: datetime.datetime) -> None:
    with row_security.system():
        case = Case.objects.select_for_update().get(id=case_id)
        if case.closed_at is not None:
            return
        ruled = book.rule(case.facts, at=at)
        plan = follow(
            case, ruled, book=book, because=gettext_lazy("the mandate table changed"), discovered_at=at, at=at
        )
        details: dict[str, record.Detail] = {"table": book.content.digest, **leading.details(plan)}
        record.record(record.Deed("case.redecided", case.lead_id, case.id, None, case.id, details), at=at)


@retrying.unless_closed
def ask_next(case_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> planning.Offer | None:
    """Offer the lead, after it was taken back, to whoever the chain has next. NotTheLead, handoff.Over."""
    with row_security.looking(by):
        case = locked_of_lead(case_id, by)
        if models.Handoff.objects.filter(case=case, state=handoff.State.OFFERED.value).exists():
            raise handoff.Over(_("This case already has an open offer. Withdraw it first."))
        plan = answering.ask(case, tables.ruled_of(case.id), at=at)
        deed = record.Deed("lead.offered", by.agency_id, case.id, by.user_id, case.id, leading.details(plan))
        record.record(deed, at=at)
    return plan.offer


@retrying.unless_closed
def close(
    case_id: uuid.UUID,
    *,
    because: str,
    by: viewers.Viewer,
    at: datetime.datetime,
    outcome: outcomes.Outcome | None = None,
) -> Case:
    """Close a case with a reason, and with how it ended. What is owed by law stays owed. NotTheLead,
    handoff.ReasonMissing."""
    with row_security.looking(by):
        case = locked_of_lead(case_id, by)
        _close(case, because=because, outcome=outcome, into=None, by=by, at=at)
    return case


@retrying.unless_closed
def merge(case_id: uuid.UUID, *, into_id: uuid.UUID, because: str, by: viewers.Viewer, at: datetime.datetime) -> Case:
    """Close a case that is the same as another which the agency leads too, with a pointer to it. Signals and words stay
    where they are, under their own keys. NotTheLead, handoff.ReasonMissing."""
    with row_security.looking(by):
        for each in sorted((case_id, into_id)):  # in one order, so that two who merge do not wait in a circle
            locked_of_lead(each, by)
        if case_id == into_id:
            raise NotTheLead
        case = locked_of_lead(case_id, by)
        _close(case, because=because, outcome=None, into=into_id, by=by, at=at)
    return case


def _close(
    case: Case,
    *,
    because: str,
    outcome: outcomes.Outcome | None,
    into: uuid.UUID | None,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> None:
    if not because.strip():
        raise handoff.ReasonMissing(_("Say why you are closing the case, so that the other agencies understand it."))
    handoff.check_text(because)
    answering.supersede_open(case, because=gettext_lazy("the case was closed"), at=at)
    case.closed_at, case.closed_by_id = at, by.user_id
    place = cases.place("case", case.id, "closed_because", case)
    case.closed_because = keys.of(case.id).seal(because.strip(), place)
    if outcome is not None:
        case.closed_as, case.found = outcome.closed_as.value, outcome.found.value
    case.merged_into_id = into
    case.save(update_fields=["closed_at", "closed_by", "closed_because", "closed_as", "found", "merged_into"])
    verb = "case.merged" if into else "case.closed"
    details: dict[str, record.Detail] = {"into": str(into)} if into else {}
    record.record(record.Deed(verb, by.agency_id, case.id, by.user_id, case.id, details), at=at)


def locked_of_lead(case_id: uuid.UUID, by: viewers.Viewer) -> Case:
    """Lock an open case that the viewer's agency leads, and act on it. NotTheLead."""
    case = Case.objects.select_for_update().filter(id=case_id).first()
    if case is None or case.lead_id != by.agency_id:
        raise NotTheLead
    if case.closed_at is not None:
        raise NotTheLead(
            _("This case was closed, maybe just now by a colleague. Nothing was changed. Its page says why.")
        )
    row_security.act_on(case.id)
    return case


def keep_facts(
    case: Case,
    facts: Mapping[str, str],
    place: places.Place,
    *,
    asked: facts_of.Vocabulary,
    because: str,
    by: viewers.Viewer | None,
    at: datetime.datetime,
    discovered_at: datetime.datetime | None = None,
) -> dict[str, record.Detail]:
    """Keep a new version of a locked case's facts, assess it and decide on it; return what the event says. `by`: None
    where somebody outside said so themselves, and the system keeps it. What they begin to call for is counted from
    `discovered_at`, when an agency came to know them; None is now. Where no table can decide now, the facts are kept
    all the same, and `follow_table` decides on them once one can. What was answered to a table before this one stays
    where it is not asked any more; where it is read as an answer of this table, `facts` says what holds now, and the
    versions before keep what was told."""
    readings = facts_of.read(case.facts, asked).read_as
    not_asked = {name: code for each in readings if not each.means for name, code in each.was}
    new = {name: code for name, code in facts.items() if not_asked.get(name) != code}
    case.facts = {**not_asked, **facts_of.parse(new, asked).known()}
    case.state, case.district = place.state, place.district
    case.facts_version += 1
    case.save(update_fields=["facts", "state", "district", "facts_version"])
    facts_id = new_id()
    CaseFacts.objects.create(
        id=facts_id,
        case=case,
        version=case.facts_version,
        facts=case.facts,
        state=place.state,
        district=place.district,
        at=at,
        by_id=by.user_id if by else None,
        why=keys.of(case.id).seal(because.strip(), cases.place("case_facts", facts_id, "why", case)),
    )
    known = facts_of.read(case.facts, asked).facts.known()
    triage.assess_all([triage.Question(case.id, case.facts_version, known, _answers(case))], at=at)
    details: dict[str, record.Detail] = {"version": case.facts_version}
    if case.closed_at is not None:
        return {**details, "asked": None}  # it is decided on when somebody reopens it
    try:
        book = tables.in_force()
    except tables.CannotDecide:
        return {**details, "asked": None, "waits": "table"}
    ruled = book.rule(case.facts, at=at)
    because = gettext_lazy("the facts of the case changed")
    plan = follow(case, ruled, book=book, because=because, discovered_at=discovered_at or at, at=at)
    return {**details, **leading.details(plan)}


def follow(
    case: Case,
    ruled: tables.Ruled,
    *,
    book: tables.Book,
    because: str,
    discovered_at: datetime.datetime,
    at: datetime.datetime,
) -> planning.Plan:
    """Keep a new decision on a locked case and make offer, notices and clocks follow it; return what is new."""
    mandates.keep_all(
        [mandates.Ruling(case.id, case.facts_version, ruled)], book=book, at=tables.after_last(case.id, at)
    )
    plan = planning.plan(
        ruled,
        places.Place(case.state, case.district),
        lead_id=case.lead_id,
        gone_past=answering.gone_past(case),
        directory=agencies.directory(),
    )

    def is_barred(standing: models.Handoff) -> bool:
        asked = standing.to_agency
        return ruled.gate_against(desk=asked.desk, kind=asked.kind) is not None

    offer = _keep_or_supersede(case, plan.offer, is_barred, urgency=ruled.urgency, because=because, at=at)
    running = duty_queries.of_case(case.id, kinds.Kind.NOTICE, kinds.Kind.DEADLINE)
    picked = sort_out(plan, running, lead_id=case.lead_id, at=at)
    duties.withdraw([duty.id for duty in picked.gone], at=at)
    new = planning.Plan(ruled, offer, plan.passed_over, picked.told, picked.owed)
    began = {duty.clock: duty.since for duty in running if duty.clock}
    led = [leading.Led(case.id, case.lead_id, new, case.facts_version, discovered_at, began)]
    cases.join(leading.joinings_of(led), at=at)
    leading.tell_all(led, at=at)
    leading.offer_all(led, at=at)
    case.refresh_from_db(fields=["lead"])
    _see_out(case, plan, at=at)
    return new


def _keep_or_supersede(
    case: Case,
    wanted: planning.Offer | None,
    is_barred: Callable[[models.Handoff], bool],
    *,
    urgency: str,
    because: str,
    at: datetime.datetime,
) -> planning.Offer | None:
    """Leave an open offer that still stands running on its own clock; end any other."""
    standing = models.Handoff.objects.filter(case=case, state=handoff.State.OFFERED.value).first()
    if standing is None:
        return wanted
    if wanted is None and standing.kind == handoff.Kind.REQUEST.value and not is_barred(standing):
        return None  # whom the lead chose itself no new fact speaks against
    if still_offered(standing, wanted, urgency=urgency, at=at):
        return None
    answering.supersede_open(case, because=because, at=at)
    return wanted


def still_offered(
    standing: models.Handoff, wanted: planning.Offer | None, *, urgency: str, at: datetime.datetime
) -> bool:
    """Return whether an open offer is what is wanted now: to the same agency under the same rule, unless there is less
    time now than it had."""
    is_same = wanted and standing.to_agency_id == wanted.office.id and standing.rule == wanted.duty.rule
    return bool(is_same and standing.due_at and standing.due_at <= handoff.due(urgency=urgency, at=at))


@dataclasses.dataclass(frozen=True, slots=True)
class Sorted:
    """What runs on a case, beside what a plan calls for: duties to withdraw, and notices and deadlines that are new."""

    gone: Sequence[duty_queries.Duty]
    told: tuple[planning.Told, ...]
    owed: tuple[planning.Owed, ...]


def sort_out(
    plan: planning.Plan, running: Sequence[duty_queries.Duty], *, lead_id: uuid.UUID, at: datetime.datetime
) -> Sorted:
    """Sort out what is unanswered and no longer called for, or due too late, or with the wrong office; and what a plan
    calls for that does not run yet."""
    wanted = {(each.desk, each.duty.role.value): each for each in plan.told}
    owed = {each.clock.id for each in plan.owed}
    known, kept, gone = set(), set(), []
    for duty in running:
        each = wanted.get((duty.desk, duty.role))
        if duty.kind is kinds.Kind.NOTICE:
            if duty.done_at is not None or (each and _still_stands(duty, each, plan, lead_id=lead_id, at=at)):
                known.add((duty.desk, duty.role))
            else:
                gone.append(duty)
        elif duty.source is kinds.Source.MANDATE:
            if duty.done_at is not None or duty.clock in owed:
                kept.add(duty.clock)
            else:
                gone.append(duty)
    return Sorted(
        gone,
        tuple(each for key, each in wanted.items() if key not in known),
        tuple(each for each in plan.owed if each.clock.id not in kept),
    )


def _still_stands(
    notice: duty_queries.Duty,
    each: planning.Told,
    plan: planning.Plan,
    *,
    lead_id: uuid.UUID,
    at: datetime.datetime,
) -> bool:
    office_id = each.office.id if each.office else lead_id
    is_soon_enough = notice.due_at <= planning.notice_due(each, urgency=plan.ruled.urgency, since=at).due_at
    return notice.agency_id == office_id and notice.by_hand == (each.office is None) and is_soon_enough


def _see_out(case: Case, plan: planning.Plan, *, at: datetime.datetime) -> None:
    """Ends the part of whoever is told no more, and of every agency that a gate bars now, whatever it was before."""
    notified = {each.office.id for each in plan.told if each.office}
    asked = {plan.offer.office.id} if plan.offer else set()
    asked |= set(
        models.Handoff.objects.filter(case=case, state=handoff.State.OFFERED.value).values_list("to_agency", flat=True)
    )
    parts = Participant.objects.filter(case=case, to_at=None).exclude(agency=case.lead_id)
    parts = parts.exclude(relation=Participant.Relation.RECEIVED)
    done = [each.agency_id for each in duty_queries.of_case(case.id, kinds.Kind.NOTICE)]
    is_no_longer_told = Q(relation=Participant.Relation.TOLD) & ~Q(agency__in=done) & ~Q(agency__in=notified)
    there = parts.values_list("agency", "agency__desk", "agency__kind").distinct()
    barred = [each for each, desk, kind in there if plan.ruled.gate_against(desk=desk, kind=kind)]
    is_barred = Q(agency__in=barred) & ~Q(agency__in=notified | asked)
    parts.filter(is_no_longer_told | is_barred).update(to_at=at)


def _answers(case: Case) -> answers.Answers:
    """Puts the answers of all signals of a case together; a yes outweighs a no, because somebody saw it."""
    joint: dict[str, answers.Answer] = {}
    rows = Signal.objects.filter(in_case__case=case).order_by("received_at", "id")
    for each in rows.values_list("answers", flat=True):
        for question, answer in each.items():
            if joint.get(question) is not answers.Answer.YES:
                joint[question] = answers.Answer(answer)
    return answers.answers_of(joint)


def succeed(case: Case, *, to_agency_id: uuid.UUID, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Move the lead of a locked case to the agency that takes over from the one that closes."""
    answering.supersede_open(case, because=gettext_lazy("the agency that led the case is closing"), at=at)
    step = models.Handoff.objects.create(
        id=new_id(),
        case=case,
        from_agency_id=case.lead_id,
        to_agency_id=to_agency_id,
        kind=handoff.Kind.SUCCESSION.value,
        state=handoff.State.ACCEPTED.value,
        position=0,
        why=gettext_lazy("The agency that led this case closed, and this one took over its cases."),
        facts_version=case.facts_version,
        offered_at=at,
        over_at=at,
        over_by_id=by.user_id,
    )
    leading.give_leads([step.id], at=at)
    details: dict[str, record.Detail] = {"from": str(case.lead_id)}
    record.record(record.Deed("lead.succeeded", to_agency_id, step.id, by.user_id, case.id, details), at=at)
