"""The pages that anybody may open: what this is and whom to call, about, accessibility, privacy, help.

The promise: they look at no row about a case, a person or an agency's work, and count nothing; they set no cookie and
need no script; whoever is in danger finds the number on each. What they say of keeping and seeing is read off what the
code declares.
"""

from __future__ import annotations

import dataclasses

from django import db, http, shortcuts
from django.conf import settings
from django.urls import path
from django.views.decorators.http import require_GET

from nowrongdoor.access import browsers, guards, viewers
from nowrongdoor.core import disclosure_grounds, schedules
from nowrongdoor.core.parts import Part
from nowrongdoor.mandates import queries as tables
from nowrongdoor.operating import about
from nowrongdoor.ui import helping

A_DAY = 24 * 3600  # seconds


@dataclasses.dataclass(frozen=True, slots=True)
class Numbers:
    """What can be counted in the mandate table in force, which is public."""

    version: str
    agencies: int
    rules: int
    deadlines: int
    restrictions: int


@guards.public
@require_GET
def home(request: http.HttpRequest) -> http.HttpResponse:
    """What this is, whom to call, and how to sign in; for whoever is signed in, the page that their day starts with."""
    viewer: viewers.Viewer | None = getattr(request, "viewer", None)
    if viewer is not None:
        return shortcuts.redirect(viewer.role.record.first_page)
    return shortcuts.render(request, "public/home.html", {"about": about.installed(), "numbers": _numbers()})


@guards.public
@require_GET
def show_about(request: http.HttpRequest) -> http.HttpResponse:
    """What this is, who runs it, and how it decides."""
    return shortcuts.render(request, "public/about.html", {"about": about.installed(), "numbers": _numbers()})


@guards.public
@require_GET
def show_accessibility(request: http.HttpRequest) -> http.HttpResponse:
    """What works for whom, what does not yet, and how to report a problem."""
    return shortcuts.render(request, "public/accessibility.html", _session() | {"about": about.installed()})


@guards.public
@require_GET
def show_privacy(request: http.HttpRequest) -> http.HttpResponse:
    """What is kept of whom, for how long, by what law, and who sees it."""
    context = {
        "about": about.installed(),
        "parts": [(part, viewers.who_sees(part)) for part in Part],
        "schedules": schedules.installed().values(),
        "grounds": disclosure_grounds.installed(),
        "longest_release": disclosure_grounds.LONGEST_CONSENT.days,
        "browser_days": browsers.LASTS // A_DAY,
        **_session(),
    }
    return shortcuts.render(request, "public/privacy.html", context)


@guards.public
@guards.for_staff
@require_GET
def show_help(request: http.HttpRequest) -> http.HttpResponse:
    """How to do what people do here, in a few sentences each."""
    context = {
        "passages": helping.PASSAGES,
        "about": about.installed(),
        **_session(),
        "longest_release": disclosure_grounds.LONGEST_CONSENT.days,
    }
    return shortcuts.render(request, "public/help.html", context)


def _session() -> dict[str, object]:
    return {
        "session_minutes": settings.SESSION_COOKIE_AGE // 60,
        "warning_minutes": settings.SESSION_WARNING // 60,
    }


def _numbers() -> Numbers | None:
    """Count what the table in force says; None while there is none, or while the database cannot be asked: the number
    to call is on the page all the same."""
    try:
        content = tables.in_force().content
    except (tables.CannotDecide, db.Error):
        return None
    return Numbers(content.version, len(content.agencies), len(content.rules), len(content.clocks), len(content.gates))


PAGES = [
    path("", home, name="home"),
    path("about", show_about, name="about"),
    path("accessibility", show_accessibility, name="accessibility"),
    path("privacy", show_privacy, name="privacy"),
    path("help", show_help, name="help"),
]
