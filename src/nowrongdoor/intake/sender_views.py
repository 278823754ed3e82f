"""The pages on which an agency reads what senders wrote through the public form, and thanks, asks or answers them."""

from __future__ import annotations

import uuid

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from nowrongdoor.access import guards, viewers
from nowrongdoor.audit import record
from nowrongdoor.core import doors, language
from nowrongdoor.core import reference as references
from nowrongdoor.core.language import gettext as _
from nowrongdoor.intake import sender_forms
from nowrongdoor.mailbox import desk
from nowrongdoor.signals.models import Signal

WRITERS = (viewers.Role.ADVOCATE, viewers.Role.COORDINATOR)
_WRITES = guards.role(*WRITERS)


@_WRITES
@require_GET
def senders(request: guards.Request) -> http.HttpResponse:
    """See who wrote to your agency through the public form, and whose words wait to be read."""
    lines = desk.lines(request.viewer)
    record.looked("mailbox.listed", request.viewer.agency_id, by=request.viewer, at=timezone.now())
    return shortcuts.render(request, "intake/senders.html", {"lines": lines})


@_WRITES
@require_http_methods(["GET", "POST"])
def sender(request: guards.Request, reference: str) -> http.HttpResponse:
    """Read what a sender wrote, and thank, ask, or answer them."""
    signal_id = _signal(reference)
    if request.method == "GET":
        desk.read(signal_id, by=request.viewer, at=timezone.now())
    shown = desk.shown(signal_id, by=request.viewer)
    if shown is None:
        raise http.Http404
    record.looked("signal.read", signal_id, by=request.viewer, at=timezone.now())
    form = sender_forms.WriteForm(request.POST or None, is_person=shown.is_person)
    if request.method == "POST" and form.is_valid():
        try:
            desk.write(signal_id, form.kind, form.cleaned_data["words"], by=request.viewer, at=timezone.now())
        except desk.NoSuchMailbox:
            raise http.Http404 from None
        except desk.Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("It’s in their mailbox. They see it when they come back with their receipt."))
            return shortcuts.redirect("sender", references.of(signal_id))
    context = {
        "mailbox": shown,
        "reference": references.of(signal_id),
        "door": doors.installed().by_code(shown.heard),
        "is_ours": Signal.objects.filter(id=signal_id, receiver=request.viewer.agency_id).exists(),
        "language": language.name_of(shown.language),
        "form": form if shown.ends_at > timezone.now() else None,
    }
    return shortcuts.render(request, "intake/sender.html", context, status=422 if form.errors else 200)


def _signal(typed: str) -> uuid.UUID:
    """Find a signal by its reference, whoever received it: only whoever answers its mailbox is shown more."""
    try:
        signal_id = desk.signal_of(references.read(typed))
    except references.UnreadableReference:
        signal_id = None
    if signal_id is None:
        raise http.Http404
    return signal_id
