"""What is done on the worklist besides answering: assign, take and release; several at once; print; a quick look at a
case; find one; save a search."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Sequence

from django import http, shortcuts
from django.contrib import messages
from django.db import transaction
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nowrongdoor.access import guards, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.audit import record
from nowrongdoor.cases import queries as cases
from nowrongdoor.casework import acting, finding, listing, printing, queries
from nowrongdoor.casework.worklist_views import naming
from nowrongdoor.core import country_words
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import assigning, searches, worklist
from nowrongdoor.mandates import queries as tables
from nowrongdoor.ui import ways

NOBODY, ME = "nobody", "me"


@acting.COORDINATORS
@require_POST
def assign(request: guards.Request, entry_id: uuid.UUID) -> http.HttpResponse:
    """Take, release, or assign a worklist entry."""

    def act() -> str:
        to, seen = _person(request, "to"), _seen(request, "seen")
        entry = assigning.give(entry_id, to=to, seen=seen, by=request.viewer, at=timezone.now())
        return naming(_given(to, request.viewer), entry.case_id)

    return acting.do(request, act)


def _given(to: uuid.UUID | None, viewer: viewers.Viewer) -> str:
    if to is None:
        return _("Released: nobody in your agency has case {case} now.")
    return _("You have case {case} now.") if to == viewer.user_id else _("Case {case} is assigned to your colleague.")


def _person(request: guards.Request, name: str) -> uuid.UUID | None:
    """Read a person from a form: an id, yourself, or nobody, which has to be said. CannotHaveIt."""
    sent = request.POST.get(name, "")
    if sent == NOBODY:
        return None
    if sent == ME:
        return request.viewer.user_id
    try:
        return uuid.UUID(sent)
    except ValueError:
        raise assigning.CannotHaveIt from None


def _seen(request: guards.Request, name: str) -> uuid.UUID | None:
    """Read who had an entry on the page that was sent; nobody where the page does not say. CannotHaveIt."""
    return _person(request, name) if request.POST.get(name) else None


@dataclasses.dataclass(frozen=True, slots=True)
class Failed:
    """An entry with which something could not be done, and why."""

    case: str
    why: str


@acting.COORDINATORS
@require_POST
def several(request: guards.Request) -> http.HttpResponse:
    """Acknowledge, assign, or print several worklist entries at once. What could not be done is named, with
    the reason."""
    chosen, missing = _chosen(request)
    back, what = ways.back_of(request, otherwise="worklist"), request.POST.get("act", "")
    if not chosen and not missing:
        messages.error(request, _("Select at least one entry first. Nothing was changed."))
        return shortcuts.redirect(back)
    if missing:
        words = ngettext(
            "%(count)d entry left the list before this was done.",
            "%(count)d entries left the list before this was done.",
            missing,
        )
        messages.error(request, words % {"count": missing})
    if not chosen:
        return shortcuts.redirect(back)
    if what == "print":
        return _print(request, chosen)
    if what == "acknowledge" and "sure" not in request.POST:
        ready = [entry for entry in chosen if entry.can_be_acknowledged]
        context = {"ready": ready, "others": [entry for entry in chosen if entry not in ready], "back": back}
        return shortcuts.render(request, "casework/several.html", {**context, "table": tables.shown()})
    if what == "acknowledge":
        _do_each(request, chosen, lambda entry: _acknowledge(entry, request.viewer), _acknowledged)
    elif what == "assign":
        try:
            to = _person(request, "to")
        except assigning.CannotHaveIt as refusal:
            messages.error(request, str(refusal))
            return shortcuts.redirect(back)
        _do_each(request, chosen, lambda entry: _assign(request, entry, to), _assigned)
    else:
        messages.error(request, _("Choose what to do with the selected entries. Nothing was changed."))
    return shortcuts.redirect(back)


def _chosen(request: guards.Request) -> tuple[Sequence[worklist.Entry], int]:
    """Read the entries that were selected, as they are now; and how many of them left the list meanwhile."""
    ids = set()
    for text in request.POST.getlist("entry")[: worklist.PAGE]:
        try:
            ids.add(uuid.UUID(text))
        except ValueError:
            continue  # no id of anything: no page sends it
    entries = worklist.some(request.viewer, ids) if ids else ()
    return entries, len(ids) - len(entries)


def _acknowledge(entry: worklist.Entry, viewer: viewers.Viewer) -> None:
    if not entry.can_be_acknowledged:
        raise NotAcknowledged
    duties.acknowledge(entry.id, how="", by=viewer, at=timezone.now())


def _assign(request: guards.Request, entry: worklist.Entry, to: uuid.UUID | None) -> None:
    seen = _seen(request, f"seen-{entry.id}")
    assigning.give(entry.id, to=to, seen=seen, by=request.viewer, at=timezone.now())


class NotAcknowledged(ValueError):
    """Only a notice to one's own agency is acknowledged with one click."""

    def __init__(self) -> None:
        super().__init__(_("It needs its own answer: open it on the list."))


REFUSED = (NotAcknowledged, *acting.REFUSALS, *acting.MISSING)


def _acknowledged(count: int) -> str:
    words = ngettext("%(count)d notice acknowledged.", "%(count)d notices acknowledged.", count)
    return words % {"count": count}


def _assigned(count: int) -> str:
    words = ngettext("%(count)d entry assigned.", "%(count)d entries assigned.", count)
    return words % {"count": count}


def _do_each(
    request: guards.Request,
    chosen: Iterable[worklist.Entry],
    act: Callable[[worklist.Entry], None],
    done: Callable[[int], str],
) -> None:
    """Do it to each by itself, so that one that is refused keeps back no other; then say how many, and which failed."""
    count, failed = 0, []
    for entry in chosen:
        try:
            with transaction.atomic():
                act(entry)
        except REFUSED as refusal:
            failed.append(Failed(entry.case_reference, str(refusal)))
        else:
            count += 1
    if count:
        messages.success(request, done(count))
    if failed:
        words = ngettext("%(count)d entry was not changed:", "%(count)d entries were not changed:", len(failed))
        lines = format_html_join(
            "",
            "<li>{}</li>",
            ((_("Case %(case)s: %(why)s") % {"case": each.case, "why": each.why},) for each in failed),
        )
        messages.error(request, format_html("{}<ul>{}</ul>", words % {"count": len(failed)}, lines))


def _print(request: guards.Request, chosen: Sequence[worklist.Entry]) -> http.HttpResponse:
    now = timezone.now()
    record.looked(
        "worklist.printed", request.viewer.agency_id, by=request.viewer, at=now, details={"entries": len(chosen)}
    )
    names = country_words.place_names()
    context = {
        "lines": [(entry, names.get(entry.place, "")) for entry in chosen],
        "marking": printing.marking(),
        "now": now,
        "back": ways.back_of(request, otherwise="worklist"),
        "table": tables.shown(),
    }
    return shortcuts.render(request, "casework/print_entries.html", context)


@guards.role(*viewers.SEES_CASES)
@require_GET
def look(request: guards.Request, reference: str) -> http.HttpResponse:
    """Take a quick look at a case without leaving the worklist."""
    access = acting.open_case(request, reference)
    authority = record.Authority.MANDATE if access.relations else record.Authority.EMERGENCY
    now, case = timezone.now(), access.case
    record.looked("case.read", case.id, by=request.viewer, at=now, case_id=case.id, authority=authority)
    page = queries.case_page(request.viewer, access)
    context = {
        "access": access,
        "is_whole": access.sight is cases.Sight.CASE,
        "case": case,
        "page": page,
        "place": country_words.place_names().get(case.district or case.state, ""),
        "owed": [each for each in page.all_duties if each.done_at is None],
        "table": tables.shown(),
    }
    template = "casework/_look.html" if guards.is_part(request) else "casework/look.html"
    return shortcuts.render(request, template, context)


@acting.COORDINATORS
@require_http_methods(["GET", "POST"])
def find(request: guards.Request) -> http.HttpResponse:
    """Find a case by its reference or by the sender’s ID."""
    if request.method == "GET":
        return shortcuts.render(request, "casework/find.html", {"form": listing.Find()})
    form = listing.Find(request.POST)
    typed = request.POST.get("sought", "")
    record.looked("worklist.searched", request.viewer.agency_id, by=request.viewer, at=timezone.now())
    result = finding.find(request.viewer, typed)
    if isinstance(result, finding.Found):
        return shortcuts.redirect("case", result.case) if result.case else shortcuts.redirect("signal", result.signal)
    form.add_error("sought", result.problem)
    return shortcuts.render(request, "casework/find.html", {"form": form, "missed": result}, status=422)


@acting.COORDINATORS
@require_POST
def save_search(request: guards.Request) -> http.HttpResponse:
    """Save a search of the worklist."""

    def act() -> str:
        sent = http.QueryDict(request.POST.get("query", "")).dict()
        form = listing.Filters(sent, tables.asked(), agencies.directory())
        if not form.query:
            raise NothingToSave
        searches.save(form.query, by=request.viewer, at=timezone.now())
        return _("Search saved.")

    try:
        return acting.do(request, act)
    except NothingToSave as refusal:
        messages.error(request, str(refusal))
        return shortcuts.redirect(ways.back_of(request, otherwise="worklist"))


class NothingToSave(ValueError):
    """No filter is set."""

    def __init__(self) -> None:
        super().__init__(_("Set at least one filter or another order first, then save the search."))


@acting.COORDINATORS
@require_POST
def forget_search(request: guards.Request, search_id: uuid.UUID) -> http.HttpResponse:
    """Remove a saved search."""

    def act() -> str:
        searches.forget(search_id, by=request.viewer, at=timezone.now())
        return _("Saved search removed.")

    return acting.do(request, act)
