"""Writing tables for spreadsheets: every CSV or workbook that leaves goes through here.

The promise: no cell that somebody wrote is worked out as a formula on a colleague's machine (OWASP, "CSV Injection"),
and reading our own file back gives the same text: `plain(guarded(text)) == text`.
"""

from __future__ import annotations

import csv
import datetime
import decimal
import io
import itertools
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence

Cell = str | int | float | decimal.Decimal | bool | datetime.date | datetime.datetime | uuid.UUID | None
# What begins a formula, also in full width, also after blanks. Earlier marks count too: each is taken back once.
_BEGINS = re.compile(r"'*\s*[=+\-@\t\r\n＝＋－＠]")
_MARKED = re.compile(r"'+\s*[=+\-@\t\r\n＝＋－＠]")


def guarded(cell: Cell) -> str:
    """Write a cell so that a spreadsheet shows it. Numbers, dates and ids are ours, and stay as they are."""
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return str(cell)
    return f"'{cell}" if _BEGINS.match(cell) else cell


def plain(written: str) -> str:
    """Read back what `guarded` wrote for a text."""
    return written[1:] if _MARKED.match(written) else written


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
