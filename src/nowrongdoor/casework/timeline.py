"""A case's story, put together from what the page read already: no query of its own."""

from __future__ import annotations

import dataclasses
import datetime
import enum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from nowrongdoor.cases import queries as cases
from nowrongdoor.casework import contents
from nowrongdoor.core import handoff
from nowrongdoor.core.mandates import table
from nowrongdoor.duties.queries import Duty
from nowrongdoor.leads import queries as leads_queries
from nowrongdoor.ui import languages, tags

_ENDED = {
    handoff.State.ACCEPTED: gettext_lazy("{to} accepted the lead."),
    handoff.State.DECLINED: gettext_lazy("{to} declined: {reason}"),
    handoff.State.EXPIRED: gettext_lazy("{to} did not answer in time."),
    handoff.State.REVOKED: gettext_lazy("{by} withdrew its offer to {to}: {reason}"),
    handoff.State.SUPERSEDED: gettext_lazy("The offer to {to} ended because {reason}"),
}
_AT_ONCE = {
    handoff.Kind.UNDO.value: gettext_lazy("{by} undid its acceptance, and {to} leads again."),
    handoff.Kind.BACKSTOP.value: gettext_lazy("{to} leads as the backstop: nobody else took the case."),
    handoff.Kind.STEP_FORWARD.value: gettext_lazy("{to} stepped forward and leads."),
    handoff.Kind.SUCCESSION.value: gettext_lazy("{to} took over from {by}, which closed."),
}


class Kind(enum.Enum):
    """What sort of thing happened; a page shows all of them, or one."""

    LEAD = "lead"
    FACTS = "facts"
    DUTY = "duty"
    NOTE = "note"
    FILE = "file"

    @property
    def words(self) -> str | Promise:
        """Name it, as a tag and as a filter."""
        return _WORDS[self]


_WORDS = {
    Kind.LEAD: pgettext_lazy("what happened in a case", "Lead"),
    Kind.FACTS: pgettext_lazy("what happened in a case", "Facts"),
    Kind.DUTY: pgettext_lazy("what happened in a case", "Duty"),
    Kind.NOTE: pgettext_lazy("what happened in a case", "Note"),
    Kind.FILE: pgettext_lazy("what happened in a case", "File"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, in words."""

    at: datetime.datetime
    kind: Kind
    words: str


def of(shown: contents.Contents, content: table.Table) -> list[Happening]:
    """Tell what happened to a case, newest first; `content`: the table that names agencies."""
    page, case = shown.page, shown.page.access.case
    opened = _("{agency} received the signal and became the lead agency.").format(agency=case.received_by.name)
    happenings = [Happening(case.opened_at, Kind.LEAD, opened)]
    for step in page.steps:
        happenings += _of_step(step)
    happenings += [Happening(each.at, Kind.FACTS, _changed(each.why)) for each in shown.history if each.version > 1]
    happenings += [Happening(each.done_at, Kind.DUTY, _told(each, content)) for each in page.notices if each.done_at]
    happenings += [
        Happening(
            each.done_at,
            Kind.DUTY,
            _("Deadline met: {duty} {how}").format(duty=languages.duty_words(each.why), how=_ended(each.words)),
        )
        for each in page.deadlines
        if each.done_at
    ]
    wrote = _("{person} of {agency} wrote a note.")
    happenings += [
        Happening(note.at, Kind.NOTE, wrote.format(person=note.by, agency=note.agency)) for note in shown.notes
    ]
    attached = _("{person} of {agency} attached a file.")
    happenings += [
        Happening(file.at, Kind.FILE, attached.format(person=file.by, agency=file.agency)) for file in shown.files
    ]
    withdrew = _("{person} of {agency} withdrew a file: {reason}")
    happenings += [
        Happening(
            file.withdrawn.at,
            Kind.FILE,
            withdrew.format(person=file.withdrawn.by, agency=file.agency, reason=_ended(file.withdrawn.because)),
        )
        for file in shown.files
        if file.withdrawn
    ]
    for each in shown.reopenings:
        reopened = _("{agency} reopened the case: {reason}").format(agency=each.agency, reason=_ended(each.because))
        happenings += [_closed(each.closed_at, each.closed_because), Happening(each.at, Kind.LEAD, reopened)]
    if case.closed_at:
        why = page.access.closed_because if page.access.sight is cases.Sight.CASE else ""
        happenings.append(_closed(case.closed_at, why))
    return sorted(happenings, key=lambda happening: happening.at)[::-1]  # of one instant, what came last is first


def _closed(at: datetime.datetime, why: str) -> Happening:
    return Happening(at, Kind.LEAD, _("Closed: {reason}").format(reason=_ended(why)) if why else _("Closed."))


def _of_step(step: leads_queries.Step) -> list[Happening]:
    names = {"to": step.to_agency, "by": step.from_agency, "reason": _ended(step.reason)}
    if step.kind in _AT_ONCE:
        return [Happening(step.offered_at, Kind.LEAD, str(_AT_ONCE[step.kind]).format(**names))]
    if step.was_passed_over:
        passed = _("{to} was passed over: {reason}")
        return [Happening(step.offered_at, Kind.LEAD, passed.format(**names))]
    offered = _("The lead was offered to {to}.").format(to=step.to_agency)
    if step.because:
        chosen = _("{by} offered the lead to {to}: {reason}")
        offered = chosen.format(by=step.from_agency, to=step.to_agency, reason=_ended(step.because))
    happenings = [Happening(step.offered_at, Kind.LEAD, offered)]
    state = handoff.State(step.state)
    if step.over_at and state in _ENDED:
        happenings.append(Happening(step.over_at, Kind.LEAD, str(_ENDED[state]).format(**names)))
    return happenings


def _teller(notice: Duty) -> str:
    """The agency of whoever acknowledged a notice, which need not be the one that it is for."""
    return notice.done_by_agency or notice.agency or ""


def _told(notice: Duty, content: table.Table) -> str:
    if notice.by_hand:
        return _("{agency} notified {body}: {how}").format(
            agency=_teller(notice), body=tags.agency_name(notice.desk, content), how=_ended(notice.words)
        )
    return _("{agency} acknowledged its notification ({role}).").format(
        agency=_teller(notice), role=tags.role_words(notice.role)
    )


def _changed(why: str) -> str:
    return _("Facts changed: {reason}").format(reason=_ended(why)) if why else _("Facts changed.")


def _ended(text: str) -> str:
    """Return what somebody wrote as a sentence that ends once."""
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
