"""What every page knows: who looks, whether this is a demonstration, and how long a session lasts without a click."""

from __future__ import annotations

from django import http
from django.conf import settings


def page(request: http.HttpRequest) -> dict[str, object]:
    """Give every template the viewer (None for a visitor), the demonstration flag, and the seconds of a session and of
    its warning."""
    return {
        "viewer": getattr(request, "viewer", None),
        "demonstration": settings.DEMONSTRATION,
        "session_age": settings.SESSION_COOKIE_AGE,
        "session_warning": settings.SESSION_WARNING,
    }
