"""What anybody sends is read as UTF-8, in which every page of ours asks, whatever the sender calls it.

The promise: no text that comes in holds half a character, which nothing that follows could keep, seal or show: a form
that says that it is in UTF-7 would otherwise be a fault of the server.
"""

from __future__ import annotations

from django import http
from django.utils import deprecation


class Utf8(deprecation.MiddlewareMixin):
    """Reads forms and addresses as UTF-8; what is none of it becomes the sign for an unknown character."""

    def process_request(self, request: http.HttpRequest) -> None:
        """Say so before anything is read."""
        request.encoding = "utf-8"
