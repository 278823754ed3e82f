"""What a room shows of a case, as a value: the room says what, the page alone says where.

The promise: a new room joins the page of a case with a function of its own and a line in `casework/panels.py`; no
template of another room is touched.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from django import http
from django.template import loader
from django.utils.safestring import SafeString


@dataclasses.dataclass(frozen=True, slots=True)
class Panel:
    """A template of the room, and what it is filled with. `request`, and what a page shares with all its panels, are
    there besides."""

    template: str
    context: Mapping[str, object]

    def rendered(self, request: http.HttpRequest, shared: Mapping[str, object]) -> SafeString:
        """Write the panel for the page that answers this request."""
        return loader.render_to_string(self.template, {**shared, **self.context}, request)
