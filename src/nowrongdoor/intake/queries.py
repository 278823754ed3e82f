"""What became of a signal, for the agency that took it."""

from __future__ import annotations

import dataclasses
import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import cast

from django.db import connection

from nowrongdoor.access import viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.core import places, reference
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import facts, table
from nowrongdoor.duties import kinds
from nowrongdoor.duties import queries as duties
from nowrongdoor.leads import queries as leads
from nowrongdoor.leads.models import Handoff
from nowrongdoor.mandates import queries as mandates
from nowrongdoor.vault import keys, sealing


class NoSuchSignal(LookupError):
    """There is no such signal, or another agency took it: the answer is the same."""

    def __init__(self) -> None:
        super().__init__(_("There is no signal with this reference, or your agency did not take it."))


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """Somebody outside the system who is told at once, because a person is in danger: the receipt leads with it.
    `heed`: what the restrictions that let the call through say of it, where nothing else on the receipt does."""

    id: uuid.UUID
    desk: str
    why: str
    citation: str
    evidence: str
    done_at: datetime.datetime | None
    done_by: str | None
    heed: Sequence[str]


@dataclasses.dataclass(frozen=True, slots=True)
class Reached:
    """How far a case came: the chain of its decision, the desk that leads it, the rule under which somebody is asked,
    and where it is."""

    chain: Sequence[Mapping[str, str]]
    lead: str
    rule: str
    place: places.Place


@dataclasses.dataclass(frozen=True)
class SignalStatus:
    """What became of a signal, for the agency that took it. `withheld`: who is neither asked nor told, as the ruling
    says it. `told`: the facts of the signal as they were sent; `facts`: those of the case, none until there is one."""

    id: uuid.UUID
    reference: str
    received_at: datetime.datetime
    arrived_at: datetime.datetime
    contacted_at: datetime.datetime | None
    routed_at: datetime.datetime | None
    case_reference: str | None
    lead: str  # the receiver until a case is open, and then whoever leads it
    lead_code: str
    asked: str | None
    asked_code: str | None
    due_at: datetime.datetime | None
    is_closed: bool
    is_answered: bool  # whether the lead is reached; whoever took the signal is here
    withheld: Sequence[Mapping[str, str]]
    case_id: uuid.UUID | None
    is_in_danger: bool
    is_teller_unknown: bool  # and so nobody who enforces is asked
    facts_version: int | None
    told: Mapping[str, str]
    facts: Mapping[str, str]
    reached: Reached
    gates: Sequence[Mapping[str, object]]
    taken_by: uuid.UUID | None
    is_led_elsewhere: bool
    has_release: bool  # in force, and kept by the agency that took the signal

    @property
    def was_typed_late(self) -> bool:
        """Return whether it was typed or handed in later than the agency got it."""
        return self.received_at > self.arrived_at


_STATUS = """
SELECT s.id, s.reference, s.received_at, s.arrived_at, s.contacted_at, s.routed_at, c.reference,
       coalesce(l.name, r.name), coalesce(l.code, r.code), a.name, a.code, h.due_at, c.closed_at IS NOT NULL,
       l.id IS NULL OR l.id = r.id OR l.id IN (SELECT nwd_answered_for()),
       (SELECT jsonb_build_array(b.body -> 'withheld', b.body -> 'chain', b.body -> 'gates')
          FROM nowrongdoor_decision d JOIN nowrongdoor_ruling b ON b.digest = d.ruling_id
         WHERE d.case_id = c.id ORDER BY d.at DESC, d.id DESC LIMIT 1),
       l.desk, h.rule, c.state, c.district, c.id, s.facts, c.facts, c.facts_version,
       s.taken_by_id, l.id IS DISTINCT FROM r.id AND l.id IS NOT NULL,
       EXISTS (SELECT FROM nowrongdoor_release e WHERE e.case_id = c.id AND e.agency_id = r.id AND e.revoked_at IS NULL
                  AND e.expires_at > now())
  FROM nowrongdoor_signal s
  JOIN nowrongdoor_agency r ON r.id = s.receiver_id
  LEFT JOIN nowrongdoor_case_signal cs ON cs.signal_id = s.id
  LEFT JOIN nowrongdoor_case c ON c.id = cs.case_id
  LEFT JOIN nowrongdoor_agency l ON l.id = c.lead_id
  LEFT JOIN nowrongdoor_handoff h ON h.case_id = c.id AND h.state = 'offered'
  LEFT JOIN nowrongdoor_agency a ON a.id = h.to_agency_id
 WHERE s.reference = %(reference)s AND s.receiver_id = %(agency)s
"""


def signal_status(viewer: viewers.Viewer, typed: str, *, asked: facts.Vocabulary) -> SignalStatus:
    """Say what became of a signal that the viewer's agency took, in one query. `asked`: the facts asked about now.
    NoSuchSignal."""
    try:
        code = reference.read(typed)
    except reference.UnreadableReference:
        raise NoSuchSignal from None
    with connection.cursor() as database:
        database.execute(_STATUS, {"reference": code, "agency": viewer.agency_id})
        row = database.fetchone()
    if row is None:
        raise NoSuchSignal
    (
        *values,
        body,
        desk,
        rule,
        state,
        district,
        case_id,
        answers,
        facts_of_case,
        version,
        taken_by,
        is_led_elsewhere,
        has_release,
    ) = row
    withheld, chain, gates = json.loads(body) if body else ((), (), ())
    known = json.loads(facts_of_case) if facts_of_case else {}
    is_in_danger = known.get("urgency") == "immediate_danger"
    is_teller_unknown = case_id is not None and mandates.is_teller_unknown(known, asked)
    reached = Reached(chain, desk or "", rule or "", places.Place(state or "", district or ""))
    return SignalStatus(
        *(
            *values,
            withheld or (),
            case_id,
            is_in_danger,
            is_teller_unknown,
            version,
            json.loads(answers),
            known,
            reached,
            gates,
            taken_by,
            is_led_elsewhere,
            has_release,
        )
    )


@dataclasses.dataclass(frozen=True, slots=True)
class PassedOver:
    """An agency that was not asked, and why, as it was when the chain came past it."""

    agency: str
    why: str


def passed_over(status: SignalStatus, content: table.Table) -> Sequence[PassedOver]:
    """List whom the chain came past on the facts that the case has now, by the names that a table gives them."""
    if status.case_id is None or status.facts_version is None:
        return ()
    rows = Handoff.passed_over().filter(case=status.case_id, facts_version=status.facts_version)
    steps = rows.order_by("position", "id").values_list("id", "to_agency_id", "to_agency__name", "reason", "rule")
    ended = list(steps)
    key = keys.open_all([status.case_id]).get(status.case_id) if ended else None
    why = {
        rule: PassedOver(name, keys.shown(key, reason, sealing.Place("handoff", step_id, "reason", agency_id)))
        for step_id, agency_id, name, reason, rule in ended
    }
    reached = status.reached
    if not status.is_teller_unknown:  # then nobody was asked, so nobody was passed over
        here, named = agencies.directory(), content.agencies
        missing = leads.not_here(
            reached.chain, rule=reached.rule, lead=reached.lead, place=reached.place, directory=here
        )
        desks = {duty["rule"]: duty["agency"] for duty in reached.chain}
        for rule, reason in missing.items():
            known = named.get(desks[rule])
            why.setdefault(rule, PassedOver(known.name if known else desks[rule], reason))
    in_order = {duty["rule"]: number for number, duty in enumerate(reached.chain)}
    return [why[rule] for rule in sorted(why, key=lambda rule: in_order.get(rule, 0))]


def calls(status: SignalStatus, content: table.Table) -> Sequence[Call]:
    """List whom to call at once, in the order of a table, where somebody is in danger: the notices that only danger
    calls for and that nobody on this system receives."""
    if not status.is_in_danger or status.case_id is None:
        return ()
    order = {rule: number for number, rule in enumerate(mandates.danger_notices(content))}
    chosen = [each for each in duties.of_case(status.case_id, kinds.Kind.NOTICE) if each.by_hand and each.rule in order]
    return [
        Call(
            each.id,
            each.desk,
            each.why,
            each.citation,
            each.evidence,
            each.done_at,
            each.done_by,
            _heed(status, each.rule),
        )
        for each in sorted(chosen, key=lambda each: order[each.rule])
    ]


def _heed(status: SignalStatus, rule: str) -> Sequence[str]:
    reasons = {each.get("because", "") for each in status.withheld}
    passing = (str(gate["effect"]) for gate in status.gates if rule in cast(Sequence[str], gate["passes"]))
    return [effect for effect in passing if effect not in reasons]
