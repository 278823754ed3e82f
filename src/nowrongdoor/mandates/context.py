"""What pages that show facts or agencies know of the mandate table."""

from __future__ import annotations

from django import http
from django.utils.functional import SimpleLazyObject

from nowrongdoor.mandates import queries


def table(request: http.HttpRequest) -> dict[str, object]:
    """Give every template the table whose words are shown, looked up once per page and only where one asks."""
    return {"table": SimpleLazyObject(queries.shown)}
