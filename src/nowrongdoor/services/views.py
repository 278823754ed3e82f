"""The pages on which an advocate looks for help, and a coordinator says for whom their agency vouches. Each view makes
one call inward."""

from __future__ import annotations

import datetime
import uuid

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nowrongdoor.access import guards
from nowrongdoor.services import finding, forms, tables, vetting, worded

FINDERS = guards.role(*tables.FINDERS)


@FINDERS
@require_http_methods(["GET", "POST"])
def find_help(request: guards.Request) -> http.HttpResponse:
    """Find a service that can take somebody. What is asked about them is in no address and is not kept."""
    if request.method == "GET":
        return shortcuts.render(request, "services/find.html", {"form": forms.FindForm()})
    form = forms.FindForm(request.POST)
    if not form.is_valid():
        return shortcuts.render(request, "services/find.html", {"form": form}, status=422)
    needs = form.needs
    answer = finding.search(needs, by=request.viewer, at=timezone.now())
    asking = forms.FindForm(request.POST, answer.found.questions)
    near = answer.found.misses
    to_call = [uuid.UUID(each.service.id) for each in answer.found.offered]
    to_call += [uuid.UUID(each.service.id) for each in near]
    phones = finding.phones(to_call, by=request.viewer)
    context = {
        "form": asking,
        "questions": [asking[name] for name in asking.facts],
        "offers": worded.offers(answer, phones, needs, form.goes),
        "goes": form.goes,
        "misses": worded.misses(near, needs, phones),
        "others": worded.misses([each for each in answer.found.left_out if each not in near], needs),
        "answer": answer,
        "elsewhere": 0 if answer.found.offered else finding.elsewhere(needs),
        "is_answered": True,
    }
    return shortcuts.render(request, "services/find.html", context)


@FINDERS
@require_http_methods(["GET", "POST"])
def directory(request: guards.Request) -> http.HttpResponse:
    """See which organizations are in the directory, and say for which of them your agency vouches."""
    if request.method == "POST":
        return _vouch(request)
    return _directory(request)


def _vouch(request: guards.Request) -> http.HttpResponse:
    try:
        which = uuid.UUID(request.POST.get("which", ""))
    except ValueError:
        raise http.Http404 from None
    form = forms.VouchForm(which, request.POST)
    is_over = request.POST.get("do") == forms.EndForm.DO
    if not is_over and not form.is_valid():
        return _directory(request, form)
    now = timezone.now()
    try:
        if is_over:
            vetting.end(which, by=request.viewer, at=now)
            messages.success(request, _("Your agency vouches for it no more. Nobody is sent there from now on."))
        else:
            until = now + datetime.timedelta(days=form.cleaned_data["days"])
            vetting.vet(which, until=until, by=request.viewer, at=now)
            messages.success(request, _("Your agency vouches for it. Its services are found from now on."))
    except vetting.Refused as error:
        messages.error(request, str(error))
    return shortcuts.redirect("directory")


def _directory(request: guards.Request, sent: forms.VouchForm | None = None) -> http.HttpResponse:
    asked = request.GET.get("page", "1")
    page = max(int(asked), 1) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1
    listed = vetting.listed(request.viewer, page=page, at=timezone.now())
    keeps = request.viewer.role in tables.KEEPERS
    shown = {sent.row_id: sent} if sent else {}
    rows = [
        (each, shown.get(each.id, forms.VouchForm(each.id)), forms.EndForm(each.id) if each.has_own else None)
        for each in listed.rows
    ]
    context = {
        "rows": rows,
        "keeps": keeps,
        "sent": sent,
        "previous": f"?page={page - 1}" if page > 1 else "",
        "next": f"?page={page + 1}" if listed.more else "",
    }
    return shortcuts.render(request, "services/directory.html", context, status=422 if sent else 200)
