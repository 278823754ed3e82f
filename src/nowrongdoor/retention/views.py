"""The page on which an agency holds and disposes of what it led. Each view makes one call inward."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from nowrongdoor.access import guards, viewers
from nowrongdoor.audit import record
from nowrongdoor.cases import queries as cases
from nowrongdoor.core import schedules
from nowrongdoor.core.language import gettext as _
from nowrongdoor.retention import actions, forms, models, queries

COORDINATORS = guards.role(viewers.Role.COORDINATOR)


@COORDINATORS
@require_GET
def show(request: guards.Request) -> http.HttpResponse:
    """See which records are due for disposal or on hold, and the retention schedules."""
    return _page(request)


def _page(request: guards.Request, form: forms.HoldForm | None = None) -> http.HttpResponse:
    """The page; with a problem, what was written stays in the form."""
    now = timezone.now()
    record.looked("retention.read", request.viewer.agency_id, by=request.viewer, at=now)
    context = {
        "due": queries.due(request.viewer, at=now),
        "holds": queries.holds(request.viewer),
        "disposals": queries.disposals(request.viewer),
        "schedules": schedules.installed().values(),
        "form": form or forms.HoldForm(auto_id="%s"),
    }
    return shortcuts.render(request, "retention/show.html", context, status=422 if form else 200)


@COORDINATORS
@require_POST
def hold(request: guards.Request) -> http.HttpResponse:
    """Hold a case."""
    form = forms.HoldForm(request.POST, auto_id="%s")
    if not form.is_valid():
        return _page(request, form)
    try:
        access = cases.find(request.viewer, form.cleaned_data["reference"])
        kind = models.Hold.Kind(form.cleaned_data["kind"])
        because = form.cleaned_data["because"]
        actions.hold(access.case.id, kind=kind, because=because, by=request.viewer, at=timezone.now())
    except (actions.Refused, cases.NoSuchCase) as refusal:
        form.add_error("reference", str(refusal))
        return _page(request, form)
    messages.success(
        request,
        _("Hold placed. Nothing in this case, or in cases merged with it, can be destroyed until the hold is lifted."),
    )
    return shortcuts.redirect("retention")


@COORDINATORS
@require_POST
def lift(request: guards.Request, hold_id: uuid.UUID) -> http.HttpResponse:
    """Lift a hold."""

    def act() -> str:
        actions.lift(hold_id, by=request.viewer, at=timezone.now())
        return _("The hold is lifted.")

    return _do(request, act)


@COORDINATORS
@require_POST
def ask(request: guards.Request) -> http.HttpResponse:
    """Request disposal of a case whose retention period ended."""

    def act() -> str:
        access = cases.find(request.viewer, request.POST.get("reference", ""))
        actions.ask(access.case.id, by=request.viewer, at=timezone.now())
        return _("Disposal requested. A second person at your agency must approve it.")

    return _do(request, act)


@COORDINATORS
@require_POST
def approve(request: guards.Request, disposal_id: uuid.UUID) -> http.HttpResponse:
    """Approve disposal as the second person: the words of the case are destroyed."""

    def act() -> str:
        done = actions.approve(disposal_id, by=request.viewer, at=timezone.now())
        return _(
            "Disposal complete: %(destroyed)s keys were destroyed, and what they sealed can’t be read anymore. "
            "This record stays."
        ) % {"destroyed": done.destroyed}

    return _do(request, act)


def _do(request: guards.Request, act: Callable[[], str]) -> http.HttpResponse:
    try:
        messages.success(request, act())
    except actions.NotThere:
        raise http.Http404 from None
    except (actions.Refused, cases.NoSuchCase) as refusal:
        messages.error(request, str(refusal))
    return shortcuts.redirect("retention")
