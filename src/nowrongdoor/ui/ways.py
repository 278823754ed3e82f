"""The way back: where a form says that the person was before they acted.

The promise: nobody is led to another site, however an address is spelled.
"""

from __future__ import annotations

from django import http, shortcuts
from django.utils import http as addresses


def back_of(request: http.HttpRequest, otherwise: str) -> str:
    """Return where a form says that the person was, if that is a page of ours; else the page that `otherwise` names."""
    back = request.POST.get("back", "")
    is_ours = back.startswith("/") and addresses.url_has_allowed_host_and_scheme(back, None)
    return back if is_ours else shortcuts.resolve_url(otherwise)
