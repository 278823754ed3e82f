"""Pages on which the agency that leads a case says what becomes of the lead and of the case, and what belongs to it."""

from __future__ import annotations

import uuid

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nowrongdoor.access import guards, viewers
from nowrongdoor.audit import record
from nowrongdoor.cases import copies, people, together
from nowrongdoor.cases import queries as cases
from nowrongdoor.casework import acting
from nowrongdoor.core import handoff, outcomes
from nowrongdoor.duties import kinds
from nowrongdoor.duties import queries as duties
from nowrongdoor.leads import changing, forms, passing, reopening
from nowrongdoor.mandates import queries as tables

WORKERS = guards.role(*viewers.SEES_CASES)


@acting.COORDINATORS
@require_http_methods(["GET", "POST"])
def pass_on(request: guards.Request, reference: str) -> http.HttpResponse:
    """Give a case back, or pass it on: offer its lead to an agency that you choose, and say why."""
    access = _led(request, reference)
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


@acting.COORDINATORS
@require_http_methods(["GET", "POST"])
def close_case(request: guards.Request, reference: str) -> http.HttpResponse:
    """Close a case: how it ended, why, and what is still owed on it."""
    access = _led(request, reference)
    form = forms.CloseForm(request.POST if request.method == "POST" else None, auto_id="close-%s")
    if request.method == "POST" and form.is_valid():
        try:
            changing.close(
                access.case.id,
                because=form.cleaned_data["because"],
                outcome=form.outcome,
                by=request.viewer,
                at=timezone.now(),
            )
        except handoff.Refused as refusal:
            form.add_error("because", str(refusal))
        else:
            sentence = _("Case {reference} is closed. Deadlines set by law stay on the worklists.")
            messages.success(request, sentence.format(reference=access.case.reference))
            return shortcuts.redirect("case", access.case.reference)
    kinds_owed = (kinds.Kind.NOTICE, kinds.Kind.DEADLINE, kinds.Kind.REQUEST)
    owed = [each for each in duties.of_case(access.case.id, *kinds_owed) if each.done_at is None]
    context = {
        "case": access.case,
        "form": form,
        "owed": [(each, _asks(each)) for each in owed],
        "table": tables.shown(),
        "citation": outcomes.CITATION,
    }
    return shortcuts.render(request, "leads/close.html", context, status=422 if form.errors else 200)


@acting.COORDINATORS
@require_http_methods(["GET", "POST"])
def reopen_case(request: guards.Request, reference: str) -> http.HttpResponse:
    """Open a closed case again that your agency led last, and say why."""
    access = acting.open_case(request, reference)
    stays_so = access.case.closed_at is None or access.case.merged_into_id is not None
    if not access.is_lead or (stays_so and request.method != "POST"):  # what was sent is refused with its reason
        raise http.Http404
    record.looked("case.read", access.case.id, by=request.viewer, at=timezone.now(), case_id=access.case.id)
    form = forms.ReopenForm(request.POST if request.method == "POST" else None, auto_id="reopen-%s")
    if request.method == "POST" and form.is_valid():
        because = form.cleaned_data["because"]
        try:
            reopening.reopen(access.case.id, because=because, by=request.viewer, at=timezone.now())
        except handoff.Refused as refusal:
            form.add_error("because", str(refusal))
        else:
            sentence = _("Case {reference} is open again. Your agency is the lead agency.")
            messages.success(request, sentence.format(reference=access.case.reference))
            return shortcuts.redirect("case", access.case.reference)
    context = {"case": access.case, "form": form}
    return shortcuts.render(request, "leads/reopen.html", context, status=422 if form.errors else 200)


def _asks(duty: duties.Duty) -> str:
    return kinds.words(duty.rule, duty.desk) if duty.kind is kinds.Kind.REQUEST else duty.why


@WORKERS
@require_http_methods(["GET", "POST"])
def show_together(request: guards.Request, reference: str) -> http.HttpResponse:
    """Which cases belong to this one or may be the same; linking them, and merging this one into another."""
    access = acting.open_case(request, reference)
    if access.sight is not cases.Sight.CASE:
        raise http.Http404
    record.looked("case.read", access.case.id, by=request.viewer, at=timezone.now(), case_id=access.case.id)
    may_merge = access.is_lead and request.viewer.role is viewers.ANSWERS
    sent = request.POST if request.method == "POST" else None
    is_merge = sent is not None and "into" in sent
    link = forms.LinkForm(None if is_merge else sent, auto_id="link-%s")
    merge = forms.MergeForm(sent if is_merge else None, auto_id="merge-%s")
    if is_merge and not may_merge:
        raise http.Http404
    if is_merge and merge.is_valid() and (done := _merge(request, access, merge)):
        return done
    if sent is not None and not is_merge and link.is_valid() and (done := _link(request, access, link)):
        return done
    context = {
        "case": access.case,
        "together": together.together(request.viewer, access),
        "alike": people.alike(request.viewer, access.case.id),
        "copies": copies.of_case(request.viewer, access.case.id),
        "link": link,
        "merge": merge if may_merge and (is_merge or access.case.closed_at is None) else None,
    }
    status = 422 if link.errors or merge.errors else 200
    return shortcuts.render(request, "casework/together.html", context, status=status)


def _merge(request: guards.Request, access: cases.Access, form: forms.MergeForm) -> http.HttpResponse | None:
    try:
        other = cases.find(request.viewer, form.cleaned_data["into"])
        because = form.cleaned_data["because"]
        changing.merge(access.case.id, into_id=other.case.id, because=because, by=request.viewer, at=timezone.now())
    except cases.NoSuchCase as refusal:
        form.add_error("into", str(refusal))
    except changing.NotTheLead:
        form.add_error("into", _("Your agency has to lead both cases, and both have to be open."))
    except handoff.Refused as refusal:
        form.add_error("because", str(refusal))
    else:
        sentence = _("Case {reference} is closed and points to case {other}, which goes on.")
        names = {"reference": access.case.reference, "other": other.case.reference}
        messages.success(request, sentence.format(**names))
        return shortcuts.redirect("case", other.case.reference)
    return None


def _link(request: guards.Request, access: cases.Access, form: forms.LinkForm) -> http.HttpResponse | None:
    try:
        other = cases.find(request.viewer, form.cleaned_data["other"])
        if other.sight is not cases.Sight.CASE:
            raise cases.NoSuchCase
        together.link(access.case.id, other_id=other.case.id, by=request.viewer, at=timezone.now())
    except (cases.NoSuchCase, together.CannotLink) as refusal:
        form.add_error("other", str(refusal))
        return None
    messages.success(request, _("The two cases are linked. Only your agency sees the link."))
    return shortcuts.redirect("together", access.case.reference)


def _led(request: guards.Request, reference: str) -> cases.Access:
    access = acting.open_case(request, reference)
    # What was sent is refused with its reason: a colleague may have closed the case meanwhile.
    if not access.is_lead or (access.case.closed_at is not None and request.method != "POST"):
        raise http.Http404
    record.looked("case.read", access.case.id, by=request.viewer, at=timezone.now(), case_id=access.case.id)
    return access
