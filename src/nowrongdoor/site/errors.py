"""What is answered when something is wrong: a page for people, sentences in JSON for other systems, details for nobody.

Django's own answers would do for pages alone; a caller of the API is promised `{"problems": […]}` whatever happens.
"""

from __future__ import annotations

from django import http
from django.core import exceptions
from django.template import loader
from django.utils import deprecation
from django.views.decorators.csrf import requires_csrf_token

from nowrongdoor.access import edge, guards
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.ui import unsent
from nowrongdoor.vault import keys

API = "/api/"
TOO_MUCH = exceptions.RequestDataTooBig, exceptions.TooManyFieldsSent, exceptions.TooManyFilesSent
SENTENCES = {
    400: gettext_lazy("This request could not be read. Check it against docs/openapi.json and send it again."),
    403: gettext_lazy("This is not open to you."),
    405: gettext_lazy("This address takes another method. docs/openapi.json says which."),
    404: gettext_lazy("There is nothing here, or it is not shared with your agency."),
    410: gettext_lazy(
        "The words of this case were erased under a retention schedule. Nothing can be written to it any more."
    ),
    413: edge.TOO_LARGE.format(limit=edge.BODY_LIMIT),
    500: gettext_lazy(
        "Something went wrong on our side. Nothing that was acknowledged is lost. Send it again in a moment."
    ),
}


class Gone(deprecation.MiddlewareMixin):
    """Answers 410 where something was to be read or written under a key that was destroyed: no view needs to ask."""

    def process_exception(self, request: http.HttpRequest, exception: Exception) -> http.HttpResponse | None:
        """Answer, or leave another fault to whoever handles it."""
        return _answer(request, 410) if isinstance(exception, keys.Erased) else None


class OtherMethod(deprecation.MiddlewareMixin):
    """Says in words what 405 means, which Django answers with nothing: whoever signs in again may be led back to the
    address of a button."""

    def process_response(self, request: http.HttpRequest, response: http.HttpResponseBase) -> http.HttpResponseBase:
        """Fill the answer, and keep what it says of the methods that are taken."""
        if not isinstance(response, http.HttpResponseNotAllowed) or response.content or request.method == "HEAD":
            return response
        worded = _answer(request, 405)
        response.content = worded.content
        response.headers["Content-Type"] = worded.headers["Content-Type"]
        return response


@requires_csrf_token
def bad_request(request: http.HttpRequest, exception: Exception) -> http.HttpResponse:
    """What could not be read, or was too much to read."""
    return _answer(request, 413 if isinstance(exception, TOO_MUCH) else 400)


@requires_csrf_token
def denied(request: http.HttpRequest, exception: Exception) -> http.HttpResponse:
    """What is not open to whoever asks."""
    return _answer(request, 403)


@requires_csrf_token
def unsafe_form(request: http.HttpRequest, reason: str = "") -> http.HttpResponse:
    """A form without the token of this sign-in. Where one of our own pages sent it, which is one opened before somebody
    signed in again, what it held is kept for them to check and send; what another site sent is not shown."""
    is_ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    match = request.resolver_match
    context: dict[str, object] = {}
    if is_ours and match and guards.guard_of(match.func) == guards.SIGNED_IN:  # those of signing in hold passwords
        context["unsent"] = unsent.of(request.POST)
    return http.HttpResponse(loader.get_template("403_csrf.html").render(context, request), status=403)


@requires_csrf_token
def missing(request: http.HttpRequest, exception: Exception) -> http.HttpResponse:
    """What is not there, or not yours: one answer."""
    return _answer(request, 404)


@requires_csrf_token
def broken(request: http.HttpRequest) -> http.HttpResponse:
    """What went wrong here. It says nothing of why: that is in the log."""
    return _answer(request, 500)


def _answer(request: http.HttpRequest, status: int) -> http.HttpResponse:
    if request.path.startswith(API):
        return http.JsonResponse({"problems": [SENTENCES[status]]}, status=status)
    # A fault's page is given no request: what failed may be the very thing that a context processor would ask for.
    known = request if status in (403, 404, 405, 410) else None
    if known is not None:
        guards.recognize(known)  # an address that nobody has passed no guard: the frame is the person's all the same
    return http.HttpResponse(loader.get_template(f"{status}.html").render(request=known), status=status)
