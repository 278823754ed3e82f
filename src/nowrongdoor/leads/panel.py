"""What a case's page shows of its lead: what can be done about it, and why this agency, and who is next."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from typing import cast

from nowrongdoor.access import viewers
from nowrongdoor.cases import queries as cases
from nowrongdoor.core import handoff
from nowrongdoor.core.mandates import facts
from nowrongdoor.leads import forms, queries
from nowrongdoor.mandates import queries as tables
from nowrongdoor.ui.panels import Panel

Ruling = Mapping[str, object] | None


@dataclasses.dataclass(frozen=True, slots=True)
class Link:
    """One agency of the chain, and where it stands."""

    agency: str
    why: str
    citation: str
    evidence: str
    standing: str
    reason: str
    is_now: bool
    was_asked: bool  # and not taken back


def acts(
    viewer: viewers.Viewer,
    access: cases.Access,
    offer: queries.Step | None,
    links: Sequence[Link],
    asked: facts.Vocabulary,
) -> Panel:
    """Show what the viewer's agency can do about the lead. `offer`: the one that waits for an answer; `asked`: the
    facts that are asked about now."""
    context = {
        "case": access.case,
        "access": access,
        "offer": offer,
        "is_asked": offer is not None and offer.to_agency_id == viewer.agency_id,
        "is_in_chain": _can_step_forward(viewer, access, offer, links),
        "is_teller_unknown": tables.is_teller_unknown(access.case.facts, asked),
        "is_next_there": any(not link.was_asked for link in links),
        "decline_form": forms.DeclineForm(auto_id="decline-%s"),
        "revoke_form": forms.RevokeForm(auto_id="revoke-%s"),
        "close_form": forms.CloseForm(auto_id="close-%s"),
    }
    return Panel("leads/_acts.html", context)


def chain(links: Sequence[Link]) -> Panel:
    """Show why this agency leads, and who is next."""
    return Panel("leads/_chain.html", {"chain": links})


def links_of(steps: Sequence[queries.Step], ruling: Ruling, lead_handoff_id: uuid.UUID | None) -> list[Link]:
    """Show the chain of the latest decision with where each agency stands."""
    if ruling is None:
        return []
    links = []
    last = {step.rule or step.to_agency: step for step in steps}
    duties = cast(Sequence[Mapping[str, str]], ruling["chain"])
    for duty in duties:
        step = last.get(duty["rule"])
        state = handoff.State(step.state) if step else None
        links.append(
            Link(
                agency=duty["agency"],
                why=duty["why"],
                citation=duty["citation"],
                evidence=duty["evidence"],
                standing=f"passed over: {step.reason}" if step and step.was_passed_over else _standing(state),
                reason=step.reason if step and state in (handoff.State.DECLINED, handoff.State.REVOKED) else "",
                is_now=state is handoff.State.OFFERED or bool(step and step.id == lead_handoff_id),
                was_asked=state is not None and state is not handoff.State.REVOKED,
            )
        )
    return links


def _can_step_forward(
    viewer: viewers.Viewer, access: cases.Access, offer: queries.Step | None, links: Sequence[Link]
) -> bool:
    if access.case.lead_handoff_id or access.case.closed_at or access.is_lead:
        return False
    if offer and offer.to_agency_code == viewer.agency_code:
        return False  # it was asked: it accepts or declines
    return any(link.agency == viewer.agency_code for link in links)


def _standing(state: handoff.State | None) -> str:
    return {
        None: "not asked yet",
        handoff.State.OFFERED: "asked, and has not answered yet",
        handoff.State.ACCEPTED: "accepted",
        handoff.State.DECLINED: "declined",
        handoff.State.EXPIRED: "did not answer in time",
        handoff.State.REVOKED: "the offer was withdrawn",
        handoff.State.SUPERSEDED: "the offer ended",
    }[state]
