"""The workbook form of the Human Trafficking Case Data Standard 2.0: a sheet per section.

Promise: as for the CSV form, and nothing in a workbook is executed or followed: a formula is
refused, a hidden sheet is reported and not read, a bomb is refused before it is opened.
"""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Protocol
from xml.etree import ElementTree  # noqa: S405  only its error is named; defusedxml does the parsing

import defusedxml
import openpyxl
from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from nowrongdoor.core.intake import htcds, htcds_cells, row

LARGEST_UNPACKED = 512 * 1024 * 1024
MOST_COLUMNS = 1_000
_HEADER = 1


class _Cell(Protocol):
    """What is read of a cell, whatever class the library gives it."""

    @property
    def value(self) -> object: ...

    @property
    def data_type(self) -> str: ...


_VISIBLE = "visible"


def read_workbook(stream: BinaryIO, *, on: datetime.date, sender: str = "") -> Iterator[row.Row | row.Refusal]:
    """This will read a workbook of section sheets linked by CaseId, or with one flat sheet."""
    yield from htcds.gather(_lines(stream), on=on, sender=sender)


def _lines(stream: BinaryIO) -> Iterator[htcds.Line | row.Refusal]:
    try:
        with zipfile.ZipFile(stream) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > LARGEST_UNPACKED:
            yield row.refusal(0, "", f"unpacks to more than {LARGEST_UNPACKED} bytes", str(unpacked))
            return
        stream.seek(0)
        book = openpyxl.load_workbook(stream, read_only=True, keep_links=False)
        for sheet in book.worksheets:
            if sheet.sheet_state != _VISIBLE:
                reason = "the sheet is hidden and was not read"
                yield row.refusal(0, "", reason, sheet.title, sheet.title)
                continue
            sheet.reset_dimensions()  # the size a file states about itself may be a lie
            yield from _sheet_lines(sheet.title, sheet.rows)
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
        yield row.refusal(0, "", "the file is not a readable .xlsx workbook", str(error))


def _sheet_lines(title: str, rows: Iterable[Iterable[_Cell]]) -> Iterator[htcds.Line | row.Refusal]:
    by_name = {name.lower(): name for name in htcds_cells.sections()}
    section = by_name.get(title.strip().lower(), "")
    header: list[str] | None = None
    for number, cells in enumerate(rows, start=_HEADER):
        line = list(cells)
        texts = [_text(cell) for cell in line]
        if not any(texts):
            continue
        if len(line) > MOST_COLUMNS:
            yield row.refusal(number, "", f"has more than {MOST_COLUMNS} columns", "", title)
            return
        if header is None:
            header = [text.strip() for text in texts]
            faults = _faults(header, title, number, section)
            if faults:
                yield from faults
                return
            continue
        width = len(header)
        named = [(name, text) for name, text in zip(header, texts, strict=False) if name]
        refusals = [
            row.refusal(number, name, _cell_fault(cell), text, title)
            for name, cell, text in zip(header, line, texts, strict=False)
            if _cell_fault(cell)
        ]
        refusals.extend(
            row.refusal(number, "", "a value stands in a column without a heading", text, title)
            for place, text in enumerate(texts)
            if text and (place >= width or not header[place])
        )
        # A line is padded to the header's width, so that a missing CaseId is seen as missing.
        named.extend((name, "") for name in header[len(texts) :] if name)
        yield htcds.Line(title, number, section or title, tuple(named), tuple(refusals))


def _faults(header: list[str], title: str, number: int, section: str) -> list[row.Refusal]:
    faults = htcds.header_faults(header, title, number)
    lower = {name.lower() for name in header}
    if "caseid" not in lower and section:
        faults.append(row.refusal(number, htcds_cells.CASE_ID, "a section's sheet needs a CaseId", "", title))
    if "caseid" in lower and len(faults) == 1 and "no field" in faults[0].reason:
        return []  # a sheet of the sender's own that is linked to cases is kept with them
    return faults


def _cell_fault(cell: _Cell) -> str:
    if cell.data_type == "f":
        return "is a formula; a value is needed"
    return "is an error value" if cell.data_type == "e" else ""


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
    """This will write records as a workbook that `read_workbook` reads back as the same records."""
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
    """Writes text as text whatever it looks like: a name that begins with = is not a formula."""
    cells = []
    for text in texts:
        cell = WriteOnlyCell(sheet, value=text or None)
        if text:
            cell.data_type = "s"
        cells.append(cell)
    sheet.append(cells)
