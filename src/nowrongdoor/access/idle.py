"""Sessions end after half an hour without a click, not half an hour after signing in.

A page that brings itself up to date is no click. The session is written at most once a minute.
"""

from __future__ import annotations

import time

from django import http
from django.utils import deprecation

EVERY = 60  # seconds


class Idle(deprecation.MiddlewareMixin):
    """Moves the end of a session on while somebody works."""

    def process_request(self, request: http.HttpRequest) -> None:
        """This will note that somebody is there."""
        if request.headers.get("HX-Request") == "true" or "sessionid" not in request.COOKIES:
            return
        if "_auth_user_id" in request.session and time.time() - request.session.get("seen", 0) > EVERY:
            request.session["seen"] = int(time.time())
