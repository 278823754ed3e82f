"""Drafts of a signal: kept while somebody types, opened again by them alone, and erased when nothing is to be kept."""

from __future__ import annotations

import hashlib
import uuid

from django import http, shortcuts
from django.contrib import messages
from django.http import QueryDict
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nowrongdoor.access import guards, idle, viewers
from nowrongdoor.core.language import gettext as _
from nowrongdoor.intake import forms, listening, panel
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import drafts
from nowrongdoor.ui import panels, unsent

NOT_KEPT = (unsent.TOKEN, "key", "seen", "shown", "page", "turn", "next", "sure")
_WRITES = guards.role(viewers.Role.ADVOCATE, viewers.Role.COORDINATOR)


@_WRITES
@require_GET
def draft(request: guards.Request, draft_id: uuid.UUID) -> http.HttpResponse:
    """Go on with a draft of your own."""
    try:
        opened = drafts.open_again(draft_id, by=request.viewer, at=timezone.now())
    except drafts.NoSuchDraft:
        raise http.Http404 from None
    form = forms.SignalForm(tables.asked(), fields_of(opened, key=draft_id.hex))
    form.ask_nothing_yet()
    return panel.page(request, form, kept=opened.kept)


@_WRITES
@require_POST
def keep_draft(request: guards.Request) -> http.HttpResponse:
    """Keep what you typed as a draft, while you type or when you select the button for it."""
    if (draft_id := panel.draft_of(request.POST.get("key", ""))) is None:
        return http.HttpResponseBadRequest()
    try:
        kept = drafts.keep(
            draft_id,
            {name: values for name, values in request.POST.lists() if name not in NOT_KEPT},
            seen=_number(request.POST.get("seen", "")),
            page=_page(request.POST),
            by=request.viewer,
            at=timezone.now(),
        )
    except (drafts.NoSuchDraft, drafts.ChangedElsewhere, drafts.NotKept) as error:
        if guards.is_part(request):
            return _part(request, panel.draft_state(draft_id, None, problem=str(error)))
        form = forms.SignalForm(tables.asked(), request.POST)
        form.ask_nothing_yet()
        form.add_error(None, str(error))
        return panel.page(request, form, status=409)
    if guards.is_part(request):
        idle.note(request)  # the page sends this only when words changed, so somebody is there
        return _part(request, panel.draft_state(draft_id, kept))
    return http.HttpResponseRedirect(_after(request.POST.get("next", ""), draft_id))


def _after(wanted: str, draft_id: uuid.UUID) -> str:
    """Where a page without a script goes on."""
    if wanted == "listening":
        return shortcuts.resolve_url("listening", draft_id)
    return shortcuts.resolve_url("draft", draft_id) + ("#people" if wanted == "people" else "")


@_WRITES
@require_http_methods(["GET", "POST"])
def listen(request: guards.Request, draft_id: uuid.UUID) -> http.HttpResponse:
    """Ask one yes-or-no question at a time, because somebody listens to the caller."""
    now, asked = timezone.now(), tables.asked()
    try:
        opened = drafts.open_again(draft_id, by=request.viewer, at=now)
    except drafts.NoSuchDraft:
        raise http.Http404 from None
    if request.method == "POST":
        sent = forms.AnswerForm(request.POST)
        if not sent.is_valid():
            return http.HttpResponseBadRequest()
        name, code, seen = (sent.cleaned_data[each] for each in ("name", "code", "seen"))
        try:
            answer = listening.Answer(request.POST.get("answer", ""))
            facts, refused = listening.meaning(answer, name, code, asked=asked)
        except (ValueError, KeyError):
            return http.HttpResponseBadRequest()
        fields = {**opened.fields, **{fact: [value] for fact, value in facts.items()}}
        fields[listening.REFUSED] = [*opened.fields.get(listening.REFUSED, ()), *refused]
        try:
            drafts.keep(draft_id, fields, seen=seen, by=request.viewer, at=now)
        except drafts.ChangedElsewhere as error:
            messages.error(request, str(error))
        return shortcuts.redirect("listening", draft_id)
    form = forms.SignalForm(asked, fields_of(opened, key=draft_id.hex))
    form.ask_nothing_yet()
    book = tables.deciding()
    content = tables.shown(book)
    refused = opened.fields.get(listening.REFUSED, ())
    ask = listening.next_ask(form.given, refused, asked=asked, book=book, at=now)
    hidden = {"seen": opened.kept.version, "name": ask.name, "code": ask.code} if ask else None
    context = {
        "kept": opened.kept,
        "ask": ask,
        "form": forms.AnswerForm(initial=hidden, auto_id=False),
        "call_first": form.given.get("urgency") == "immediate_danger",
        "calls": panel.danger_calls(content),
        "routing": panel.routing(form).rendered(request, {"table": content}),
    }
    return shortcuts.render(request, "intake/listening.html", context)


@_WRITES
@require_POST
def erase_draft(request: guards.Request) -> http.HttpResponse:
    """Erase a draft and its key, so that nothing of it can be read again."""
    if (draft_id := panel.draft_of(request.POST.get("key", ""))) is None:
        return http.HttpResponseBadRequest()
    drafts.erase(draft_id, by=request.viewer, at=timezone.now())
    messages.success(request, _("Nothing was kept. What you entered is erased and can’t be read again."))
    return shortcuts.redirect("new_signal")


def fields_of(opened: drafts.Opened, *, key: str) -> QueryDict:
    """Return what was typed as a form sends it."""
    sent = QueryDict(mutable=True)
    for name, values in opened.fields.items():
        sent.setlist(name, list(values))
    sent["key"] = key
    return sent


def _part(request: guards.Request, state: panels.Panel) -> http.HttpResponse:
    """Answers a page that keeps itself: how the draft stands; and who would lead, if that's not what it shows."""
    form = forms.SignalForm(tables.asked(), request.POST)
    beside = panel.routing(form).rendered(request, {"table": tables.shown()})
    digest = shown(beside)
    parts = state.rendered(request, {"shown": digest})
    if digest != request.POST.get("shown"):
        parts += panels.Panel("intake/_routing_again.html", {"routing": beside}).rendered(request, {})
    return http.HttpResponse(parts)


def shown(beside: SafeString) -> str:
    """Return what tells whether a page shows this already, so that it isn't read out again."""
    return hashlib.sha256(beside.encode()).hexdigest()[:16]


def _page(sent: QueryDict) -> drafts.Page | None:
    page_id = panel.draft_of(sent.get("page", ""))
    return drafts.Page(page_id.hex, _number(sent.get("turn", ""))) if page_id else None


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else 0
