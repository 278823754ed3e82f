"""A person's saved searches of the worklist: kept as the codes of their filters, for that person's eyes alone.

The promise: a search holds nothing that anybody typed, so that no name of a person comes into a table that is not
sealed.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.utils.translation import ngettext

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.duties import models

MOST = 8  # each is counted on every page


class TooManySearches(Exception):
    """A person has as many saved searches as one page counts."""

    def __init__(self) -> None:
        words = ngettext(
            "You can keep %(count)d saved search. Remove it first.",
            "You can keep %(count)d saved searches. Remove one first.",
            MOST,
        )
        super().__init__(words % {"count": MOST})


class NoSuchSearch(LookupError):
    """There is no such saved search, or it is somebody else's: the answer is the same."""


@dataclasses.dataclass(frozen=True, slots=True)
class Search:
    """A saved search, as the query of its address."""

    id: uuid.UUID
    query: str


def of(viewer: viewers.Viewer) -> Sequence[Search]:
    """List the viewer's own, oldest first."""
    rows = models.SavedSearch.objects.filter(by=viewer.user_id).order_by("at", "id")
    return [Search(*row) for row in rows.values_list("id", "query")]


def save(query: str, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Keep a search; one that is kept already stays. `query`: as its form wrote it. TooManySearches."""
    assert by.user_id is not None  # a token has no list
    with row_security.looking(by):
        known = of(by)
        if query in {each.query for each in known}:
            return
        if len(known) >= MOST:
            raise TooManySearches
        row = models.SavedSearch.objects.create(agency_id=by.agency_id, by_id=by.user_id, at=at, query=query)
        record.record(record.Deed("search.saved", by.agency_id, row.id, by.user_id), at=at)


def forget(search_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Remove one of the viewer's own. NoSuchSearch."""
    with row_security.looking(by):
        count, _rows = models.SavedSearch.objects.filter(id=search_id, by=by.user_id).delete()
        if not count:
            raise NoSuchSearch
        record.record(record.Deed("search.removed", by.agency_id, search_id, by.user_id), at=at)
