"""Taking a signal in by hand: one screen, safety first, and at once the answer to who has it now."""

from __future__ import annotations

import contextlib
import datetime
import functools
import uuid

from django import http, shortcuts
from django.contrib import messages
from django.db import transaction
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from nowrongdoor.access import guards, viewers
from nowrongdoor.audit import record
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.core import handoff, line
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.mandates import facts
from nowrongdoor.duties import actions as duties
from nowrongdoor.intake import file_views, forms, joining, next_steps, panel, queries, routing, sender_views
from nowrongdoor.leads import queries as leads
from nowrongdoor.leads import retrying
from nowrongdoor.line import moving
from nowrongdoor.mailbox import desk
from nowrongdoor.mandates import panel as mandates
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals import drafts, file_panel, files, reaching

# A browser presses a form's first button for whoever presses Enter in a field, and half a signal is soon saved.
ENTER = gettext_lazy("Pressing Enter in a field doesn’t save. When you’re done, select “Save and see who leads.”")


@guards.role(viewers.Role.ADVOCATE, viewers.Role.COORDINATOR)
@require_http_methods(["GET", "POST"])
def new_signal(request: guards.Request) -> http.HttpResponse:
    """Record a new signal. What was typed is never lost: an error shows the page with everything still in it."""
    asked = tables.asked()
    if request.method == "GET":
        form = forms.SignalForm(asked, key=uuid.uuid4().hex, case=request.GET.get("case", ""))
        return panel.page(request, form, others=drafts.of(request.viewer))
    form = forms.SignalForm(asked, request.POST)
    if "enter" in request.POST:
        form.only(str(ENTER))
        return panel.page(request, form, status=422)
    if not form.is_valid():
        return panel.page(request, form, status=422)
    try:
        place = form.where
        contact = signals.Contact(
            key=f"staff:{form.cleaned_data['key']}",
            channel=form.cleaned_data["channel"],
            facts=form.given,
            answers=dict.fromkeys(form.cleaned_data["indicator"], "yes"),
            narrative=form.cleaned_data["narrative"],
            state=place.state,
            district=place.district,
            times=form.instants,
            people=form.people,
            telling=form.telling,
            way_back=form.way_back(timezone.now()),
        )
        for name, problem in contact.timed.problems(typed_at=timezone.now()).items():
            form.add_error(name, problem)
        if not form.is_valid():
            return panel.page(request, form, status=422)
        receipt = _keep(request, contact, form.cleaned_data["case"].strip(), asked, form.cleaned_data["contact"])
    except signals.Unreadable as error:
        for problem in error.problems:
            form.add_error(None, problem)
        return panel.page(request, form, status=422)
    except signals.KeyReused:
        form.renew_key(uuid.uuid4().hex)
        form.add_error(None, _("This form was sent before with other words. If this is a new signal, save it again."))
        return panel.page(request, form, status=409)
    except retrying.AgencyClosed as error:
        form.add_error(None, str(error))
        return panel.page(request, form, status=409)
    except (line.Refused, moving.NoSuchContact) as error:
        form.add_error(None, str(error) or _("There is no such contact with the line."))
        return panel.page(request, form, status=409)
    except (case_queries.NoSuchCase, handoff.Over) as error:
        form.add_error("case", str(error))
        return panel.page(request, form, status=422)
    if form.is_way_dropped:
        messages.success(request, _("The number wasn’t kept, because nobody said that it’s safe to use."))
    return shortcuts.redirect("signal", receipt.reference)


def _keep(
    request: guards.Request,
    contact: signals.Contact,
    reference: str,
    asked: facts.Vocabulary,
    of_line: uuid.UUID | None,
) -> signals.Receipt:
    """Keeps the signal, in a case that is there already or in one of its own, and lets a contact with the line become
    it, both or neither; then its draft goes. Whoever sends the same form again goes on where this was interrupted."""
    with transaction.atomic():
        receipt = _take(request.viewer, contact, reference, asked, at=timezone.now())
        if of_line is not None:
            moving.became(of_line, receipt.signal_id, by=request.viewer, at=timezone.now())
    if (draft_id := panel.draft_of(request.POST.get("key", ""))) is not None:
        drafts.take_away(draft_id, by=request.viewer, at=timezone.now())
    return receipt


def _take(
    viewer: viewers.Viewer,
    contact: signals.Contact,
    reference: str,
    asked: facts.Vocabulary,
    *,
    at: datetime.datetime,
) -> signals.Receipt:
    if reference:
        access = case_queries.find(viewer, reference)
        if access.sight is not case_queries.Sight.CASE:
            raise case_queries.NoSuchCase
        return joining.take_into_case(contact, access.case.id, by=viewer, at=at)
    take = retrying.unless_closed(signals.take)
    receipt = take(contact, asked=asked, receiver_id=viewer.agency_id, by=viewer.user_id, at=at)
    # At once, so that the caller hears who has it; else the worker does.
    with contextlib.suppress(tables.CannotDecide):  # it is saved, and the receipt says why it waits
        routing.route([receipt.signal_id], at=at, by=viewer)
    return receipt


@guards.signed_in
@require_GET
def show_signal(request: guards.Request, reference: str) -> http.HttpResponse:
    """See what became of a signal, and whom to call when someone is in danger."""
    return answer_receipt(request, reference)


def answer_receipt(
    request: guards.Request, reference: str, *, refused: tuple[uuid.UUID, Exception] | None = None
) -> http.HttpResponse:
    """Show a receipt; again, with what was typed and why beside it, where a call was not marked as done."""
    book = tables.deciding()
    content = tables.shown(book)
    try:
        status = queries.signal_status(request.viewer, reference, asked=content.vocabulary)
    except queries.NoSuchSignal:
        raise http.Http404 from None
    record.looked("signal.read", status.id, by=request.viewer, at=timezone.now())

    def form(duty_id: uuid.UUID, kind: type[forms.DoneForm]) -> forms.DoneForm:
        if refused is None or refused[0] != duty_id:
            return kind(auto_id=f"{duty_id}_%s", initial={"signal": status.reference})
        sent, problem = kind(request.POST, auto_id=f"{duty_id}_%s"), refused[1]
        if sent.is_valid():
            field = "confirmation" if isinstance(problem, duties.ConfirmationMissing) else "how"
            sent.add_error(field, str(problem))
        return sent

    sent = files.listed([status.id], by=request.viewer).get(status.id, ())
    sent_panel = file_panel.panel(sent, functools.partial(file_views.addresses, status.reference), level=2)
    known = reaching.of(status.id, by=request.viewer, at=timezone.now())
    returned = reaching.returned([status.id], by=request.viewer).get(status.id, ())
    steps = next_steps.of(status, content, known, returned, form=form)
    dangers = [step for step in steps if step.what is next_steps.What.DANGER]
    context = {
        "status": status,
        "table": content,
        "steps": steps,
        "has_calls": bool(dangers),
        "is_call_left": any(step.is_open for step in dangers),
        "passed_over": (passed_over := queries.passed_over(status, content)),
        "asks_place": any(each.why == leads.NO_PLACE for each in passed_over),
        "teller": status.told.get("source", facts.UNKNOWN),
        "sender": desk.consent(status.id, by=request.viewer) if request.viewer.role in sender_views.WRITERS else None,
        "is_unaware": known.answers.get("proxy_knows") == "no",
        "waits": "" if status.routed_at else tables.trouble(),
        "to_ask": _to_ask(request, status, book),
        "sent": sent_panel.rendered(request, {}),
        "telling": panel.telling(request, status, content, known, returned).rendered(request, {"table": content}),
    }
    return shortcuts.render(request, "intake/signal.html", context, status=422 if refused else 200)


def _to_ask(request: guards.Request, status: queries.SignalStatus, book: tables.Book | None) -> str:
    """Show what to ask whoever is telling, while the agency that has them leads the case."""
    if status.case_id is None or status.is_closed or status.lead_code != request.viewer.agency_code:
        return ""
    content = tables.shown(book)
    reading = facts.read(status.facts, content.vocabulary)
    question = book.next_question(status.facts, at=timezone.now()) if book else None
    add_to = f"{shortcuts.resolve_url('new_signal')}?case={status.case_reference}"
    return mandates.to_ask(reading, question, content, add_to=add_to).rendered(request, {"table": content})
