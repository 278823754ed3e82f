"""The steps of coming in where somebody shows a secret: what is done before the transaction, and how a wait is told.

The promise: a password is counted, looked at and hashed before the page's transaction (passwords.py says why), by
whichever page it came in; the page then finds the result on the request, and looks at no password by itself.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable

from django import http
from django.core import exceptions
from django.utils import timezone

from nowrongdoor.access import browsers, guards, row_security, turns
from nowrongdoor.agencies import guessing, inviting, passwords

NAME_LIMIT = 100  # characters: nobody has a longer name


class Request(http.HttpRequest):
    """A request whose password was looked at."""

    checked: passwords.Checked | guessing.TooManyTries  # the password that says who it is
    new_password: tuple[str, str]  # the one that is to take its place, and what is kept of it
    try_again_in: int  # seconds, when the answer is that somebody tried too often


Before = Callable[..., None]


def shown(view: guards.View, before: Before | None = None) -> guards.View:
    """Do something before the transaction of a page that somebody sends, and answer 429 where they tried too often.
    turns.Crowded, which is answered for the view (access/proving.py)."""

    @functools.wraps(view)
    def stepped(request: Request, *args: object, **kwargs: object) -> http.HttpResponseBase:
        if before is not None and request.method == "POST":
            before(request, *args, **kwargs)
        response = view(request, *args, **kwargs)
        if hasattr(request, "try_again_in"):
            response.status_code = 429
            response.headers["Retry-After"] = str(request.try_again_in)
        return response

    return stepped


def signing_in(request: Request) -> None:
    """Look at the password of whoever signs in."""
    _check(request, request.POST.get("login", "").strip(), request.POST.get("password", ""))


def again(request: Request) -> None:
    """Look at the password of whoever is signed in and says so again."""
    if request.user.is_authenticated:
        _check(request, request.user.get_username(), request.POST.get("password", ""))


def changing(request: Request) -> None:
    """Look at the old password of whoever chooses a new one, and hash the new one."""
    if request.user.is_authenticated:
        _check(request, request.user.get_username(), request.POST.get("oldpassword", ""))
        chosen = request.POST.get("password1", "")
        looked = getattr(request, "checked", None)
        if isinstance(looked, passwords.Checked) and looked.person and chosen == request.POST.get("password2"):
            request.new_password = chosen, passwords.hashed(chosen)


def joining(request: Request) -> None:
    """Hash the password that somebody chose who holds an invitation; whoever holds none costs nothing."""
    chosen, code = request.POST.get("password", ""), inviting.code_in(request.POST.get("code", ""))
    try:
        with row_security.entry():
            inviting.look_over(code, password=chosen, again=request.POST.get("again", ""), at=timezone.now())
    except (inviting.NoSuchInvitation, exceptions.ValidationError):
        return  # the page says so
    request.new_password = chosen, passwords.hashed(chosen)


def looked_at(request: http.HttpRequest, name: str, password: str) -> passwords.Checked:
    """Return what came of this password. ValidationError when it was not looked at, because of too many wrong ones."""
    result: object = getattr(request, "checked", None)
    if isinstance(result, guessing.TooManyTries):
        raise refused(request, result)
    if not isinstance(result, passwords.Checked) or not result.is_of(name, password):
        raise RuntimeError("A password is looked at before the transaction: name the page in site/entrance.py.")
    return result


def refused(request: http.HttpRequest, refusal: guessing.TooManyTries) -> exceptions.ValidationError:
    """Return the refusal as a form tells it, and note how long to wait."""
    setattr(request, "try_again_in", refusal.seconds)  # noqa: B010  as Request has it
    return exceptions.ValidationError(str(refusal), code="too_many_login_attempts")


def _check(request: Request, name: str, password: str) -> None:
    if not name or not password or len(name) > NAME_LIMIT or "\x00" in name + password:
        return  # the form refuses it
    is_stranger = not request.user.is_authenticated and browsers.known(request, name) is None
    with passwords.among_strangers() if is_stranger else contextlib.nullcontext():
        try:
            begun = guessing.begin(request, name, guessing.Secret.PASSWORD)
        except guessing.TooManyTries as refusal:
            request.checked = refusal
            return
        try:
            request.checked = passwords.check(name, password)
        except turns.Crowded:
            begun.was_right()  # nobody looked at it
            raise
        if request.checked.person is not None:
            begun.was_right()
        else:
            guessing.note_wrong(name, guessing.Secret.PASSWORD)
