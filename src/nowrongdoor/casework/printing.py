"""A case on paper: as a page to print and as a PDF, with its marking, who printed it and when.

The promise: it holds what its viewer may see on the screen and no more, each printing is an event of the trail, and
every page bears the marking of the country, or says that it is a demonstration.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Sequence

from django import http, shortcuts
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from nowrongdoor.access import guards, viewers
from nowrongdoor.audit import record
from nowrongdoor.cases import people, person_words
from nowrongdoor.cases import queries as cases
from nowrongdoor.casework import acting, contents, summary, timeline
from nowrongdoor.core import country, country_words, language, places
from nowrongdoor.core.mandates import facts as facts_of
from nowrongdoor.core.mandates import table as tables_of
from nowrongdoor.duties.queries import Duty
from nowrongdoor.mandates import queries as tables
from nowrongdoor.publishing import documents, pdf
from nowrongdoor.ui import components, languages, tags

WORKERS = guards.role(*viewers.SEES_CASES)


def marking() -> str:
    """Return what every printed page bears: that it is a demonstration, or the country's marking."""
    if settings.DEMONSTRATION:
        return _("DEMONSTRATION: every person and every case here is fictional")
    return country.installed().marking


@WORKERS
@require_GET
def show(request: guards.Request, reference: str) -> http.HttpResponse:
    """Print a case."""
    access = _opened(request, reference, "page")
    context = {
        "case": access.case,
        "document": of(request.viewer, access, at=timezone.now()),
        "marking": marking(),
    }
    return shortcuts.render(request, "casework/print.html", context)


@WORKERS
@require_GET
def download(request: guards.Request, reference: str) -> http.HttpResponse:
    """Download a case as a PDF."""
    access = _opened(request, reference, "pdf")
    now = timezone.now()
    made = pdf.write(of(request.viewer, access, at=now), {}, at=now, marking=marking())
    answer = http.HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="case-{access.case.reference}.pdf"'
    return answer


def _opened(request: guards.Request, reference: str, form: str) -> cases.Access:
    access = acting.open_case(request, reference)
    record.looked(
        "case.printed",
        access.case.id,
        by=request.viewer,
        at=timezone.now(),
        case_id=access.case.id,
        authority=acting.authority(access),
        details={"form": form},
    )
    return access


@dataclasses.dataclass(frozen=True, slots=True)
class _Told:
    """What a document is made of: what was read, in the words of a table."""

    shown: contents.Contents
    content: tables_of.Table
    reading: facts_of.Reading

    @property
    def access(self) -> cases.Access:
        """Return the case."""
        return self.shown.page.access


def of(viewer: viewers.Viewer, access: cases.Access, *, at: datetime.datetime) -> documents.Document:
    """Return what the viewer may see of a case as a document, whole: every note is opened."""
    content = tables.shown()
    shown = contents.read(viewer, access)
    paper = _Told(shown, content, facts_of.read(access.case.facts, content.vocabulary))
    printed = _("Printed by {person}, {agency}, {at}.").format(
        person=viewer.name, agency=viewer.agency_name, at=tags.moment(at)
    )
    whole = [_overview(paper), _people(paper), _signals(paper)] if shown.is_whole else []
    parts = [*whole, _notes(paper), *([_sharing(paper), _duties(paper)] if shown.is_whole else []), _files(paper)]
    return documents.Document(
        title=_("Case {reference}").format(reference=access.case.reference),
        headline=printed,
        one_number=False,
        parts=(*parts, _timeline(paper)),
        language=translation.get_language() or language.SOURCE,
    )


def _overview(paper: _Told) -> documents.Part:
    case, page = paper.access.case, paper.shown.page
    paragraph = summary.of(paper.shown, paper.reading, paper.content)
    place = country_words.place_names().get(places.Place(case.state, case.district).code, "")
    sentences = [
        _("{agency} is the lead agency. It has led since {at}.").format(
            agency=case.lead.name, at=tags.moment(case.lead_since)
        ),
        _("Received by {agency}, {at}.").format(agency=case.received_by.name, at=tags.moment(case.opened_at)),
        _("Place: {place}.").format(place=place) if place else _("The place isn’t known."),
    ]
    if page.open_offer:
        sentences.append(
            _("Offered to {agency}; answer due {at}.").format(
                agency=page.open_offer.to_agency, at=tags.moment(page.open_offer.due_at)
            )
        )
    if case.closed_at:
        sentences.append(
            _("Closed {at}: {reason}").format(at=tags.moment(case.closed_at), reason=paper.access.closed_because)
        )
    known = [*([paragraph.danger] if paragraph.danger else []), *paragraph.known] or [_("Nothing is known yet.")]
    return documents.Part(_("Overview"), (documents.Words(tuple(sentences)), documents.Points(tuple(known))))


def _people(paper: _Told) -> documents.Part:
    return _part(_("People"), (_person(person) for person in paper.shown.people), _("No people on record yet."))


def _person(person: people.PersonShown) -> list[str]:
    head = _("Person {number}, added by {agency}").format(number=person.number, agency=person.owner)
    roles = [str(person_words.ROLES[role.role]) for role in person.roles if role.to_at is None]
    lines = [f"{head} ({', '.join(roles)})" if roles else head]
    for part in person.parts:
        for label, value in part.details or ():
            lines.append(_("{label}: {value}").format(label=label, value=value))
    for relation in person.relations:
        related = _("{relation} of person {number}")
        words = str(person_words.RELATIONS[relation.kind])
        lines.append(related.format(relation=words, number=relation.other))
    return lines


def _signals(paper: _Told) -> documents.Part:
    def lines(signal: cases.SignalShown) -> list[str]:
        head = _("{reference}, {channel}, received by {agency} {at}").format(
            reference=signal.reference,
            channel=signal.channel_words,
            agency=signal.receiver,
            at=tags.moment(signal.arrived_at),
        )
        if signal.is_ours:
            return [head, *_lines(signal.narrative or _("No description."))]
        return [head, _("The words stay with {agency}.").format(agency=signal.receiver)]

    return _part(_("Signals"), map(lines, paper.shown.signals), _("No signals."))


def _notes(paper: _Told) -> documents.Part:
    def lines(note: cases.NoteShown) -> list[str]:
        head = _("{at}, {person}, {agency}").format(
            at=tags.moment(note.head.at), person=note.head.by, agency=note.head.agency
        )
        before = _("{person} corrected it, {at}: {reason} It said before:")
        earlier = [
            line
            for version in note.versions
            for line in (
                before.format(person=version.by, at=tags.moment(version.at), reason=version.because),
                *_lines(version.text),
            )
        ]
        return [head, *_lines(note.text), *earlier]

    opened = cases.open_notes(paper.access, paper.shown.notes)
    return _part(_("Notes"), map(lines, opened), _("No notes yet."))


def _sharing(paper: _Told) -> documents.Part:
    ruling = paper.shown.page.ruling or {}
    gates = ruling.get("gates")
    lines = [
        [
            _("{effect} ({citation}; {evidence})").format(
                effect=country_words.worded(gate["effect"]),
                citation=gate["citation"],
                evidence=components.evidence_words(gate["evidence"]),
            )
        ]
        for gate in (gates if isinstance(gates, list) else ())
    ]
    return _part(_("Sharing restrictions"), lines, _("Nothing restricts sharing."))


def _duties(paper: _Told) -> documents.Part:
    def row(duty: Duty) -> tuple[str, ...]:
        done = tags.moment(duty.done_at) if duty.done_at else _("open")
        law = _("{citation} ({evidence})").format(
            citation=duty.citation, evidence=components.evidence_words(duty.evidence)
        )
        who = duty.agency or tags.agency_name(duty.desk, paper.content)
        return (who, languages.duty_words(duty.why), tags.moment(duty.due_at), done, law)

    columns = (_("Who"), _("What"), _("Due"), _("Done"), _("Law"))
    rows = tuple(row(duty) for duty in paper.shown.page.all_duties)
    if not rows:
        return documents.Part(_("Duties"), (documents.Words((_("No deadlines right now."),)),))
    grid = documents.Grid(_("Notifications and deadlines"), columns, rows, worded=(1, 2, 3, 4))
    return documents.Part(_("Duties"), (grid,))


def _files(paper: _Told) -> documents.Part:
    lines = []
    for file in paper.shown.files:
        head = _("{label} ({kind}, {size}), {at}, {person}, {agency}").format(
            label=file.label,
            kind=file.kind.words,
            size=tags.as_size(file.size),
            at=tags.moment(file.at),
            person=file.by,
            agency=file.agency,
        )
        withdrawn = (
            [
                _("{person} withdrew it, {at}: {reason}").format(
                    person=file.withdrawn.by, at=tags.moment(file.withdrawn.at), reason=file.withdrawn.because
                )
            ]
            if file.withdrawn
            else []
        )
        lines.append([head, *withdrawn])
    return _part(_("Files"), lines, _("No files yet."))


def _timeline(paper: _Told) -> documents.Part:
    items = [
        _("{at}: {happening}").format(at=tags.moment(each.at), happening=each.words)
        for each in timeline.of(paper.shown, paper.content)
    ]
    return documents.Part(_("Timeline, newest first"), (documents.Points(tuple(items)),))


def _part(heading: str, rows: Iterable[Sequence[str]], nothing: str) -> documents.Part:
    blocks = tuple(documents.Words(tuple(lines)) for lines in rows)
    return documents.Part(heading, blocks or (documents.Words((nothing,)),))


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]
