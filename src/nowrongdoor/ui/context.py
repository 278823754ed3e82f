"""What every page knows: who looks, and whether this is a demonstration."""

from __future__ import annotations

from django import http
from django.conf import settings


def page(request: http.HttpRequest) -> dict[str, object]:
    """Give every template the viewer (None for a visitor) and the demonstration flag."""
    return {"viewer": getattr(request, "viewer", None), "demonstration": settings.DEMONSTRATION}
