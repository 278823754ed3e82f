"""Headers on every answer, errors included: nothing from elsewhere runs, frames or is told, and nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping

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
# What a page could ask the device for. Nobody here needs any of it.
DEVICE = ("camera", "geolocation", "microphone", "display-capture", "usb", "payment", "browsing-topics")

CSP = "Content-Security-Policy"
# Of a file that somebody sent, should a browser show it after all: no page of ours, it loads nothing and runs nothing.
SANDBOX = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
# Of the page of the web chat, and of the part of it that refreshes itself where no script runs: each frames, or is
# framed by, our own origin alone.
FRAMES = f"{POLICY}; frame-src 'self'"
FRAMED = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
FRAME = "X-Frame-Options"
# Set on every answer, whatever a view or another layer said; only SANDBOX, FRAMES and FRAMED may stand for POLICY.
ALWAYS: Mapping[str, str] = {
    CSP: POLICY,
    "Permissions-Policy": ", ".join(f"{name}=()" for name in DEVICE),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
}
# The files of the front end alone say otherwise: they may be kept by the browser.
UNLESS_SAID: Mapping[str, str] = {"Cache-Control": "no-store"}


class Headers(deprecation.MiddlewareMixin):
    """Sets the headers on every answer that Django makes; `edge` does so for those made before Django."""

    def process_response(self, request: http.HttpRequest, response: http.HttpResponseBase) -> http.HttpResponseBase:
        """Add the headers."""
        policy = response.headers.get(CSP, "")
        for name, value in ALWAYS.items():
            response.headers[name] = value
        if policy in (SANDBOX, FRAMES, FRAMED):
            response.headers[CSP] = policy
        if policy == FRAMED:
            response.headers[FRAME] = "SAMEORIGIN"
        for name, value in UNLESS_SAID.items():
            response.headers.setdefault(name, value)
        return response
