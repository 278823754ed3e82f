"""Addresses of the tests beside those of the site: a form that anybody may send, for which something slow is done."""

from __future__ import annotations

from django import http
from django.urls import path
from django.views.decorators.http import require_POST

from nowrongdoor.access import guards
from nowrongdoor.mailbox import openers
from nowrongdoor.site import urls


@guards.public
@require_POST
def slow(request: http.HttpRequest) -> http.HttpResponse:
    """Do what is slow when it is one's turn."""
    with openers.TURNS.taken():
        return http.HttpResponse("hashed")


urlpatterns = [path("open-slow", slow), *urls.urlpatterns]
