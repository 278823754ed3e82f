"""What anybody may read of the directory, a page or a whole document at a time: what the HSDS API answers.

The promise: nothing that is for staff alone is in an answer, whoever asks: each query leaves it out by itself, and row
security leaves it out again.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max, Q, QuerySet, Subquery

from nowrongdoor.core import country_words
from nowrongdoor.core.services import hsds, package, profile
from nowrongdoor.core.services.hsds import Row
from nowrongdoor.services import models

VERSION = "3.1"
TABLES: Mapping[str, str] = {  # the address of the API, and the table
    "organizations": "organizations",
    "services": "services",
    "service_at_locations": "service_at_location",
    "taxonomies": "taxonomies",
    "taxonomy_terms": "taxonomy_terms",
}
SIZE, MOST, LAST = 25, 100, 100_000  # rows of a page, at most, and the last page that can be asked for
LONGEST = 80  # letters of a search
WORDS = 6  # words of it
DEEPEST = 8  # how far a document follows what its rows name
# What narrows which list: the column that must be this id. What is at a place belongs to its service.
NARROWED: Mapping[str, Mapping[str, str]] = {
    "services": {"organization_id": "organization"},
    "service_at_locations": {"service_id": "root", "location_id": "location"},
    "taxonomy_terms": {"taxonomy_id": "content__taxonomy_id", "parent_id": "content__parent_id"},
}


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """Which page of which list: `name` of `TABLES`, from page 1; `search`: words that all have to be in the name or the
    description; `narrowed`: columns that must be this id."""

    name: str
    page: int = 1
    size: int = SIZE
    search: str = ""
    narrowed: Mapping[str, uuid.UUID] = dataclasses.field(default_factory=dict)


def _rows() -> QuerySet[models.DirectoryRow]:
    return models.DirectoryRow.objects.filter(is_for_staff=False)


def page(asked: Asked) -> dict[str, Any]:
    """Return a page of a list in the form of the HSDS API. The last page of a whole list costs what the first does."""
    rows = _rows().filter(table=TABLES[asked.name])
    for column, of in asked.narrowed.items():
        rows = rows.filter(**{column: str(of)})
    for word in asked.search.split():
        rows = rows.filter(Q(content__name__icontains=word) | Q(content__description__icontains=word))
    start = (asked.page - 1) * asked.size
    if asked.narrowed or asked.search:
        total, skipped = rows.count(), start
    else:
        total, skipped = _count(rows), start % models.HUNDRED
        rows = _since(rows, start // models.HUNDRED)
    held = list(rows.order_by("listed").values_list("content", flat=True)[skipped : skipped + asked.size])
    pages = -(-total // asked.size)
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": asked.page,
        "size": len(held),
        "first_page": asked.page == 1,
        "last_page": asked.page >= pages,
        "empty": not held,
        "contents": held,
    }


def _count(rows: QuerySet[models.DirectoryRow]) -> int:
    """Count the rows of a whole list: only those of its last hundred are looked at."""
    last: int | None = rows.aggregate(last=Max("hundred"))["last"]
    return 0 if last is None else last * models.HUNDRED + _since(rows, last).count()


def _since(rows: QuerySet[models.DirectoryRow], hundred: int) -> QuerySet[models.DirectoryRow]:
    """Return the rows of a whole list from those on before which there are so many hundreds."""
    return rows.filter(listed__gte=Subquery(rows.filter(hundred=hundred).values("listed")))


def document(name: str, row_id: uuid.UUID) -> dict[str, object] | None:
    """Return a row of a list with all that stands in it and that it names; None where there is none."""
    table, key = TABLES[name], str(row_id)
    rows: dict[str, dict[str, Row]] = {}
    known: set[str] = set()
    wanted = {key}
    for _step in range(DEEPEST):
        _take(rows, Q(root__in=wanted) | Q(listed__in=wanted))
        if table == "organizations" and key in wanted:
            _take(rows, Q(table__in=("services", "locations", "programs"), organization=key))
        known |= wanted
        wanted = _named(rows) - known
        if not wanted:
            break
    if key not in rows.get(table, {}):
        return None
    return package.Nesting(rows).document(table, key)


def _take(rows: dict[str, dict[str, Row]], which: Q) -> None:
    for table, listed, content in _rows().filter(which).values_list("table", "listed", "content"):
        rows.setdefault(table, {})[str(listed)] = content


def _named(rows: Mapping[str, Mapping[str, Row]]) -> set[str]:
    """Return what rows name, and themselves, for what stands in them."""
    ids = {row_id for held in rows.values() for row_id in held}
    for table, held in rows.items():
        for field in hsds.tables()[table].links:
            ids |= {str(row[field]) for row in held.values() if row.get(field)}
    return ids


def about(base: str) -> dict[str, object]:
    """Say what this API is. `base`: its address."""
    return {"version": VERSION, "profile": f"{base}profile", "openapi_url": OPENAPI}


OPENAPI = "https://raw.githubusercontent.com/openreferral/specification/3.1/schema/openapi.json"


def _terms() -> Sequence[tuple[str, str, str]]:
    installed = profile.installed()
    kinds = [("kind", kind.code, kind.words) for kind in installed.kinds.values()]
    facts = [(f"takes:{fact.code}", "", fact.question) for fact in installed.facts.values()]
    limits = [("limit", code, limit.words) for code, limit in installed.limits.items()]
    return [*kinds, *facts, *limits]


def published() -> dict[str, object]:
    """Return the Profile: which codes of the taxonomy say whom a service takes, and what they ask. A code whose `value`
    is empty has answers, or numbers."""
    installed = profile.installed()
    return {
        "name": "No Wrong Door",
        "version": VERSION,
        "taxonomy": profile.TAXONOMY,
        "codes": [
            {"code": code, "value": value, "words": country_words.worded(words)} for code, value, words in _terms()
        ],
        "answers": {
            fact.code: {code: country_words.worded(words) for code, words in fact.values.items()}
            for fact in installed.facts.values()
            if fact.values
        },
        "hidden": "hidden",
    }
