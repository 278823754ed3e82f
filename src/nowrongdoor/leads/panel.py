"""What a case's page shows of its lead: what can be done about it, and why this agency, and who is next."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import cast

from nowrongdoor.access import viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.cases import queries as cases
from nowrongdoor.core import handoff, places
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import decide, facts
from nowrongdoor.leads import forms, queries, undoing
from nowrongdoor.mandates import queries as tables
from nowrongdoor.ui.panels import Panel

Ruling = Mapping[str, object] | None
_CHOSEN = {handoff.Kind.REQUEST.value, handoff.Kind.UNDO.value}  # by a person, and not by the chain


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
    was_asked: bool  # and not taken back, or passed over: asking again would not reach it


def acts(
    viewer: viewers.Viewer,
    access: cases.Access,
    steps: Sequence[queries.Step],
    links: Sequence[Link],
    asked: facts.Vocabulary,
    *,
    at: datetime.datetime,
) -> Panel:
    """Show what the viewer's agency can do about the lead. `steps`: all its hand-offs; `asked`: the facts that are
    asked about now."""
    offer = next((step for step in steps if step.is_open), None)
    is_new = access.is_lead and at - access.case.lead_since < handoff.UNDO_WITHIN
    context = {
        "undoable": undoing.undoable(viewer, at=at, case_id=access.case.id) if is_new else (),
        "case": access.case,
        "access": access,
        "offer": offer,
        "is_asked": offer is not None and offer.to_agency_id == viewer.agency_id,
        "is_in_chain": not is_accepted(access, steps) and _can_step_forward(viewer, access, offer, links),
        "is_teller_unknown": tables.is_teller_unknown(access.case.facts, asked),
        "is_next_there": any(not link.was_asked for link in links),
        "decline_form": forms.DeclineForm(auto_id="decline-%s"),
        "revoke_form": forms.RevokeForm(auto_id="revoke-%s"),
    }
    return Panel("leads/_acts.html", context)


def chain(links: Sequence[Link]) -> Panel:
    """Show why this agency leads, and who is next."""
    return Panel("leads/_chain.html", {"chain": links})


def links_of(
    steps: Sequence[queries.Step],
    ruling: Ruling,
    access: cases.Access,
    directory: agencies.Directory,
    asked: facts.Vocabulary,
) -> list[Link]:
    """Show the chain of the latest decision with where each agency stands. `asked`: the facts asked about now."""
    if ruling is None:
        return []
    case = access.case
    chain = cast(Sequence[Mapping[str, str]], ruling["chain"])
    last = {step.rule or step.to_agency: step for step in steps if step.kind not in _CHOSEN}
    now = next((step for step in steps if step.is_open or step.id == case.lead_handoff_id), None)
    is_received = case.lead_id == case.received_by_id
    has_accepted = is_accepted(access, steps)
    leads = set() if has_accepted else {case.lead.desk, *([decide.RECEIVER] if is_received else [])}
    not_here: Mapping[str, str] = {}
    if not tables.is_teller_unknown(case.facts, asked):  # then nobody was asked, so nobody was passed over
        lead = next((duty["agency"] for duty in chain if duty["agency"] in leads), "")
        place = places.Place(case.state, case.district)
        not_here = queries.not_here(chain, rule=now.rule if now else "", lead=lead, place=place, directory=directory)
    return [_link(duty, last.get(duty["rule"]), access, leads, not_here) for duty in chain]


def is_accepted(access: cases.Access, steps: Sequence[queries.Step]) -> bool:
    """Return whether somebody accepted the lead of a case, and did not undo it."""
    case = access.case
    by = next((step for step in steps if step.id == case.lead_handoff_id), None)
    is_back = by is not None and by.kind == handoff.Kind.UNDO.value and case.lead_id == case.received_by_id
    return case.lead_handoff_id is not None and not is_back


def _link(
    duty: Mapping[str, str],
    step: queries.Step | None,
    access: cases.Access,
    leads: Collection[str],
    not_here: Mapping[str, str],
) -> Link:
    state = handoff.State(step.state) if step else None
    is_lead = duty["agency"] in leads
    standing = _standing(state)
    if step and step.was_passed_over:
        standing = _("passed over: %(why)s") % {"why": step.reason}
    elif duty["rule"] in not_here and step is None:
        standing = _("passed over: %(why)s") % {"why": not_here[duty["rule"]]}
    elif is_lead:
        standing = _("is the lead agency now")
    return Link(
        agency=duty["agency"],
        why=duty["why"],
        citation=duty["citation"],
        evidence=duty["evidence"],
        standing=standing,
        reason=step.reason if step and state in (handoff.State.DECLINED, handoff.State.REVOKED) else "",
        is_now=is_lead or state is handoff.State.OFFERED or bool(step and step.id == access.case.lead_handoff_id),
        was_asked=duty["rule"] in not_here or is_lead or (state is not None and state is not handoff.State.REVOKED),
    )


def _can_step_forward(
    viewer: viewers.Viewer, access: cases.Access, offer: queries.Step | None, links: Sequence[Link]
) -> bool:
    if access.case.closed_at or access.is_lead:
        return False
    if offer and offer.to_agency_code == viewer.agency_code:
        return False  # it was asked: it accepts or declines
    return any(link.agency == viewer.agency_code for link in links)


def _standing(state: handoff.State | None) -> str:
    return {
        None: _("not asked yet"),
        handoff.State.OFFERED: _("asked, and has not answered yet"),
        handoff.State.ACCEPTED: _("accepted"),
        handoff.State.DECLINED: _("declined"),
        handoff.State.EXPIRED: _("did not answer in time"),
        handoff.State.REVOKED: _("the offer was withdrawn"),
        handoff.State.SUPERSEDED: _("the offer ended"),
    }[state]
