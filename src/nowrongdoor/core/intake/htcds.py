"""Reading case records of the Human Trafficking Case Data Standard 2.0, from CSV or a workbook.

Promise: a case record goes in whole or not at all, and every cell that keeps it out is reported
with its sheet, line, column and reason; two people of a case are never read as one in silence;
everything given is kept in `raw`, so that import, export, import is equal. The shape of the files:
docs/import.md.
"""

from __future__ import annotations

import codecs
import csv
import dataclasses
import datetime
import functools
import hashlib
import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO

from nowrongdoor.core import places
from nowrongdoor.core.intake import country, htcds_cells, htcds_facts, row, text_lines
from nowrongdoor.core.language import gettext, gettext_lazy

OLDEST_REFERRAL = 50  # years
ARRIVED = gettext_lazy(
    "The day of the incoming referral is when the agency got the case: deadlines run from its first moment (policy)."
)
LARGEST_FILE = text_lines.LARGEST_FILE
"""Bytes; a record's lines may stand anywhere in a file, so the file is held while it is read."""

TITLE_LINES = 10
"""How many lines with something in them may stand above the headings: a title, a legend."""

MOST_COLUMNS = 1_000
TOO_MANY_COLUMNS = f"has more than {MOST_COLUMNS} columns"


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its cells as text under the column names as written."""

    sheet: str
    number: int
    section: str
    cells: tuple[tuple[str, str], ...]
    refusals: tuple[row.Refusal, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclasses.dataclass(slots=True)
class _Person:
    """What is understood of a person, and on which line each field was given first."""

    values: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    lines: dict[str, Line] = dataclasses.field(default_factory=dict)

    @property
    def is_perpetrator(self) -> bool:
        """Whether nothing is said of what was done to them, and something of what they did."""
        return self._has("per_") and not self._has("vic_")

    @property
    def is_no_victim(self) -> bool:
        """Whether somebody decided that this person is not a victim of trafficking."""
        return self.values.get("vic_TraffickingStatus") == ("NotAVictimOfTrafficking",)

    def _has(self, prefix: str) -> bool:
        return any(name.startswith(prefix) for name in self.values)


@dataclasses.dataclass(slots=True)
class _Case:
    """A case record while its lines are read."""

    line: int
    sheet: str
    case_id: str
    today: datetime.date
    entries: list[row.Entry] = dataclasses.field(default_factory=list)
    people: dict[str, _Person] = dataclasses.field(default_factory=dict)
    warnings: dict[str, None] = dataclasses.field(default_factory=dict)
    refusals: list[row.Refusal] = dataclasses.field(default_factory=list)
    happened: list[datetime.date] = dataclasses.field(default_factory=list)
    arrived: list[datetime.date] = dataclasses.field(default_factory=list)
    states: dict[str, None] = dataclasses.field(default_factory=dict)


def read_csv(stream: BinaryIO, *, on: datetime.date, sender: str = "") -> Iterator[row.Row | row.Refusal]:
    """Read a CSV with one line per case record, or several lines that share a CaseId.

    `on` is the day of import, `sender` the agency whose CaseIds these are.
    """
    text = text_lines.opened(stream)
    if isinstance(text, row.Refusal):
        yield text
        return
    data = text.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        yield row.refusal(
            0, "", gettext("the file is larger than %(largest_file)s bytes") % {"largest_file": LARGEST_FILE}, ""
        )
        return
    yield from gather(csv_lines(data), on=on, sender=sender)


def csv_lines(data: bytes) -> Iterator[Line | row.Refusal]:
    """Split a CSV whose fields may hold line breaks; a broken line costs itself only."""
    data = data.removeprefix(codecs.BOM_UTF8)
    # A byte that is not UTF-8 becomes a lone surrogate, which the check of its cell then refuses:
    # one bad byte costs its record, not the file.
    text = data.decode("utf-8", "surrogateescape")
    lines = list(io.StringIO(text, newline=""))
    between = next(
        (text_lines.separator(line, _known()) for line in lines[: 2 * TITLE_LINES] if _is_heading(line)), ","
    )
    begun = [
        (begins, cells)
        for begins, cells in _records(lines, between)
        if isinstance(cells, row.Refusal) or any(cell.strip() for cell in cells)
    ]
    at, above = _headings_at([[] if isinstance(cells, row.Refusal) else cells for _, cells in begun[:TITLE_LINES]])
    yield from (cells for _, cells in begun[:at] if isinstance(cells, row.Refusal))
    if at == len(begun):
        if not begun:
            yield row.refusal(0, "", gettext("the file is empty"), "")
        return
    number, first = begun[at]
    assert not isinstance(first, row.Refusal)
    if len(first) > MOST_COLUMNS:
        yield row.refusal(number, "", TOO_MANY_COLUMNS, "")
        return
    header = headings(first)
    faults = header_faults(header, "", number)
    if faults:
        yield from faults
        return
    for begins, cells in begun[at + 1 :]:
        if isinstance(cells, row.Refusal):
            yield cells
        elif len(cells) != len(header):
            reason = gettext("%(count)s fields where the header has %(count_2)s") % {
                "count": len(cells),
                "count_2": len(header),
            }
            refusal = row.refusal(begins, "", reason, ",".join(cells))
            yield Line("", begins, "", _named(header, cells), (refusal,), above)
        else:
            yield Line("", begins, "", _named(header, cells), (), above)


def _is_heading(line: str) -> bool:
    cells = (name.strip('"') for between in text_lines.SEPARATORS for name in line.strip().split(between))
    return has_heading(cells)


@functools.cache
def _known() -> Mapping[str, str]:
    names = (htcds_cells.CASE_ID, htcds_cells.PERSON_ID, *(each.full_name for each in htcds_cells.fields().values()))
    return {name.lower(): name for name in names}


ABOVE = gettext_lazy("What stands above the line with the headings was not read.")


def has_heading(cells: Iterable[str]) -> bool:
    """Whether a row names a column of the standard, or the id of a case or person."""
    return any(text_lines.heading(cell) in _known() for cell in cells)


def _headings_at(rows: Sequence[Sequence[str]]) -> tuple[int, tuple[str, ...]]:
    """Says which of the first rows holds the headings, and what to tell when others stand above it."""
    for at, cells in enumerate(rows):
        if has_heading(cells):
            return at, (ABOVE,) if at else ()
    return next((at for at, cells in enumerate(rows) if cells), len(rows)), ()


def _records(lines: list[str], between: str) -> Iterator[tuple[int, list[str] | row.Refusal]]:
    """Each record with the number of its first line; after a broken one, on from the next line.

    The reader gives up on a field of more than 131,072 characters, so that quotes left open again
    and again cannot make it walk the whole file each time.
    """
    start = 0
    while start < len(lines):
        reader = csv.reader((lines[i] for i in range(start, len(lines))), strict=True, delimiter=between)
        begins = start + 1
        try:
            for cells in reader:
                yield begins, cells
                begins = start + reader.line_num + 1
            return
        except csv.Error as error:
            shown = lines[begins - 1].encode("utf-8", "backslashreplace").decode()
            yield begins, row.refusal(begins, "", gettext("not well-formed CSV: %(error)s") % {"error": error}, shown)
            start = begins


def headings(cells: Iterable[str]) -> list[str]:
    """Return column names: those of the standard as it writes them, others as they are written."""
    return [_known().get(text_lines.heading(cell), cell.strip()) for cell in cells]


def _named(header: list[str], cells: list[str]) -> tuple[tuple[str, str], ...]:
    return tuple(zip(header, cells, strict=False))


def header_faults(header: list[str], sheet: str, number: int) -> list[row.Refusal]:
    """Name the columns that make a table unreadable: twice the same, or none known."""
    lower = [name.lower() for name in header]
    faults = [
        row.refusal(number, name, gettext("the header has this column twice"), name, sheet)
        for place, name in enumerate(header)
        if name and lower[place] in lower[:place]
    ]
    if not faults and not any(name in htcds_cells.fields() for name in lower):
        faults.append(
            row.refusal(number, "", gettext("the header has no field of the standard"), ",".join(header), sheet)
        )
    return faults


def gather(lines: Iterable[Line | row.Refusal], *, on: datetime.date, sender: str) -> Iterator[row.Row | row.Refusal]:
    """Put lines together into case records and yield each as a row or its refusals."""
    cases: dict[str, list[Line]] = {}
    for number, line in enumerate(lines):
        if isinstance(line, row.Refusal):
            yield line
            continue
        named = {name.lower(): text for name, text in line.cells}
        case_id = htcds_cells.identifier(named.get("caseid", ""))
        if "caseid" in named and not case_id:
            reason = gettext("a line with a CaseId column must name its case")
            yield row.refusal(line.number, htcds_cells.CASE_ID, reason, "", line.sheet)
            continue
        # Without a CaseId each line is a case of its own; the blank cannot begin a trimmed id.
        cases.setdefault(case_id or f" {number}", []).append(line)
    alike = _look_alikes(cases)
    seen: dict[str, int] = {}
    for place, of_case in cases.items():
        case = _Case(of_case[0].number, of_case[0].sheet, "" if place.startswith(" ") else place, on)
        case.warnings.update(dict.fromkeys(alike.get(place, ())))
        for line, person_id in zip(of_case, _people(of_case, case), strict=True):
            _add(case, line, person_id)
        yield from _finished(case, on, sender, seen)


def _look_alikes(case_ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Ids that differ only in capitals or in the width of their letters, each with what to tell."""
    by_form: dict[str, list[str]] = {}
    for case_id in case_ids:
        if not case_id.startswith(" "):
            by_form.setdefault(unicodedata.normalize("NFKC", case_id).casefold(), []).append(case_id)
    return {
        case_id: (
            gettext("The CaseIds %(names)s look alike; each was read as a case of its own.")
            % {"names": ", ".join(ids)},
        )
        for ids in by_form.values()
        if len(ids) > 1
        for case_id in ids
    }


# What tells one person from another; two lines that agree in all they say of a person and in one of
# these are the same person said twice.
_NAMING = frozenset(
    {"prs_firstname", "prs_secondname", "prs_identitynumber", "prs_email", "prs_homephone", "prs_mobilephone"}
)
_Said = tuple[tuple[str, str], ...]
"""All that a line says of a person, in one order."""


def _people(lines: Sequence[Line], case: _Case) -> list[str]:
    """Says for each line of a case which person it is about; `case` is told what was not plain.

    Without PersonIds, two lines of one table that say different things of a person are two people:
    read as one, the second of them would be lost. Across the sheets of a workbook nobody can say
    which line belongs to whom, so several people without a PersonId are refused there.
    """
    given = [htcds_cells.identifier(_cell(line, "personid")) for line in lines]
    descriptions = [() if person_id else _said_of_a_person(line) for line, person_id in zip(lines, given, strict=True)]
    sheets = {line.sheet for line, cells in zip(lines, descriptions, strict=True) if cells}
    people: dict[tuple[str, _Said, int], list[Line]] = {}
    person_of: dict[int, tuple[str, _Said, int]] = {}
    for at, (line, cells) in enumerate(zip(lines, descriptions, strict=True)):
        if not cells:
            continue
        same = 0
        if len(sheets) == 1 and not any(name in _NAMING for name, _ in cells):
            same = sum(each == cells for _, each, _ in people)  # nobody is named: each line is somebody
        person_of[at] = (line.sheet, cells, same)
        people.setdefault(person_of[at], []).append(line)
    for repeated in people.values():
        if len(repeated) > 1:
            numbers = ", ".join(str(line.number) for line in repeated)
            warning = gettext("Lines %(numbers)s of case %(case_id)s say the same of a person: read as one person.") % {
                "numbers": numbers,
                "case_id": case.case_id,
            }
            case.warnings[warning] = None
    if len(people) == len(sheets):
        return given
    if len(sheets) > 1:
        line = next(each[0] for at, each in enumerate(people.values()) if at)
        reason = gettext("the case has several people, and without a PersonId nobody can say whom its lines are about")
        case.refusals.append(row.refusal(line.number, htcds_cells.PERSON_ID, reason, "", line.sheet))
    else:
        numbers = ", ".join(str(each[0].number) for each in people.values())
        warning = gettext("Case %(case_id)s has no PersonId on lines %(numbers)s: each was read as another person.") % {
            "case_id": case.case_id,
            "numbers": numbers,
        }
        case.warnings[warning] = None
    return [_id_of(*person_of[at][1:]) if at in person_of else given[at] for at in range(len(lines))]


def _id_of(cells: _Said, same: int) -> str:
    """An id that does not depend on the order of lines, so that a sorted file is the same file."""
    digest = hashlib.sha256(repr(cells).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"no-id-{digest}" + (f"-{same + 1}" if same else "")


def _said_of_a_person(line: Line) -> _Said:
    known = htcds_cells.fields()
    return tuple(
        sorted(
            (name.lower(), text.strip())
            for name, text in line.cells
            if text.strip() and name.lower() in known and known[name.lower()].section in htcds_cells.PERSONAL
        )
    )


def _cell(line: Line, column: str) -> str:
    return next((text for name, text in line.cells if name.lower() == column), "")


def _add(case: _Case, line: Line, person_id: str) -> None:
    case.refusals.extend(line.refusals)
    case.warnings.update(dict.fromkeys(line.warnings))
    bad = {refusal.column for refusal in line.refusals}
    known = htcds_cells.fields()
    sections: dict[str, list[tuple[str, str]]] = {}
    event: dict[str, str] = {}
    for column, given in line.cells:
        if column.lower() in {"caseid", "personid"} or column in bad:
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
            case.refusals.append(row.refusal(line.number, field.full_name, str(error), text, line.sheet))
            continue
        if field.is_deprecated:
            case.warnings[f"{field.full_name} is deprecated in the standard: taken."] = None
        sections.setdefault(field.section, []).append((field.full_name, text))
        if field.section in htcds_cells.PERSONAL:
            _add_to_person(case, line, person_id, field.full_name, parts)
        if field.full_name.startswith("hte_"):
            event[field.full_name] = parts[0]
        if field.full_name in ("hte_Date", "cas_IncomingReferralDate"):
            case.happened.append(datetime.date.fromisoformat(parts[0]))
        if field.full_name == "cas_IncomingReferralDate":
            day = datetime.date.fromisoformat(parts[0])
            problem = _problem_of_arrival(day, case.today)
            if problem:
                case.refusals.append(row.refusal(line.number, field.full_name, problem, text, line.sheet))
            case.arrived.append(day)
        if field.full_name == "cas_Status" and parts[0] in ("Closed", "ClosedReferred"):
            reason = gettext("the case is closed, and an import opens cases: only open ones are taken")
            case.refusals.append(row.refusal(line.number, field.full_name, reason, text, line.sheet))
    state = _state_of(event)
    if state:
        case.states[state] = None
    for section, values in sections.items():
        owner = person_id if section in htcds_cells.PERSONAL else ""
        case.entries.append(row.Entry(section, owner, tuple(values)))


# A person has one of each; two under one PersonId are two people, or a mistake.
_ONE_EACH = frozenset({"prs_FirstName", "prs_Birthdate", "vic_AgeWhenTrafficked", "vic_TraffickingStatus"})


def _add_to_person(case: _Case, line: Line, person_id: str, name: str, parts: tuple[str, ...]) -> None:
    person = case.people.setdefault(person_id, _Person())
    before = person.values.get(name, ())
    if name in _ONE_EACH and before and _folded(before) != _folded(parts):
        reason = gettext("is another one than on line %(number)s, for the same PersonId in the same case") % {
            "number": person.lines[name].number
        }
        case.refusals.append(row.refusal(line.number, name, reason, parts[0], line.sheet))
        return
    person.values[name] = tuple(dict.fromkeys((*before, *parts)))
    person.lines.setdefault(name, line)


def _folded(parts: Iterable[str]) -> list[str]:
    return [htcds_cells.identifier(part).casefold() for part in parts]


def _state_of(event: Mapping[str, str]) -> str:
    """The State in which somebody was exploited, when a line says one and no other country."""
    if event.get("hte_Type", "Exploitation") != "Exploitation":
        return ""
    if "hte_Country" in event and text_lines.heading(event["hte_Country"]) not in country.installed().names:
        return ""
    state = text_lines.heading(event.get("hte_State", ""))
    return next((code for code, name in places.installed().states.items() if state in (code.lower(), name.lower())), "")


def _problem_of_arrival(day: datetime.date, today: datetime.date) -> str:
    if day > today:
        return gettext("the day of the referral lies after the day of import")
    if day.year < today.year - OLDEST_REFERRAL:
        return gettext(
            "the referral is more than %(oldest_referral)s years old; a spreadsheet writes such a day for an empty date"
        ) % {"oldest_referral": OLDEST_REFERRAL}
    return ""


def _finished(case: _Case, on: datetime.date, sender: str, seen: dict[str, int]) -> Iterator[row.Row | row.Refusal]:
    if not case.refusals and not case.entries:
        case.refusals.append(row.refusal(case.line, "", gettext("the record is empty"), "", case.sheet))
    # A perpetrator's line is no victim's: his age and citizenship say nothing about the case.
    people = [person for person in case.people.values() if not person.is_perpetrator]
    victims = [person for person in people if not person.is_no_victim]
    if people and not victims:
        line = people[0].lines["vic_TraffickingStatus"]
        reason = gettext(
            "the record says that nobody in it is a victim of trafficking: such a case is asked of no agency"
        )
        case.refusals.append(row.refusal(line.number, "vic_TraffickingStatus", reason, "", line.sheet))
    if len(victims) < len(people):
        warning = gettext(
            "Case %(case_id)s has people who are said to be no victims: kept as given, not read as victims."
        ) % {"case_id": case.case_id}
        case.warnings[warning] = None
    meaning: htcds_facts.Meaning | None = None
    try:
        meaning = htcds_facts.meaning([person.values for person in victims], on, case.happened)
    except htcds_facts.ContradictoryAgeError as error:
        given = next((p.lines[error.column] for p in victims if error.column in p.lines), None)
        number, sheet = (given.number, given.sheet) if given else (case.line, case.sheet)
        case.refusals.append(row.refusal(number, error.column, str(error), "", sheet))
    if case.refusals or meaning is None:
        yield from case.refusals
        return
    if len(case.states) > 1:
        case.warnings[f"Case {case.case_id} names several States ({', '.join(case.states)}): none was taken."] = None
    # A sender's CaseId names its case for good, so that a corrected line is not a second case.
    canonical_text = canonical(case.entries)
    content = f"htcds\n{sender}\n{case.case_id or canonical_text}"
    occurrence = seen.get(content, 0) + 1
    seen[content] = occurrence
    yield row.Row(
        line=case.line,
        key=row.key(content, occurrence),
        facts=meaning.facts,
        answers=meaning.answers,
        notes=(*meaning.notes, ARRIVED) if case.arrived else meaning.notes,
        warnings=tuple(case.warnings),
        sheet=case.sheet,
        case_id=case.case_id,
        narrative=htcds_facts.narrative(case.entries),
        people=_identities(victims),
        raw=tuple(case.entries),
        said=canonical_text,
        has_id=bool(case.case_id),
        state=next(iter(case.states)) if len(case.states) == 1 else "",
        arrived_on=min(case.arrived, default=None),
    )


def _identities(victims: Sequence[_Person]) -> tuple[Mapping[str, str], ...]:
    """Who the victims are. Of several, one whom nothing names is kept as well, so that nobody is left out."""
    identities = [htcds_facts.identity(person.values) for person in victims]
    return tuple(each for each in identities if each or len(identities) > 1)


def canonical(entries: Iterable[row.Entry]) -> str:
    """Write entries in one order and form, so that equal records are equal text."""
    return repr(sorted((e.section, e.person_id, tuple(sorted(e.values))) for e in entries))


def flat_lines(rows: Iterable[row.Row]) -> Iterator[Mapping[str, str]]:
    """Lay records out as flat lines: a line holds each section of one person once."""
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
    """Write records as CSV that `read_csv` reads back as the same records."""
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
