"""The administrator's pages: what waits, the directory of agencies, the mandate tables, the health of the installation.

Each view makes one call inward. Nothing here is about a case.
"""

from __future__ import annotations

import uuid

from django import http, shortcuts
from django.utils import timezone
from django.views.decorators.http import require_GET

from nowrongdoor.access import guards, viewers
from nowrongdoor.administration import directory, forms, health, waiting
from nowrongdoor.agencies.models import Agency
from nowrongdoor.mandates import queries as tables

ADMINISTRATORS = guards.role(viewers.Role.ADMINISTRATOR)


@ADMINISTRATORS
@require_GET
def show(request: guards.Request) -> http.HttpResponse:
    """See what waits for an administrator, and where to change things."""
    now = timezone.now()
    lines = health.lines(at=now)
    context = {"items": waiting.items(request.viewer, lines=lines, at=now)}
    return shortcuts.render(request, "administration/index.html", context)


@ADMINISTRATORS
@require_GET
def show_agencies(request: guards.Request) -> http.HttpResponse:
    """See the directory of agencies: kind, place, and whether somebody answers there."""
    used = Agency.objects.exclude(place="").order_by("place").values_list("place", flat=True).distinct()
    form = forms.Filters(request.GET.dict(), list(used))
    context = {"agencies": directory.agencies(request.viewer, form.wanted), "form": form}
    return shortcuts.render(request, "administration/agencies.html", context, status=422 if form.errors else 200)


@ADMINISTRATORS
@require_GET
def show_agency(request: guards.Request, agency_id: uuid.UUID) -> http.HttpResponse:
    """See what is on record about an agency, and who can change it."""
    shown = directory.agency(request.viewer, agency_id)
    if shown is None:
        raise http.Http404
    context = {
        "shown": shown,
        "history": directory.history(agency_id, shown.added_at),
        "is_mine": agency_id == request.viewer.agency_id,
    }
    return shortcuts.render(request, "administration/agency.html", context)


@ADMINISTRATORS
@require_GET
def show_tables(request: guards.Request) -> http.HttpResponse:
    """See which mandate tables are kept, and which one is in force since when."""
    return shortcuts.render(request, "administration/tables.html", {"tables": tables.tables()})


@ADMINISTRATORS
@require_GET
def show_health(request: guards.Request) -> http.HttpResponse:
    """See the health of the installation, as far as its own records show it."""
    return shortcuts.render(request, "administration/health.html", {"lines": health.lines(at=timezone.now())})
