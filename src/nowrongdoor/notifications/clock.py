"""What the clock alone knows: an urgent offer that nobody opened, a deadline that is near or over, nobody on call.

The promise: each is told once to each person whom it concerns, however often this runs and after any pause; what nobody
opened reaches everybody who may answer before its time is over, and what nobody did reaches everybody who could.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Protocol

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import rotas
from nowrongdoor.cases import need_to_know
from nowrongdoor.core import notices
from nowrongdoor.duties import kinds as duty_kinds
from nowrongdoor.duties import queries as duties
from nowrongdoor.leads import queries as leads
from nowrongdoor.line import overdue as line
from nowrongdoor.mailbox import desk
from nowrongdoor.notifications import actions, models
from nowrongdoor.notifications.kinds import Kind
from nowrongdoor.notifications.queries import OF_OPEN_OFFERS
from nowrongdoor.protocols import overdue as protocols
from nowrongdoor.referrals import news
from nowrongdoor.services.tables import FINDERS, PROVIDERS
from nowrongdoor.work import queue
from nowrongdoor.wrapup import overdue as wrapup

AT_ONCE = 1_000
REMINDED_OF = (
    duty_kinds.Kind.DEADLINE,
    duty_kinds.Kind.NOTICE,
    duty_kinds.Kind.REQUEST,
    duty_kinds.Kind.TASK,
)  # not of answers: their offers have notifications of their own


class Overdue(Protocol):
    """Lists what is overdue, in the system's context."""

    def __call__(self, *, at: datetime.datetime) -> Sequence[notices.Matter]: ...


OVERDUE: Mapping[Kind, Overdue] = {
    Kind.NOBODY_ON_SHIFT: line.unattended,
    Kind.LIST_OVERDUE: line.on_lists,
    Kind.CALL_BACK_NEAR: line.call_backs,
    Kind.RECORDING_MISSING: line.recordings,
    Kind.REVIEW_OVERDUE: protocols.reviews,
    Kind.REPORT_UNCONFIRMED: protocols.confirmations,
    Kind.PROOF_OVERDUE: protocols.proofs,
    Kind.MONEY_WAITS: wrapup.money,
}


@row_security.system()
def escalate(*, at: datetime.datetime) -> None:
    """Pass on urgent offers that nobody of the agency opened: after a third of their time to whoever is second on call,
    after two to everybody who may answer; where nobody is on call, to everybody after one."""
    offers = leads.waiting_offers(within=notices.URGENT, at=at)
    opened = set(
        models.Notification.objects.filter(thing_id__in=[offer.id for offer in offers], kind__in=OF_OPEN_OFFERS)
        .exclude(seen_at=None)
        .values_list("thing_id", flat=True)
    )
    late = [
        (offer, step)
        for offer in offers
        if offer.id not in opened
        and (step := notices.step_of(offered_at=offer.offered_at, due_at=offer.due_at, at=at)) > 0
    ]
    if not late:
        return
    agency_ids = {offer.agency_id for offer, _step in late}
    on_call, answering = rotas.on_call(at=at, agency_ids=agency_ids), actions.in_roles(agency_ids, viewers.ANSWERS)
    kept_away = need_to_know.kept_away([offer.case_id for offer, _step in late])
    occurrences = []
    for offer, step in late:
        away = kept_away.get(offer.case_id, frozenset())
        everybody, listed = answering[offer.agency_id] - away, on_call.get(offer.agency_id)
        people = (listed.to_tell(step) - away if listed else everybody) or everybody
        occurrences.append(
            actions.Occurrence(
                Kind.OFFER_UNOPENED, offer.agency_id, people, offer.id, offer.offered_at, case_id=offer.case_id
            )
        )
    actions.tell(occurrences, at=at)


@row_security.system()
def remind(*, at: datetime.datetime) -> None:
    """Remind of deadlines that are near: whoever has one, else everybody who answers for the agency."""
    last: duties.Near | None = None
    while near := duties.due_between(at, at + notices.REMINDED, kinds=REMINDED_OF, after=last, limit=AT_ONCE):
        _remind_of([each for each in near if notices.remind_at(since=each.since, due_at=each.due_at) <= at], at=at)
        last = near[-1]


def _remind_of(near: Sequence[duties.Near], *, at: datetime.datetime) -> None:
    of_these = models.Notification.objects.filter(thing_id__in=[duty.id for duty in near])
    known = set(of_these.filter(kind=Kind.DEADLINE_NEAR.value).values_list("thing_id", "about_at"))
    fresh = [duty for duty in near if (duty.id, duty.due_at) not in known]
    answering = actions.in_roles({duty.agency_id for duty in fresh}, viewers.ANSWERS)
    kept_away = need_to_know.kept_away([duty.case_id for duty in fresh if duty.case_id])
    occurrences = []
    for duty in fresh:
        people = frozenset([duty.person_id]) if duty.person_id else answering[duty.agency_id]
        if duty.case_id:
            people -= kept_away.get(duty.case_id, frozenset())
        occurrences.append(
            actions.Occurrence(Kind.DEADLINE_NEAR, duty.agency_id, people, duty.id, duty.due_at, case_id=duty.case_id)
        )
    actions.tell(occurrences, at=at)


@row_security.system()
def remind_of_senders(*, at: datetime.datetime) -> None:
    """Tell everybody who takes contacts of what a sender wrote and nobody read in an hour (policy)."""
    late = desk.waiting(before=at - notices.SENDER_WAITS)
    if not late:
        return
    people = actions.in_roles({each.agency_id for each in late}, viewers.Role.ADVOCATE, viewers.Role.COORDINATOR)
    actions.tell(
        [
            actions.Occurrence(Kind.SENDER_WAITS, each.agency_id, people[each.agency_id], each.mailbox_id, each.since)
            for each in late
        ],
        at=at,
    )


@row_security.system()
def look_for_gaps(*, at: datetime.datetime) -> None:
    """Tell administrators of lists with nobody on them; where an agency has no administrator, everybody who may answer,
    who then are all on call."""
    occurrences = [
        actions.Occurrence(
            Kind.NOBODY_ON_CALL,
            agency_id,
            actions.administrators(agency_id) or listed.all,
            listed.rota_id,
            listed.gap_since,
        )
        for agency_id, listed in rotas.on_call(at=at).items()
        if listed.gap_since is not None
    ]
    actions.tell(occurrences, at=at)


@row_security.system()
def tell_of_referrals(*, at: datetime.datetime) -> None:
    """Tell everybody who works for a service that it is asked, or asked no more; and whoever asked, what it answered
    and whom to ask how it went."""
    occurrences: list[actions.Occurrence] = []
    for kind, tidings, roles in (
        (Kind.REFERRAL_WAITS, news.waiting(at=at), PROVIDERS),
        (Kind.REFERRAL_WITHDRAWN, news.withdrawn(at=at), PROVIDERS),
        (Kind.REFERRAL_ANSWERED, news.answered(at=at), FINDERS),
        (Kind.REFERRAL_FOLLOW_UP, news.to_follow_up(at=at), FINDERS),
    ):
        in_roles = actions.in_roles({each.agency_id for each in tidings}, *roles)
        away = need_to_know.kept_away([each.case_id for each in tidings if each.case_id])
        for each in tidings:
            could = in_roles[each.agency_id] - (away.get(each.case_id, frozenset()) if each.case_id else frozenset())
            people = could & {each.person_id} or could  # whoever asked may have left
            occurrences.append(actions.Occurrence(kind, each.agency_id, people, each.ask_id, each.about_at))
    actions.tell(occurrences, at=at)


def tell_of_overdue(*, at: datetime.datetime) -> None:
    """Tell of what is overdue whoever is to do it and whoever is first on call; while it stands, after a third of its
    time whoever is second, and after two all coordinators. Each kind is a transaction of its own: what it tells of is
    locked in it, so that whoever does it meanwhile waits, and ends what was told; and one that fails stops no other."""
    kinds = [kind.value for kind in OVERDUE]
    queue.each_alone("what is overdue", kinds, lambda kind: _tell_of_kind(Kind(kind), at=at))


@row_security.system()
def _tell_of_kind(kind: Kind, *, at: datetime.datetime) -> None:
    matters = OVERDUE[kind](at=at)
    for start in range(0, len(matters), AT_ONCE):
        _tell_of(kind, matters[start : start + AT_ONCE], at=at)


def _tell_of(kind: Kind, matters: Sequence[notices.Matter], *, at: datetime.datetime) -> None:
    agency_ids = {matter.agency_id for matter in matters}
    on_call, coordinators = rotas.on_call(at=at, agency_ids=agency_ids), actions.in_roles(agency_ids, viewers.ANSWERS)
    away = need_to_know.kept_away([matter.case_id for matter in matters if matter.case_id])
    known: dict[tuple[uuid.UUID, datetime.datetime], set[uuid.UUID]] = {}
    rows = models.Notification.objects.filter(thing_id__in=[matter.thing_id for matter in matters], kind=kind.value)
    for thing_id, about_at, person_id in rows.values_list("thing_id", "about_at", "person_id"):
        known.setdefault((thing_id, about_at), set()).add(person_id)
    occurrences = []
    for matter in sorted(matters, key=lambda each: each.thing_id):  # locked in the order in which the line locks them
        kept = away.get(matter.case_id, frozenset()) if matter.case_id else frozenset()
        listed = on_call.get(matter.agency_id)
        step = notices.step_of(offered_at=matter.since, due_at=matter.until, at=at)
        everybody = coordinators[matter.agency_id] - kept
        can = everybody - matter.never
        first = (listed.to_tell(step) & can if listed else can) or can
        # Where nobody could do it, whoever brings somebody in hears of it.
        people = (matter.people - kept) | (first if can else everybody | actions.administrators(matter.agency_id))
        fresh = people - known.get((matter.thing_id, matter.about_at), set())
        if fresh:
            occurrences.append(actions.Occurrence(kind, matter.agency_id, fresh, matter.thing_id, matter.about_at))
    actions.tell(occurrences, at=at)
