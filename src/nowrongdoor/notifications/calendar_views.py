"""The calendar: the feed that a program reads, and the passwords with which programs read it."""

from __future__ import annotations

import uuid

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from nowrongdoor.access import guards, limits, row_security, viewers
from nowrongdoor.agencies import app_passwords
from nowrongdoor.core.language import gettext as _
from nowrongdoor.notifications import calendar

WORKERS = guards.role(*viewers.SEES_CASES)


@require_GET
def read_calendar(request: http.HttpRequest) -> http.HttpResponse:
    """The feed. A program sends its person's sign-in name and the password made for it, in HTTP Basic."""
    now = timezone.now()
    sent = request.headers.get("Authorization", "")
    with row_security.entry():
        viewer = app_passwords.viewer_of(sent, app_passwords.Scope.CALENDAR, on=now.date())
    try:
        if viewer is None or not viewer.role.sees_cases:
            limits.spend(limits.Budget.UNKNOWN_TOKEN, limits.address_of(request), at=now)
            return _refused()
        limits.spend(limits.Budget.CALENDAR, str(viewer.user_id), at=now)
    except limits.TooMany as error:
        answer = http.HttpResponse(str(error), status=429, content_type="text/plain; charset=utf-8")
        answer["Retry-After"] = str(error.seconds)
        return answer
    return http.HttpResponse(calendar.feed(viewer, at=now), content_type="text/calendar; charset=utf-8")


guards.declare_token(read_calendar)


def _refused() -> http.HttpResponse:
    words = _("Send your sign-in name and the password made for this program on the page “Calendar”.")
    answer = http.HttpResponse(words, status=401, content_type="text/plain; charset=utf-8")
    answer["WWW-Authenticate"] = 'Basic realm="No Wrong Door calendar", charset="UTF-8"'
    return answer


@WORKERS
@require_GET
def show_calendar(request: guards.Request) -> http.HttpResponse:
    """See what is due in your own calendar program, and the passwords that let programs read it."""
    context = {
        "address": request.build_absolute_uri(shortcuts.resolve_url("calendar_feed")),
        "passwords": app_passwords.of(request.viewer),
        "made": request.session.pop("app_password", None),
        "most": app_passwords.MOST,
    }
    return shortcuts.render(request, "notifications/calendar.html", context)


@WORKERS
@require_POST
def make_password(request: guards.Request) -> http.HttpResponse:
    """Make a password for a calendar program; it is shown once."""
    try:
        made = app_passwords.make(app_passwords.Scope.CALENDAR, by=request.viewer, at=timezone.now())
    except app_passwords.TooMany as refusal:
        messages.error(request, str(refusal))
    else:
        request.session["app_password"] = {"name": made.sign_in_name, "secret": made.secret}
    return shortcuts.redirect("calendar")


@WORKERS
@require_POST
def revoke_password(request: guards.Request, password_id: uuid.UUID) -> http.HttpResponse:
    """Revoke a password of a calendar program."""
    try:
        app_passwords.revoke(password_id, by=request.viewer, at=timezone.now())
    except app_passwords.NoSuchPassword:
        raise http.Http404 from None
    messages.success(request, _("Revoked. The program that used this password can’t read your calendar any more."))
    return shortcuts.redirect("calendar")
