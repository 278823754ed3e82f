"""From a decision, which names desks, to a plan, which names offices, people to tell and instants.

Nothing is written here. Equal facts in one place give equal plans, so that a batch makes each plan once.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import uuid
from collections.abc import Collection, Iterator, Mapping

from nowrongdoor.agencies import queries as agencies
from nowrongdoor.core import deadlines, handoff, holidays, places
from nowrongdoor.core.mandates import decide, facts, rules
from nowrongdoor.duties import kinds
from nowrongdoor.mandates import queries as mandates

TIME_TO_ASK = rules.Limit(rules.Unit.HOURS, 24)  # policy: in half of the cases the lead hangs on one fact


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """Whom to ask for the lead, and why."""

    office: agencies.Office
    duty: decide.Duty
    position: int
    kind: handoff.Kind


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """Whom to ask next (None: the lead is where the chain has come to), and who was passed over on the way, because
    nobody there can answer."""

    offer: Offer | None
    passed_over: tuple[Offer, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """A body to be told. `office` is None when the lead tells it by hand: it is not on the system, or must be told and
    is not reached there. `place`: where whoever has to act counts days."""

    desk: str
    office: agencies.Office | None
    duty: decide.Duty
    clock: rules.Clock | None
    because: str
    place: str


@dataclasses.dataclass(frozen=True, slots=True)
class Owed:
    """A clock that nobody's notice carries. `office` is None when the lead owes it, or a body outside the system.
    `place`: where whoever owes it counts days."""

    clock: rules.Clock
    office: agencies.Office | None
    follows_lead: bool
    place: str


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """What a decision means for one receiving agency in one place."""

    ruled: mandates.Ruled
    offer: Offer | None
    passed_over: tuple[Offer, ...]
    told: tuple[Told, ...]
    owed: tuple[Owed, ...]


def plan(
    ruled: mandates.Ruled,
    place: places.Place,
    *,
    lead_id: uuid.UUID,
    gone_past: Collection[str],
    directory: agencies.Directory,
) -> Plan:
    """Turn a decision into a plan for a case that `lead_id` leads now. `gone_past`: desks that declined or
    did not answer."""
    asked = next_asked(ruled, place, lead_id=lead_id, gone_past=gone_past, directory=directory)
    offer = asked.offer
    offered_id = offer.office.id if offer else None
    place_of_lead = directory[lead_id].place
    notices: dict[tuple[str, str], Told] = {}
    for each in _duties(ruled.decision):
        if each.duty.rule in ruled.held_back:
            continue
        office = _office(each.duty.agency, place, directory)
        if office and not office.is_answered and each.duty.role is rules.Role.NOTIFY:
            office = None  # nobody there would read it: the lead tells them by telephone
        if office and office.id == lead_id:
            continue  # it knows
        if office and office.id == offered_id and each.clock is None:
            continue  # the offer tells it
        key = (each.duty.agency, each.duty.role.value)
        known = notices.get(key)
        if known is None:
            where = office.place if office else place_of_lead
            notices[key] = Told(each.duty.agency, office, each.duty, each.clock, each.duty.why, where)
        else:  # two rules tell the same body: one notice, under the first clock, with both reasons
            because = known.because if each.duty.why in known.because else f"{known.because} {each.duty.why}"
            notices[key] = dataclasses.replace(known, clock=known.clock or each.clock, because=because)
    owed_to_ask = tuple(
        Owed(which_is_right(each), None, follows_lead=True, place=place_of_lead) for each in ruled.conflicts
    )
    carried = {each.clock.id for each in notices.values() if each.clock}

    def owe(clock: rules.Clock) -> Owed:
        office, follows_lead = _office(clock.holder, place, directory), clock.holder == decide.LEAD
        # A body outside the system, such as a local police force, is where the case is.
        where = office.place if office else place_of_lead if follows_lead else place.code
        return Owed(clock, office, follows_lead, where)

    owed = tuple(
        owe(clock)
        for clock in ruled.decision.clocks
        if clock.id not in carried and clock.starts is rules.Starts.DISCOVERY
    )
    return Plan(ruled, offer, asked.passed_over, tuple(notices.values()), (*owed, *owed_to_ask))


def which_is_right(conflict: facts.Impossible) -> rules.Clock:
    """Return the deadline that facts in conflict set, whatever the table: whoever leads, which is the agency that
    received them until somebody accepts, finds out which is right and corrects it. With the facts it goes."""
    number = hashlib.sha256(conflict.id.encode()).hexdigest()[:12]
    return rules.Clock(
        id=f"{kinds.CORRECTION}{number}",
        when=conflict.when,
        holder=decide.LEAD,
        told="",
        duty=f"Find out which of the facts is right, and correct them. {conflict.sentence} Until then routing treats "
        "these facts as not known.",
        starts=rules.Starts.DISCOVERY,
        event="",
        limit=TIME_TO_ASK,
        basis=rules.Evidence.POLICY,
        law=conflict.law,
        dates=rules.Dates(None, None),
    )


def next_asked(
    ruled: mandates.Ruled,
    place: places.Place,
    *,
    lead_id: uuid.UUID,
    gone_past: Collection[str],
    directory: agencies.Directory,
) -> Asked:
    """Find whom to ask next. An agency in which nobody can answer is passed over at once; only a backstop, which has
    said yes for good, is asked all the same. Where the chain names whoever has the case already, they keep it; and
    nobody who enforces is asked until somebody said who is telling."""
    decision = ruled.decision
    offices = {
        duty.agency: directory[lead_id] if duty.agency == decide.RECEIVER else _office(duty.agency, place, directory)
        for duty in decision.chain
    }
    lead = next((desk for desk, office in offices.items() if office and office.id == lead_id), "")
    stops = [(duty.agency, duty) for duty in decision.chain]
    unanswered = {desk for desk, office in offices.items() if office and not office.is_answered}
    backstop = {desk for desk in (stops[-1][0],) if offices[desk]}
    ask = handoff.next_in_chain(
        stops,
        lead=lead,
        gone_past=gone_past,
        reachable={desk for desk, office in offices.items() if office and office.is_answered} | backstop,
    )
    if ask and ask.stop.rule in ruled.held_back:
        return Asked(None, ())
    passed = handoff.passed_over(stops, lead=lead, asked=ask, gone_past=gone_past, unanswered=unanswered)
    return Asked(
        _offer(ask, offices) if ask else None,
        tuple(_offer(each, offices) for each in passed),
    )


def _offer(ask: handoff.Ask[decide.Duty], offices: Mapping[str, agencies.Office | None]) -> Offer:
    office = offices[ask.stop.agency]
    assert office is not None  # only agencies on the system are asked or passed over
    kind = handoff.Kind.BACKSTOP if ask.is_backstop else handoff.Kind.MANDATE
    return Offer(office, ask.stop, ask.position, kind)


def notice_due(each: Told, *, urgency: str, since: datetime.datetime) -> deadlines.Deadline:
    """Say until when a body must be told: by its clock, or by the policy target for the case's urgency."""
    if each.clock is None:
        return deadlines.Deadline(since + handoff.NOTICE_TARGETS[urgency], rules.Evidence.POLICY)
    return clock_due(each.clock, since=since, place=each.place)


def clock_due(clock: rules.Clock, *, since: datetime.datetime, place: str) -> deadlines.Deadline:
    """Say when a clock runs out for somebody in a place; empty is the capital's."""
    zone, calendar = places.zone(place), holidays.installed(place)
    return deadlines.after(clock.limit, since, basis=clock.basis, zone=zone, calendar=calendar)


def _duties(decision: decide.Decision) -> Iterator[decide.Notice]:
    yield from decision.notices
    for duties in (decision.support, decision.prosecute, decision.civil, decision.aid):
        for duty in duties:
            yield decide.Notice(duty, None)


def _office(desk: str, place: places.Place, directory: agencies.Directory) -> agencies.Office | None:
    return directory.office(desk, state=place.state, district=place.district)
