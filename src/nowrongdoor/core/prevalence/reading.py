"""Reading a table from a file, whoever made it.

Three forms: a row for each history, 0 or 1 for each list, and a count; a row for each person, 0 or 1 for each list; or
a row for each record, with the person (as linked between agencies) and the list. What is wrong is said by line.
"""

from __future__ import annotations

import csv
import dataclasses
import enum
import io
import re
from collections.abc import Iterator, Sequence

from nowrongdoor.core.prevalence import tables

COUNT_NAMES = {"count", "counts", "freq", "frequency"}
MAYBE_COUNT_NAMES = {"n", "number", "people", "persons", "cases"}  # lists may be called so, too
PERSON_NAMES = {"person", "person_id", "entity", "entity_id", "cluster", "cluster_id", "link", "linked_id", "id"}
LIST_NAMES = {"list", "agency", "source", "organisation", "organization"}
SHOWN = 5
DELIMITERS = ",;\t"
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?")


class Form(enum.Enum):
    """What a row stands for."""

    HISTORY = "a history with its count"
    PERSON = "a person"
    RECORD = "one agency's record of a person"


@dataclasses.dataclass(frozen=True)
class Read:
    """A table, what its rows stood for, and the history of each row in the file's order."""

    table: tables.Table
    form: Form
    rows: tuple[int, ...]


def read(text: str) -> Read:
    """This will read a table from the text of a file. tables.TableError."""
    header, lines = _lines(text)
    form = _form(header, lines)
    if form is Form.RECORD:
        return _records(header, lines)
    if form is Form.HISTORY:
        count_at = _count_column(header, lines)
        header = header[:count_at] + header[count_at + 1 :] + [header[count_at]]
        lines = [(number, row[:count_at] + row[count_at + 1 :] + [row[count_at]]) for number, row in lines]
    else:
        header, lines = _without_person(header, lines)
    names = header[:-1] if form is Form.HISTORY else header
    _check_header(names)
    problems: list[str] = []
    people: dict[int, int] = {}
    rows = []
    for number, row in lines:
        try:
            history = _history(row[: len(names)], names)
            count = _count(row[-1]) if form is Form.HISTORY else 1
            if not history and count:
                raise ValueError(
                    "this row is on no list: people whom no list knows are not in such a table. Delete it."
                )
        except ValueError as error:
            problems.append(f"Line {number}: {error}")
            continue
        people[history] = people.get(history, 0) + count
        rows.append(history)
    _stop(problems)
    return Read(tables.of_histories(names, people), form, tuple(rows))


def read_replicates(text: str, rows: Sequence[int]) -> tuple[list[list[int]], list[float] | None]:
    """This will read resampled counts: a line for each replicate, a count for each row of the table's own file, in its
    order; a first column named `estimate` is what another program made of it. tables.TableError."""
    header, lines = _lines(text)
    if all(_is_number(each) for each in header):
        raise tables.TableError(["The first line holds counts. Put a name for each column above it."])
    with_estimate = header[0].lower() == "estimate"
    wanted = len(rows) + with_estimate
    if len(header) != wanted:
        raise tables.TableError(
            [f"The counts have {len(header) - with_estimate} columns; the table has {len(rows)} rows. One for each."]
        )
    counts, estimates, problems = [], [], []
    for number, row in lines:
        try:
            counts.append([_count(each) for each in row[with_estimate:]])
            if not any(counts[-1]):
                raise ValueError("every count is zero. Delete it.")
            if with_estimate:
                estimates.append(_estimate(row[0]))
        except ValueError as error:
            problems.append(f"Line {number}: {error}")
    _stop(problems)
    return counts, estimates if with_estimate else None


Lines = list[tuple[int, list[str]]]


def _lines(text: str) -> tuple[list[str], Lines]:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    first = re.sub(r'"[^"]*"', "", text.lstrip().partition("\n")[0])
    reader = csv.reader(io.StringIO(text), delimiter=max(DELIMITERS, key=first.count), strict=True)
    numbered: Lines = []
    try:
        for row in reader:
            cells = [each.strip() for each in row]
            if any(cells):
                numbered.append((reader.line_num, cells))
    except csv.Error as error:
        raise tables.TableError([f"The file cannot be read as a table: {error} (line {reader.line_num})."]) from None
    if not numbered:
        raise tables.TableError(
            ["The file is empty. Its first line has the lists' names, each further line a history."]
        )
    header, lines = numbered[0][1], numbered[1:]
    if not lines:
        raise tables.TableError(["The file has a first line with names, but nothing below it."])
    _stop(
        [
            f"Line {number} has {len(row)} columns, the first line has {len(header)}."
            for number, row in lines
            if len(row) != len(header)
        ]
    )
    if all(_is_number(each) for each in header) and {"0", "1"}.issuperset(header[:-1]):
        raise tables.TableError(["The first line holds numbers. Put the lists' names above it."])
    return _named(header, lines)


def _named(header: list[str], lines: Lines) -> tuple[list[str], Lines]:
    """Leaves out columns without a name that say nothing: empty ones, and the row numbers that R puts first."""
    said = {at for at, name in enumerate(header) if name or any(row[at] for _, row in lines)}
    if not header[0] and [row[0] for _, row in lines] == [str(each + 1) for each in range(len(lines))]:
        said.discard(0)
    if len(said) == len(header):
        return header, lines
    return [header[at] for at in sorted(said)], [(number, [row[at] for at in sorted(said)]) for number, row in lines]


def _form(header: Sequence[str], lines: Lines) -> Form:
    lower = [each.lower() for each in header]
    if len(header) == 1 and not header[0].isalnum():
        raise tables.TableError(["The file has one column. Separate its columns by commas, semicolons or tabs."])
    list_at = next((at for at, name in enumerate(lower) if name in LIST_NAMES), None)
    if list_at is not None and PERSON_NAMES.intersection(lower) and not _holds_only(lines, list_at, {"0", "1"}):
        if len(header) > 2:
            raise tables.TableError(
                ["A file of records has two columns, the person and the list. Delete the others from it."]
            )
        return Form.RECORD
    named = COUNT_NAMES.union(MAYBE_COUNT_NAMES).intersection(lower)
    counted = any(_is_number(row[-1]) and row[-1] not in {"0", "1"} for _, row in lines)
    return Form.HISTORY if named or counted else Form.PERSON


def _count_column(header: Sequence[str], lines: Lines) -> int:
    """Where the counts are: in the column that is named so, the last one first; else in the last."""
    for names in (COUNT_NAMES, MAYBE_COUNT_NAMES):
        places = [at for at, name in enumerate(header) if name.lower() in names]
        if places:
            break
    else:
        return len(header) - 1
    at = places[-1]
    if names is MAYBE_COUNT_NAMES and {row[at] for _, row in lines} == {"0", "1"}:
        raise tables.TableError(
            [
                f"The column {header[at]!r} holds only 0 and 1. If it says how many people, name it 'count'; if it is "
                "a list, give it a longer name."
            ]
        )
    return at


def _without_person(header: list[str], lines: Lines) -> tuple[list[str], Lines]:
    """Leaves out a first column that names the person, once each."""
    if header[0].lower() not in PERSON_NAMES or _holds_only(lines, 0, {"0", "1"}):
        return header, lines
    met: set[str] = set()
    problems = []
    for number, row in lines:
        if row[0] in met:
            problems.append(f"Line {number}: this person has a row already. Make one of the two.")
        met.add(row[0])
    _stop(problems)
    return header[1:], [(number, row[1:]) for number, row in lines]


def _holds_only(lines: Lines, at: int, values: set[str]) -> bool:
    return all(row[at] in values for _, row in lines)


def _is_number(cell: str) -> bool:
    return NUMBER.fullmatch(cell) is not None


def _records(header: Sequence[str], lines: Lines) -> Read:
    person_at = 0 if header[0].lower() in PERSON_NAMES else 1
    _stop([f"Line {number}: a person and a list are needed." for number, row in lines if not all(row)])
    names = sorted({row[1 - person_at] for _, row in lines})
    _check_header(names)
    bit = {name: 1 << at for at, name in enumerate(names)}
    histories: dict[str, int] = {}
    for _, row in lines:
        histories[row[person_at]] = histories.get(row[person_at], 0) | bit[row[1 - person_at]]
    people: dict[int, int] = {}
    for history in histories.values():
        people[history] = people.get(history, 0) + 1
    return Read(tables.of_histories(names, people), Form.RECORD, tuple(histories.values()))


def _check_header(names: Sequence[str]) -> None:
    problems = tables.wrong_names(names)
    if problems:
        raise tables.TableError(problems)


def _history(cells: Sequence[str], names: Sequence[str]) -> int:
    history = 0
    for at, (cell, name) in enumerate(zip(cells, names, strict=True)):
        if cell not in {"0", "1"}:
            raise ValueError(f"{name!r} says {cell!r}; it must be 1 (on this list) or 0 (not on it).")
        history |= (cell == "1") << at
    return history


def _count(cell: str) -> int:
    if not _is_number(cell):
        raise ValueError(f"the count {cell!r} is not a number. Write how many people, in digits without separators.")
    value = float(cell)
    if value < 0:
        raise ValueError(f"the count {cell} is negative. A number of people is 0 or more.")
    if not value.is_integer():
        raise ValueError(f"the count {cell} is not a whole number of people.")
    if value > tables.MOST_PEOPLE:
        raise ValueError(f"the count {cell} is too large to be a number of people.")
    return int(value)


def _estimate(cell: str) -> float:
    """Another program's estimate; Inf where it found none."""
    if not _is_number(cell) and cell.lower() not in {"inf", "infinity"}:
        raise ValueError(f"the estimate {cell!r} is not a number. Write Inf where there is none.")
    return float(cell)


def _stop(problems: Sequence[str]) -> None:
    if problems:
        raise tables.TableError(list(_shortened(problems)))


def _shortened(problems: Sequence[str]) -> Iterator[str]:
    yield from problems[:SHOWN]
    if len(problems) > SHOWN:
        yield f"… and {len(problems) - SHOWN:,} lines more."
