"""The page of a case, put together: each room says what it shows, this says in which order.

A new room joins here, with one line.
"""

from __future__ import annotations

from collections.abc import Sequence

from nowrongdoor.access import viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.cases import files
from nowrongdoor.cases import panel as cases
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.casework import queries, timeline
from nowrongdoor.core.mandates import asking, facts, table
from nowrongdoor.duties import panel as duties
from nowrongdoor.leads import panel as leads
from nowrongdoor.mandates import panel as mandates
from nowrongdoor.triage import panel as triage
from nowrongdoor.ui.panels import Panel


def below(
    viewer: viewers.Viewer,
    page: queries.CasePage,
    history: Sequence[case_queries.FactsShown],
    file_form: cases.FileForm,
    content: table.Table,
    reading: facts.Reading,
    question: asking.Question | None,
) -> list[Panel]:
    """Return what stands below the facts of a case, first to last; only what it wrote itself for an agency that takes
    part no longer. `content`: the mandate table whose words are shown; `reading`: what it makes of the facts, and
    `question` what it would ask next."""
    access = page.access
    notes = case_queries.notes(viewer, access)
    attached = files.listed(viewer, access)
    whole = [
        mandates.to_ask(reading, question, content),
        mandates.gates(page.ruling),
        duties.notices(page.notices),
        duties.deadlines(page.deadlines, page.ruling),
        triage.assessments(page.assessments),
        cases.signals_and_people(viewer, access),
    ]
    return [
        *(whole if access.sight is case_queries.Sight.CASE else ()),
        cases.notes(access, notes),
        cases.attached(access, attached, file_form),
        Panel("casework/_story.html", {"timeline": timeline.of(access.case, page, notes, attached, history, content)}),
    ]


def links(page: queries.CasePage, asked: facts.Vocabulary) -> Sequence[leads.Link]:
    """Return the chain of the newest ruling, with where each agency stands."""
    return leads.links_of(page.steps, page.ruling, page.access, agencies.directory(), asked) if page.ruling else ()
