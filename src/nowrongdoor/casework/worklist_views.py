"""The worklist, and the answers that are given on it."""

from __future__ import annotations

import uuid

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nowrongdoor.access import guards, streams, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.audit import record
from nowrongdoor.casework import acting, listing, rows
from nowrongdoor.core import country_words, handoff
from nowrongdoor.core import reference as reference_of
from nowrongdoor.core.mandates import prove, table
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import assigning, kinds, searches, worklist
from nowrongdoor.intake import routing
from nowrongdoor.intake import views as intake
from nowrongdoor.leads import answering, forcing, standing, undoing
from nowrongdoor.mandates import queries as tables

UNDOABLE = 3  # acceptances at the top of the worklist, the newest; somebody who answers forty sees their list still


@guards.role(viewers.Role.ADMINISTRATOR)
@require_GET
def show_routing(request: guards.Request) -> http.HttpResponse:
    """See what keeps signals from being routed: the mandate table, and agencies where no one can sign in."""
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
    """Review a mandate table and put it in force."""
    now, problem = timezone.now(), ""
    try:
        if request.method == "POST":
            try:
                row = forcing.force(table_id, seen=request.POST.get("seen", ""), by=request.viewer, at=now)
            except (forcing.NobodyBehind, forcing.ShownOtherwise) as refusal:
                problem = str(refusal)
            else:
                words = _("{name}, version {version}, is in force. Open cases follow it now.")
                messages.success(request, words.format(name=row.name, version=row.version))
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
    """See your agency’s worklist. With HTMX only the list is
    answered, and nothing where the page shows it already: then nobody looked at anything new, and the trail says
    nothing."""
    viewer, now = request.viewer, timezone.now()
    content, directory = tables.shown(), agencies.directory()
    form = listing.Filters(request.GET.dict(), content.vocabulary, directory)
    wanted = form.wanted
    try:
        cursor = worklist.read_cursor(request.GET["from"]) if request.GET.get("from") else None
        page = worklist.page(viewer, wanted, cursor=cursor, at=now)
    except worklist.UnreadableCursor:
        return shortcuts.redirect(_address(form.query))
    if cursor and not page.entries:  # what was on it is done: whoever did it stays as near as can be
        page = worklist.last_page(viewer, wanted, at=now)
    saved = listing.saved(searches.of(viewer), content.vocabulary, directory)
    counts = worklist.counts(viewer, wanted, [each.wanted for each in saved], at=now)
    lines = _lines(page, directory, request.get_full_path())
    shown = worklist.digest(page, counts, [line.next for line in lines])
    response: http.HttpResponse
    if guards.is_part(request) and request.headers.get("Nwd-Shown") == shown:
        response = http.HttpResponse(status=204)
    else:
        record.looked("worklist.read", viewer.agency_id, by=viewer, at=now)
        here, query, written = request.get_full_path(), form.query, rows.Rows(request, content)
        tabs = listing.tabs(counts, query)
        is_tab = any(tab.is_here for tab in tabs)
        context: dict[str, object] = {
            "lines": [written.of(line) for line in lines],
            "tabs": tabs,
            "on": 0 if is_tab else form.count,
            "counts": counts,
            "shown": shown,
            "match_limit": worklist.MATCH_LIMIT,
            "saved": list(zip(saved, counts.of_searches, strict=True)),
            "can_save": query and not is_tab and query not in {each.query for each in saved},
            "form": form,
            "query": query,
            "here": here,
            "next": _address(query, page.next) if page.next else "",
            "previous": _address(query, page.previous) if page.previous else "",
            "table": content,
        }
        if not guards.is_part(request):
            context |= {
                "undoable": undoing.undoable(viewer, at=now)[:UNDOABLE],  # the older ones on their case
                "find": listing.Find(),
                "several": listing.Several(assigning.colleagues(viewer), viewer.user_id),
                "keys": listing.Keys(),
                "stream": streams.PATH,
                "soon": directory.soon_passed_over if directory[viewer.agency_id].stands_by else (),
            }
        template = "casework/_entries.html" if guards.is_part(request) else "casework/worklist.html"
        response = shortcuts.render(request, template, context)
    streams.admit(request, response)
    return response


def _address(query: str, cursor: str = "") -> str:
    whole = "&".join(each for each in (query, f"from={cursor}" if cursor else "") if each)
    return shortcuts.resolve_url("worklist") + (f"?{whole}" if whole else "")


def _lines(page: worklist.Page, directory: agencies.Directory, here: str) -> list[rows.Line]:
    led = [
        entry.case_id
        for entry in page.entries
        if entry.kind is worklist.Kind.LEAD and entry.case_id and entry.case_reference and not entry.asked
    ]
    next_of = standing.next_of(led, directory)
    names, entries = country_words.place_names(), page.entries
    after = [*(entry.id for entry in entries[1:]), *(entry.id for entry in entries[-2:-1])]
    lines = []
    for number, entry in enumerate(entries):
        office = next_of.get(entry.case_id) if entry.case_id and entry.kind is worklist.Kind.LEAD else None
        back = f"{here}#e-{after[number]}" if number < len(after) else here
        name = names.get(entry.place, "")
        lines.append(rows.Line(entry, name, f"{here}#e-{entry.id}", back, office.name if office else ""))
    return lines


@acting.COORDINATORS
@require_POST
def accept(request: guards.Request, offer_id: uuid.UUID) -> http.HttpResponse:
    """Accept an offer of the lead."""

    def act() -> str:
        accepted = answering.accept(offer_id, by=request.viewer, at=timezone.now())
        return naming(_("You now lead case {case}."), accepted.case_id)

    return acting.do(request, act)


@acting.COORDINATORS
@require_POST
def undo(request: guards.Request, offer_id: uuid.UUID) -> http.HttpResponse:
    """Take your yes back, within two minutes."""

    def act() -> str:
        step = undoing.undo(offer_id, by=request.viewer, at=timezone.now())
        return naming(_("Undone. Your agency no longer leads case {case}."), step.case_id)

    return acting.do(request, act)


@acting.COORDINATORS
@require_POST
def decline(request: guards.Request, offer_id: uuid.UUID) -> http.HttpResponse:
    """Decline an offer of the lead, with the reason."""

    def act() -> str:
        reason = request.POST.get("reason", "")
        declined = answering.decline(offer_id, reason=reason, by=request.viewer, at=timezone.now())
        words = _("You declined case {case}. The next agency was asked, and your reason is on the record.")
        if declined.kind == handoff.Kind.REQUEST.value:  # a no to whoever passes a case on asks nobody else
            words = _(
                "You declined case {case}. The agency that asked you still leads it, and your reason is on the record."
            )
        return naming(words, declined.case_id)

    return acting.do(request, act)


@acting.COORDINATORS
@require_POST
def revoke(request: guards.Request, offer_id: uuid.UUID) -> http.HttpResponse:
    """Withdraw an offer."""

    def act() -> str:
        offer = answering.revoke(offer_id, reason=request.POST.get("reason", ""), by=request.viewer, at=timezone.now())
        return naming(_("The offer of case {case} is withdrawn. Your agency still leads it."), offer.case_id)

    return acting.do(request, act)


@guards.role(viewers.Role.ADVOCATE, viewers.Role.COORDINATOR)
@require_POST
def acknowledge(request: guards.Request, notice_id: uuid.UUID) -> http.HttpResponse:
    """Acknowledge a notice, or mark an agency as notified by phone."""

    def act() -> str:
        notice = duties.acknowledge(
            notice_id,
            how=request.POST.get("how", ""),
            confirmation=request.POST.get("confirmation", ""),
            by=request.viewer,
            at=timezone.now(),
        )
        words = _("Marked as notified: case {case}.") if notice.by_hand else _("Notice of case {case} acknowledged.")
        if notice.kind == kinds.Kind.TASK.value:
            words = _("Marked as read: case {case}.")
        return naming(words, notice.case_id)

    def again(refusal: Exception) -> http.HttpResponse | None:
        receipt = request.POST.get("signal", "")  # it has a form for as long as nobody made the call
        if not receipt or not isinstance(refusal, duties.HowMissing | duties.ConfirmationMissing):
            return None
        return intake.answer_receipt(request, receipt, refused=(notice_id, refusal))

    return acting.do(request, act, again)


@acting.COORDINATORS
@require_POST
def meet(request: guards.Request, clock_id: uuid.UUID) -> http.HttpResponse:
    """Mark a deadline complete."""

    def act() -> str:
        met = duties.meet(clock_id, how=request.POST.get("how", ""), by=request.viewer, at=timezone.now())
        return naming(_("Deadline met in case {case}."), met.case_id)

    return acting.do(request, act)


def naming(words: str, case_id: uuid.UUID | None) -> SafeString:
    """Put a link to a case into a sentence, in the place of {case}."""
    if case_id is None:
        return format_html(words, case="")
    reference = reference_of.of(case_id)
    link = format_html('<a class="nowrap" href="{}">{}</a>', shortcuts.resolve_url("case", reference), reference)
    return format_html(words, case=link)
