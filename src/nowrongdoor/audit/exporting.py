"""The trail of one agency as a table, for an inspector general or a court."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from nowrongdoor.audit import models
from nowrongdoor.bulk import writing
from nowrongdoor.publishing import csv_out

COLUMNS = (
    *("id", "at", "kind", "verb", "authority", "agency_id", "by_id", "case_id", "subject_id"),
    "details",
)


def of_agency(agency_id: uuid.UUID) -> Iterator[str]:
    """Write an agency's events, oldest first, as lines of CSV; row security decides what is there."""
    rows = models.Event.objects.filter(agency_id=agency_id).order_by("id").values_list(*COLUMNS)
    yield from csv_out.lines(COLUMNS, map(_cells, rows.iterator()))


def _cells(row: tuple[csv_out.Cell | dict[str, object], ...]) -> list[csv_out.Cell]:
    return [writing.as_text(value) if isinstance(value, dict) else value for value in row]
