"""The pages of notifications: what somebody was told, how they want it, and whether mail arrives."""

from __future__ import annotations

from django import http, shortcuts
from django.conf import settings
from django.contrib import messages
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nowrongdoor.access import guards, limits, viewers
from nowrongdoor.agencies import actions as people
from nowrongdoor.agencies import languages
from nowrongdoor.agencies.models import User
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import ngettext
from nowrongdoor.notifications import actions, forms, queries
from nowrongdoor.outbox import delivering
from nowrongdoor.outbox import queries as outbox
from nowrongdoor.outbox.kinds import Problem

LAST_PAGE = 400


@guards.signed_in
@require_GET
def show_notifications(request: guards.Request) -> http.HttpResponse:
    """What you were notified of, newest first."""
    sent = request.GET.get("page", "1")
    number = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 1
    page = queries.page(request.viewer, min(max(number, 1), LAST_PAGE))
    here = shortcuts.resolve_url("notifications")
    context = {
        "page": page,
        "previous": f"{here}?page={page.number - 1}" if page.number > 1 else "",
        "next": f"{here}?page={page.number + 1}" if page.has_more else "",
        "keeps_list": request.viewer.role in (viewers.ANSWERS, viewers.Role.ADMINISTRATOR),
        "sends_mail": delivering.sends_mail(),
    }
    return shortcuts.render(request, "notifications/notifications.html", context)


@guards.signed_in
@require_POST
def see_all(request: guards.Request) -> http.HttpResponse:
    """Mark notifications as seen."""
    count = actions.see_all(by=request.viewer, at=timezone.now())
    words = ngettext("%(count)d notification marked as seen.", "%(count)d notifications marked as seen.", count)
    messages.success(request, words % {"count": count})
    return shortcuts.redirect("notifications")


@guards.signed_in
@require_http_methods(["GET", "POST"])
def preferences(request: guards.Request) -> http.HttpResponse:
    """Choose what comes by email, when, and to which address."""
    if request.method == "GET":
        return _preferences(request)
    form = forms.PreferenceForm(request.POST, auto_id="%s")
    if not form.is_valid():
        return _preferences(request, form=form)
    now, person = timezone.now(), _person(request)
    try:
        kept = actions.choose(form.choice, by=request.viewer, at=now)
    except actions.Refused as refusal:
        form.add_error("email", str(refusal))
        return _preferences(request, form=form)
    chosen = form.cleaned_data["language"] or person.language, form.cleaned_data["time_zone"]
    if chosen != (person.language, person.time_zone):
        people.choose_language(*chosen, by=request.viewer)
    if kept.email and not kept.email_checked_at:
        messages.success(
            request, _("Saved. We’re sending a code to %(email)s. Enter it below.") % {"email": kept.email}
        )
    else:
        messages.success(request, _("Saved."))
    return shortcuts.redirect("preferences")


@guards.signed_in
@require_POST
def confirm_address(request: guards.Request) -> http.HttpResponse:
    """Confirm your email address with the code that came to it."""
    form = forms.CodeForm(request.POST)
    if not form.is_valid():
        return _preferences(request, code=form)
    try:
        actions.confirm(form.cleaned_data["code"], by=request.viewer, at=timezone.now())
    except actions.Refused as refusal:
        form.add_error("code", str(refusal))
        return _preferences(request, code=form)
    except limits.TooMany as refusal:
        return limits.too_many(request, refusal)
    messages.success(request, _("Your email address is confirmed. Notifications come to it from now on."))
    return shortcuts.redirect("preferences")


@guards.signed_in
@require_POST
def send_code(request: guards.Request) -> http.HttpResponse:
    """Get a new code for your email address."""
    try:
        actions.send_code(by=request.viewer, at=timezone.now())
        messages.success(request, _("A new code is on its way. It can take a minute."))
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    return shortcuts.redirect("preferences")


@guards.role(viewers.Role.ADMINISTRATOR)
@require_GET
def show_delivery(request: guards.Request) -> http.HttpResponse:
    """Whether your agency’s email arrives: what waits, since when and why, and what was given up."""
    now = timezone.now()
    context = {
        "sends_mail": delivering.sends_mail(),
        "standing": outbox.standing(request.viewer, at=now),
        "troubles": outbox.troubles(request.viewer, at=now),
    }
    return shortcuts.render(request, "notifications/delivery.html", context)


def _preferences(
    request: guards.Request, *, form: forms.PreferenceForm | None = None, code: forms.CodeForm | None = None
) -> http.HttpResponse:
    kept, person = actions.preference_of(request.viewer), _person(request)
    last = outbox.last_of(person.id)
    context = {
        "kept": kept,
        "form": form or forms.PreferenceForm.of(kept, person),
        "code": code or forms.CodeForm(),
        "refused": form or code,
        "asks_for_code": bool(kept.email) and kept.email_checked_at is None and delivering.sends_mail(),
        "sends_mail": delivering.sends_mail(),
        "last": last,
        "last_problem": Problem(last.problem) if last and last.problem else None,
        "unknown_zone": "" if languages.is_known(languages.Choice("", person.time_zone)) else person.time_zone,
        "country_zone": settings.TIME_ZONE,
    }
    status = 422 if form or code else 200
    return shortcuts.render(request, "notifications/preferences.html", context, status=status)


def _person(request: guards.Request) -> User:
    assert request.viewer.user_id is not None  # a token has no pages
    return User.objects.get(id=request.viewer.user_id)
