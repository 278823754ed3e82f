"""A case's story, put together from what the page read already: no query of its own."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence

from nowrongdoor.cases import files
from nowrongdoor.cases import queries as cases
from nowrongdoor.cases.models import Case
from nowrongdoor.casework import queries
from nowrongdoor.core import handoff
from nowrongdoor.core.mandates import table
from nowrongdoor.duties.queries import Duty
from nowrongdoor.leads import queries as leads_queries
from nowrongdoor.ui import tags

_ENDED = {
    handoff.State.ACCEPTED: "{to} accepted the lead.",
    handoff.State.DECLINED: "{to} declined: {reason}",
    handoff.State.EXPIRED: "{to} did not answer in time.",
    handoff.State.REVOKED: "{by} withdrew its offer to {to}: {reason}",
    handoff.State.SUPERSEDED: "The offer to {to} ended because {reason}",
}
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


def of(
    case: Case,
    page: queries.CasePage,
    notes: Sequence[cases.NoteShown],
    attached: Sequence[files.FileShown],
    history: Sequence[cases.FactsShown],
    content: table.Table,
) -> list[Happening]:
    """Tell what happened to a case, newest first; `content`: the table that names agencies."""
    happenings = [
        Happening(
            case.opened_at,
            f"{case.received_by.name} received the signal and leads from this instant.",
        )
    ]
    for step in page.steps:
        happenings += _of_step(step)
    happenings += [Happening(each.at, f"Facts changed{_because(each.why)}") for each in history if each.version > 1]
    happenings += [Happening(each.done_at, _told(each, content)) for each in page.notices if each.done_at]
    happenings += [
        Happening(each.done_at, f"Deadline met: {each.why} {_ended(each.words)}")
        for each in page.deadlines
        if each.done_at
    ]
    happenings += [Happening(note.at, f"{note.by} of {note.agency} wrote a note.") for note in notes]
    happenings += [Happening(file.at, f"{file.by} of {file.agency} attached a file.") for file in attached]
    if case.closed_at:
        why = page.access.closed_because if page.access.sight is cases.Sight.CASE else ""
        happenings.append(Happening(case.closed_at, f"Closed{_because(why)}"))
    return sorted(happenings, key=lambda happening: happening.at)[::-1]  # of one instant, what came last is first


def _of_step(step: leads_queries.Step) -> list[Happening]:
    names = {"to": step.to_agency, "by": step.from_agency, "reason": _ended(step.reason)}
    if step.kind in _AT_ONCE:
        return [Happening(step.offered_at, _AT_ONCE[step.kind].format(**names))]
    if step.was_passed_over:
        return [Happening(step.offered_at, f"{step.to_agency} was passed over: {names['reason']}.")]
    happenings = [Happening(step.offered_at, f"The lead was offered to {step.to_agency}.")]
    state = handoff.State(step.state)
    if step.over_at and state in _ENDED:
        happenings.append(Happening(step.over_at, _ENDED[state].format(**names)))
    return happenings


def _teller(notice: Duty) -> str:
    """The agency of whoever acknowledged a notice, which need not be the one that it is for."""
    return notice.done_by_agency or notice.agency or ""


def _told(notice: Duty, content: table.Table) -> str:
    if notice.by_hand:
        return f"{_teller(notice)} notified {tags.agency_name(notice.desk, content)}: {_ended(notice.words)}"
    return f"{_teller(notice)} acknowledged its notification ({tags.role_words(notice.role)})."


def _because(why: str) -> str:
    return f": {_ended(why)}" if why else "."


def _ended(text: str) -> str:
    """Return what somebody wrote as a sentence that ends once."""
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
