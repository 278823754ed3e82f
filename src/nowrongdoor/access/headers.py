"""Headers on every answer, errors included: nothing from elsewhere runs, frames or is told, and nothing is kept."""

from __future__ import annotations

from django import http
from django.utils import deprecation

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class Headers(deprecation.MiddlewareMixin):
    """Sets the policy on every answer; files of the front end alone may be kept by the browser."""

    def process_response(self, request: http.HttpRequest, response: http.HttpResponseBase) -> http.HttpResponseBase:
        """This will add the headers."""
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Cache-Control", "no-store")
        return response
