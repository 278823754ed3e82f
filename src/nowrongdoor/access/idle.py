"""Sessions end after half an hour without a click, not half an hour after signing in; and twelve hours after signing
in, whatever is clicked, because whoever stole one clicks too.

A page that brings itself up to date is no click, but where somebody is on shift on the line: there it is noted, for
twelve hours at most, because whoever is signed out gets no call (floor/views.py). The session is written at most once a
minute.
"""

from __future__ import annotations

import time

from django import dispatch, http
from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.base import SessionBase
from django.utils import deprecation

from nowrongdoor.access import guards

EVERY = 60  # seconds
LONGEST = 12 * 60 * 60  # seconds; as NIST SP 800-63B of 2017 has it for two factors (4.2.3)
SEEN, BEGAN = "seen", "began"


class Idle(deprecation.MiddlewareMixin):
    """Moves the end of a session on while somebody works, and ends it after twelve hours."""

    def process_request(self, request: http.HttpRequest) -> None:
        """Note that somebody is there, if they still are."""
        if "sessionid" not in request.COOKIES or "_auth_user_id" not in request.session:
            return
        began = request.session.setdefault(BEGAN, int(time.time()))
        if time.time() - began > LONGEST:
            auth.logout(request)
        elif not guards.is_part(request):
            note(request)


@dispatch.receiver(auth.user_logged_in, dispatch_uid="idle.begin")
def begin(request: http.HttpRequest, **_: object) -> None:
    """Begin the twelve hours: whoever signs in again has them anew."""
    request.session[BEGAN] = int(time.time())


def note(request: http.HttpRequest) -> None:
    """Note that somebody is there, where a page itself sends what they just wrote."""
    if time.time() - request.session.get(SEEN, 0) > EVERY:
        request.session[SEEN] = int(time.time())


def ends_at(session: SessionBase) -> float:
    """Return when a session ends if nobody clicks again, in seconds since 1970."""
    return min(float(session.get(SEEN, 0) or time.time()) + float(settings.SESSION_COOKIE_AGE), over_at(session))


def over_at(session: SessionBase) -> float:
    """Return when a session ends whatever is clicked, in seconds since 1970."""
    return float(session.get(BEGAN, 0) or time.time()) + LONGEST
