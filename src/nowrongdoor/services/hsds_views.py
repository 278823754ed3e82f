"""The HSDS API: the directory for other programs. Anybody may read it; whoever searches does it by POST, so that what
they look for is in no address and no log."""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Callable, Mapping

from django import http
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from nowrongdoor.access import guards, limits
from nowrongdoor.core.language import gettext as _
from nowrongdoor.services import public

LARGEST = 4_096  # bytes of a search
HEAVY = 10  # how much a search weighs, which looks at every row of a list, and a row with all that stands in it
Given = Mapping[str, object]
View = Callable[..., http.HttpResponse]


class Wrong(ValueError):
    """What was asked cannot be read; the message says what to do."""


def _answering(view: View) -> View:
    """Count who asks, and say in JSON what is wrong."""

    @functools.wraps(view)
    def answered(request: http.HttpRequest, *args: object, **kwargs: object) -> http.HttpResponse:
        try:
            weight = HEAVY if request.method == "POST" or "row_id" in kwargs else 1
            limits.spend(limits.Budget.DIRECTORY, limits.address_of(request), at=timezone.now(), times=weight)
            return view(request, *args, **kwargs)
        except limits.TooMany as error:
            answer = _problem(str(error), 429)
            answer["Retry-After"] = str(error.seconds)
            return answer
        except Wrong as error:
            return _problem(str(error), 400)

    return answered


@guards.public
@csrf_exempt
@require_GET
@_answering
def about(request: http.HttpRequest) -> http.HttpResponse:
    """Say which standard the directory is published by."""
    return http.JsonResponse(public.about(request.build_absolute_uri(reverse("hsds"))))


@guards.public
@csrf_exempt
@require_GET
@_answering
def profile(request: http.HttpRequest) -> http.HttpResponse:
    """Publish which codes say whom a service takes."""
    return http.JsonResponse(public.published())


@guards.public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@_answering
def listed(request: http.HttpRequest, name: str) -> http.HttpResponse:
    """Give a page of a list of the directory."""
    if name not in public.TABLES:
        return _problem(_("There is no such list here."), 404)
    given = _sent(request) if request.method == "POST" else request.GET.dict()
    if request.method != "POST" and "search" in given:
        raise Wrong(_("Send what you search for with POST, as JSON: then it’s in no address."))
    return http.JsonResponse(public.page(_asked(name, given)))


@guards.public
@csrf_exempt
@require_GET
@_answering
def one(request: http.HttpRequest, name: str, row_id: uuid.UUID) -> http.HttpResponse:
    """Give one row of a list with all that stands in it."""
    held = public.document(name, row_id) if name in public.TABLES else None
    if held is None:
        return _problem(_("There is no such row here."), 404)
    return http.JsonResponse(held)


def _sent(request: http.HttpRequest) -> Given:
    try:
        body = request.body
    except http.RawPostDataException:  # a form, which was read already
        raise Wrong(_("Send one JSON object.")) from None
    if len(body) > LARGEST:
        raise Wrong(_("Keep a search short."))
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise Wrong(_("Send one JSON object."))
    return given


def _asked(name: str, given: Given) -> public.Asked:
    narrows = public.NARROWED.get(name, {})
    known = ("page", "per_page", "search", *narrows)
    if odd := sorted(set(given) - set(known)):
        raise Wrong(
            _("This list isn’t narrowed by %(names)s here. Use: %(known)s.")
            % {"names": ", ".join(odd)[:200], "known": ", ".join(known)}
        )
    search = given.get("search", "")
    is_plain = isinstance(search, str) and search.isprintable() and len(search) <= public.LONGEST
    if not isinstance(search, str) or not is_plain or len(search.split()) > public.WORDS:
        raise Wrong(_("Search for at most %(words)s words.") % {"words": public.WORDS})
    return public.Asked(
        name=name,
        page=_number(given, "page", 1, public.LAST),
        size=_number(given, "per_page", public.SIZE, public.MOST),
        search=search,
        narrowed={narrows[each]: _id(given, each) for each in narrows if each in given},
    )


def _number(given: Given, name: str, otherwise: int, most: int) -> int:
    text = str(given.get(name, otherwise))
    if text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= most:
        return int(text)
    raise Wrong(_("%(name)s is a number from 1 to %(most)s.") % {"name": name, "most": most})


def _id(given: Given, name: str) -> uuid.UUID:
    try:
        return uuid.UUID(str(given[name]))
    except ValueError:
        raise Wrong(_("%(name)s is the id of a row.") % {"name": name}) from None


def _problem(words: str, status: int) -> http.HttpResponse:
    return http.JsonResponse({"problems": [words]}, status=status)
