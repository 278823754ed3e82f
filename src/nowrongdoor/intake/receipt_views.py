"""What is done on a receipt after the call, and the list of one's own contacts."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from nowrongdoor.access import guards, viewers
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext as _
from nowrongdoor.intake import mine, queries
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import correcting, drafts, reaching
from nowrongdoor.ui import unsent

_WRITES = guards.role(viewers.Role.ADVOCATE, viewers.Role.COORDINATOR)


@_WRITES
@require_GET
def my_contacts(request: guards.Request) -> http.HttpResponse:
    """Your own contacts of today, what is still open in them, and who called back."""
    now = timezone.now()
    rows = mine.of(request.viewer, at=now)
    for row in rows:
        record.looked("signal.read", row.signal_id, by=request.viewer, at=now)
    context = {"rows": rows, "drafts": drafts.of(request.viewer)}
    return shortcuts.render(request, "intake/mine.html", context)


@_WRITES
@require_POST
def call_returned(request: guards.Request, reference: str) -> http.HttpResponse:
    """Say that you called somebody back, and what came of it."""

    def act(signal_id: uuid.UUID) -> str:
        reaching.note_call(signal_id, request.POST.get("result", ""), by=request.viewer, at=timezone.now())
        return _("The call is on record.")

    return _do(request, reference, act)


@_WRITES
@require_POST
def drop_way_back(request: guards.Request, reference: str) -> http.HttpResponse:
    """Erase how to reach somebody, because they said so."""

    def act(signal_id: uuid.UUID) -> str:
        reaching.drop(signal_id, by=request.viewer, at=timezone.now())
        return _("How to reach them is erased.")

    return _do(request, reference, act)


@_WRITES
@require_POST
def correct_signal(request: guards.Request, reference: str) -> http.HttpResponse:
    """Write what a signal that you took should say; the earlier text stays on record."""

    def act(signal_id: uuid.UUID) -> str:
        correcting.correct(
            signal_id,
            narrative=request.POST.get("narrative", ""),
            because=request.POST.get("because", ""),
            seen=_seen(request),
            by=request.viewer,
            at=timezone.now(),
        )
        return _("The signal is corrected.")

    return _do(request, reference, act)


@_WRITES
@require_POST
def mark_as_error(request: guards.Request, reference: str) -> http.HttpResponse:
    """Say that a signal that you took was entered in error; its text stays on record."""

    def act(signal_id: uuid.UUID) -> str:
        because = request.POST.get("because", "")
        correcting.mark_as_error(signal_id, because=because, seen=_seen(request), by=request.viewer, at=timezone.now())
        return _("The signal is marked as entered in error.")

    return _do(request, reference, act)


def _do(request: guards.Request, reference: str, act: Callable[[uuid.UUID], str]) -> http.HttpResponse:
    """Does one thing to a signal that the viewer's agency took, and goes back to its receipt."""
    here = shortcuts.resolve_url("signal", reference)
    try:
        status = queries.signal_status(request.viewer, reference, asked=tables.asked())
        words = act(status.id)
    except (queries.NoSuchSignal, reaching.NoSuchSignal, correcting.NotTheirs):
        raise http.Http404 from None
    except (correcting.Refused, correcting.ChangedMeanwhile, reaching.NotAResult) as error:
        return unsent.refused(request, str(error), back=here)
    messages.success(request, words)
    return http.HttpResponseRedirect(here)


def _seen(request: guards.Request) -> int:
    typed = request.POST.get("seen", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0
