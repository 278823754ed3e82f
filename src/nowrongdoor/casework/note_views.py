"""Correcting and pinning a note. What was typed is never lost: who comes second sees what the note says now, and their
own words beside it."""

from __future__ import annotations

import uuid

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from nowrongdoor.access import guards, viewers
from nowrongdoor.cases import actions, forms, noting
from nowrongdoor.cases import queries as cases
from nowrongdoor.casework import acting

WORKERS = guards.role(*viewers.SEES_CASES)


@WORKERS
@require_http_methods(["GET", "POST"])
def correct(request: guards.Request, reference: str, note_id: uuid.UUID) -> http.HttpResponse:
    """Correct one of your agency’s notes; earlier versions are kept."""
    access, note = _note(request, reference, note_id)
    if request.method == "GET":
        fresh = forms.CorrectionForm(initial={"text": note.text, "seen": note.corrections}, auto_id="correct-%s")
        return _page(request, access, note, fresh)
    form = forms.CorrectionForm(request.POST, auto_id="correct-%s")
    if form.is_valid():
        try:
            noting.correct(
                note_id,
                text=form.cleaned_data["text"],
                because=form.cleaned_data["because"],
                seen=form.cleaned_data["seen"],
                by=request.viewer,
                at=timezone.now(),
            )
        except noting.NoSuchNote:
            raise http.Http404 from None
        except actions.NoteRefused as refusal:
            form = forms.CorrectionForm({**request.POST.dict(), "seen": note.corrections}, auto_id="correct-%s")
            form.add_error("text", str(refusal))
        else:
            messages.success(request, _("The note is corrected. What it said before stays on record."))
            return shortcuts.redirect(f"{shortcuts.resolve_url('case', access.case.reference)}#note-{note_id}")
    return _page(request, access, note, form)


@WORKERS
@require_POST
def pin(request: guards.Request, reference: str, note_id: uuid.UUID) -> http.HttpResponse:
    """Pin a note."""
    _note(request, reference, note_id)

    def act() -> str:
        noting.pin(note_id, by=request.viewer, at=timezone.now())
        return _("The note is pinned to the top.")

    return acting.do(request, act)


@WORKERS
@require_POST
def unpin(request: guards.Request, reference: str, note_id: uuid.UUID) -> http.HttpResponse:
    """Unpin a note."""
    _note(request, reference, note_id)

    def act() -> str:
        noting.unpin(note_id, by=request.viewer, at=timezone.now())
        return _("The note isn’t pinned anymore.")

    return acting.do(request, act)


def _note(request: guards.Request, reference: str, note_id: uuid.UUID) -> tuple[cases.Access, cases.NoteShown]:
    access = acting.open_case(request, reference)
    heads = [head for head in cases.note_heads(request.viewer, access) if head.id == note_id and head.is_ours]
    if not heads or access.sight is not cases.Sight.CASE or access.key is None:
        raise http.Http404
    return access, cases.open_notes(access, heads)[0]


def _page(
    request: guards.Request, access: cases.Access, note: cases.NoteShown, form: forms.CorrectionForm
) -> http.HttpResponse:
    context = {"case": access.case, "note": note, "form": form}
    return shortcuts.render(request, "cases/correct.html", context, status=422 if form.errors else 200)
