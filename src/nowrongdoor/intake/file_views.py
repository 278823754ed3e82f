"""Opening and isolating a file that somebody added to a contact, from the receipt of the contact; and what pages of a
case share with it."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from nowrongdoor.access import guards, headers, viewers
from nowrongdoor.core.language import gettext as _
from nowrongdoor.intake import queries
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import file_panel, files
from nowrongdoor.signals.models import SignalFileContent

_READERS = guards.role(*viewers.SEES_CASES)


@_READERS
@require_GET
def copy(request: guards.Request, reference: str, sent_id: uuid.UUID) -> http.HttpResponse:
    """Open the copy of a file that a sender added, without its hidden details."""
    return answer_file(request, sent_id, files.Form.COPY, signal_ids=[_signal(request, reference)])


@_READERS
@require_GET
def original(request: guards.Request, reference: str, sent_id: uuid.UUID) -> http.HttpResponse:
    """Open a file as its sender sent it, as an investigator."""
    return answer_file(request, sent_id, files.Form.ORIGINAL, signal_ids=[_signal(request, reference)])


@_READERS
@require_http_methods(["GET", "POST"])
def isolate(request: guards.Request, reference: str, sent_id: uuid.UUID) -> http.HttpResponse:
    """Isolate a file that nobody may look at, for good."""
    signal_id = _signal(request, reference)
    back = shortcuts.resolve_url("signal", reference)
    words = _("Signal %(reference)s") % {"reference": reference}
    return answer_isolate(request, sent_id, signal_ids=[signal_id], back=back, words=words)


def addresses(reference: str, sent_id: uuid.UUID) -> file_panel.Addresses:
    """Say where a file of a contact opens from its receipt."""
    names = ("sent_file", "sent_original", "isolate_sent")
    return file_panel.Addresses(*(shortcuts.resolve_url(name, reference, sent_id) for name in names))


def answer_file(
    request: guards.Request,
    sent_id: uuid.UUID,
    form: SignalFileContent.Form,
    *,
    signal_ids: Collection[uuid.UUID],
    case_id: uuid.UUID | None = None,
) -> http.HttpResponse:
    """Send a file of one of these contacts, as something to save and never as a page, or answer that there is none."""
    _listed(request, sent_id, signal_ids, case_id)
    try:
        file = files.opened(sent_id, form, by=request.viewer, at=timezone.now(), case_id=case_id)
    except files.NoSuchFile:
        raise http.Http404 from None
    answer = http.HttpResponse(file.content, content_type=file.kind.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{file.name}"'
    answer[headers.CSP] = headers.SANDBOX
    return answer


def answer_isolate(
    request: guards.Request,
    sent_id: uuid.UUID,
    *,
    signal_ids: Collection[uuid.UUID],
    back: str,
    words: str,
    case_id: uuid.UUID | None = None,
) -> http.HttpResponse:
    """Ask whether to isolate a file of one of these contacts, or do it and go back. `words`: where that leads."""
    file = _listed(request, sent_id, signal_ids, case_id)
    if request.method == "GET" and not file.is_isolated:
        return shortcuts.render(request, "signals/isolate.html", {"file": file, "back": back, "words": words})
    if request.method == "POST":
        files.isolate(sent_id, by=request.viewer, at=timezone.now(), case_id=case_id)
        messages.success(
            request, _("The file is isolated. Only an investigator at a law enforcement agency can open it.")
        )
    return http.HttpResponseRedirect(f"{back}#sent-files")


def _listed(
    request: guards.Request, sent_id: uuid.UUID, signal_ids: Collection[uuid.UUID], case_id: uuid.UUID | None
) -> files.FileShown:
    for rows in files.listed(signal_ids, by=request.viewer, case_id=case_id).values():
        for row in rows:
            if row.id == sent_id:
                return row
    raise http.Http404


def _signal(request: guards.Request, reference: str) -> uuid.UUID:
    try:
        return queries.signal_status(request.viewer, reference, asked=tables.asked()).id
    except queries.NoSuchSignal:
        raise http.Http404 from None
