"""Pages on which the agency that leads a case says what becomes of the lead."""

from __future__ import annotations

import uuid

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nowrongdoor.access import guards
from nowrongdoor.audit import record
from nowrongdoor.casework import acting
from nowrongdoor.core import handoff
from nowrongdoor.leads import forms, passing


@acting.COORDINATORS
@require_http_methods(["GET", "POST"])
def pass_on(request: guards.Request, reference: str) -> http.HttpResponse:
    """Give a case back, or pass it on: offer its lead to an agency that you choose, and say why."""
    access = acting.open_case(request, reference)
    if not access.is_lead or access.case.closed_at is not None:
        raise http.Http404
    record.looked("case.read", access.case.id, by=request.viewer, at=timezone.now(), case_id=access.case.id)
    form = forms.PassOnForm(passing.choices(access.case), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            step = passing.offer(
                access.case.id,
                to_agency_id=uuid.UUID(form.cleaned_data["agency"]),
                reason=form.cleaned_data["reason"],
                by=request.viewer,
                at=timezone.now(),
            )
        except passing.CannotAsk as refusal:
            form.add_error("agency", str(refusal))
        except handoff.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            sentence = _("{agency} was asked. Your agency leads until somebody there accepts.")
            messages.success(request, sentence.format(agency=step.to_agency.name))
            return shortcuts.redirect("case", access.case.reference)
    context = {"case": access.case, "form": form}
    return shortcuts.render(request, "leads/pass_on.html", context, status=422 if form.errors else 200)
