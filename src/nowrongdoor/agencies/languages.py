"""In which language and time zone a page is shown: what the person chose, else what their browser asks for, else the
country's own.

The promise: a choice is one click, needs no account and puts nothing into an address; whoever made it keeps it.
"""

from __future__ import annotations

import dataclasses
import zoneinfo
from collections.abc import Callable

from django import forms, http
from django.conf import settings
from django.utils import cache, timezone, translation
from django.utils import http as addresses

from nowrongdoor.access import tongues, viewers
from nowrongdoor.agencies import models
from nowrongdoor.core import places
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy

# Names that the tz database keeps for the sake of older programs; each zone has another.
OLDER = ("Brazil/", "Canada/", "Chile/", "Etc/", "Mexico/", "US/")
A_YEAR = 365 * 24 * 3600  # seconds that the browser of somebody with an account keeps the language


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose; empty for what the browser, or the country, says."""

    language: str = ""
    time_zone: str = ""
    is_visitor: bool = False


class Languages:
    """Shows each page in the language and time zone of whoever asked for it."""

    def __init__(self, get_response: Callable[[http.HttpRequest], http.HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: http.HttpRequest) -> http.HttpResponseBase:
        """Answer, and say in which language."""
        chosen = choice_of(request)
        code = offered(chosen.language)
        tongue = tongues.Tongue(code) if code else tongues.of(request, is_visitor=chosen.is_visitor)
        setattr(request, "LANGUAGE_CODE", tongue.code)  # noqa: B010  Django's own name
        setattr(request, "tongue", tongue)  # noqa: B010  for the choice of language in the frame of its page
        with tongues.speaking(tongue), timezone.override(zone_of(chosen)):
            response = self._next(request)
        cache.patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", tongue.code)
        return response


class Form(forms.Form):
    """The languages that are offered."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=lambda: settings.LANGUAGES, widget=forms.RadioSelect
    )


class ZoneField(forms.ChoiceField):
    """A time zone, or the country's. One that does not exist is refused by its name."""

    def __init__(self, *, help_text: str) -> None:
        unknown = gettext_lazy("There’s no time zone called “%(value)s”. Choose one from the list.")
        super().__init__(
            label=gettext_lazy("Time zone"),
            help_text=help_text,
            required=False,
            choices=lambda: time_zones(),
            error_messages={"invalid_choice": unknown},
        )


class FormOfPerson(Form):
    """The same, and the time zone, for whoever has an account."""

    time_zone = ZoneField(
        help_text=gettext_lazy("Pages show times in this zone. Legal deadlines still run where they are owed.")
    )


def form(request: http.HttpRequest, viewer: viewers.Viewer | None) -> Form:
    """Make the form of whoever asks, with what was sent, or what holds now."""
    kind = FormOfPerson if viewer else Form
    sent = request.POST if request.method == "POST" else None
    now = {"language": translation.get_language(), "time_zone": choice_of(request).time_zone}
    return kind(sent, initial=now)


def time_zones() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """List the time zones of the country's places first, then every other."""
    known = zoneinfo.available_timezones()
    here = sorted({settings.TIME_ZONE, *(each.key for each in places.installed().zones.values())} & known)
    others = sorted(each for each in known if "/" in each and each not in here and not each.startswith(OLDER))
    country = _("The country’s: %(zone)s") % {"zone": _plain(settings.TIME_ZONE)}
    return [
        ("", country),
        (_("In this country"), [(each, _plain(each)) for each in here]),
        (_("Elsewhere"), [("UTC", "UTC"), *((each, _plain(each)) for each in others)]),
    ]


def _plain(zone: str) -> str:
    return zone.replace("_", " ")


def choice_of(request: http.HttpRequest) -> Choice:
    """Return what whoever asks chose for their account. A visitor's language is in a cookie, which Django reads."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return Choice(is_visitor=True)
    person = request.user
    assert isinstance(person, models.User)
    return Choice(person.language, person.time_zone)


def offered(code: str) -> str | None:
    """Return a language if pages can still be shown in it."""
    return code if code in dict(settings.LANGUAGES) else None


def zone_of(chosen: Choice) -> zoneinfo.ZoneInfo:
    """Return the time zone that somebody chose, or the country's. One that this machine does not know is not shown."""
    try:
        return zoneinfo.ZoneInfo(chosen.time_zone or settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)


def is_known(chosen: Choice) -> bool:
    """Return whether this machine knows the time zone that somebody chose."""
    return not chosen.time_zone or zone_of(chosen).key == chosen.time_zone


def way_back(request: http.HttpRequest) -> str:
    """Return the page from which somebody came to choose: one of ours, or the front page."""
    sent = request.POST.get("back") or request.headers.get("Referer", "")
    if addresses.url_has_allowed_host_and_scheme(sent, {request.get_host()}) and request.path not in sent:
        return sent
    return "/"


def keep(answer: http.HttpResponse, language: str, viewer: viewers.Viewer | None) -> None:
    """Have the browser keep the language, for pages before sign-in: for a year where somebody has an account; of a
    visitor until it is closed, because a device that somebody else looks at should tell nothing."""
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=A_YEAR if viewer else None,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
