"""A long list, shown one page at a time within its part of a page, in the address and without a script."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Generic, TypeVar

from django import http
from django.utils.translation import gettext as _

Row = TypeVar("Row")


@dataclasses.dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """One page of a list. `count`: rows of the whole list; `previous` and `next`: addresses, empty at the ends; `words`
    says where one is, and nothing where all of it is shown."""

    rows: Sequence[Row]
    count: int
    previous: str = ""
    next: str = ""
    words: str = ""


def of(rows: Sequence[Row], asked: http.QueryDict, *, name: str, size: int, anchor: str) -> Slice[Row]:
    """Return the page of a list that an address asks for under `name`, or the nearest that there is; `anchor`: the id
    of the part of the page that holds the list."""
    pages = max(1, -(-len(rows) // size))
    typed = asked.get(name, "")
    page = min(max(int(typed) if typed.isdecimal() and len(typed) < 9 else 1, 1), pages)
    if pages == 1:
        return Slice(rows, len(rows))

    def address(number: int) -> str:
        query = asked.copy()
        query[name] = str(number)
        return f"?{query.urlencode()}#{anchor}"

    return Slice(
        rows[(page - 1) * size : page * size],
        len(rows),
        address(page - 1) if page > 1 else "",
        address(page + 1) if page < pages else "",
        _("Page {page} of {pages}").format(page=page, pages=pages),
    )
