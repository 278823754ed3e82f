"""Writing tables for spreadsheets: every CSV or workbook that leaves goes through here.

The promise: nothing that somebody wrote is worked out as a formula on a colleague's machine, under the separators of
`formulas`, and reading our own file back gives the same text: `formulas.plain(guarded(text)) == text`.
"""

from __future__ import annotations

import csv
import datetime
import decimal
import io
import itertools
import uuid
from collections.abc import Iterable, Iterator, Sequence

from nowrongdoor.core import formulas

Cell = str | int | float | decimal.Decimal | bool | datetime.date | datetime.datetime | uuid.UUID | None


def guarded(cell: Cell) -> str:
    """Write a cell so that a spreadsheet shows it. Numbers, dates and ids are ours, and stay as they are."""
    if cell is None:
        return ""
    return formulas.guarded(cell) if isinstance(cell, str) else str(cell)


def lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Write a whole table, line by line (RFC 4180)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    for each in itertools.chain([header], rows):
        writer.writerow([guarded(cell) for cell in each])
        yield _taken(out)


def _taken(out: io.StringIO) -> str:
    line = out.getvalue()
    out.seek(0)
    out.truncate()
    return line
