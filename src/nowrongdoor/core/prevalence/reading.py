"""Reading a table from a file, whoever made it.

Three forms: a row for each history, 0 or 1 for each list, and a count; a row for each person, 0 or 1 for each list; or
a row for each record, with the person (as linked between agencies) and the list. What is wrong is said by line.
"""

from __future__ import annotations

import csv
import dataclasses
import enum
import io
from collections.abc import Iterator, Sequence

from nowrongdoor.core.prevalence import tables

COUNT_NAMES = {"count", "counts", "n", "freq", "frequency", "number", "people", "persons", "cases"}
PERSON_NAMES = {"person", "person_id", "entity", "entity_id", "cluster", "cluster_id", "link", "linked_id", "id"}
LIST_NAMES = {"list", "agency", "source", "organisation", "organization"}
SHOWN = 5
DELIMITERS = ",;\t"


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
    names = header[:-1] if form is Form.HISTORY else header
    if form is Form.HISTORY and header[-1].lower() not in COUNT_NAMES:
        count_at = next((at for at, name in enumerate(header) if name.lower() in COUNT_NAMES), len(header) - 1)
        names = header[:count_at] + header[count_at + 1 :]
        lines = [(number, row[:count_at] + row[count_at + 1 :] + [row[count_at]]) for number, row in lines]
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
            if with_estimate:
                estimates.append(float(row[0]))
        except ValueError as error:
            problems.append(f"Line {number}: {error}")
    _stop(problems)
    return counts, estimates if with_estimate else None


def _lines(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    text = text.removeprefix("\ufeff")
    first = text.lstrip().partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise tables.TableError([f"The file cannot be read as a table: {error}."]) from None
    numbered = [(number, [each.strip() for each in row]) for number, row in enumerate(rows, start=1) if any(row)]
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
    return header, lines


def _form(header: Sequence[str], lines: Sequence[tuple[int, list[str]]]) -> Form:
    lower = [each.lower() for each in header]
    if len(header) == 2 and set(lower) & LIST_NAMES and set(lower) & PERSON_NAMES:
        return Form.RECORD
    if any(each in COUNT_NAMES for each in lower) or any(row[-1] not in {"0", "1"} for _, row in lines):
        return Form.HISTORY
    return Form.PERSON


def _records(header: Sequence[str], lines: Sequence[tuple[int, list[str]]]) -> Read:
    person_at = 0 if header[0].lower() in PERSON_NAMES else 1
    names = sorted({row[1 - person_at] for _, row in lines})
    _check_header(names)
    bit = {name: 1 << at for at, name in enumerate(names)}
    histories: dict[str, int] = {}
    problems = []
    for number, row in lines:
        if not row[person_at] or not row[1 - person_at]:
            problems.append(f"Line {number}: a person and a list are needed.")
        histories[row[person_at]] = histories.get(row[person_at], 0) | bit[row[1 - person_at]]
    _stop(problems)
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
    try:
        value = float(cell)
    except ValueError:
        raise ValueError(f"the count {cell!r} is not a number. Write how many people, in digits.") from None
    if value < 0:
        raise ValueError(f"the count {cell} is negative. A number of people is 0 or more.")
    if not value.is_integer():
        raise ValueError(f"the count {cell} is not a whole number of people.")
    if value > tables.MOST_PEOPLE:
        raise ValueError(f"the count {cell} is too large to be a number of people.")
    return int(value)


def _stop(problems: Sequence[str]) -> None:
    if problems:
        raise tables.TableError(list(_shortened(problems)))


def _shortened(problems: Sequence[str]) -> Iterator[str]:
    yield from problems[:SHOWN]
    if len(problems) > SHOWN:
        yield f"… and {len(problems) - SHOWN:,} lines more."
