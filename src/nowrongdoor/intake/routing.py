"""From signals to cases that somebody answers for: open, assess, decide, offer, tell, in one transaction.

The promise: a signal becomes one case, however often this runs; the agency that received it leads from that instant;
and whoever the law names is asked and told in the same commit. One signal is a batch of one: there is no other path.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Mapping, Sequence

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import User, new_id
from nowrongdoor.audit import record
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import people
from nowrongdoor.cases.models import Participant
from nowrongdoor.core import places
from nowrongdoor.core.triage import answers
from nowrongdoor.intake import wishes
from nowrongdoor.leads import leading, planning, retrying
from nowrongdoor.mailbox import desk
from nowrongdoor.mandates import actions as mandates
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals.models import Channel, Signal
from nowrongdoor.triage import actions as triage
from nowrongdoor.vault import keys

PATIENCE = datetime.timedelta(seconds=30)  # a signal's own task comes before
BATCH = 1_000


@dataclasses.dataclass(frozen=True, slots=True)
class Arrived:
    """A stored signal that no case holds yet."""

    signal_id: uuid.UUID
    receiver_id: uuid.UUID
    received_at: datetime.datetime
    arrived_at: datetime.datetime
    channel: str
    facts: Mapping[str, str]
    answers: answers.Answers
    place: places.Place
    people: Sequence[Mapping[str, str]]


@dataclasses.dataclass(frozen=True, slots=True)
class Routed:
    """The case that a signal became, and whom its lead was offered to (None: the receiver keeps it)."""

    signal_id: uuid.UUID
    case_id: uuid.UUID
    plan: planning.Plan


@retrying.unless_closed
def route(
    signal_ids: Collection[uuid.UUID], *, at: datetime.datetime, by: viewers.Viewer | None = None
) -> list[Routed]:
    """Route those of the signals that were not routed yet, and do nothing for the others. Where a sender took their
    consent back meanwhile, the case opens without it. `by`: who took it, one signal at a time; None for the worker.
    tables.CannotDecide: then they wait, as they are."""
    with row_security.serving(by):
        book = tables.in_force()
        waiting = list(Signal.objects.select_for_update().filter(id__in=signal_ids, routed_at=None).order_by("id"))
        opened = keys.open_all(signal.id for signal in waiting)
        sent = [signal.id for signal in waiting if signal.channel == Channel.WEB]
        no_longer = desk.taken_back(sent) if sent else frozenset()
        without = wishes.taken_back(book.content.vocabulary) if no_longer else {}
        arrived = [
            Arrived(
                signal_id=signal.id,
                receiver_id=signal.receiver_id,
                received_at=signal.received_at,
                arrived_at=signal.arrived_at,
                channel=signal.channel,
                facts={**signal.facts, **without} if signal.id in no_longer else signal.facts,
                answers=answers_of(signal.answers),
                place=places.Place(signal.state, signal.district),
                people=signals.people_of(signal, opened),
            )
            for signal in waiting
        ]
        Signal.objects.filter(id__in=[signal.id for signal in waiting]).update(routed_at=at)
        routed = route_all(arrived, book=book, directory=agencies.directory(), at=at)
        for signal, known, each in zip(waiting, arrived, routed, strict=True):
            if writer := by or _taker(signal, known):
                people.stand(each.case_id, known.people, by=writer, at=at)
        return routed


def _taker(signal: Signal, known: Arrived) -> viewers.Viewer | None:
    """Whoever took a signal that says how its people stand to each other; only they can have said so."""
    if signal.taken_by_id is None or not any(name in person for person in known.people for name in people.STANDING):
        return None
    return User.objects.get(id=signal.taken_by_id).viewer()


@row_security.system()
def count_waiting() -> int:
    """Count the signals that no case holds yet."""
    return Signal.objects.filter(routed_at=None).count()


@row_security.system()
def waiting(*, at: datetime.datetime) -> list[uuid.UUID]:
    """List signals that have waited for a while, oldest first."""
    rows = Signal.objects.filter(routed_at=None, received_at__lte=at - PATIENCE)
    return list(rows.order_by("received_at", "id").values_list("id", flat=True)[:BATCH])


def route_all(
    arrived: Sequence[Arrived], *, book: tables.Book, directory: agencies.Directory, at: datetime.datetime
) -> list[Routed]:
    """Route signals that were stored in the caller's transaction, by the table in force."""
    if not arrived:
        return []
    plans: dict[tuple[object, ...], planning.Plan] = {}
    routed, openings, questions, rulings = [], [], [], []
    for signal in arrived:
        ruled = book.rule(signal.facts, at=at)
        key = (id(ruled), signal.place, signal.receiver_id)
        plan = plans.get(key)
        if plan is None:
            plan = plans[key] = planning.plan(
                ruled, signal.place, lead_id=signal.receiver_id, gone_past=(), directory=directory
            )
        case_id = new_id()
        if len(arrived) == 1:
            row_security.act_on(case_id)
        routed.append(Routed(signal.signal_id, case_id, plan))
        openings.append(
            cases.Opening(
                case_id,
                signal.signal_id,
                signal.receiver_id,
                signal.received_at,
                signal.arrived_at,
                signal.channel,
                ruled.as_told,
                signal.place.state,
                signal.place.district,
                signal.people,
            )
        )
        questions.append(triage.Question(case_id, 1, ruled.known, signal.answers))
        rulings.append(mandates.Ruling(case_id, 1, ruled))
    cases.open_all(openings, at=at)
    triage.assess_all(questions, at=at)
    mandates.keep_all(rulings, book=book, at=at)
    led = [
        leading.Led(each.case_id, signal.receiver_id, each.plan, 1, signal.arrived_at)
        for each, signal in zip(routed, arrived, strict=True)
    ]
    cases.join_new(
        [cases.Joining(each.case_id, each.lead_id, Participant.Relation.RECEIVED) for each in led]
        + leading.joinings_of(led),
        at=at,
    )
    leading.tell_all(led, at=at)
    leading.offer_all(led, at=at)
    record.record_all(
        (
            record.Deed(
                "case.routed",
                opening.received_by,
                each.signal_id,
                None,
                each.case_id,
                {"lead": directory[opening.received_by].code, **leading.details(each.plan)},
            )
            for each, opening in zip(routed, openings, strict=True)
        ),
        at=at,
    )
    return routed


def answers_of(codes: Mapping[str, str]) -> answers.Answers:
    """Read stored answers: question id to yes or no."""
    return answers.answers_of({question: answers.Answer(answer) for question, answer in codes.items()})
