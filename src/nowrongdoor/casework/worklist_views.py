"""The worklist, and the answers that are given on it."""

from __future__ import annotations

import uuid
from typing import cast

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nowrongdoor.access import guards, streams, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import User
from nowrongdoor.audit import record
from nowrongdoor.casework import acting
from nowrongdoor.core import reference as reference_of
from nowrongdoor.core.mandates import prove, table
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import worklist
from nowrongdoor.intake import routing
from nowrongdoor.intake import views as intake
from nowrongdoor.leads import answering, forcing
from nowrongdoor.mandates import queries as tables


@guards.signed_in
@require_GET
def home(request: guards.Request) -> http.HttpResponse:
    """The page that a person's day starts with."""
    return shortcuts.redirect(request.viewer.role.record.first_page)


@guards.role(viewers.Role.ADMINISTRATOR)
@require_GET
def show_routing(request: guards.Request) -> http.HttpResponse:
    """What keeps signals from somebody who answers: the mandate table, and agencies where nobody can sign in."""
    trouble, now = tables.trouble(), timezone.now()
    missing = () if trouble else forcing.missing_now(tables.in_force(), at=now)
    named = {each.code for each in missing}
    context = {
        "trouble": trouble,
        "waiting": routing.count_waiting(),
        "shipped": tables.waiting_shipped(),
        "kept": [each for each in tables.tables() if each.proved_digest and not each.in_force],
        "missing": missing,
        "unanswered": [each for each in agencies.directory().unanswered if each.code not in named],
    }
    return shortcuts.render(request, "casework/routing.html", context)


@guards.role(viewers.Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def force_table(request: guards.Request, table_id: uuid.UUID) -> http.HttpResponse:
    """What putting a kept table in force would do; and, once an administrator confirmed what was shown, doing it."""
    now, problem = timezone.now(), ""
    try:
        if request.method == "POST":
            try:
                row = forcing.force(table_id, seen=request.POST.get("seen", ""), by=request.viewer, at=now)
            except (forcing.NobodyBehind, forcing.ShownOtherwise) as refusal:
                problem = str(refusal)
            else:
                messages.success(request, f"{row.name}, version {row.version}, is in force. Open cases follow it now.")
                return shortcuts.redirect("routing")
        effect = forcing.effect_of(table_id, at=now)
    except forcing.NoSuchTable:
        raise http.Http404 from None
    except (table.TableError, prove.NotProved) as refusal:
        context = {"trouble": str(refusal)}
        return shortcuts.render(request, "casework/force.html", context, status=422)
    if effect.behind and not problem:
        problem = str(forcing.NobodyBehind(effect.behind))
    status = 409 if request.method == "POST" else 200
    return shortcuts.render(request, "casework/force.html", {"effect": effect, "problem": problem}, status=status)


@acting.COORDINATORS
@require_GET
def show_worklist(request: guards.Request) -> http.HttpResponse:
    """What this agency must act on, due first. With HTMX only the list is answered, and nothing where the page shows it
    already: then nobody looked at anything new, and the trail says nothing."""
    try:
        kinds = _kinds(request.GET.get("kind", ""))
        cursor = worklist.read_cursor(request.GET["from"]) if request.GET.get("from") else None
    except (worklist.UnreadableCursor, ValueError):
        return shortcuts.redirect("worklist")
    page, counts = worklist.page(request.viewer, kinds=kinds, cursor=cursor), worklist.counts(request.viewer)
    shown = worklist.digest(page, counts)
    response: http.HttpResponse
    if guards.is_part(request) and request.headers.get("Nwd-Shown") == shown:
        response = http.HttpResponse(status=204)
    else:
        record.looked("worklist.read", request.viewer.agency_id, by=request.viewer, at=timezone.now())
        context = {
            "page": page,
            "counts": counts,
            "shown": shown,
            "count_limit": worklist.COUNT_LIMIT,
            "kind": request.GET.get("kind", ""),
            "from": request.GET.get("from", ""),
            "stream": streams.PATH,
        }
        if not guards.is_part(request) and cast(User, request.user).agency.stands_by:
            context["soon"] = agencies.soon_passed_over()
        template = "casework/_entries.html" if guards.is_part(request) else "casework/worklist.html"
        response = shortcuts.render(request, template, context)
    streams.admit(request, response)
    return response


def _kinds(text: str) -> tuple[worklist.Kind, ...]:
    return (worklist.Kind(text),) if text else tuple(worklist.Kind)


@acting.COORDINATORS
@require_POST
def accept(request: guards.Request, offer_id: uuid.UUID) -> http.HttpResponse:
    """Say yes: the lead moves here."""

    def act() -> str:
        accepted = answering.accept(offer_id, by=request.viewer, at=timezone.now())
        return f"You now lead case {reference_of.of(accepted.case_id)}."

    return acting.do(request, act)


@acting.COORDINATORS
@require_POST
def decline(request: guards.Request, offer_id: uuid.UUID) -> http.HttpResponse:
    """Say no, with the reason."""

    def act() -> str:
        reason = request.POST.get("reason", "")
        declined = answering.decline(offer_id, reason=reason, by=request.viewer, at=timezone.now())
        case = reference_of.of(declined.case_id)
        return f"You declined case {case}. The next agency was asked, and your reason is on the record."

    return acting.do(request, act)


@acting.COORDINATORS
@require_POST
def revoke(request: guards.Request, offer_id: uuid.UUID) -> http.HttpResponse:
    """Take an offer back."""

    def act() -> str:
        answering.revoke(offer_id, reason=request.POST.get("reason", ""), by=request.viewer, at=timezone.now())
        return "The offer is withdrawn. Your agency still leads this case."

    return acting.do(request, act)


@guards.role(viewers.Role.ADVOCATE, viewers.Role.COORDINATOR)
@require_POST
def acknowledge(request: guards.Request, notice_id: uuid.UUID) -> http.HttpResponse:
    """Say that a notice arrived, or that somebody was told by hand."""

    def act() -> str:
        notice = duties.acknowledge(notice_id, how=request.POST.get("how", ""), by=request.viewer, at=timezone.now())
        return "Marked as done." if notice.by_hand else "Acknowledged."

    def again(refusal: Exception) -> http.HttpResponse | None:
        receipt = request.POST.get("signal", "")  # it has a form for as long as nobody made the call
        if not receipt or not isinstance(refusal, duties.HowMissing):
            return None
        return intake.answer_receipt(request, receipt, refused=(notice_id, str(refusal)))

    return acting.do(request, act, again)


@acting.COORDINATORS
@require_POST
def meet(request: guards.Request, clock_id: uuid.UUID) -> http.HttpResponse:
    """Say how a deadline was met."""

    def act() -> str:
        duties.meet(clock_id, how=request.POST.get("how", ""), by=request.viewer, at=timezone.now())
        return "Deadline met."

    return acting.do(request, act)
