"""Sessions end after half an hour without a click, not half an hour after signing in.

A page that brings itself up to date is no click, but where somebody is on shift on the line: there it is noted, for
twelve hours at most, because whoever is signed out gets no call (floor/views.py). The session is written at most once a
minute.
"""

from __future__ import annotations

import time

from django import http
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.utils import deprecation

from nowrongdoor.access import guards

EVERY = 60  # seconds
SEEN = "seen"


class Idle(deprecation.MiddlewareMixin):
    """Moves the end of a session on while somebody works."""

    def process_request(self, request: http.HttpRequest) -> None:
        """Note that somebody is there."""
        if guards.is_part(request) or "sessionid" not in request.COOKIES:
            return
        if "_auth_user_id" in request.session:
            note(request)


def note(request: http.HttpRequest) -> None:
    """Note that somebody is there, where a page itself sends what they just wrote."""
    if time.time() - request.session.get(SEEN, 0) > EVERY:
        request.session[SEEN] = int(time.time())


def ends_at(session: SessionBase) -> float:
    """Return when a session ends if nobody clicks again, in seconds since 1970."""
    return float(session.get(SEEN, 0) or time.time()) + float(settings.SESSION_COOKIE_AGE)
