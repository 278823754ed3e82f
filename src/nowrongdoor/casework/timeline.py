"""A case's story and its chain, put together from what the page read already: no query of its own."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from typing import cast

from nowrongdoor.cases import files
from nowrongdoor.cases import queries as cases
from nowrongdoor.cases.models import Case
from nowrongdoor.casework import queries
from nowrongdoor.core import handoff
from nowrongdoor.core.mandates import rules
from nowrongdoor.duties.queries import Duty
from nowrongdoor.ui import tags

_ENDED = {
    handoff.State.ACCEPTED: "{to} accepted the lead.",
    handoff.State.DECLINED: "{to} declined: {reason}",
    handoff.State.EXPIRED: "{to} did not answer in time.",
    handoff.State.REVOKED: "{by} withdrew its offer to {to}: {reason}",
    handoff.State.SUPERSEDED: "The offer to {to} ended because {reason}.",
}
PASSED_OVER = "passed over: nobody there can sign in"
_AT_ONCE = {
    handoff.Kind.BACKSTOP.value: "{to} leads as the backstop: nobody else took the case.",
    handoff.Kind.STEP_FORWARD.value: "{to} stepped forward and leads.",
    handoff.Kind.SUCCESSION.value: "{to} took over from {by}, which closed.",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, in words."""

    at: datetime.datetime
    words: str


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


def of(
    case: Case,
    page: queries.CasePage,
    notes: Sequence[cases.NoteShown],
    attached: Sequence[files.FileShown],
    history: Sequence[cases.FactsShown],
) -> list[Happening]:
    """Tell what happened to a case, newest first."""
    told = [
        Happening(
            case.opened_at,
            f"{case.received_by.name} received the signal and leads from this instant.",
        )
    ]
    for step in page.steps:
        told += _of_step(step)
    told += [Happening(each.at, f"Facts changed{_because(each.why)}.") for each in history if each.version > 1]
    told += [Happening(each.done_at, _told(each)) for each in page.notices if each.done_at]
    told += [
        Happening(each.done_at, f"Deadline met: {each.why} {each.words}") for each in page.deadlines if each.done_at
    ]
    told += [Happening(note.at, f"{note.by} of {note.agency} wrote a note.") for note in notes]
    told += [Happening(file.at, f"{file.by} of {file.agency} attached a file.") for file in attached]
    if case.closed_at:
        why = f": {page.found.closed_because}" if page.found.sight is cases.Sight.CASE else ""
        told.append(Happening(case.closed_at, f"Closed{why}."))
    return sorted(told, key=lambda happening: happening.at, reverse=True)


def chain(page: queries.CasePage) -> list[Link]:
    """Show the chain of the latest decision with where each agency stands."""
    if page.ruling is None:
        return []
    links = []
    last = {step.rule or step.to_agency: step for step in page.steps}
    duties = cast(Sequence[Mapping[str, str]], page.ruling["chain"])
    for duty in duties:
        step = last.get(duty["rule"])
        state = handoff.State(step.state) if step else None
        links.append(
            Link(
                agency=duty["agency"],
                why=duty["why"],
                citation=duty["citation"],
                evidence=duty["evidence"],
                standing=PASSED_OVER if step and step.was_passed_over else _standing(state),
                reason=step.reason if step and state in (handoff.State.DECLINED, handoff.State.REVOKED) else "",
                is_now=state is handoff.State.OFFERED or bool(step and step.id == page.found.case.lead_handoff_id),
            )
        )
    return links


def is_in_chain(page: queries.CasePage, agency_code: str) -> bool:
    """Return whether an agency could step forward now."""
    case = page.found.case
    if page.ruling is None or case.lead_handoff_id or case.closed_at or page.found.is_lead:
        return False
    if page.open_offer and page.open_offer.to_agency_code == agency_code:
        return False  # it was asked: it accepts or declines
    return any(link.agency == agency_code for link in chain(page))


def later(page: queries.CasePage) -> list[Mapping[str, str]]:
    """List the deadlines that start only when something happens."""
    clocks = cast(Sequence[Mapping[str, str]], page.ruling["clocks"] if page.ruling else ())
    return [clock for clock in clocks if clock["starts"] == rules.Starts.EVENT.value]


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


def _of_step(step: queries.Step) -> list[Happening]:
    names = {"to": step.to_agency, "by": step.from_agency, "reason": step.reason.rstrip(".")}
    if step.kind in _AT_ONCE:
        return [Happening(step.offered_at, _AT_ONCE[step.kind].format(**names))]
    if step.was_passed_over:
        return [Happening(step.offered_at, f"{step.to_agency} was {PASSED_OVER}.")]
    told = [Happening(step.offered_at, f"The lead was offered to {step.to_agency}.")]
    state = handoff.State(step.state)
    if step.over_at and state in _ENDED:
        told.append(Happening(step.over_at, _ENDED[state].format(**names)))
    return told


def _teller(notice: Duty) -> str:
    """The agency of whoever acknowledged a notice, which need not be the one that it is for."""
    return notice.done_by_agency or notice.agency or ""


def _told(notice: Duty) -> str:
    if notice.by_hand:
        return f"{_teller(notice)} notified {tags.agency_name(notice.desk)}: {notice.words}"
    return f"{_teller(notice)} acknowledged its notification ({tags.role_words(notice.role)})."


def _because(why: str) -> str:
    return f": {why}" if why else ""
