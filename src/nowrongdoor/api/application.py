"""The application: every noun's addresses below one root, one way of asking for a token, one form of a problem."""

from __future__ import annotations

import json

import ninja
from django import http
from ninja import errors

from nowrongdoor.access import limits
from nowrongdoor.api import signals, tokens
from nowrongdoor.core import mistakes
from nowrongdoor.core.language import gettext as _

api = ninja.NinjaAPI(
    title="No Wrong Door",
    version="1",
    description="Hand in a signal; see what became of it.",
    auth=tokens.AgencyToken(),
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,  # docs/openapi.json holds it; a test keeps the two alike
)
api.add_router("/signals", signals.router)


@api.exception_handler(errors.ValidationError)
def _not_readable(request: http.HttpRequest, error: errors.ValidationError) -> http.HttpResponse:
    problems = mistakes.first(f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors)
    return api.create_response(request, {"problems": problems}, status=422)


@api.exception_handler(errors.AuthenticationError)
def _not_known(request: http.HttpRequest, error: errors.AuthenticationError) -> http.HttpResponse:
    problem = _("Send the token of your agency's system as 'Authorization: Bearer …'; an administrator makes one.")
    return api.create_response(request, {"problems": [problem]}, status=401)


@api.exception_handler(errors.HttpError)
def _not_taken(request: http.HttpRequest, error: errors.HttpError) -> http.HttpResponse:
    return api.create_response(request, {"problems": [str(error)]}, status=error.status_code)


@api.exception_handler(limits.TooMany)
def _not_now(request: http.HttpRequest, error: limits.TooMany) -> http.HttpResponse:
    answer = api.create_response(request, {"problems": [str(error)]}, status=429)
    answer["Retry-After"] = str(error.seconds)
    return answer


def document() -> str:
    """Write the API's OpenAPI document, which docs/openapi.json keeps."""
    return json.dumps(api.get_openapi_schema(), indent=2, sort_keys=True) + "\n"
