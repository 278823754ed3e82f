"""Addresses of the tests beside those of the site: a form that anybody may send, as any public page declares it."""

from __future__ import annotations

from django import http, shortcuts
from django.urls import path
from django.views.decorators.http import require_POST

from nowrongdoor.access import guards, proving
from nowrongdoor.site import urls


@guards.public
@proving.storing_when(lambda request: "send" in request.POST)
@require_POST
def form(request: http.HttpRequest) -> http.HttpResponse:
    """Say what came, and carry the pass as every public form does."""
    passed = shortcuts.render(request, "access/_passed.html").content.decode()
    came = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    files = {name: each.read().decode() for name, each in request.FILES.items()}  # type: ignore[union-attr]
    return http.JsonResponse({"came": came, "files": files, "passed": passed})


@guards.public
@require_POST
def receipt(request: http.HttpRequest) -> http.HttpResponse:
    """Count a receipt that is tried."""
    return proving.for_receipt(request) or http.HttpResponse("tried")


urlpatterns = [path("open-form", form), path("open-receipt", receipt), *urls.urlpatterns]
