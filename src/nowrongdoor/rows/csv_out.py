"""Writing CSV that no spreadsheet runs: a cell that would be taken for a formula is given a leading apostrophe.

Source: OWASP, "CSV Injection". Quoting alone does not help, because spreadsheets look past it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """This will write rows as lines of CSV (RFC 4180), each cell safe to open."""
    for row in rows:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\r\n").writerow([cell(value) for value in row])
        yield buffer.getvalue()


def cell(value: object) -> str:
    """This will write one cell. A plain number stays a number."""
    text = "" if value is None else str(value)
    if isinstance(value, int | float) or not text.startswith(FORMULA):
        return text
    return "'" + text
