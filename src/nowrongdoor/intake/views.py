"""Taking a signal in by hand: one screen, safety first, and at once the answer to who has it now."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping, Sequence

from django import forms, http, shortcuts
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from nowrongdoor.access import guards, viewers
from nowrongdoor.audit import record
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.core import calls as numbers
from nowrongdoor.core import handoff, instants, places
from nowrongdoor.core.mandates import facts
from nowrongdoor.duties import actions as duties
from nowrongdoor.intake import joining, queries, routing
from nowrongdoor.leads import retrying
from nowrongdoor.mandates import panel
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals.models import Channel
from nowrongdoor.ui import questions

# A browser presses a form's first button for whoever presses Enter in a field, and half a signal is soon saved.
ENTER = "Pressing Enter in a field doesn’t save. When you’re done, select “Save and see who leads.”"
# By no default: it would answer for whoever forgets the question.
NO_CHANNEL = "Choose how they reached you."
NO_SOURCE = "Choose who is telling us. If you don’t know, choose “Not known.”"
CHANNELS = [(code, words) for code, words in Channel.choices if code not in (Channel.SYSTEM, Channel.IMPORT)]


class DoneForm(forms.Form):
    """How somebody was told, in a few words."""

    how = forms.CharField(
        label="How did you do it?",
        help_text="For example: by telephone at 3:10 a.m., dispatcher 12. Leave out names.",
        max_length=duties.HOW_LIMIT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages=dict.fromkeys(("required", "max_length"), str(duties.HowMissing())),
    )


def _time(label: str, help_text: str) -> forms.DateTimeField:
    """Make a field for a time, in the time zone of the pages, as browsers send it."""
    return forms.DateTimeField(
        label=label,
        help_text=help_text,
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        error_messages={"invalid": "Enter a date and a time, or leave it blank."},
    )


class TimesForm(forms.Form):
    """When the contact was made and when the agency got it, where it isn't now."""

    contacted_at = _time("When was the contact made?", "For example, the date of a letter, or when they called.")
    arrived_at = _time(
        "When did your agency get it?",
        "Deadlines set by law run from here. Leave it blank for a call, text, chat, web form, or visit: it’s when the "
        "contact was made.",
    )
    long_ago = forms.BooleanField(label="Yes, it was more than a year ago", required=False)

    def instants(self) -> instants.Instants:
        """Return what was said, as far as it can be read."""
        known = self.cleaned_data
        return instants.Instants(known.get("contacted_at"), known.get("arrived_at"), known["long_ago"])


@guards.role(viewers.Role.ADVOCATE, viewers.Role.COORDINATOR)
@require_http_methods(["GET", "POST"])
def new_signal(request: guards.Request) -> http.HttpResponse:
    """The advocate's screen. What was typed is never lost: an error shows the page with everything still in it."""
    if request.method == "GET":
        return _form(request, key=uuid.uuid4().hex, problems=(), status=200)
    times = TimesForm(request.POST)
    key = request.POST.get("key", "")
    if "enter" in request.POST:
        return _form(request, key=key, problems=(ENTER,), status=422)
    if request.POST.get("channel") not in dict(CHANNELS):
        return _form(request, key=key, problems=(), status=422, channel_problem=NO_CHANNEL)
    if _is_source_missing(request.POST):
        return _form(request, key=key, problems=(), status=422, source_problem=NO_SOURCE)
    given = questions.read(request.POST.dict(), tables.asked())
    conflicts = _conflicts(given)
    if conflicts or not times.is_valid():
        return _form(request, key=key, problems=(), status=422, conflicts=conflicts, times=times)
    try:
        place = places.read(request.POST.get("place", ""))
        contact = signals.Contact(
            key=f"staff:{key}",
            channel=request.POST.get("channel", ""),
            facts=given,
            answers=dict.fromkeys(request.POST.getlist("indicator"), "yes"),
            narrative=request.POST.get("narrative", ""),
            state=place.state,
            district=place.district,
            times=times.instants(),
        )
        for name, problem in contact.timed.problems(typed_at=timezone.now()).items():
            times.add_error(name, problem)
        if not times.is_valid():
            return _form(request, key=key, problems=(), status=422, times=times)
        receipt = _keep(request, contact, request.POST.get("case", "").strip())
    except signals.Unreadable as error:
        return _form(request, key=key, problems=error.problems, status=422)
    except signals.KeyReused:
        problem = "This form was kept before with other words. If this is a new signal, keep it once more."
        return _form(request, key=uuid.uuid4().hex, problems=(problem,), status=409)
    except retrying.AgencyClosed as error:
        return _form(request, key=key, problems=(str(error),), status=409)
    except (places.UnknownPlace, case_queries.NoSuchCase, handoff.Over) as error:
        return _form(request, key=key, problems=(str(error),), status=422)
    return shortcuts.redirect("signal", receipt.reference)


def _is_source_missing(sent: http.QueryDict) -> bool:
    """Whether nobody said who is telling us, where that decides who is asked: a wish decides by itself; danger comes
    first."""
    is_told = sent.get("source", "") or sent.get("wishes", facts.UNKNOWN) not in ("", facts.UNKNOWN)
    return not is_told and sent.get("urgency") != "immediate_danger"


def _conflicts(given: Mapping[str, str]) -> Sequence[facts.Impossible]:
    """Return what cannot all be true of somebody's answers. An answer that no form offers, `signals.check` refuses."""
    try:
        return facts.parse(given, tables.asked()).conflicts
    except facts.FactsError:
        return ()


def _keep(request: guards.Request, contact: signals.Contact, reference: str) -> signals.Receipt:
    """Keeps the signal, in a case that is there already or in one of its own."""
    viewer, now = request.viewer, timezone.now()
    if reference:
        access = case_queries.find(viewer, reference)
        if access.sight is not case_queries.Sight.CASE:
            raise case_queries.NoSuchCase
        return joining.take_into_case(contact, access.case.id, by=viewer, at=now)
    take = retrying.unless_closed(signals.take)
    receipt = take(contact, asked=tables.asked(), receiver_id=viewer.agency_id, by=viewer.user_id, at=now)
    # At once, so that the caller hears who has it; else the worker does.
    with contextlib.suppress(tables.CannotDecide):  # it is saved, and the receipt says why it waits
        routing.route([receipt.signal_id], at=now, by=viewer)
    return receipt


@guards.signed_in
@require_GET
def show_signal(request: guards.Request, reference: str) -> http.HttpResponse:
    """The receipt, and what became of the signal: in danger first of all whom to call, step by step."""
    return answer_receipt(request, reference)


def answer_receipt(
    request: guards.Request, reference: str, *, refused: tuple[uuid.UUID, str] | None = None
) -> http.HttpResponse:
    """Show a receipt; again, with what was typed and why beside it, where a call was not marked as done."""
    book = tables.deciding()
    content = tables.shown(book)
    try:
        status = queries.signal_status(request.viewer, reference, asked=content.vocabulary)
    except queries.NoSuchSignal:
        raise http.Http404 from None
    record.looked("signal.read", status.id, by=request.viewer, at=timezone.now())
    calls, numbers_to_call = queries.calls(status, content), numbers.installed()

    def form(call: queries.Call) -> DoneForm:
        if refused is None or refused[0] != call.id:
            return DoneForm(auto_id=f"{call.id}_%s")
        sent = DoneForm(request.POST, auto_id=f"{call.id}_%s")
        if sent.is_valid():
            sent.add_error("how", refused[1])
        return sent

    context = {
        "status": status,
        "steps": [
            (call, numbers_to_call.to(call.desk).first, numbers_to_call.to(call.desk).before, form(call))
            for call in calls
        ],
        "is_call_left": any(call.done_at is None for call in calls),
        "passed_over": queries.passed_over(status, content),
        "is_anybody_withheld": bool(status.withheld),
        "waits": "" if status.routed_at else tables.trouble(),
        "to_ask": _to_ask(request, status, book),
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
    return panel.to_ask(reading, question, content, add_to=add_to).rendered(request, {"table": content})


def _form(
    request: guards.Request,
    *,
    key: str,
    problems: tuple[str, ...],
    status: int,
    channel_problem: str = "",
    source_problem: str = "",
    conflicts: Sequence[facts.Impossible] = (),
    times: TimesForm | None = None,
) -> http.HttpResponse:
    sent, asked = request.POST, tables.asked()
    try:
        place = places.read(sent.get("place", ""))
    except places.UnknownPlace:
        place = places.Place()
    context = {
        "key": key,
        "problems": problems,
        "conflicts": conflicts,
        "form": questions.form(questions.read(sent.dict(), asked), asked, place, conflicts),
        "indicators": questions.indicators(sent.getlist("indicator")),
        "is_any_ticked": bool(sent.getlist("indicator")),
        "channels": CHANNELS,
        "channel": sent.get("channel", ""),
        "channel_problem": channel_problem,
        "source": sent.get("source", ""),
        "source_problem": source_problem,
        "times": times or TimesForm(sent or None),
        "is_any_time_told": any(sent.get(name) for name in TimesForm.base_fields),
        "narrative": sent.get("narrative", ""),
        "case": sent.get("case", request.GET.get("case", "")),
    }
    return shortcuts.render(request, "intake/new_signal.html", context, status=status)
