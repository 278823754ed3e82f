"""The list from which somebody came to a case, so that they find back to the same place in it."""

from __future__ import annotations

import dataclasses
import urllib.parse

from django import http, shortcuts, urls
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from nowrongdoor.access import guards

KEPT = "list"
LONGEST = 500
_WORDS = {
    "worklist": pgettext_lazy("a page", "Worklist"),
    "cases": pgettext_lazy("a page", "Cases"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class List:
    """A list, at the place where somebody left it."""

    address: str
    words: str | Promise


def come_from(request: guards.Request) -> List:
    """Return the list where the viewer was last, as the browser says and the session keeps; else the list of cases."""
    named = _named(request)
    if named and request.session.get(KEPT) != named:
        request.session[KEPT] = named
    address = named or request.session.get(KEPT) or shortcuts.resolve_url("cases")
    return List(address, _WORDS[_page(address)])


def _named(request: http.HttpRequest) -> str:
    """Return the address of the list that the page was reached from, empty for another page or another site."""
    origin = urllib.parse.urlsplit(request.headers.get("Referer", ""))
    if origin.netloc != request.get_host() or not _page(origin.path):
        return ""
    return (f"{origin.path}?{origin.query}" if origin.query else origin.path)[:LONGEST]


def _page(address: str) -> str:
    path = urllib.parse.urlsplit(address).path
    return next((name for name in _WORDS if urls.reverse(name) == path), "")
