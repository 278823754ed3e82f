"""The pages on which people take signals in, answer offers and lead cases. Each view makes one call inward."""

from __future__ import annotations

import contextlib
import dataclasses
import uuid
from collections.abc import Callable, Mapping

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from nowrongdoor.access import guards, streams, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.audit import record
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import files, people
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.cases.models import Note
from nowrongdoor.core import handoff, parts, places
from nowrongdoor.core import reference as reference_of
from nowrongdoor.core.mandates import facts
from nowrongdoor.mandates import queries as tables
from nowrongdoor.referrals import intake_views, queries, timeline, worklist
from nowrongdoor.referrals.actions import answering, changing, duties, routing
from nowrongdoor.ui import questions, unsent
from nowrongdoor.uploads import checking, kinds, telling

# What an action may refuse, in words fit to show. Anything else is a fault and rises.
REFUSALS = (
    handoff.Refused,
    duties.AlreadyDone,
    duties.HowMissing,
    cases.NoteRefused,
    facts.FactsError,
    places.UnknownPlace,
    tables.CannotDecide,
)
MISSING = (answering.NoSuchOffer, duties.NoSuchDuty, case_queries.NoSuchCase, queries.NoSuchSignal)
COORDINATORS = guards.role(viewers.Role.COORDINATOR)
FIRST_PAGE: Mapping[viewers.Role, str] = {
    **dict.fromkeys(viewers.Role, "mandates"),
    **dict.fromkeys(viewers.SEES_CASES, "cases"),
    viewers.Role.ADVOCATE: "new_signal",
    viewers.Role.COORDINATOR: "worklist",
    viewers.Role.ANALYST: "prevalence",
    viewers.Role.INSPECTOR: "trail",
    viewers.Role.ADMINISTRATOR: "staff",
}


@dataclasses.dataclass(frozen=True, slots=True)
class FileForm:
    """The form for a file as it was sent, with the field that is wrong and why; empty before anybody sent it."""

    label: str = ""
    audience: str = Note.Audience.AGENCY.value
    field: str = ""
    problem: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class FactsForm:
    """The form for facts as it was sent, and why it was refused."""

    form: questions.Form
    because: str
    problem: str


@guards.signed_in
@require_GET
def home(request: guards.Request) -> http.HttpResponse:
    """The page that a person's day starts with."""
    return shortcuts.redirect(FIRST_PAGE[request.viewer.role])


@guards.role(viewers.Role.ADMINISTRATOR)
@require_GET
def show_routing(request: guards.Request) -> http.HttpResponse:
    """What keeps signals from somebody who answers: the mandate table, and agencies where nobody can sign in."""
    trouble = tables.trouble()
    context = {
        "trouble": trouble,
        "waiting": routing.count_waiting(),
        "shipped": tables.waiting_shipped(),
        "unanswered": agencies.directory().unanswered,
    }
    return shortcuts.render(request, "referrals/routing.html", context)


@COORDINATORS
@require_GET
def show_worklist(request: guards.Request) -> http.HttpResponse:
    """What this agency must act on, due first. With HTMX only the list is answered, and nothing where the page shows it
    already: then nobody looked at anything new, and the trail says nothing."""
    try:
        kinds = _kinds(request.GET.get("kind", ""))
        cursor = worklist.read_cursor(request.GET["from"]) if request.GET.get("from") else None
    except (worklist.UnreadableCursor, ValueError):
        return shortcuts.redirect("worklist")
    page, counts = worklist.page(request.viewer, kinds=kinds, cursor=cursor), worklist.counts(request.viewer)
    shown = worklist.digest(page, counts)
    response: http.HttpResponse
    if guards.is_part(request) and request.headers.get("Nwd-Shown") == shown:
        response = http.HttpResponse(status=204)
    else:
        record.looked("worklist.read", request.viewer.agency_id, by=request.viewer, at=timezone.now())
        context = {
            "page": page,
            "counts": counts,
            "shown": shown,
            "count_limit": worklist.COUNT_LIMIT,
            "kind": request.GET.get("kind", ""),
            "from": request.GET.get("from", ""),
            "stream": streams.PATH,
        }
        template = "referrals/_entries.html" if guards.is_part(request) else "referrals/worklist.html"
        response = shortcuts.render(request, template, context)
    streams.admit(request, response)
    return response


def _kinds(text: str) -> tuple[worklist.Kind, ...]:
    return (worklist.Kind(text),) if text else tuple(worklist.Kind)


@COORDINATORS
@require_POST
def accept(request: guards.Request, offer_id: uuid.UUID) -> http.HttpResponse:
    """Say yes: the lead moves here."""

    def act() -> str:
        accepted = answering.accept(offer_id, by=request.viewer, at=timezone.now())
        return f"You now lead case {reference_of.of(accepted.case_id)}."

    return _do(request, act)


@COORDINATORS
@require_POST
def decline(request: guards.Request, offer_id: uuid.UUID) -> http.HttpResponse:
    """Say no, with the reason."""

    def act() -> str:
        reason = request.POST.get("reason", "")
        declined = answering.decline(offer_id, reason=reason, by=request.viewer, at=timezone.now())
        case = reference_of.of(declined.case_id)
        return f"You declined case {case}. The next agency was asked, and your reason is on the record."

    return _do(request, act)


@COORDINATORS
@require_POST
def revoke(request: guards.Request, offer_id: uuid.UUID) -> http.HttpResponse:
    """Take an offer back."""

    def act() -> str:
        answering.revoke(offer_id, reason=request.POST.get("reason", ""), by=request.viewer, at=timezone.now())
        return "The offer is withdrawn. Your agency still leads this case."

    return _do(request, act)


@guards.role(viewers.Role.ADVOCATE, viewers.Role.COORDINATOR)
@require_POST
def acknowledge(request: guards.Request, notice_id: uuid.UUID) -> http.HttpResponse:
    """Say that a notice arrived, or that somebody was told by hand."""

    def act() -> str:
        notice = duties.acknowledge(notice_id, how=request.POST.get("how", ""), by=request.viewer, at=timezone.now())
        return "Marked as done." if notice.by_hand else "Acknowledged."

    def again(refusal: Exception) -> http.HttpResponse | None:
        receipt = request.POST.get("signal", "")  # it has a form for as long as nobody made the call
        if not receipt or not isinstance(refusal, duties.HowMissing):
            return None
        return intake_views.answer_receipt(request, receipt, refused=(notice_id, str(refusal)))

    return _do(request, act, again)


@COORDINATORS
@require_POST
def meet(request: guards.Request, clock_id: uuid.UUID) -> http.HttpResponse:
    """Say how a deadline was met."""

    def act() -> str:
        duties.meet(clock_id, how=request.POST.get("how", ""), by=request.viewer, at=timezone.now())
        return "Deadline met."

    return _do(request, act)


@guards.role(*viewers.SEES_CASES)
@require_GET
def list_cases(request: guards.Request) -> http.HttpResponse:
    """The cases this agency takes or took part in, newest first."""
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
    return shortcuts.render(request, "referrals/cases.html", {"rows": rows, "tab": tab.value})


@guards.signed_in
@require_GET
def show_case(request: guards.Request, reference: str) -> http.HttpResponse:
    """One case: who answers for it and why, what is known, what is owed, what happened."""
    return answer_case(request, found_case(request, reference))


def answer_case(
    request: guards.Request,
    found: case_queries.Found,
    *,
    file_form: FileForm | None = None,
    facts_form: FactsForm | None = None,
    status: int = 200,
) -> http.HttpResponse:
    """Show a case to whoever came through its door; again with the form for a file or for facts that was refused."""
    authority = record.Authority.MANDATE if found.relations else record.Authority.EMERGENCY
    record.looked(
        "case.read", found.case.id, by=request.viewer, at=timezone.now(), case_id=found.case.id, authority=authority
    )
    page = queries.case_page(request.viewer, found)
    notes = case_queries.notes(request.viewer, found)
    attached = files.listed(request.viewer, found)
    is_whole = found.sight is case_queries.Sight.CASE
    place, table = places.Place(found.case.state, found.case.district), tables.shown()
    history = case_queries.facts_history(found) if is_whole else ()
    context = {
        "found": found,
        "case": found.case,
        "page": page,
        "is_whole": is_whole,
        "can_act": request.viewer.role is not viewers.Role.ADVOCATE and found.case.closed_at is None,
        "notes": notes,
        "files": attached,
        "can_attach": is_whole and found.key is not None,
        "file_form": file_form or FileForm(),
        "file_accept": kinds.ACCEPT,
        "file_limit": checking.LIMIT,
        "file_told": telling.PAGE,
        "file_kinds": [(kind.words, told) for kind, told in telling.WHAT.items()],
        "label_limit": files.LABEL_LIMIT,
        "signals": case_queries.signals(request.viewer, found.case.id) if is_whole else (),
        "people": people.shown(request.viewer, found.case.id, found.key) if is_whole else (),
        "history": history,
        "person_fields": [(name, words) for name, (_, words) in parts.FIELDS.items()],
        "timeline": timeline.of(found.case, page, notes, attached, history, table),
        "form": facts_form.form if facts_form else questions.form(found.case.facts, table.vocabulary, place),
        "table": table,
        "facts_form": facts_form,
        "place": places.names().get(place.code, "not known"),
        "chain": timeline.chain(page),
        "later": timeline.later(page),
        "is_in_chain": timeline.is_in_chain(page, request.viewer.agency_code),
    }
    return shortcuts.render(request, "referrals/case.html", context, status=status)


@COORDINATORS
@require_POST
def change_facts(request: guards.Request, reference: str) -> http.HttpResponse:
    """Keep new facts; the case is assessed and decided again. What is refused is shown again on the case's page."""
    found = found_case(request, reference)
    waits = tables.trouble()

    def act() -> str:
        changing.change_facts(
            found.case.id,
            facts=questions.read(request.POST, tables.asked()),
            place=places.read(request.POST.get("place", "")),
            seen_version=_number(request.POST.get("seen_version", "")),
            because=request.POST.get("because", ""),
            by=request.viewer,
            at=timezone.now(),
        )
        return waits or "The facts are saved, and routing is updated."

    def again(refusal: Exception) -> http.HttpResponse | None:
        current = case_queries.find(request.viewer, found.case.reference)  # somebody else may have changed it meanwhile
        if not current.is_lead or current.case.closed_at is not None:
            return None  # there is no form for them any more
        form = _facts_again(request.POST, current)
        facts_form = FactsForm(form, request.POST.get("because", ""), str(refusal))
        return answer_case(request, current, facts_form=facts_form, status=422)

    return _do(request, act, again)


def _facts_again(sent: http.QueryDict, found: case_queries.Found) -> questions.Form:
    """Return the form with each answer that the person changed, and every other as it is known now: what a colleague
    changed meanwhile is not undone by whoever sends the form again."""
    known, place = found.case.facts, places.Place(found.case.state, found.case.district)
    version = _number(sent.get("seen_version", ""))
    seen = next(((v.facts, v.place) for v in case_queries.facts_history(found) if v.version == version), (known, place))
    asked = tables.asked()
    typed = questions.read(sent, asked)
    changed = {name for name in {*typed, *seen[0]} if typed.get(name) != seen[0].get(name)}
    facts = {name: code for name, code in known.items() if name not in changed}
    facts |= {name: code for name, code in typed.items() if name in changed}
    if sent.get("place", "") != seen[1].code:
        with contextlib.suppress(places.UnknownPlace):
            place = places.read(sent.get("place", ""))
    return questions.form(facts, asked, place)


@COORDINATORS
@require_POST
def ask_next(request: guards.Request, reference: str) -> http.HttpResponse:
    """Offer the lead to whoever the chain has next."""
    found = found_case(request, reference)

    def act() -> str:
        asked = changing.ask_next(found.case.id, by=request.viewer, at=timezone.now())
        return f"{asked.office.name} was asked." if asked else "No other agency is next in line."

    return _do(request, act)


@COORDINATORS
@require_POST
def step_forward(request: guards.Request, reference: str) -> http.HttpResponse:
    """Take the lead without waiting to be asked."""
    found = found_case(request, reference)

    def act() -> str:
        answering.step_forward(found.case.id, by=request.viewer, at=timezone.now())
        return f"You now lead case {found.case.reference}."

    return _do(request, act)


@COORDINATORS
@require_POST
def close_case(request: guards.Request, reference: str) -> http.HttpResponse:
    """Close a case, with the reason."""
    found = found_case(request, reference)

    def act() -> str:
        changing.close(
            found.case.id,
            because=request.POST.get("because", ""),
            by=request.viewer,
            at=timezone.now(),
        )
        return "The case is closed. Deadlines set by law stay on the worklists."

    return _do(request, act)


@guards.signed_in
@require_POST
def add_note(request: guards.Request, reference: str) -> http.HttpResponse:
    """Keep a note."""
    found = found_case(request, reference)
    if found.sight is not case_queries.Sight.CASE:
        raise http.Http404

    def act() -> str:
        audience = Note.Audience.TEAM if request.POST.get("audience") == "team" else Note.Audience.AGENCY
        text = request.POST.get("text", "")
        cases.add_note(found.case.id, text=text, audience=audience, by=request.viewer, at=timezone.now())
        return "Note added."

    return _do(request, act)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def found_case(request: guards.Request, reference: str) -> case_queries.Found:
    """Open a case by its reference, or answer that there is nothing here."""
    try:
        return case_queries.find(request.viewer, reference)
    except case_queries.NoSuchCase:
        raise http.Http404 from None


def _do(
    request: guards.Request,
    act: Callable[[], str],
    again: Callable[[Exception], http.HttpResponse | None] = lambda refusal: None,
) -> http.HttpResponse:
    """Do it, say what came of it, and go back to where the person was. Where it is refused, nothing that they wrote is
    lost: `again` shows their form with what is wrong, or else a page of its own does."""
    back = request.POST.get("back", "")
    if not back.startswith("/") or back.startswith("//"):
        back = shortcuts.resolve_url("worklist")
    try:
        messages.success(request, act())
    except MISSING:
        raise http.Http404 from None
    except REFUSALS as refusal:
        if shown := again(refusal):
            return shown
        if unsent.of(request.POST).has_words:
            return unsent.refused(request, str(refusal), back=back)
        messages.error(request, str(refusal))
    return shortcuts.redirect(back)
