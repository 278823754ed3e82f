"""The pages of the library: the list, one recipient, and a file with what it would change. Each view makes one call
inward."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator

from django import forms as django_forms
from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nowrongdoor.access import guards
from nowrongdoor.core import protocols
from nowrongdoor.protocols import forms, importing, library, tables
from nowrongdoor.uploads import refusing

READERS = guards.role(*tables.REPORTERS)
KEEPERS = guards.role(*tables.KEEPERS)


@contextlib.contextmanager
def _refusals(form: django_forms.Form) -> Iterator[None]:
    """Say in a form what is refused, beside its field; what is not there, or another agency's, is not found."""
    try:
        yield
    except library.NotThere:
        raise http.Http404 from None
    except library.Refused as refusal:
        field = {"person": "officer"}.get(refusal.field, refusal.field)
        form.add_error(field if field in form.fields else None, str(refusal))


@READERS
@require_GET
def show_library(request: guards.Request) -> http.HttpResponse:
    """See to whom your agency reports, in each state and county, and what they want."""
    return _library(request)


def _library(request: guards.Request, form: forms.RecipientForm | None = None) -> http.HttpResponse:
    narrow = forms.NarrowForm(request.GET)
    chosen = narrow.cleaned_data if narrow.is_valid() else {}
    rows = library.listed(
        request.viewer,
        at=timezone.now(),
        state=chosen.get("state", ""),
        kind=chosen.get("kind", ""),
        to_prove=chosen.get("to_prove", False),
    )
    context = {
        "rows": rows,
        "most": library.SHOWN if len(rows) == library.SHOWN else 0,
        "narrow": narrow,
        "narrowed": sum(1 for each in chosen.values() if each),
        "form": form or (forms.RecipientForm(auto_id="add-%s") if request.viewer.role in tables.KEEPERS else None),
    }
    return shortcuts.render(request, "protocols/library.html", context, status=422 if form else 200)


@KEEPERS
@require_POST
def add_recipient(request: guards.Request) -> http.HttpResponse:
    """Add a recipient of reports to your agency’s library."""
    form = forms.RecipientForm(request.POST, auto_id="add-%s")
    if form.is_valid():
        sent = form.cleaned_data
        with _refusals(form):
            row = library.add(
                form.recipient(sent["kind"], sent["state"], sent["county"].strip()),
                by=request.viewer,
                at=timezone.now(),
            )
            messages.success(request, pgettext("a recipient of reports", "Added. Call them, then confirm it here."))
            return shortcuts.redirect("protocol", row.id)
    return _library(request, form)


@READERS
@require_GET
def show_recipient(request: guards.Request, protocol_id: uuid.UUID) -> http.HttpResponse:
    """See one recipient of reports: how to reach them, what they want, and when that was confirmed."""
    return _recipient(request, protocol_id)


def _recipient(
    request: guards.Request, protocol_id: uuid.UUID, form: forms.ContactForm | None = None
) -> http.HttpResponse:
    try:
        row = library.read(protocol_id, by=request.viewer, at=timezone.now())
    except library.NotThere:
        raise http.Http404 from None
    now = {
        "choice": row.choice,
        "immigration": row.immigration.value,
        "officer": row.contact.person,
        **{name: getattr(row.contact, name) for name in ("body", "unit", "telephone", "email")},
        **{name: getattr(row.contact, name) for name in ("hours", "wants")},
    }
    keeps = request.viewer.role in tables.KEEPERS and row.retired_at is None
    context = {
        "row": row,
        "form": (form or forms.ContactForm(initial=now, auto_id="change-%s")) if keeps else None,
        "question": forms.ContactForm().fields["immigration"].label,
    }
    return shortcuts.render(request, "protocols/recipient.html", context, status=422 if form else 200)


@KEEPERS
@require_POST
def change_recipient(request: guards.Request, protocol_id: uuid.UUID) -> http.HttpResponse:
    """Change a recipient of reports: somebody confirms it again after that."""
    form = forms.ContactForm(request.POST, auto_id="change-%s")
    if form.is_valid():
        with _refusals(form):
            row = library.read(protocol_id, by=request.viewer, at=timezone.now())
            recipient = form.recipient(row.kind, row.state, row.county)
            library.change(protocol_id, recipient, by=request.viewer, at=timezone.now())
            messages.success(request, pgettext("a recipient of reports", "Saved. Confirm it once you asked there."))
            return shortcuts.redirect("protocol", protocol_id)
    return _recipient(request, protocol_id, form)


@KEEPERS
@require_POST
def prove_recipient(request: guards.Request, protocol_id: uuid.UUID) -> http.HttpResponse:
    """Confirm a recipient of reports, after somebody there said that every line is right."""
    with _plainly(request):
        library.prove(protocol_id, by=request.viewer, at=timezone.now())
        messages.success(request, pgettext("a recipient of reports", "Confirmed."))
    return shortcuts.redirect("protocol", protocol_id)


@KEEPERS
@require_POST
def retire_recipient(request: guards.Request, protocol_id: uuid.UUID) -> http.HttpResponse:
    """Retire a recipient of reports. It stays on record."""
    with _plainly(request):
        library.retire(protocol_id, by=request.viewer, at=timezone.now())
        messages.success(request, pgettext("a recipient of reports", "Retired. No new reports can be sent there."))
    return shortcuts.redirect("protocol", protocol_id)


@contextlib.contextmanager
def _plainly(request: guards.Request) -> Iterator[None]:
    try:
        yield
    except library.NotThere:
        raise http.Http404 from None
    except library.Refused as refusal:
        messages.error(request, str(refusal))


@KEEPERS
@require_http_methods(["GET", "POST"])
def show_import(request: guards.Request) -> http.HttpResponse:
    """Choose a file of recipients, and see what it would change in your library."""
    form = forms.FileForm(request.POST, request.FILES) if request.method == "POST" else forms.FileForm()
    if form.is_bound and form.is_valid():
        try:
            text = importing.text_of(form.cleaned_data["file"].read())
        except refusing.Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            return _plan(request, text)
    context = {"form": form, "columns": importing.COLUMNS, "kinds": protocols.installed().kinds}
    return shortcuts.render(request, "protocols/import.html", context, status=422 if form.errors else 200)


@KEEPERS
@require_POST
def do_import(request: guards.Request) -> http.HttpResponse:
    """Import a file of recipients, exactly as it was shown."""
    form = forms.PlanForm(request.POST)
    if not form.is_valid():
        return shortcuts.redirect("import_protocols")
    text = form.cleaned_data["text"]
    try:
        done = importing.carry_out(text, seen=form.cleaned_data["seen"], by=request.viewer, at=timezone.now())
    except importing.ChangedMeanwhile as refusal:
        messages.error(request, str(refusal))
        return _plan(request, text)
    words = pgettext("importing recipients", "Imported: {added} added, {changed} changed.")
    messages.success(request, words.format(added=len(done.added), changed=len(done.changed)))
    return shortcuts.redirect("protocols")


def _plan(request: guards.Request, text: str) -> http.HttpResponse:
    plan = importing.plan(text, by=request.viewer, at=timezone.now())
    form = forms.PlanForm(initial={"text": text, "seen": plan.digest}, auto_id=False)
    return shortcuts.render(
        request, "protocols/plan.html", {"plan": plan, "form": form}, status=422 if plan.faults else 200
    )


@READERS
@require_GET
def download_library(request: guards.Request) -> http.HttpResponse:
    """Download your agency’s library as a file that can be imported again."""
    lines = importing.written(request.viewer, at=timezone.now())
    answer = http.HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="protocols.csv"'
    return answer
