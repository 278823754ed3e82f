"""Reading case records of the Human Trafficking Case Data Standard 2.0, from CSV or a workbook.

Promise: a case record goes in whole or not at all, and every cell that keeps it out is reported
with its sheet, line, column and reason; everything given is kept in `raw`, so that import, export,
import is equal. The shape of the files: docs/import.md.
"""

from __future__ import annotations

import codecs
import csv
import dataclasses
import datetime
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from nowrongdoor.core.intake import htcds_cells, htcds_facts, row

LARGEST_FILE = 256 * 1024 * 1024
"""Bytes; a record's lines may stand anywhere in a file, so the file is held while it is read."""


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its cells as text under the column names as written."""

    sheet: str
    number: int
    section: str
    cells: tuple[tuple[str, str], ...]
    refusals: tuple[row.Refusal, ...] = ()


@dataclasses.dataclass(slots=True)
class _Case:
    """A case record while its lines are gathered."""

    line: int
    sheet: str
    case_id: str
    entries: list[row.Entry] = dataclasses.field(default_factory=list)
    people: dict[str, dict[str, tuple[str, ...]]] = dataclasses.field(default_factory=dict)
    warnings: dict[str, None] = dataclasses.field(default_factory=dict)
    refusals: list[row.Refusal] = dataclasses.field(default_factory=list)


def read_csv(stream: BinaryIO, *, on: datetime.date, sender: str = "") -> Iterator[row.Row | row.Refusal]:
    """This will read a CSV with one line per case record, or several lines that share a CaseId.

    `on` is the day of import, `sender` the agency whose CaseIds these are.
    """
    data = stream.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        yield row.refusal(0, "", f"the file is larger than {LARGEST_FILE} bytes", "")
        return
    yield from gather(csv_lines(data), on=on, sender=sender)


def csv_lines(data: bytes) -> Iterator[Line | row.Refusal]:
    """This will split a CSV whose fields may hold line breaks; a broken line costs itself only."""
    data = data.removeprefix(codecs.BOM_UTF8)
    # A byte that is not UTF-8 becomes a lone surrogate, which the check of its cell then refuses:
    # one bad byte costs its record, not the file.
    text = data.decode("utf-8", "surrogateescape")
    header: list[str] | None = None
    for begins, cells in _records(list(io.StringIO(text, newline=""))):
        if isinstance(cells, row.Refusal):
            yield cells
        elif not any(cell.strip() for cell in cells):
            continue
        elif header is None:
            header = [name.strip() for name in cells]
            faults = header_faults(header, "", begins)
            if faults:
                yield from faults
                return
        elif len(cells) != len(header):
            reason = f"{len(cells)} fields where the header has {len(header)}"
            refusal = row.refusal(begins, "", reason, ",".join(cells))
            yield Line("", begins, "", _named(header, cells), (refusal,))
        else:
            yield Line("", begins, "", _named(header, cells))
    if header is None:
        yield row.refusal(0, "", "the file is empty", "")


def _records(lines: list[str]) -> Iterator[tuple[int, list[str] | row.Refusal]]:
    """Each record with the number of its first line; after a broken one, on from the next line.

    The reader gives up on a field of more than 131,072 characters, so that quotes left open again
    and again cannot make it walk the whole file each time.
    """
    start = 0
    while start < len(lines):
        reader = csv.reader((lines[i] for i in range(start, len(lines))), strict=True)
        begins = start + 1
        try:
            for cells in reader:
                yield begins, cells
                begins = start + reader.line_num + 1
            return
        except csv.Error as error:
            shown = lines[begins - 1].encode("utf-8", "backslashreplace").decode()
            yield begins, row.refusal(begins, "", f"not well-formed CSV: {error}", shown)
            start = begins


def _named(header: list[str], cells: list[str]) -> tuple[tuple[str, str], ...]:
    return tuple(zip(header, cells, strict=False))


def header_faults(header: list[str], sheet: str, number: int) -> list[row.Refusal]:
    """This will name the columns that make a table unreadable: twice the same, or none known."""
    lower = [name.lower() for name in header]
    faults = [
        row.refusal(number, name, "the header has this column twice", name, sheet)
        for place, name in enumerate(header)
        if name and lower[place] in lower[:place]
    ]
    if not faults and not any(name in htcds_cells.fields() for name in lower):
        faults.append(row.refusal(number, "", "the header has no field of the standard", ",".join(header), sheet))
    return faults


def gather(lines: Iterable[Line | row.Refusal], *, on: datetime.date, sender: str) -> Iterator[row.Row | row.Refusal]:
    """This will put lines together into case records and yield each as a row or its refusals."""
    cases: dict[str, _Case] = {}
    for number, line in enumerate(lines):
        if isinstance(line, row.Refusal):
            yield line
            continue
        named = {name.lower(): text for name, text in line.cells}
        case_id = named.get("caseid", "").strip()
        if "caseid" in named and not case_id:
            reason = "a line with a CaseId column must name its case"
            yield row.refusal(line.number, htcds_cells.CASE_ID, reason, "", line.sheet)
            continue
        # Without a CaseId each line is a case of its own; the blank cannot begin a trimmed id.
        place = case_id or f" {number}"
        case = cases.setdefault(place, _Case(line.number, line.sheet, case_id))
        _add(case, line, named.get("personid", "").strip())
    seen: dict[str, int] = {}
    for case in cases.values():
        yield from _finished(case, on, sender, seen)


def _add(case: _Case, line: Line, person_id: str) -> None:
    case.refusals.extend(line.refusals)
    known = htcds_cells.fields()
    sections: dict[str, list[tuple[str, str]]] = {}
    for column, given in line.cells:
        if column.lower() in {"caseid", "personid"}:
            continue
        try:
            text = htcds_cells.clean(given)
        except htcds_cells.CellError as error:
            shown = given.encode("utf-8", "backslashreplace").decode()
            case.refusals.append(row.refusal(line.number, column, str(error), shown, line.sheet))
            continue
        if not text:
            continue
        field = known.get(column.lower())
        if field is None:
            case.warnings[f"Column {column!r} is not in the standard: kept, not read."] = None
            section = line.section or htcds_cells.OTHER
            sections.setdefault(section, []).append((column, text))
            continue
        try:
            parts = htcds_cells.understood(field, text)
        except htcds_cells.CellError as error:
            case.refusals.append(row.refusal(line.number, column, str(error), text, line.sheet))
            continue
        if field.is_deprecated:
            case.warnings[f"{field.full_name} is deprecated in the standard: taken."] = None
        sections.setdefault(field.section, []).append((field.full_name, text))
        if field.section in htcds_cells.PERSONAL:
            person = case.people.setdefault(person_id, {})
            person[field.full_name] = tuple(dict.fromkeys((*person.get(field.full_name, ()), *parts)))
    for section, values in sections.items():
        owner = person_id if section in htcds_cells.PERSONAL else ""
        case.entries.append(row.Entry(section, owner, tuple(values)))


def _finished(case: _Case, on: datetime.date, sender: str, seen: dict[str, int]) -> Iterator[row.Row | row.Refusal]:
    if not case.refusals and not case.entries:
        case.refusals.append(row.refusal(case.line, "", "the record is empty", "", case.sheet))
    # A perpetrator's line is no victim's: his age and citizenship say nothing about the case.
    victims = [p for p in case.people.values() if not any(name.startswith("per_") for name in p)]
    meaning: htcds_facts.Meaning | None = None
    try:
        meaning = htcds_facts.meaning(victims, on)
    except htcds_facts.ContradictoryAgeError as error:
        case.refusals.append(row.refusal(case.line, "vic_AgeWhenTrafficked", str(error), "", case.sheet))
    if case.refusals or meaning is None:
        yield from case.refusals
        return
    # A sender's CaseId names its case for good, so that a corrected line is not a second case.
    content = f"htcds\n{sender}\n{case.case_id or canonical(case.entries)}"
    occurrence = seen.get(content, 0) + 1
    seen[content] = occurrence
    yield row.Row(
        line=case.line,
        key=row.key(content, occurrence),
        facts=meaning.facts,
        answers=meaning.answers,
        notes=meaning.notes,
        warnings=tuple(case.warnings),
        sheet=case.sheet,
        case_id=case.case_id,
        narrative=htcds_facts.narrative(case.entries),
        people=tuple(identity for p in victims if (identity := htcds_facts.identity(p))),
        raw=tuple(case.entries),
    )


def canonical(entries: Iterable[row.Entry]) -> str:
    """This will write entries in one order and form, so that equal records are equal text."""
    return repr(sorted((e.section, e.person_id, tuple(sorted(e.values))) for e in entries))


def flat_lines(rows: Iterable[row.Row]) -> Iterator[Mapping[str, str]]:
    """This will lay records out as flat lines: a line holds each section of one person once."""
    for number, taken in enumerate(rows, start=1):
        case_id = taken.case_id or f"record-{number}"
        lines: list[tuple[str, set[str], dict[str, str]]] = []
        for entry in taken.raw:
            for person_id, held, cells in lines:  # noqa: B007  the line found is used below
                if person_id == entry.person_id and entry.section not in held:
                    break
            else:
                held, cells = (
                    set[str](),
                    {
                        htcds_cells.CASE_ID: case_id,
                        htcds_cells.PERSON_ID: entry.person_id,
                    },
                )
                lines.append((entry.person_id, held, cells))
            held.add(entry.section)
            cells.update(entry.values)
        for _, _, cells in lines:
            yield cells


def write_csv(rows: Iterable[row.Row]) -> bytes:
    """This will write records as CSV that `read_csv` reads back as the same records."""
    lines = list(flat_lines(rows))
    columns = dict.fromkeys((htcds_cells.CASE_ID, htcds_cells.PERSON_ID))
    for field in htcds_cells.fields().values():
        columns[field.full_name] = None
    for line in lines:
        columns.update(dict.fromkeys(line))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(columns), restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().encode("utf-8")
