"""The cases of an agency, the page of one, and what is done to it there."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence

from django import http, shortcuts
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nowrongdoor.access import guards, viewers
from nowrongdoor.audit import record
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.cases.forms import FileForm
from nowrongdoor.casework import acting, contents, finding, lists, panels, printing, queries, summary
from nowrongdoor.core import country_words, places
from nowrongdoor.core.mandates import facts as facts_of
from nowrongdoor.leads import answering, changing
from nowrongdoor.leads import panel as leads
from nowrongdoor.leads.forms import ChangeForm
from nowrongdoor.mailbox import desk as senders
from nowrongdoor.mandates import queries as tables
from nowrongdoor.notifications import actions as notifications
from nowrongdoor.ui import questions
from nowrongdoor.ui.panels import Panel


@dataclasses.dataclass(frozen=True, slots=True)
class FactsForm:
    """The form for facts as it was sent, and why it was refused."""

    form: questions.Form
    because: str
    problem: str
    conflicts: Sequence[facts_of.Impossible]


@guards.role(*viewers.SEES_CASES)
@require_GET
def list_cases(request: guards.Request) -> http.HttpResponse:
    """See the cases your agency works on or worked on."""
    try:
        tab = queries.Tab(request.GET.get("tab", "all"))
        rows = queries.list_cases(
            request.viewer,
            tab=tab,
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        )
    except ValueError:
        return shortcuts.redirect("cases")
    record.looked("cases.listed", request.viewer.agency_id, by=request.viewer, at=timezone.now())
    context = {
        "rows": rows,
        "tab": tab.value,
        "previous": f"?tab={tab.value}&before={rows.previous}" if rows.previous else "",
        "next": f"?tab={tab.value}&after={rows.next}" if rows.next else "",
    }
    return shortcuts.render(request, "casework/cases.html", context)


@guards.signed_in
@require_GET
def show_case(request: guards.Request, reference: str) -> http.HttpResponse:
    """Open a case."""
    try:
        access = case_queries.find(request.viewer, reference)
    except case_queries.NoSuchCase:
        context = {"near": finding.near(request.viewer, reference)}
        return shortcuts.render(request, "casework/mistyped.html", context, status=404)
    return answer_case(request, access)


def answer_case(
    request: guards.Request,
    access: case_queries.Access,
    *,
    file_form: FileForm | None = None,
    status: int = 200,
) -> http.HttpResponse:
    """Show a case to whoever may open it; again with the form for a file that was refused."""
    record.looked(
        "case.read",
        access.case.id,
        by=request.viewer,
        at=timezone.now(),
        case_id=access.case.id,
        authority=acting.authority(access),
    )
    viewer = request.viewer
    notifications.see_case(viewer, access.case.id, at=timezone.now())
    shown = contents.read(viewer, access)
    senders.note_read([each.id for each in shown.signals if each.has_mailbox], by=viewer, at=timezone.now())
    page, is_whole = shown.page, shown.is_whole
    is_open, book = access.case.closed_at is None, tables.deciding()
    place, table = places.Place(access.case.state, access.case.district), tables.shown(book)
    reading = facts_of.read(access.case.facts, table.vocabulary)
    question = book.next_question(access.case.facts, at=timezone.now()) if book and is_open else None
    links = panels.links(page, table.vocabulary)
    can_act = viewer.role is not viewers.Role.ADVOCATE and is_open
    back = shortcuts.resolve_url("case", access.case.reference)
    known = {
        "case": access.case,
        "access": access,
        "can_act": can_act,
        "conflicts": reading.facts.conflicts,
        "place_name": country_words.place_names().get(place.code, ""),
    }
    shared = {"table": table, "back": back}
    overview = [Panel("casework/_facts.html", known)]
    acts = leads.acts(viewer, access, page.steps, links, table.vocabulary, at=timezone.now())
    context = {
        **known,
        "page": page,
        "is_whole": is_whole,
        "summary": summary.of(shown, reading, table),
        "parts": [
            part.rendered(request, shared)
            for part in panels.parts(shown, file_form, table, reading, question, links, request.GET, overview)
        ],
        "acts": acts.rendered(request, shared) if can_act else "",
        "table": table,
        "file_form": file_form,
        "list": lists.come_from(request),
        "marking": printing.marking(),
    }
    return shortcuts.render(request, "casework/case.html", context, status=status)


@acting.COORDINATORS
@require_http_methods(["GET", "POST"])
def change_facts(request: guards.Request, reference: str) -> http.HttpResponse:
    """Update the facts of a case, and its routing. What is refused is shown again."""
    access = acting.open_case(request, reference)
    if request.method == "GET":
        if not access.is_lead or access.case.closed_at is not None:
            raise http.Http404
        return _ask_facts(request, access)
    waits = tables.trouble()

    def act() -> str:
        changing.change_facts(
            access.case.id,
            facts=questions.read(request.POST, tables.asked()),
            place=places.read(request.POST.get("place", "")),
            seen_version=_number(request.POST.get("seen_version", "")),
            because=request.POST.get("because", ""),
            by=request.viewer,
            at=timezone.now(),
        )
        return waits or _("The facts are saved, and routing is updated.")

    def again(refusal: Exception) -> http.HttpResponse | None:
        current = case_queries.find(
            request.viewer, access.case.reference
        )  # somebody else may have changed it meanwhile
        if not current.is_lead or current.case.closed_at is not None:
            return None  # there is no form for them any more
        conflicts = refusal.conflicts if isinstance(refusal, facts_of.ImpossibleFacts) else ()
        form = _facts_again(request.POST, current, conflicts)
        facts_form = FactsForm(form, request.POST.get("because", ""), str(refusal), conflicts)
        return _ask_facts(request, current, facts_form)

    return acting.do(request, act, again)


def _ask_facts(
    request: guards.Request, access: case_queries.Access, again: FactsForm | None = None
) -> http.HttpResponse:
    """The form for the facts of a case that the viewer's agency leads; again, where they weren't taken."""
    record.looked("case.read", access.case.id, by=request.viewer, at=timezone.now(), case_id=access.case.id)
    table, place = tables.shown(), places.Place(access.case.state, access.case.district)
    reading = facts_of.read(access.case.facts, table.vocabulary)
    because = ChangeForm({"because": again.because} if again else None, auto_id="%s")
    if again and not again.conflicts:
        because.add_error("because", again.problem)
    context = {
        "case": access.case,
        "because": because,
        "form": again.form
        if again
        else questions.form(access.case.facts, table.vocabulary, place, reading.facts.conflicts),
        "facts_form": again,
        "known": reading.facts.known(),
        "back": shortcuts.resolve_url("case", access.case.reference),
    }
    return shortcuts.render(request, "casework/facts.html", context, status=422 if again else 200)


def _facts_again(
    sent: http.QueryDict, access: case_queries.Access, conflicts: Sequence[facts_of.Impossible]
) -> questions.Form:
    """Return the form with each answer that the person changed, and every other as it is known now: what a colleague
    changed meanwhile is not undone by whoever sends the form again."""
    current, place = access.case.facts, places.Place(access.case.state, access.case.district)
    version = _number(sent.get("seen_version", ""))
    seen = next(
        ((v.facts, v.place) for v in case_queries.facts_history(access) if v.version == version), (current, place)
    )
    asked = tables.asked()
    known, shown = (facts_of.read(each, asked).facts.known() for each in (current, seen[0]))
    typed = questions.read(sent, asked)
    changed = {name for name in {*typed, *shown} if typed.get(name) != shown.get(name)}
    facts = {name: code for name, code in known.items() if name not in changed}
    facts |= {name: code for name, code in typed.items() if name in changed}
    if sent.get("place", "") != seen[1].code:
        with contextlib.suppress(places.UnknownPlace):
            place = places.read(sent.get("place", ""))
    return questions.form(facts, asked, place, conflicts)


@acting.COORDINATORS
@require_POST
def ask_next(request: guards.Request, reference: str) -> http.HttpResponse:
    """Offer the lead to the next agency."""
    access = acting.open_case(request, reference)

    def act() -> str:
        asked = changing.ask_next(access.case.id, by=request.viewer, at=timezone.now())
        if asked is None:
            return _("No other agency is next in line.")
        return _("{agency} was asked.").format(agency=asked.office.name)

    return acting.do(request, act)


@acting.COORDINATORS
@require_POST
def step_forward(request: guards.Request, reference: str) -> http.HttpResponse:
    """Take the lead without waiting for an offer."""
    access = acting.open_case(request, reference)

    def act() -> str:
        answering.step_forward(access.case.id, by=request.viewer, at=timezone.now())
        return _("You now lead case {reference}.").format(reference=access.case.reference)

    return acting.do(request, act)


@guards.signed_in
@require_POST
def add_note(request: guards.Request, reference: str) -> http.HttpResponse:
    """Add a note."""
    access = acting.open_case(request, reference)
    if access.sight is not case_queries.Sight.CASE:
        raise http.Http404

    def act() -> str:
        audience = acting.audience(request.POST)
        text, whom = request.POST.get("text", ""), request.POST.get("for_role", "")
        for_role = next((role for role in viewers.SEES_CASES if role.value == whom), None)
        cases.add_note(
            access.case.id, text=text, audience=audience, for_role=for_role, by=request.viewer, at=timezone.now()
        )
        return _("Note added.")

    return acting.do(request, act)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
