"""The doors by occupation: the list, the page behind a short code, and a card to print with its address and QR code.

The promise: they look at no row, set no cookie and need no script. A code with one wrong sign leads to no other door.
A code says where somebody heard of us, and nothing else. A country without doors has none of these pages.
"""

from __future__ import annotations

import segno
from django import http, shortcuts, urls
from django.urls import path
from django.utils import safestring
from django.views.decorators.http import require_GET

from nowrongdoor.access import guards
from nowrongdoor.core import country, doors, short_codes
from nowrongdoor.core.language import gettext as _

QUIET = 4  # modules around a QR code, as ISO/IEC 18004 asks


@guards.public
@require_GET
def list_doors(request: http.HttpRequest) -> http.HttpResponse:
    """Find the page for your occupation: what to look for, and whom to call."""
    _some()
    return shortcuts.render(request, "public/doors.html", {"host": request.get_host()})


@guards.public
@require_GET
def show_door(request: http.HttpRequest, code: str) -> http.HttpResponse:
    """See what to look for at your work, whom to call now, and which report of your own this does not replace."""
    try:
        door = _find(code)
    except short_codes.Mistyped as error:
        return _mistyped(request, error)
    if door.code != code:
        return shortcuts.redirect("door", door.code)
    hotline = country.installed().hotline
    has_hotline = any(call.dial == hotline.dial for call in door.calls)
    return shortcuts.render(request, "public/door.html", {"door": door, "has_hotline": has_hotline})


@guards.public
@require_GET
def show_card(request: http.HttpRequest, code: str) -> http.HttpResponse:
    """Print a card with the short address of a page for an occupation, and its QR code."""
    try:
        door = _find(code)
    except short_codes.Mistyped as error:
        return _mistyped(request, error)
    if door.code != code:
        return shortcuts.redirect("door_card", door.code)
    address = request.build_absolute_uri(urls.reverse("door", args=[door.code]))
    context = {"door": door, "address": address, "short": address.partition("://")[2], "picture": picture(address)}
    return shortcuts.render(request, "public/door_card.html", context)


def picture(address: str) -> safestring.SafeString:
    """Draw an address as a QR code: SVG, black on white whatever the page's colors are. A quarter of it may be
    damaged (level Q)."""
    drawn = segno.make_qr(address, error="q").svg_inline(
        border=QUIET, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    return safestring.mark_safe(drawn)  # noqa: S308 - made here, of modules alone: the address is not written in it


def _some() -> doors.Doors:
    """Return the country's doors. Where it has none, there is no such page."""
    if not (some := doors.installed()).each:
        raise http.Http404
    return some


def _find(typed: str) -> doors.Door:
    """Return the door whose code somebody typed. Http404, short_codes.Mistyped."""
    some = _some()
    if door := some.by_code(short_codes.read(typed)):
        return door
    raise short_codes.Mistyped(_("No page has this code. Check it against the card."))


def _mistyped(request: http.HttpRequest, error: short_codes.Mistyped) -> http.HttpResponse:
    context = {"sentence": str(error), "host": request.get_host()}
    return shortcuts.render(request, "public/door_mistyped.html", context, status=404)


PAGES = [
    path("doors", list_doors, name="doors"),
    path("d/<str:code>", show_door, name="door"),
    path("d/<str:code>/card", show_card, name="door_card"),
]
