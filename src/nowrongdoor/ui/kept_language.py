"""The language of a public page in its address: `?in=<code>`, kept in links and forms without a cookie.

The promise: whoever chose a language on one public page reads the next in it too, and nothing of it stays in a browser
but the address.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator

from django.utils import http

PARAMETER = "in"
_asked_for: contextvars.ContextVar[str] = contextvars.ContextVar("asked_for", default="")


@contextlib.contextmanager
def keep(code: str) -> Iterator[None]:
    """Keep the language that an address asked for; empty for none."""
    token = _asked_for.set(code)
    try:
        yield
    finally:
        _asked_for.reset(token)


def asked_for() -> str:
    """Return the language that the address of this page asked for, empty for none."""
    return _asked_for.get()


def keeping(address: str) -> str:
    """Return an address of a public page that keeps the language of this one, where its own address asked for it. A
    redirect from one public page to another says this too."""
    code = asked_for()
    return in_language(address, code) if code else address


def in_language(address: str, code: str) -> str:
    """Return an address of a public page in a language."""
    rest, mark, part = address.partition("#")
    path, _, query = rest.partition("?")
    others = [each for each in query.split("&") if each and not each.startswith(f"{PARAMETER}=")]
    return f"{path}?{'&'.join([*others, http.urlencode({PARAMETER: code})])}{mark}{part}"
