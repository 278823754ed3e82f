"""Browsers in which somebody signed in before: what strangers do to a name does not keep its owner out of them.

The promise: after a sign-in the browser keeps a signed cookie for this name, for 90 days (a device cookie: OWASP, "Slow
down online guessing attacks with device cookies"). It lets nobody in. It says only that wrong tries from here are
counted apart from everybody else's; it holds no name, and is sent to the pages of signing in alone.
"""

from __future__ import annotations

import dataclasses
import hashlib
import secrets
import time

from django import http
from django.conf import settings
from django.core import signing
from django.utils import deprecation

COOKIE = "known_browser"
PATH = "/sign-in"
LASTS = 90 * 24 * 3600  # seconds
AT_MOST = 30  # names; on a desk that a shift shares, whoever signed in longest ago is forgotten first
SALT = "nowrongdoor.access.browsers"


@dataclasses.dataclass(frozen=True, slots=True)
class _Kept:
    """One name of a browser: keyed hash of the name, what tells this browser from others, and when it was kept."""

    name: str
    browser: str
    at: int


def known(request: http.HttpRequest, name: str | None = None) -> str | None:
    """Return what tells this browser from others, if somebody (or whoever has this sign-in name) signed in here."""
    for each in _read(request):
        if name is None or secrets.compare_digest(each.name, tag(name)):
            return each.browser
    return None


def tag(name: str) -> str:
    """Return a keyed hash of a sign-in name, in whichever case it is typed."""
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), person=b"nwd browsers").digest()
    return hashlib.blake2b(name.strip().lower().encode(), key=key, digest_size=9).hexdigest()


def remember(request: http.HttpRequest, response: http.HttpResponseBase, name: str) -> None:
    """Let the browser keep that whoever has this name signed in."""
    there = _read(request)
    browser = there[0].browser if there else secrets.token_urlsafe(9)
    others = [each for each in there if each.name != tag(name)]
    kept = [_Kept(tag(name), browser, int(time.time())), *others][:AT_MOST]
    response.set_cookie(
        COOKIE,
        signing.dumps([dataclasses.astuple(each) for each in kept], salt=SALT, compress=True),
        max_age=LASTS,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: http.HttpRequest) -> list[_Kept]:
    try:
        rows = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return []
    return [each for each in (_Kept(*row) for row in rows) if each.at > time.time() - LASTS]


class Browsers(deprecation.MiddlewareMixin):
    """Gives the cookie to whoever has just signed in; `signed_in_as` is set where that is noticed."""

    def process_response(self, request: http.HttpRequest, response: http.HttpResponseBase) -> http.HttpResponseBase:
        """Add the cookie."""
        name = getattr(request, "signed_in_as", None)
        if name is not None:
            remember(request, response, name)
        return response
