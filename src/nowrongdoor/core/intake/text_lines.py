"""The lines of a text table, each proved to be clean UTF-8 before anything reads it.

Promise: one bad line costs that line alone, memory stays bounded whatever the file holds, and a
record never spans lines (a quote left open cannot swallow the rest of a file). How a program saves
a table (UTF-16 that says so, semicolons, tabs, any line ends, the case of headings) changes nothing
of what it says; what cannot be read so is named for what it is.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Collection, Iterator
from typing import BinaryIO

from nowrongdoor.core.intake import row
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LARGEST_FILE = 256 * 1024 * 1024
"""Bytes of a file that must be held whole to be read."""

SEPARATORS = ",;\t|"
_HEAD = 65_536
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UTF_8_WANTED = gettext_lazy("save it as CSV UTF-8")
_FOREIGN = {
    b"PK\x03\x04": gettext_lazy("a workbook or another packed file, not a text table: save it as CSV UTF-8"),
    b"\xd0\xcf\x11\xe0": gettext_lazy("a file of an old Office program: save it as .xlsx or as CSV UTF-8"),
    b"%PDF-": gettext_lazy("a PDF, not a text table: ask for the table itself, as CSV UTF-8"),
}


def opened(stream: BinaryIO) -> BinaryIO | row.Refusal:
    """Return a stream of UTF-8 lines that end in LF or CRLF, or say what the file is instead."""
    head = stream.read(_HEAD)
    for beginning, what in _FOREIGN.items():
        if head.startswith(beginning):
            return row.refusal(0, "", _("this is %(what)s") % {"what": what}, "")
    is_utf_16 = head.startswith(_UTF_16)
    has_old_ends = b"\r" in head and b"\n" not in head
    if not is_utf_16 and head[:400].count(0) * 4 > len(head[:400]):
        return row.refusal(
            0,
            "",
            _("the file seems to be UTF-16 without its mark: %(utf_8_wanted)s") % {"utf_8_wanted": _UTF_8_WANTED},
            "",
        )
    if not is_utf_16 and not has_old_ends:
        stream.seek(0)
        return stream
    data = head + stream.read(LARGEST_FILE + 1 - len(head))
    if len(data) > LARGEST_FILE:
        return row.refusal(
            0, "", _("the file is larger than %(largest_file)s bytes") % {"largest_file": LARGEST_FILE}, ""
        )
    if is_utf_16:
        try:
            data = data.decode("utf-16").encode()
        except UnicodeError as error:
            reason = _("the file begins as UTF-16 and does not go on so (%(error)s): %(utf_8_wanted)s") % {
                "error": error,
                "utf_8_wanted": _UTF_8_WANTED,
            }
            return row.refusal(0, "", reason, "")
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    return io.BytesIO(data)


def heading(name: str) -> str:
    """Return a column's name in the form in which names are compared: without case, invisible
    characters and doubled spaces."""
    shown = "".join(" " if c == "\xa0" else c for c in name if unicodedata.category(c) != "Cf")
    return " ".join(shown.split()).lower()


def separator(line: str, known: Collection[str]) -> str:
    """Return the separator that finds most of the known headings in a line; a comma when none does."""

    def count(each: str) -> int:
        return sum(heading(name.strip('"')) in known for name in line.split(each))

    return max(SEPARATORS, key=count)


def numbered(stream: BinaryIO, longest: int) -> Iterator[tuple[int, bytes | row.Refusal]]:
    """Yield each non-empty line without its ending, or a refusal of one too long."""
    number = 0
    while line := stream.readline(longest + 2):
        number += 1
        if len(line) > longest and not line.endswith(b"\n"):
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = stream.readline(65_536)
            shown = line[: row.SHOWN_VALUE_LIMIT * 2].decode("utf-8", "replace")
            yield (
                number,
                row.refusal(number, "", _("line is longer than %(longest)s bytes") % {"longest": longest}, shown),
            )
            continue
        if number == 1 and line.startswith(BYTE_ORDER_MARK):
            line = line[3:]
        line = line.rstrip(b"\r\n")
        if line and not line.isspace():
            yield number, line


def fields(line: bytes, number: int, between: str = ",") -> list[str] | row.Refusal:
    """Split one line by the rules of CSV, or say why it cannot be split."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        return row.refusal(
            number,
            "",
            _("not UTF-8 at byte %(start)s of the line: %(utf_8_wanted)s")
            % {"start": error.start + 1, "utf_8_wanted": _UTF_8_WANTED},
            line.decode("utf-8", "backslashreplace"),
        )
    if "\0" in text:
        return row.refusal(number, "", _("holds a NUL character"), text)
    if '"' not in text:
        return text.split(between)
    try:
        return next(csv.reader([text], strict=True, delimiter=between))
    except csv.Error:
        return row.refusal(number, "", _("a quote is not closed or stands inside a field"), text)
