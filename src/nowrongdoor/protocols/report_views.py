"""The pages of reports: what may be told before one is written, the list, and one report. Each view makes one call
inward."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator, Sequence

from django import forms as django_forms
from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nowrongdoor.access import guards
from nowrongdoor.cases import queries as cases
from nowrongdoor.core import protocols
from nowrongdoor.protocols import forms, library, models, queries, reporting, tables, weighing
from nowrongdoor.ui import rendering

REPORTERS = guards.role(*tables.REPORTERS)
KEEPERS = guards.role(*tables.KEEPERS)
_Recipients = Sequence[tuple[library.RecipientShown, protocols.Weighed]]


@contextlib.contextmanager
def _refusals(form: django_forms.Form | None, request: guards.Request) -> Iterator[None]:
    """Say what is refused, in a form beside its field or above the page; what is not there is not found."""
    try:
        yield
    except (reporting.NotThere, weighing.NotThere):
        raise http.Http404 from None
    except reporting.Refused as refusal:
        if form is None:
            messages.error(request, str(refusal))
            return
        field = refusal.field if refusal.field in form.fields else f"{forms.PART}{refusal.field}"
        form.add_error(field if field in form.fields else None, str(refusal))


@REPORTERS
@require_http_methods(["GET", "POST"])
def report_case(request: guards.Request, reference: str) -> http.HttpResponse:
    """See who must, may, and may not be told of a case, and write a report."""

    def subject() -> weighing.Subject:
        return weighing.of_case(cases.find(request.viewer, reference), request.viewer)

    return _report(request, subject)


@REPORTERS
@require_http_methods(["GET", "POST"])
def report_signal(request: guards.Request, reference: str) -> http.HttpResponse:
    """See who must, may, and may not be told of a signal, and write a report."""
    try:
        case = weighing.case_of(reference, request.viewer)
    except weighing.NotThere:
        raise http.Http404 from None
    if case:
        return shortcuts.redirect("report_case", case)
    return _report(request, lambda: weighing.of_signal(reference, request.viewer))


def _report(request: guards.Request, find: Callable[[], weighing.Subject]) -> http.HttpResponse:
    try:
        subject = find()
    except (weighing.NotThere, cases.NoSuchCase):
        raise http.Http404 from None
    now = timezone.now()
    considered = weighing.consider(subject, by=request.viewer, at=now)
    choices = _choices([each for answer in considered.answers for each in answer.recipients])
    form = forms.ReportForm(choices, request.POST if request.method == "POST" else None, auto_id="report-%s")
    if form.is_bound and form.is_valid():
        written = reporting.Written(
            protocol_id=uuid.UUID(form.cleaned_data["recipient"]),
            parts=form.parts,
            danger_because=form.cleaned_data["danger_because"],
        )
        with _refusals(form, request):
            row = reporting.write(subject, written, by=request.viewer, at=now)
            words = (
                pgettext("a report", "Saved. You can send it now; a coordinator reviews it after.")
                if row.in_danger
                else pgettext("a report", "Saved. A coordinator who didn’t write it reviews it now.")
            )
            messages.success(request, words)
            return shortcuts.redirect("report", row.id)
    context = {
        "considered": considered,
        "subject": subject,
        "form": form if choices else None,
        "instead": protocols.installed().instead,
        "question": protocols.installed().immigration,
    }
    return shortcuts.render(request, "protocols/write.html", context, status=422 if form.errors else 200)


def _choices(recipients: _Recipients) -> list[tuple[str, rendering.Described]]:
    """List those who may be told, each with what a writer has to know."""
    return [
        (str(row.id), rendering.Described(_named(row), _hint(row, weighed)))
        for row, weighed in recipients
        if weighed.verdict is not protocols.Verdict.MAY_NOT
    ]


def _named(row: library.RecipientShown) -> str:
    words = pgettext("a recipient of reports", "{body}, {place} ({kind}, choice {choice})")
    return words.format(body=row.contact.body, place=row.place_words, kind=row.kind_words, choice=row.choice)


def _hint(row: library.RecipientShown, weighed: protocols.Weighed) -> str:
    proved = (
        pgettext("a recipient of reports", "Confirmed.")
        if row.is_proved
        else pgettext("a recipient of reports", "Not confirmed lately: the report says so.")
    )
    wants = pgettext("a recipient of reports", "They want: {wants}").format(wants=row.contact.wants)
    risky = pgettext("a recipient of reports", "They may tell immigration enforcement.")
    return " ".join([proved, *([wants] if row.contact.wants else []), *([risky] if weighed.is_risky else [])])


@REPORTERS
@require_GET
def show_reports(request: guards.Request) -> http.HttpResponse:
    """See your agency’s reports: which wait for a review, and how long each took."""
    now = timezone.now()
    rows = queries.listed(request.viewer, at=now)
    context = {
        "waiting": [row for row in rows if row.waits_for_review],
        "returned": [row for row in rows if row.state is queries.State.RETURNED],
        "reviewed": [row for row in rows if row.reviewed_at],
        "pace": queries.pace(request.viewer, at=now),
    }
    return shortcuts.render(request, "protocols/reports.html", context)


@REPORTERS
@require_GET
def show_report(request: guards.Request, report_id: uuid.UUID) -> http.HttpResponse:
    """See one report: its words, who reviewed it, when it left, and what came of it."""
    return _one(request, report_id)


def _one(
    request: guards.Request,
    report_id: uuid.UUID,
    *,
    change: forms.ReportForm | None = None,
    comment: forms.CommentForm | None = None,
    send: forms.SendForm | None = None,
    confirm: tuple[uuid.UUID, forms.ConfirmForm] | None = None,
    outcome: forms.OutcomeForm | None = None,
) -> http.HttpResponse:
    """The page; a form with a problem keeps what was written in it."""
    now, viewer = timezone.now(), request.viewer
    with _refusals(None, request):
        report = queries.read(report_id, by=viewer, at=now)
    there = _recipients(request, report_id)
    choices, reached = _choices(there), _choices(_reviewed_for(there, report))
    first = {
        "recipient": str(report.protocol_id),
        "in_danger": report.in_danger,
        "danger_because": report.danger_because,
        **{f"{forms.PART}{code}": words for code, words in report.parts.items()},
    }
    is_kept = report.sent_at is None
    reviews = viewer.role in tables.KEEPERS and viewer.user_id not in (report.by_id, report.words_by_id)
    sendings = [
        (
            each,
            None
            if each.confirmed_at
            else confirm[1]
            if confirm and confirm[0] == each.id
            else forms.ConfirmForm(auto_id=f"confirm-{each.id.hex}-%s"),
        )
        for each in report.sendings
    ]
    context = {
        "report": report,
        "sendings": sendings,
        "change": (change or forms.ReportForm(choices, initial=first, auto_id="change-%s"))
        if is_kept and choices
        else None,
        "comment": (comment or forms.CommentForm(auto_id="comment-%s"))
        if reviews and report.waits_for_review
        else None,
        "send": (send or forms.SendForm(reached, initial=first, auto_id="send-%s"))
        if reached and report.state not in (queries.State.REVIEW, queries.State.RETURNED)
        else None,
        "outcome": (outcome or forms.OutcomeForm(auto_id="outcome-%s")) if report.sent_at else None,
        "instead": protocols.installed().instead,
    }
    is_refused = any((change, comment, send, confirm, outcome))
    return shortcuts.render(request, "protocols/report.html", context, status=422 if is_refused else 200)


def _recipients(request: guards.Request, report_id: uuid.UUID) -> _Recipients:
    try:
        subject = reporting.subject_by_id(report_id, by=request.viewer)
    except reporting.NotThere:
        return []  # the agency works on the case no longer: it reads, and sends nothing
    return weighing.recipients(subject, by=request.viewer, at=timezone.now())


def _reviewed_for(there: _Recipients, report: queries.ReportShown) -> _Recipients:
    """List those to whom it may be sent: whom its review is of, and the other choices there; in danger, whoever may be
    told."""
    if report.in_danger:
        return there
    return [each for each in there if (each[0].state, each[0].county.lower(), each[0].kind) == report.place_and_kind]


def _seen(request: guards.Request) -> int:
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isdecimal() and len(seen) < 8 else 0


@REPORTERS
@require_POST
def change_report(request: guards.Request, report_id: uuid.UUID) -> http.HttpResponse:
    """Change a report that hasn’t left: somebody else reviews it again."""
    form = forms.ReportForm(_choices(_recipients(request, report_id)), request.POST, auto_id="change-%s")
    if form.is_valid():
        written = reporting.Written(
            protocol_id=uuid.UUID(form.cleaned_data["recipient"]),
            parts=form.parts,
            danger_because=form.cleaned_data["danger_because"],
        )
        with _refusals(form, request):
            reporting.change(report_id, written, seen=_seen(request), by=request.viewer, at=timezone.now())
            messages.success(request, pgettext("a report", "Saved. These words need a review."))
            return shortcuts.redirect("report", report_id)
    return _one(request, report_id, change=form)


@KEEPERS
@require_POST
def review_report(request: guards.Request, report_id: uuid.UUID) -> http.HttpResponse:
    """Review a report that a colleague wrote: let it leave, or send it back."""
    form = forms.CommentForm(request.POST, auto_id="comment-%s")
    if form.is_valid():
        is_returned = "return" in request.POST
        act = reporting.send_back if is_returned else reporting.review
        with _refusals(form, request):
            act(
                report_id,
                comment=form.cleaned_data["comment"],
                seen=_seen(request),
                by=request.viewer,
                at=timezone.now(),
            )
            words = (
                pgettext("a report", "Returned to the writer.")
                if is_returned
                else pgettext("a report", "Approved: it can be sent now.")
            )
            messages.success(request, words)
            return shortcuts.redirect("report", report_id)
    return _one(request, report_id, comment=form)


@REPORTERS
@require_POST
def send_report(request: guards.Request, report_id: uuid.UUID) -> http.HttpResponse:
    """Note that a report left, the first time or again."""
    form = forms.SendForm(_choices(_recipients(request, report_id)), request.POST, auto_id="send-%s")
    if form.is_valid():
        with _refusals(form, request):
            reporting.send(
                report_id,
                protocol_id=uuid.UUID(form.cleaned_data["recipient"]),
                how=models.Sending.How(form.cleaned_data["how"]),
                seen=_seen(request),
                by=request.viewer,
                at=timezone.now(),
            )
            messages.success(request, pgettext("a report", "Marked as sent. Ask them for their report number."))
            return shortcuts.redirect("report", report_id)
    return _one(request, report_id, send=form)


@REPORTERS
@require_POST
def confirm_report(request: guards.Request, report_id: uuid.UUID, sending_id: uuid.UUID) -> http.HttpResponse:
    """Note a recipient’s own number for a report, or who there has it."""
    form = forms.ConfirmForm(request.POST, auto_id=f"confirm-{sending_id.hex}-%s")
    if form.is_valid():
        sent = form.cleaned_data
        with _refusals(form, request):
            reporting.confirm(
                report_id,
                sending_id,
                number=sent["confirmation"],
                name=sent["confirmed_name"],
                by=request.viewer,
                at=timezone.now(),
            )
            messages.success(request, pgettext("a report", "Confirmed."))
            return shortcuts.redirect("report", report_id)
    return _one(request, report_id, confirm=(sending_id, form))


@REPORTERS
@require_POST
def note_outcome(request: guards.Request, report_id: uuid.UUID) -> http.HttpResponse:
    """Note what came of a report, for every agency that works on the case."""
    form = forms.OutcomeForm(request.POST, auto_id="outcome-%s")
    if form.is_valid():
        with _refusals(form, request):
            result = models.Outcome.Result(form.cleaned_data["result"])
            reporting.note_outcome(report_id, result, by=request.viewer, at=timezone.now())
            messages.success(request, pgettext("a report", "Noted. Every agency on the case sees it."))
            return shortcuts.redirect("report", report_id)
    return _one(request, report_id, outcome=form)
