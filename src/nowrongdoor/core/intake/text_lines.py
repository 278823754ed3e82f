"""The lines of a text table, each proved to be clean UTF-8 before anything reads it.

Promise: one bad line costs that line alone, memory stays bounded whatever the file holds, and a
record never spans lines (a quote left open cannot swallow the rest of a file).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO

from nowrongdoor.core.intake import row

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def numbered(stream: BinaryIO, longest: int) -> Iterator[tuple[int, bytes | row.Refusal]]:
    """This will yield each non-empty line without its ending, or a refusal of one too long."""
    number = 0
    while line := stream.readline(longest + 2):
        number += 1
        if len(line) > longest and not line.endswith(b"\n"):
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = stream.readline(65_536)
            shown = line[: row.SHOWN_VALUE_LIMIT * 2].decode("utf-8", "replace")
            yield number, row.refusal(number, "", f"line is longer than {longest} bytes", shown)
            continue
        if number == 1 and line.startswith(BYTE_ORDER_MARK):
            line = line[3:]
        line = line.rstrip(b"\r\n")
        if line and not line.isspace():
            yield number, line


def fields(line: bytes, number: int) -> list[str] | row.Refusal:
    """This will split one line by the rules of CSV, or say why it cannot."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        return row.refusal(
            number,
            "",
            f"not UTF-8 at byte {error.start + 1} of the line",
            line.decode("utf-8", "backslashreplace"),
        )
    if "\0" in text:
        return row.refusal(number, "", "holds a NUL character", text)
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error:
        return row.refusal(number, "", "a quote is not closed or stands inside a field", text)
