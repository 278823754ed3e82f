"""In which language somebody is answered: public pages speak every language that the country offers to the public, all
others those of its staff.

The promise: a visitor's language needs no cookie. It comes from `?in=<code>` in the address, which links and forms of
public pages keep, else from what the browser asks for. What is said of safety is said in a language that a named reader
reviewed (core/reviews.py), except in a demonstration.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator

from django import http, urls
from django.conf import settings
from django.utils import translation
from django.utils.translation import trans_real

from nowrongdoor.access import guards
from nowrongdoor.core import language, reviews
from nowrongdoor.ui import kept_language


@dataclasses.dataclass(frozen=True, slots=True)
class Tongue:
    """The language of an answer. `is_public`: whether every public language is offered, each by a link; `instead`: in
    which what is about safety is said, empty for the same; `kept`: what the address asked for, empty for nothing."""

    code: str
    is_public: bool = False
    instead: str = ""
    kept: str = ""


def of(request: http.HttpRequest, *, is_visitor: bool) -> Tongue:
    """Say in which language a request is answered: a visitor's of a public page in any, others in those of staff."""
    if not is_visitor or not _is_public(request.path_info):
        return Tongue(translation.get_language_from_request(request))
    offered = tuple(code for code, _ in settings.PUBLIC_LANGUAGES)
    kept = language.matching(request.GET.get(kept_language.PARAMETER, ""), offered) or ""
    code = kept or _wanted(request, offered)
    instead = "" if settings.DEMONSTRATION else reviews.said_instead(code, first=settings.LANGUAGE_CODE)
    return Tongue(code, is_public=True, instead=instead, kept=kept)


@contextlib.contextmanager
def speaking(tongue: Tongue) -> Iterator[None]:
    """Answer in this language."""
    with (
        kept_language.keep(tongue.kept),
        translation.override(tongue.code),
        language.withholding(tongue.instead),
    ):
        yield


def _is_public(path: str) -> bool:
    """Whether a page speaks every public language: one whose guard is public, unless it is for staff; and whatever is
    said of an address that nobody has."""
    try:
        view = urls.resolve(path).func
    except urls.Resolver404:
        return True
    return guards.guard_of(view) == guards.PUBLIC and not guards.is_for_staff(view)


def _wanted(request: http.HttpRequest, offered: tuple[str, ...]) -> str:
    """Which language a visitor chose on another page, or their browser asks for; else the country's first."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    asked = (code for code, _ in trans_real.parse_accept_lang_header(request.headers.get("Accept-Language", "")))
    for code in (chosen, *asked):
        if code_offered := language.matching(code, offered):
            return code_offered
    return settings.LANGUAGE_CODE
