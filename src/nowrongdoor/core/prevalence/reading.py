"""Reading a table from a file, whoever made it.

Four forms: a row for each history, 0 or 1 for each list, and a count; the same with the history as one string, as
Rcapture writes it; a row for each person, 0 or 1 for each list; or a row for each record, with the person (as linked
between agencies) and the list. What is wrong is said by line.

The promise: a number about a person is never taken for a count of people. A column counts people where its name says so
or somebody declares it; anything else that could be one is refused. What was read, and how, comes back in words.
"""

from __future__ import annotations

import csv
import dataclasses
import enum
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from nowrongdoor.core.language import gettext, gettext_lazy
from nowrongdoor.core.prevalence import tables

# A column of one of these names counts people.
COUNT_NAMES = frozenset(
    {"count", "counts", "cnt", "freq", "freqs", "frequency", "frequencies", "headcount", "number of people"}
)
COUNT_NAMES |= {"people count", "person count", "count of people", "number of persons", "n people"}
# So does one of these, unless the same histories come again and again: lists and facts about people are named so, too.
MAYBE_COUNT_NAMES = frozenset({"n", "number", "people", "persons", "cases", "victims", "individuals", "total", "obs"})
PERSON_NAMES = frozenset({"person", "person id", "entity", "entity id", "cluster", "cluster id", "link", "linked id"})
PERSON_NAMES |= {"id", "case", "case id", "case number", "case no", "client id", "victim id", "record id", "uid"}
LIST_NAMES = frozenset({"list", "agency", "source", "organisation", "organization"})
TOTAL_WORDS = frozenset({"total", "totals", "grand total", "subtotal", "sub-total", "sum", "all"})
YES = frozenset({"1", "true", "yes"})
NO = frozenset({"0", "false", "no"})
REPEATED = 2.0  # rows for each history: beyond it a row is hardly a history with its count
SHOWN = 5
DELIMITERS = ",;\t"
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?")
GROUPED = re.compile(r"[0-9]{1,3}([,.' \u00a0\u202f][0-9]{3})+")


class Form(enum.Enum):
    """What a row stands for."""

    HISTORY = gettext_lazy("Each row is a history with its count.")
    PERSON = gettext_lazy("Each row is one person.")
    RECORD = gettext_lazy("Each row is one list's record of a person.")


@dataclasses.dataclass(frozen=True)
class Declared:
    """What somebody says of a file. `counts`: the column that counts people. `people`: each row is one person.
    `leave_out`: columns that are neither lists nor counts."""

    counts: str = ""
    people: bool = False
    leave_out: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Source:
    """What a row of a file stood for, and in words what was read and how, with every guess."""

    form: Form
    words: str


@dataclasses.dataclass(frozen=True)
class Read:
    """A table, what it was read from, and the history of each row in the file's order."""

    table: tables.Table
    source: Source
    rows: tuple[int, ...]


class NotText(ValueError):
    """The file is not text in an encoding that says what it is; the message says what to do."""


def decode(content: bytes) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 with its mark, as Excel saves Unicode text. NotText."""
    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotText(
            f"Byte {error.start + 1:,} is not {'UTF-16' if is_utf16 else 'UTF-8'} text. Save the file as CSV UTF-8."
        ) from None


def read(text: str, declared: Declared | None = None) -> Read:
    """Return the table that the text of a file holds. tables.TableError."""
    declaration, notes = declared or Declared(), list[str]()
    sheet = _without_named(_sheet(text), declaration.leave_out, notes)
    if not declaration.counts and not declaration.people and _is_records(sheet):
        return _records(sheet, notes)
    at = _counts_at(sheet, declaration)
    _refuse_totals(sheet, at)
    if at is None:
        rows, counts, begun = (
            sheet,
            [1] * len(sheet.lines),
            gettext("%(count)s rows, one for each person.") % {"count": f"{len(sheet.lines):,}"},
        )
    else:
        rows = sheet.without({at})
        begun = gettext("%(count)s rows of counts: how many people each stands for is in %(header)s.") % {
            "count": f"{len(sheet.lines):,}",
            "header": f"{sheet.header[at]!r}",
        }
        if _repetition(sheet, at) > REPEATED:
            notes.append(
                gettext(
                    "The same histories come again and again and were added up. Check that a row is not one person."
                )
            )
        counts = _counts(sheet, at)
    lists = _spread(_without_person(rows, notes, is_counted=at is not None), notes)
    _check_header(lists.header)
    _refuse_columns(lists)
    histories = _histories(lists, counts, notes)
    people: dict[int, int] = {}
    for history, count in zip(histories, counts, strict=True):
        people[history] = people.get(history, 0) + count
    table = tables.of_histories(lists.header, people)
    form = Form.PERSON if at is None else Form.HISTORY
    return Read(table, Source(form, _told(begun, table, notes)), tuple(histories))


def read_replicates(text: str, rows: Sequence[int]) -> tuple[list[list[int]], list[float] | None]:
    """Read resampled counts: a line for each replicate, a count for each row of the table's own file, in its
    order; a first column named `estimate` is what another program made of it. tables.TableError."""
    header, lines = _lines(text)
    if all(_is_number(each) for each in header):
        raise tables.TableError([gettext("The first line holds counts. Put a name for each column above it.")])
    with_estimate = header[0].lower() == "estimate"
    wanted = len(rows) + with_estimate
    if len(header) != wanted:
        raise tables.TableError(
            [
                gettext("The counts have %(count)s columns; the table has %(count_2)s rows. One for each.")
                % {"count": len(header) - with_estimate, "count_2": len(rows)}
            ]
        )
    counts, estimates, problems = [], [], []
    for number, row in lines:
        try:
            counts.append([_count(each) for each in row[with_estimate:]])
            if not any(counts[-1]):
                raise ValueError(gettext("every count is zero. Delete it."))
            if with_estimate:
                estimates.append(_estimate(row[0]))
        except ValueError as error:
            problems.append(f"Line {number}: {error}")
    _stop(problems)
    return counts, estimates if with_estimate else None


Lines = list[tuple[int, list[str]]]


@dataclasses.dataclass(frozen=True)
class _Sheet:
    """The names of the columns, and each row with the number of its line."""

    header: list[str]
    lines: Lines

    def column(self, at: int) -> list[str]:
        return [row[at] for _, row in self.lines]

    def without(self, places: Collection[int]) -> _Sheet:
        kept = [at for at in range(len(self.header)) if at not in places]
        return _Sheet([self.header[at] for at in kept], [(line, [row[at] for at in kept]) for line, row in self.lines])

    def places(self, names: Collection[str]) -> list[int]:
        return [at for at, name in enumerate(self.header) if _plain(name) in names]


def _sheet(text: str) -> _Sheet:
    header, lines = _lines(text)
    return _Sheet(header, lines)


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
        raise tables.TableError(
            [
                gettext("The file cannot be read as a table: %(error)s (line %(line_num)s).")
                % {"error": error, "line_num": reader.line_num}
            ]
        ) from None
    if not numbered:
        raise tables.TableError(
            [gettext("The file is empty. Its first line has the lists' names, each further line a history.")]
        )
    header, lines = numbered[0][1], numbered[1:]
    if not lines:
        raise tables.TableError([gettext("The file has a first line with names, but nothing below it.")])
    _stop(
        [
            (
                gettext("Line %(number)s has %(count)s columns, the first line has %(count_2)s.")
                % {"number": number, "count": len(row), "count_2": len(header)}
            )
            for number, row in lines
            if len(row) != len(header)
        ]
    )
    if len(header) == 1 and not all(set(row[0]) <= {"0", "1"} for _, row in lines):
        raise tables.TableError(
            [gettext("The file has one column. Separate its columns by commas, semicolons or tabs.")]
        )
    if all(_is_number(each) for each in header) and {"0", "1"}.issuperset(header[:-1]):
        raise tables.TableError([gettext("The first line holds numbers. Put the lists' names above it.")])
    return _named(header, lines)


def _named(header: list[str], lines: Lines) -> tuple[list[str], Lines]:
    """Leaves out columns without a name that say nothing: empty ones, and the row numbers that R puts first."""
    columns = {at for at, name in enumerate(header) if name or any(row[at] for _, row in lines)}
    if not header[0] and [row[0] for _, row in lines] == [str(each + 1) for each in range(len(lines))]:
        columns.discard(0)
    if len(columns) == len(header):
        return header, lines
    return [header[at] for at in sorted(columns)], [
        (number, [row[at] for at in sorted(columns)]) for number, row in lines
    ]


def _plain(name: str) -> str:
    """A name without what people write differently: case, spaces, underscores, hyphens."""
    return re.sub(r"[\s_.\-]+", " ", name).strip().casefold()


def _without_named(sheet: _Sheet, names: Sequence[str], notes: list[str]) -> _Sheet:
    """Leaves out the columns that somebody named."""
    places = {at for name in names for at in _named_columns(sheet, name)}
    if places:
        notes.append(
            gettext("Left out, as asked: %(listed)s.")
            % {"listed": _listed([sheet.header[at] for at in sorted(places)])}
        )
    return sheet.without(places)


def _named_columns(sheet: _Sheet, name: str) -> list[int]:
    places = sheet.places({_plain(name)})
    if not places:
        raise tables.TableError(
            [
                gettext("No column is named %(name)s. The columns are %(listed)s.")
                % {"name": f"{name!r}", "listed": _listed(sheet.header)}
            ]
        )
    return places


def _counts_at(sheet: _Sheet, declaration: Declared) -> int | None:
    """Where the counts are, or None where each row is a person. What could be either is refused."""
    if declaration.counts and declaration.people:
        raise tables.TableError([gettext("A row is one person, or it has a count. Say one of the two.")])
    if declaration.counts:
        return _named_columns(sheet, declaration.counts)[-1]
    if declaration.people:
        return None
    if strong := sheet.places(COUNT_NAMES):
        return strong[-1]
    if maybe := sheet.places(MAYBE_COUNT_NAMES):
        at = maybe[-1]
        if set(sheet.column(at)) == {"0", "1"}:
            raise tables.TableError(
                [
                    gettext(
                        "The column %(quoted)s holds only 0 and 1. If it says how many people, "
                        'say so (--counts "%(header)s"); if it is a list and each row is one '
                        "person, say that (--people)."
                    )
                    % {"quoted": f"{sheet.header[at]!r}", "header": sheet.header[at]}
                ]
            )
        if _repetition(sheet, at) > REPEATED:
            _refuse_guess(sheet, at)
        return at
    at = len(sheet.header) - 1
    if at in sheet.places(PERSON_NAMES) and _is_unique(sheet.column(at)):
        return None
    is_history = len(sheet.without(set(_person_columns(sheet))).header) == 1
    if not is_history and any(_is_number(each) and _flag(each) is None for each in sheet.column(at)):
        _refuse_guess(sheet, at)
    return None


def _repetition(sheet: _Sheet, at: int) -> float:
    """How many rows there are for each combination of the other columns."""
    patterns = {tuple(row) for _, row in sheet.without({at}).lines}
    return len(sheet.lines) / len(patterns)


def _refuse_guess(sheet: _Sheet, at: int) -> None:
    name, share = sheet.header[at], _repetition(sheet, at)
    hint = gettext(" The same rows come again and again, so each is probably one person.") if share > REPEATED else ""
    raise tables.TableError(
        [
            gettext(
                "The numbers in the column %(shown)s could say how many people each row stands "
                "for, or something about one person, such as an age.%(hint)s Say which: if it "
                'counts people, name it as the column of counts (--counts "%(name)s"); if each '
                'row is one person, leave the column out (--leave-out "%(name)s").'
            )
            % {"shown": f"{name!r}", "hint": hint, "name": name}
        ]
    )


def _refuse_totals(sheet: _Sheet, counts_at: int | None) -> None:
    """Names the rows that add up the others: they would count everybody twice."""
    problems = []
    for number, row in sheet.lines:
        words = [cell for at, cell in enumerate(row) if at != counts_at and _plain(cell) in TOTAL_WORDS]
        is_bare = counts_at is not None and not any(cell for at, cell in enumerate(row) if at != counts_at)
        if words or is_bare:
            reason = (
                (gettext("it says %(words)s") % {"words": f"{words[0]!r}"})
                if words
                else gettext("it has a count and no lists")
            )
            problems.append(
                gettext("Line %(number)s looks like a total of the other rows (%(reason)s). Delete it.")
                % {"number": number, "reason": reason}
            )
    _stop(problems)


def _counts(sheet: _Sheet, at: int) -> list[int]:
    counts, problems = [], []
    for number, row in sheet.lines:
        try:
            counts.append(_count(row[at]))
        except ValueError as error:
            problems.append(f"Line {number}: {error}")
    _stop(problems)
    return counts


def _histories(lists: _Sheet, counts: Sequence[int], notes: list[str]) -> list[int]:
    histories, problems, other = [], [], set[str]()
    for (number, row), count in zip(lists.lines, counts, strict=True):
        try:
            history = _history(row, lists.header)
            if not history and count:
                raise ValueError(
                    gettext("this row is on no list: people whom no list knows are not in such a table. Delete it.")
                )
        except ValueError as error:
            problems.append(f"Line {number}: {error}")
            continue
        other.update(cell for cell in row if cell not in {"0", "1"})
        histories.append(history)
    _stop(problems)
    for words, value in ((sorted(each for each in other if _flag(each) is flag), flag) for flag in (True, False)):
        if words:
            notes.append(gettext("%(listed)s was read as %(value)s.") % {"listed": _listed(words), "value": int(value)})
    return histories


def _person_columns(sheet: _Sheet) -> list[int]:
    """Columns that are named for the person and differ on each row, or a first column that is no list and does."""
    named = [at for at in sheet.places(PERSON_NAMES) if not _holds_flags(sheet.column(at))]
    if not named and len(sheet.header) > 1 and _share_of_flags(sheet.column(0)) < 0.5 and _is_unique(sheet.column(0)):
        return [0]
    return named[:1]


def _without_person(sheet: _Sheet, notes: list[str], *, is_counted: bool) -> _Sheet:
    """Leaves out the column that tells the rows apart."""
    places = _person_columns(sheet)
    if not places or (is_counted and _plain(sheet.header[places[0]]) not in PERSON_NAMES):
        return sheet
    met: set[str] = set()
    problems = []
    for number, row in sheet.lines:
        if row[places[0]] in met:
            problems.append(
                gettext("Line %(number)s: this person has a row already. Make one of the two.") % {"number": number}
            )
        met.add(row[places[0]])
    _stop(problems)
    notes.append(
        gettext("The column %(header)s differs on every row, so it was taken for an id and left out.")
        % {"header": f"{sheet.header[places[0]]!r}"}
    )
    return sheet.without(set(places))


def _spread(sheet: _Sheet, notes: list[str]) -> _Sheet:
    """Takes a single column of histories such as 101 apart, a column for each list."""
    if len(sheet.header) != 1 or not all(set(cell) <= {"0", "1"} and cell for cell in sheet.column(0)):
        return sheet
    lengths = sorted({len(cell) for cell in sheet.column(0)})
    if lengths == [1]:
        return sheet
    if len(lengths) > 1:
        raise tables.TableError(
            [
                gettext(
                    "The histories in %(header)s have %(lengths)s to %(lengths_2)s digits; each "
                    "needs a digit for each list. A spreadsheet drops zeros in front: format the "
                    "column as text and save again."
                )
                % {"header": f"{sheet.header[0]!r}", "lengths": lengths[0], "lengths_2": lengths[-1]}
            ]
        )
    notes.append(
        gettext("Each digit of %(header)s was read as one list, in order.") % {"header": f"{sheet.header[0]!r}"}
    )
    names = [f"list {at + 1}" for at in range(lengths[0])]
    return _Sheet(names, [(number, list(row[0])) for number, row in sheet.lines])


def _refuse_columns(lists: _Sheet) -> None:
    """Names the columns that are no lists, once each and not line by line."""
    problems = []
    for at, name in enumerate(lists.header):
        cells = lists.column(at)
        if _share_of_flags(cells) < 0.5:
            shown = _listed([repr(each) for each in dict.fromkeys(cells)][:3])
            problems.append(
                gettext(
                    "The column %(quoted)s is not a list: it holds %(shown)s, where a list has 1 "
                    'or 0. Leave the column out (--leave-out "%(name)s"); if it counts people, '
                    'name it as the column of counts (--counts "%(name)s").'
                )
                % {"quoted": f"{name!r}", "shown": shown, "name": name}
            )
    _stop(problems)


def _told(begun: str, table: tables.Table, notes: Sequence[str]) -> str:
    return " ".join([begun, f"{table.lists} lists: {_listed(table.names)}.", *notes])


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _is_unique(cells: Sequence[str]) -> bool:
    return len(set(cells)) == len(cells)


def _holds_flags(cells: Sequence[str]) -> bool:
    return all(_flag(each) is not None for each in cells)


def _share_of_flags(cells: Sequence[str]) -> float:
    return sum(_flag(each) is not None for each in cells) / len(cells)


def _flag(cell: str) -> bool | None:
    """Whether a cell says that somebody is on a list; None where it says neither."""
    words = cell.casefold()
    if words in YES or words in NO:
        return words in YES
    if _is_number(cell) and float(cell) in (0.0, 1.0):
        return float(cell) == 1.0
    return None


def _is_number(cell: str) -> bool:
    return NUMBER.fullmatch(cell) is not None


def _is_records(sheet: _Sheet) -> bool:
    places = sheet.places(LIST_NAMES)
    if not places or not sheet.places(PERSON_NAMES) or _holds_flags(sheet.column(places[0])):
        return False
    if len(sheet.header) > 2:
        raise tables.TableError(
            [
                gettext(
                    "A file of records has two columns, the person and the list. Leave out the others, or delete them."
                )
            ]
        )
    return True


def _records(sheet: _Sheet, notes: list[str]) -> Read:
    list_at = sheet.places(LIST_NAMES)[0]
    _stop(
        [
            (gettext("Line %(number)s: a person and a list are needed.") % {"number": number})
            for number, row in sheet.lines
            if not all(row)
        ]
    )
    spelled = Counter(sheet.column(list_at))
    names: dict[str, str] = {}
    for name, _ in sorted(spelled.items(), key=lambda each: (-each[1], each[0])):
        usual = names.setdefault(_plain(name), name)
        if usual != name:
            notes.append(
                gettext("%(name)s was read as %(usual)s (%(spelled)s records).")
                % {"name": f"{name!r}", "usual": f"{usual!r}", "spelled": f"{spelled[name]:,}"}
            )
    ordered = sorted(names.values())
    _check_header(ordered)
    bit = {name: 1 << at for at, name in enumerate(ordered)}
    histories: dict[str, int] = {}
    for _, row in sheet.lines:
        person, name = row[1 - list_at], names[_plain(row[list_at])]
        histories[person] = histories.get(person, 0) | bit[name]
    table = tables.of_histories(ordered, Counter(histories.values()))
    begun = gettext("%(count)s records of %(people)s people, a row for each person and list.") % {
        "count": f"{len(sheet.lines):,}",
        "people": f"{table.people:,}",
    }
    return Read(table, Source(Form.RECORD, _told(begun, table, notes)), tuple(histories.values()))


def _check_header(names: Sequence[str]) -> None:
    problems = tables.wrong_names(names)
    alike = {_plain(each): each for each in names}
    problems += [
        (
            gettext("The columns %(each)s and %(alike)s are named alike. Give each list a name of its own.")
            % {"each": f"{each!r}", "alike": f"{alike[_plain(each)]!r}"}
        )
        for each in names
        if alike[_plain(each)] != each
    ]
    if problems:
        raise tables.TableError(problems)


def _history(cells: Sequence[str], names: Sequence[str]) -> int:
    history = 0
    for at, (cell, name) in enumerate(zip(cells, names, strict=True)):
        flag = _flag(cell)
        if flag is None:
            why = gettext(" An empty cell may mean that nobody looked, so it is not taken for 0.") if not cell else ""
            raise ValueError(
                gettext("%(name)s says %(cell)s; it must be 1 (on this list) or 0 (not on it).%(why)s")
                % {"name": f"{name!r}", "cell": f"{cell!r}", "why": why}
            )
        history |= flag << at
    return history


def _count(cell: str) -> int:
    if GROUPED.fullmatch(cell) and not (_is_number(cell) and float(cell).is_integer()):
        plain = re.sub("[^0-9]", "", cell)
        raise ValueError(
            gettext(
                "the count %(cell)s has a separator in it. Write how many people, in digits "
                "without separators (%(plain)s?)."
            )
            % {"cell": f"{cell!r}", "plain": plain}
        )
    if not _is_number(cell):
        raise ValueError(
            gettext("the count %(cell)s is not a number. Write how many people, in digits without separators.")
            % {"cell": f"{cell!r}"}
        )
    value = float(cell)
    if value < 0:
        raise ValueError(gettext("the count %(cell)s is negative. A number of people is 0 or more.") % {"cell": cell})
    if not value.is_integer():
        raise ValueError(gettext("the count %(cell)s is not a whole number of people.") % {"cell": cell})
    if value > tables.MOST_PEOPLE:
        raise ValueError(gettext("the count %(cell)s is too large to be a number of people.") % {"cell": cell})
    return int(value)


def _estimate(cell: str) -> float:
    """Another program's estimate; Inf where it found none."""
    if not _is_number(cell) and cell.lower() not in {"inf", "infinity"}:
        raise ValueError(
            gettext("the estimate %(cell)s is not a number. Write Inf where there is none.") % {"cell": f"{cell!r}"}
        )
    return float(cell)


def _stop(problems: Sequence[str]) -> None:
    if problems:
        raise tables.TableError(list(_shortened(problems)))


def _shortened(problems: Sequence[str]) -> Iterator[str]:
    yield from problems[:SHOWN]
    if len(problems) > SHOWN:
        yield gettext("… and %(count)s lines more.") % {"count": f"{len(problems) - SHOWN:,}"}
