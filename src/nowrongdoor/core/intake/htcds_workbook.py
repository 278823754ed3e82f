"""The workbook form of the Human Trafficking Case Data Standard 2.0: a sheet per section.

Promise: as for the CSV form, and nothing in a workbook is executed or followed: a formula is
refused, a hidden sheet is reported and not read, a bomb is refused before it is opened. A merged
cell holds for each of its lines, and hidden lines and columns are read: both are told.
"""

from __future__ import annotations

import dataclasses
import datetime
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Protocol
from xml.etree import ElementTree  # noqa: S405  only its error is named; defusedxml does the parsing

import defusedxml
import openpyxl
from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from nowrongdoor.core.intake import htcds, htcds_cells, row
from nowrongdoor.core.language import gettext, gettext_lazy

LARGEST_UNPACKED = 512 * 1024 * 1024
_HEADER = 1
MOST_DIGITS = 10**15
"""A spreadsheet keeps fifteen digits of a number; of a longer one the last are not those that were typed."""

# In the part of a sheet; a "<" in a cell's text is always written otherwise there.
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
_HIDDEN = re.compile(rb'<(?:\w+:)?(row|col)\b[^>]*\bhidden="(?:1|true)"')
_PIECE, _OVERLAP = 1 << 20, 1_000


class _Cell(Protocol):
    """What is read of a cell, whatever class the library gives it."""

    @property
    def value(self) -> object: ...

    @property
    def data_type(self) -> str: ...


_VISIBLE = "visible"


def read_workbook(stream: BinaryIO, *, on: datetime.date, sender: str = "") -> Iterator[row.Row | row.Refusal]:
    """Read a workbook of section sheets linked by CaseId, or with one flat sheet."""
    yield from htcds.gather(_lines(stream), on=on, sender=sender)


def _lines(stream: BinaryIO) -> Iterator[htcds.Line | row.Refusal]:
    try:
        with zipfile.ZipFile(stream) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > LARGEST_UNPACKED:
            yield row.refusal(
                0,
                "",
                gettext("unpacks to more than %(largest_unpacked)s bytes") % {"largest_unpacked": LARGEST_UNPACKED},
                str(unpacked),
            )
            return
        stream.seek(0)
        book = openpyxl.load_workbook(stream, read_only=True, keep_links=False)
        for sheet in book.worksheets:
            if sheet.sheet_state != _VISIBLE:
                reason = gettext("the sheet is hidden and was not read")
                yield row.refusal(0, "", reason, sheet.title, sheet.title)
                continue
            sheet.reset_dimensions()  # the size a file states about itself may be a lie
            layout = _layout(stream, sheet)
            yield from _sheet_lines(sheet.title, sheet.rows, layout)
        book.close()
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        ElementTree.ParseError,
        defusedxml.DefusedXmlException,
        KeyError,
        ValueError,
        OSError,
        EOFError,
    ) as error:
        yield row.refusal(0, "", gettext("the file is not a readable .xlsx workbook"), str(error))


@dataclasses.dataclass(frozen=True, slots=True)
class _Layout:
    """How a sheet is laid out: cells that are merged downward as (column, first line, last line), all from 1; and
    whether it hides lines or columns."""

    merged: Sequence[tuple[int, int, int]]
    hides: Sequence[str]


def _layout(stream: BinaryIO, sheet: ReadOnlyWorksheet) -> _Layout:
    """Reads of a sheet's own part what the library leaves out when it reads line by line."""
    merged: dict[tuple[int, int, int], None] = {}
    hides: dict[str, None] = {}
    path = sheet._worksheet_path  # type: ignore[attr-defined]  # the library's own, which its types leave out
    with zipfile.ZipFile(stream) as archive, archive.open(path) as part:
        before = b""
        while piece := part.read(_PIECE):
            seen = before + piece
            for left, top, right, bottom in _MERGED.findall(seen):
                first, last = column_index_from_string(left.decode()), column_index_from_string(right.decode())
                if int(bottom) > int(top) and last - first < htcds.MOST_COLUMNS:
                    merged |= dict.fromkeys((at, int(top), int(bottom)) for at in range(first, last + 1))
            hides |= dict.fromkeys("lines" if what == b"row" else "columns" for what in _HIDDEN.findall(seen))
            before = seen[-_OVERLAP:]
    return _Layout(tuple(merged), tuple(sorted(hides)))


def _sheet_lines(title: str, rows: Iterable[Iterable[_Cell]], layout: _Layout) -> Iterator[htcds.Line | row.Refusal]:
    by_name = {name.lower(): name for name in htcds_cells.sections()}
    section = by_name.get(title.strip().lower(), "")
    header: list[str] | None = None
    warnings = [
        (
            gettext("Sheet %(title)s hides %(what)s; they were read like all others.")
            % {"title": f"{title!r}", "what": what}
        )
        for what in layout.hides
    ]
    filled: dict[int, str] = {}
    first: tuple[int, list[str]] = (0, [])
    above = 0
    for number, cells in enumerate(rows, start=_HEADER):
        line = list(cells)
        texts = [_text(cell) for cell in line]
        if not any(texts):
            continue
        if len(line) > htcds.MOST_COLUMNS:
            yield row.refusal(number, "", htcds.TOO_MANY_COLUMNS, "", title)
            return
        if header is None:
            if above < htcds.TITLE_LINES and not htcds.has_heading(texts):
                first, above = (first, above + 1) if above else ((number, texts), 1)
                continue
            header = htcds.headings(texts)
            faults = _faults(header, title, number, section)
            if faults:
                yield from faults
                return
            if above:
                warnings.append(htcds.ABOVE)
            continue
        _fill(texts, number, layout, filled)
        width = len(header)
        named = [(name, text) for name, text in zip(header, texts, strict=False) if name]
        refusals = [
            row.refusal(number, name, _cell_fault(cell), text, title)
            for name, cell, text in zip(header, line, texts, strict=False)
            if _cell_fault(cell)
        ]
        refusals.extend(
            row.refusal(number, "", gettext("a value stands in a column without a heading"), text, title)
            for place, text in enumerate(texts)
            if text and (place >= width or not header[place])
        )
        # A line is padded to the header's width, so that a missing CaseId is seen as missing.
        named.extend((name, "") for name in header[len(texts) :] if name)
        notes = (*warnings, MERGED.format(title)) if filled else tuple(warnings)
        yield htcds.Line(title, number, section or title, tuple(named), tuple(refusals), notes)
    if header is None and above:
        number, texts = first
        yield from _faults(htcds.headings(texts), title, number, section)


MERGED = gettext_lazy("Sheet {!r} has merged cells: each holds for all its lines.")


def _fill(texts: list[str], number: int, layout: _Layout, filled: dict[int, str]) -> None:
    """Writes into the empty cells below the first of a merged cell what the first one says."""
    for column, top, bottom in layout.merged:
        if number == top and column <= len(texts):
            filled[column] = texts[column - 1]
        elif top < number <= bottom and filled.get(column):
            texts.extend("" for _ in range(column - len(texts)))
            texts[column - 1] = texts[column - 1] or filled[column]


def _faults(header: list[str], title: str, number: int, section: str) -> list[row.Refusal]:
    faults = htcds.header_faults(header, title, number)
    lower = {name.lower() for name in header}
    if "caseid" not in lower and section:
        faults.append(row.refusal(number, htcds_cells.CASE_ID, gettext("a section's sheet needs a CaseId"), "", title))
    if "caseid" in lower and len(faults) == 1 and "no field" in faults[0].reason:
        return []  # a sheet of the sender's own that is linked to cases is kept with them
    return faults


def _cell_fault(cell: _Cell) -> str:
    if cell.data_type == "f":
        return gettext("is a formula; a value is needed")
    if cell.data_type == "e":
        return gettext("is an error value")
    value = cell.value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) >= MOST_DIGITS:
        return gettext(
            "is a number of more than 15 digits, of which a spreadsheet keeps only 15: format the column as text"
        )
    return ""


def _text(cell: _Cell) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def write_workbook(rows: Iterable[row.Row]) -> bytes:
    """Write records as a workbook that `read_workbook` reads back as the same records."""
    by_section: dict[str, list[tuple[str, row.Entry]]] = {}
    for number, taken in enumerate(rows, start=1):
        case_id = taken.case_id or f"record-{number}"
        for entry in taken.raw:
            by_section.setdefault(entry.section, []).append((case_id, entry))
    order = (*htcds_cells.sections(), *sorted(set(by_section) - set(htcds_cells.sections())))
    book = openpyxl.Workbook(write_only=True)
    for section in order:
        if section not in by_section and by_section:
            continue
        names: dict[str, None] = {}
        for field in htcds_cells.fields().values():
            if field.section == section:
                names[field.full_name] = None
        for _, entry in by_section.get(section, []):
            names.update(dict.fromkeys(name for name, _ in entry.values))
        sheet = book.create_sheet(section)
        columns = (htcds_cells.CASE_ID, htcds_cells.PERSON_ID, *names)
        _append(sheet, columns)
        for case_id, entry in by_section.get(section, []):
            values = dict(entry.values)
            cells = (case_id, entry.person_id, *(values.get(name, "") for name in names))
            _append(sheet, cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _append(sheet: WriteOnlyWorksheet, texts: Iterable[str]) -> None:
    """Write text as text whatever it looks like: a name that begins with = is not a formula."""
    cells = []
    for text in texts:
        cell = WriteOnlyCell(sheet, value=text or None)
        if text:
            cell.data_type = "s"
        cells.append(cell)
    sheet.append(cells)
