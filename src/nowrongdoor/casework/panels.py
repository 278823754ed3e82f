"""The page of a case, put together: each room says what it shows, this says in which part and order.

A new room joins here, with one line.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from django import http
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import pgettext_lazy

from nowrongdoor.agencies import queries as agencies
from nowrongdoor.cases import forms
from nowrongdoor.cases import panel as cases
from nowrongdoor.casework import contents, queries, sent_views, timeline
from nowrongdoor.core.mandates import asking, facts, table
from nowrongdoor.duties import panel as duties
from nowrongdoor.leads import panel as leads
from nowrongdoor.mandates import panel as mandates
from nowrongdoor.protocols import panel as protocols
from nowrongdoor.referrals import panel as referrals
from nowrongdoor.triage import panel as triage
from nowrongdoor.ui import slices
from nowrongdoor.ui.panels import Panel

HAPPENINGS = 20  # on one page of the timeline
_KINDS = {kind.value for kind in timeline.Kind}
_WORDS = {
    "overview": pgettext_lazy("part of a case's page", "Overview"),
    "people": pgettext_lazy("part of a case's page", "People"),
    "story": pgettext_lazy("part of a case's page", "Story"),
    "sharing": pgettext_lazy("part of a case's page", "Sharing"),
    "duties": pgettext_lazy("part of a case's page", "Duties"),
    "files": pgettext_lazy("part of a case's page", "Files"),
    "timeline": pgettext_lazy("part of a case's page", "Timeline"),
    "law": pgettext_lazy("part of a case's page", "Law"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Rendered:
    """A part of the page, written."""

    id: str
    heading: str | Promise
    panels: Sequence[SafeString]
    count: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """One part of the page, to which its navigation leads. `count`: of what it lists."""

    id: str
    panels: Sequence[Panel]
    count: int | None = None

    @property
    def heading(self) -> str | Promise:
        """Name the part."""
        return _WORDS[self.id]

    def rendered(self, request: http.HttpRequest, shared: Mapping[str, object]) -> Rendered:
        """Write what it holds for the page that answers this request."""
        return Rendered(self.id, self.heading, [panel.rendered(request, shared) for panel in self.panels], self.count)


def parts(
    shown: contents.Contents,
    file_form: forms.FileForm | None,
    content: table.Table,
    reading: facts.Reading,
    question: asking.Question | None,
    links: Sequence[leads.Link],
    asked: http.QueryDict,
    overview: Sequence[Panel] = (),
) -> list[Part]:
    """Return the parts of the page in order; for an agency that takes part no longer, those that hold what it wrote.
    `content`: the mandate table whose words are shown; `reading`: what it makes of the facts, and `question` what
    it would ask next; `links`: the chain of the newest ruling; `overview`: what the page itself shows first;
    `file_form`: the form for a file that wasn't taken."""
    page, access, viewer = shown.page, shown.page.access, shown.viewer
    can_write = shown.is_whole and access.key is not None
    notes = cases.notes(viewer, access, shown.notes, asked)
    sent = [sent_views.panel(access.case.reference, shown.sent)] if shown.sent else []
    attached = cases.attached(viewer, access, shown.files, asked, file_form)
    files = Part("files", [*sent, attached], len(shown.sent) + len(shown.files))
    story = Part("timeline", [happened(shown, content, asked)])
    if not shown.is_whole:
        return [Part("story", [notes], len(shown.notes)), files, story]
    owed = [each for each in page.all_duties if each.done_at is None]
    return [
        Part("overview", [*overview, mandates.to_ask(reading, question, content), leads.chain(links)]),
        Part("people", [cases.everybody(access, shown.people, can_write=can_write)], len(shown.people)),
        Part("story", [cases.signals(access, shown.signals), notes], len(shown.signals) + len(shown.notes)),
        Part(
            "sharing",
            [
                mandates.gates(page.ruling),
                protocols.reports(viewer, access),
                referrals.of_case(viewer, access),
                Panel("casework/_access.html", {"case": access.case}),
            ],
        ),
        Part(
            "duties",
            [
                duties.notices(viewer, page.notices, asked),
                duties.deadlines(viewer, page.deadlines, page.ruling, asked),
            ],
            len(owed),
        ),
        files,
        story,
        Part("law", [triage.assessments(page.assessments)]),
    ]


def happened(shown: contents.Contents, content: table.Table, asked: http.QueryDict) -> Panel:
    """Show what happened, newest first: all of it, or one kind that the address asks for."""
    everything = timeline.of(shown, content)
    chosen = asked.get("show", "")
    rows = [each for each in everything if each.kind.value == chosen] if chosen in _KINDS else everything
    kinds = [(kind, sum(each.kind is kind for each in everything)) for kind in timeline.Kind]
    context = {
        "page": slices.of(rows, asked, name="happened", size=HAPPENINGS, anchor="timeline"),
        "kinds": [(kind.value, kind.words, count) for kind, count in kinds if count],
        "chosen": chosen,
        "all": len(everything),
    }
    return Panel("casework/_story.html", context)


def links(page: queries.CasePage, asked: facts.Vocabulary) -> Sequence[leads.Link]:
    """Return the chain of the newest ruling, with where each agency stands."""
    return leads.links_of(page.steps, page.ruling, page.access, agencies.directory(), asked) if page.ruling else ()
