"""Who may look at a case, who did, and emergency access: pages of the people who watch over need to know."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from urllib.parse import urlencode

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nowrongdoor.access import guards, viewers
from nowrongdoor.audit import exporting, record
from nowrongdoor.cases import need_to_know, queries, sight_forms, trail
from nowrongdoor.core.language import gettext as _
from nowrongdoor.ui import unsent, ways

WORKERS = guards.role(*viewers.SEES_CASES)
COORDINATORS = guards.role(viewers.Role.COORDINATOR)
REVIEWERS = guards.role(viewers.Role.COORDINATOR, viewers.Role.INSPECTOR)
INSPECTORS = guards.role(viewers.Role.INSPECTOR)


@WORKERS
@require_GET
def show_who(request: guards.Request, reference: str) -> http.HttpResponse:
    """See who has access to a case."""
    try:
        access = queries.find(request.viewer, reference)
    except queries.NoSuchCase:
        raise http.Http404 from None
    return _who(request, access)


def _who(
    request: guards.Request, access: queries.Access, sent: http.QueryDict | None = None, problem: str = ""
) -> http.HttpResponse:
    """The page; with what was sent and not taken, the form stays open with it."""
    record.looked("case.sight_read", access.case.id, by=request.viewer, at=timezone.now(), case_id=access.case.id)
    known = need_to_know.of_case(request.viewer, access)
    form = sight_forms.ExcludeForm(known.colleagues, sent)
    if problem and form.is_valid():
        form.add_error("person", problem)
    context = {"access": access, "known": known, "form": form}
    return shortcuts.render(request, "cases/who.html", context, status=422 if sent else 200)


@COORDINATORS
@require_POST
def exclude(request: guards.Request, reference: str) -> http.HttpResponse:
    """Remove a colleague’s access to a case."""
    try:
        access = queries.find(request.viewer, reference)
    except queries.NoSuchCase:
        raise http.Http404 from None

    form = sight_forms.ExcludeForm(need_to_know.of_case(request.viewer, access).colleagues, request.POST)
    if not form.is_valid():
        return _who(request, access, request.POST)
    sent = form.cleaned_data
    try:
        need_to_know.exclude(
            access.case.id,
            person_id=uuid.UUID(sent["person"]),
            because=sent["because"],
            by=request.viewer,
            at=timezone.now(),
        )
    except need_to_know.NotThere:
        raise http.Http404 from None
    except need_to_know.Refused as refusal:
        return _who(request, access, request.POST, str(refusal))
    messages.success(request, _("They can no longer see this case."))
    return shortcuts.redirect("who", access.case.reference)


@COORDINATORS
@require_POST
def lift_exclusion(request: guards.Request, exclusion_id: uuid.UUID) -> http.HttpResponse:
    """Restore a colleague’s access to a case."""

    def act() -> str:
        need_to_know.lift(exclusion_id, by=request.viewer, at=timezone.now())
        return _("They can see this case again.")

    return _do(request, act)


@WORKERS
@require_http_methods(["GET", "POST"])
def emergency(request: guards.Request) -> http.HttpResponse:
    """Open another agency’s case for an hour in an emergency, and say why."""
    if request.method == "GET":
        form = sight_forms.EmergencyForm(auto_id="%s", initial={"reference": request.GET.get("case", "")})
        return shortcuts.render(request, "cases/emergency.html", {"form": form})
    form = sight_forms.EmergencyForm(request.POST, auto_id="%s")
    if not form.is_valid():
        return shortcuts.render(request, "cases/emergency.html", {"form": form}, status=422)
    sent = form.cleaned_data
    try:
        row = need_to_know.open_in_emergency(
            sent["reference"], because=sent["because"], by=request.viewer, at=timezone.now()
        )
    except (need_to_know.Refused, queries.NoSuchCase) as refusal:
        form.add_error("reference", str(refusal))
        return shortcuts.render(request, "cases/emergency.html", {"form": form}, status=422)
    return shortcuts.redirect("case", row.case.reference)


@REVIEWERS
@require_GET
def emergencies(request: guards.Request) -> http.HttpResponse:
    """See your agency’s emergency accesses."""
    rows = need_to_know.emergencies(request.viewer)
    record.looked(
        "emergencies.read",
        request.viewer.agency_id,
        by=request.viewer,
        at=timezone.now(),
        authority=record.Authority.OFFICE,
    )
    shown = [(each, sight_forms.ReviewForm(auto_id=f"review-{each.id}-%s")) for each in rows]
    return shortcuts.render(request, "cases/emergencies.html", {"rows": shown})


@REVIEWERS
@require_POST
def review(request: guards.Request, emergency_id: uuid.UUID) -> http.HttpResponse:
    """Review an emergency access as the second person."""

    def act() -> str:
        need_to_know.review(
            emergency_id,
            justified=request.POST.get("justified", ""),
            words=request.POST.get("words", ""),
            by=request.viewer,
            at=timezone.now(),
        )
        return _("Your review is on the record.")

    return _do(request, act)


@INSPECTORS
@require_http_methods(["GET", "POST"])
def show_trail(request: guards.Request) -> http.HttpResponse:
    """Search your agency’s audit trail. No address names who."""
    people = trail.people(request.viewer)
    if request.method == "POST":
        form = sight_forms.TrailForm(people, request.POST)
        if form.is_valid():
            return shortcuts.redirect(_trail(form.query))
    else:
        form = sight_forms.TrailForm(people, request.GET.dict())
    page, query = None, ""
    if form.is_valid():
        query = form.query
        try:
            page = trail.page(request.viewer, form.asked, _cursor(request))
        except trail.UnreadableCursor:
            return shortcuts.redirect(_trail(query))
    record.looked(
        "trail.read",
        request.viewer.agency_id,
        by=request.viewer,
        at=timezone.now(),
        authority=record.Authority.OFFICE,
    )
    context = {
        "form": form,
        "is_asked": bool(query),
        "page": page,
        "newer": _trail(query, after=page.newer) if page and page.newer else "",
        "older": _trail(query, before=page.older) if page and page.older else "",
        "unusual": trail.unusual(request.viewer, at=timezone.now()),
    }
    return shortcuts.render(request, "cases/trail.html", context, status=200 if page else 422)


def _cursor(request: guards.Request) -> trail.Cursor | None:
    for name in ("after", "before"):
        if request.method == "GET" and request.GET.get(name):
            return trail.read_cursor(request.GET[name], is_newer=name == "after")
    return None


def _trail(query: str, **place: str) -> str:
    asked = "&".join(each for each in (query, urlencode(place)) if each)
    return shortcuts.resolve_url("trail") + (f"?{asked}" if asked else "")


@INSPECTORS
@require_GET
def export_trail(request: guards.Request) -> http.HttpResponse:
    """Download your agency’s audit trail as CSV."""
    record.looked(
        "trail.exported",
        request.viewer.agency_id,
        by=request.viewer,
        at=timezone.now(),
        authority=record.Authority.OFFICE,
    )
    answer = http.HttpResponse(exporting.of_agency(request.viewer.agency_id), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="trail.csv"'
    return answer


def _do(request: guards.Request, act: Callable[[], str]) -> http.HttpResponse:
    """Do it and say what came of it. Where it is refused, what they wrote is on the page that says why."""
    back = ways.back_of(request, otherwise="cases")
    try:
        messages.success(request, act())
    except need_to_know.NotThere:
        raise http.Http404 from None
    except need_to_know.Refused as refusal:
        if unsent.of(request.POST).has_words:
            return unsent.refused(request, str(refusal), back=back)
        messages.error(request, str(refusal))
    return shortcuts.redirect(back)
