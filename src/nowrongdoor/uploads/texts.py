"""Plain text and tables in plain text: UTF-8, nothing that is not text, no formula."""

from __future__ import annotations

import csv
import io
import re

from nowrongdoor.uploads import refusing

# What a spreadsheet would work out instead of show. A signed number is only a number.
_FORMULA = re.compile(r"\s*(?:[=@＝＠]|[+\-＋－](?!\s*[\d.,]+\s*%?\s*$))")
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read(content: bytes) -> str | None:
    """This will read UTF-8, or UTF-16 that says so; None when it is not text."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = content.decode("utf-16")
        else:
            text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if _HIDDEN.search(text) else text


def is_table(text: str) -> bool:
    """This will say whether every line has the same number of cells, two or more."""
    widths = {len(row) for row in _rows(text) if row}
    return len(widths) == 1 and widths.pop() > 1


def clean(content: bytes) -> bytes:
    """This will give the text in UTF-8, without a mark in front."""
    text = read(content)
    if text is None:
        raise refusing.Damaged("text")
    return text.encode()


def clean_table(content: bytes) -> bytes:
    """This will give the table unchanged, or refuse it when a spreadsheet would run one of its cells."""
    text = clean(content).decode()
    for line, row in enumerate(_rows(text), start=1):
        for column, cell in enumerate(row, start=1):
            if _FORMULA.match(cell):
                raise refusing.ActiveContent(f"a formula (row {line}, column {column})")
    return text.encode()


def _rows(text: str) -> list[list[str]]:
    separator = max(",;\t", key=text.partition("\n")[0].count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise refusing.Damaged("table") from error
