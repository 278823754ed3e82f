"""What somebody searches for: kept in their session, so that no address, log or history holds words about a person.

The promise: a search is sent in the body of a form; the address of its result carries a small number that means nothing
to anybody else. So Back and Reload work, and a name is written down nowhere but in the session, which is sealed.
"""

from __future__ import annotations

from collections.abc import Mapping

from django import http, shortcuts

from nowrongdoor.access import guards

KEPT = 10  # searches of each page; older ones are forgotten
NUMBER = "search"  # in the address


def keep(request: guards.Request, page: str, asked: Mapping[str, str]) -> http.HttpResponse:
    """Keep what was asked of a page, and lead to the page with its result."""
    kept: dict[str, dict[str, str]] = dict(request.session.get(_name(page), {}))
    number = max((int(each) for each in kept), default=0) + 1
    kept[str(number)] = dict(asked)
    for old in sorted(kept, key=int)[:-KEPT]:
        del kept[old]
    request.session[_name(page)] = kept
    return shortcuts.redirect(f"{shortcuts.resolve_url(page)}?{NUMBER}={number}")


def kept(request: guards.Request, page: str) -> Mapping[str, str] | None:
    """Return what the address's number stands for: nothing where nothing was asked, None where it was forgotten."""
    number = request.GET.get(NUMBER, "")
    if not number:
        return {}
    answers: Mapping[str, str] | None = request.session.get(_name(page), {}).get(number)
    return answers


def _name(page: str) -> str:
    return f"searches of {page}"
