"""The guards that every view declares.

The promise: deny by default. `guard_of` is how a test sees which guard each address declared, so that a route without
one fails the build.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Protocol, TypeVar, cast

from django import http, shortcuts
from django.conf import settings
from django.contrib.auth import views as auth_views
from django.template import response as template_response

from nowrongdoor.access import row_security, viewers
from nowrongdoor.ui import unsent

T = TypeVar("T")
View = Callable[..., http.HttpResponseBase]
PUBLIC = "public"
ENTRANCE = "entrance"
SIGNED_IN = "signed in"
TOKEN = "token"  # noqa: S105  the name of a guard


STEPS = "account_authentication_methods"  # where django-allauth keeps them


class Request(http.HttpRequest):
    """A request that passed a guard: it has a viewer."""

    viewer: viewers.Viewer


class _Person(Protocol):
    is_authenticated: bool

    def viewer(self) -> viewers.Viewer | None: ...


def public(view: View) -> View:
    """Let anybody in; the choice is written beside the view. Such a page looks at no row that has a reader, and whoever
    is signed in finds their own frame around it."""

    @functools.wraps(view)
    def guarded(request: http.HttpRequest, *args: object, **kwargs: object) -> http.HttpResponseBase:
        recognize(request)
        return view(request, *args, **kwargs)

    return _mark(guarded, PUBLIC)


def for_staff(view: View) -> View:
    """Mark a public page that was written for people with an account: it speaks only the languages of their pages."""
    view.for_staff = True  # type: ignore[attr-defined]
    return view


def is_for_staff(view: object) -> bool:
    """Return whether a public page was written for people with an account."""
    return getattr(view, "for_staff", False)


def recognize(request: http.HttpRequest) -> viewers.Viewer | None:
    """Note on a request who is looking, for the frame of its page. Without a session nothing is looked up."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    viewer = viewer_of(request)
    if viewer is not None:
        cast(Request, request).viewer = viewer
    return viewer


def entrance(view: View) -> View:
    """Let anybody in to say who they are: such a page may look for people, and for nothing else."""

    @functools.wraps(view)
    def guarded(request: http.HttpRequest, *args: object, **kwargs: object) -> http.HttpResponseBase:
        with row_security.entry():
            viewer = viewer_of(request)
            if viewer is not None:
                cast(Request, request).viewer = viewer  # for the frame of the page
            return _made(view(request, *args, **kwargs))

    return _mark(guarded, ENTRANCE)


def _made(response: http.HttpResponseBase) -> http.HttpResponseBase:
    """Makes a page that the framework would make later, when nobody looks any more."""
    return response.render() if isinstance(response, template_response.SimpleTemplateResponse) else response


def signed_in(view: View) -> View:
    """Let every signed-in person in, and send others to sign in first."""
    return role(*viewers.Role)(view)


def role(*allowed: viewers.Role) -> Callable[[View], View]:
    """Let the named roles in; others signed in get the same answer as for a page that does not exist."""

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: Request, *args: object, **kwargs: object) -> http.HttpResponseBase:
            viewer = viewer_of(request)
            if viewer is None:
                return _ask_to_sign_in(request)
            if viewer.role not in allowed:
                raise http.Http404
            if not _showed_enough(request, viewer):
                return _over() if is_part(request) else shortcuts.redirect("mfa_index")
            request.viewer = viewer
            with row_security.looking(viewer):
                return view(request, *args, **kwargs)

        guarded.roles = frozenset(allowed)  # type: ignore[attr-defined]
        return _mark(guarded, SIGNED_IN)

    return guard


def roles_of(view: object) -> frozenset[viewers.Role] | None:
    """Name the roles that a view lets in, or None for a view that does not ask."""
    return getattr(view, "roles", None)


def viewer_of(request: http.HttpRequest) -> viewers.Viewer | None:
    """Say who is looking, or None for a visitor."""
    person = cast(_Person, request.user)
    return person.viewer() if person.is_authenticated else None


def _showed_enough(request: http.HttpRequest, viewer: viewers.Viewer) -> bool:
    """Whether this session showed a second factor, where the role needs one. django-allauth notes each step in it."""
    if not viewer.role.needs_two_factors:
        return True
    if request.session.get(f"{STEPS}_user") != str(viewer.user_id):
        return False  # steps that somebody else took before
    return any(step.get("method") == "mfa" for step in request.session.get(STEPS, ()))


def guard_of(view: object) -> str | None:
    """Name the guard that a view declared, or None."""
    return getattr(view, "guard", None)


def declare_token(view: object) -> None:
    """Mark a route whose framework checks the bearer token itself."""
    view.guard = TOKEN  # type: ignore[attr-defined]


def _mark(view: T, guard: str) -> T:
    view.guard = guard  # type: ignore[attr-defined]
    return view


def is_part(request: http.HttpRequest) -> bool:
    """Return whether a page asks for a part of itself: the answer is put into it, so it is never another page."""
    return request.headers.get("HX-Request") == "true"


def _ask_to_sign_in(request: http.HttpRequest) -> http.HttpResponse:
    if is_part(request):
        return _over()
    if request.method == "POST":  # what was typed is kept on the page, never lost to a form that asks for a name
        return shortcuts.render(request, "ui/signed_out.html", {"unsent": unsent.of(request.POST)}, status=403)
    return auth_views.redirect_to_login(request.get_full_path())


def _over() -> http.HttpResponse:
    """Tells a page that its session is over; a script then says so in its place (front/scripts/session.js)."""
    return http.HttpResponse(status=401)
