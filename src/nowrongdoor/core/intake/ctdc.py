"""Reading case profiles in the column format of the Counter-Trafficking Data Collaborative.

Promise: a 1 is a yes, a 0 or an empty cell is *not recorded* and never a no; every assumption is
named on the row; nothing that is not 0, 1 or a declared code goes in. The mappings and how sure
each is: docs/import.md.
"""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from nowrongdoor.core.intake import country, row, text_lines
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.triage import answers

AGE, DURATION, CITIZEN = "Age Band", "Trafficking Duration", "Is Citizen of Country"
LABOUR, SEXUAL = "isForcedLabour", "isSexualExploit"
MEANS = (
    "Means Debt Bondage Earnings",
    "Means Threats",
    "Means Abuse",
    "Means False Promises",
    "Means Drugs Alcohol",
    "Means Deny Basic Needs",
    "Means Excessive Work Hours",
    "Means Withhold Docs",
)
COLUMNS = (
    AGE,
    DURATION,
    *MEANS,
    LABOUR,
    SEXUAL,
    "Recruiter Relation Intimate Partner",
    "Recruiter Relation Friend",
    "Recruiter Relation Family",
    "Recruiter Relation Other",
    "Trans/NonConforming",
    "Woman",
    CITIZEN,
)
_CODES: Mapping[str, frozenset[str]] = {
    AGE: frozenset("0123456789"),
    DURATION: frozenset("0123456789"),
}
_FLAG = frozenset("01")
_NUMBER = re.compile(r"([0-9])(?:[.,]0+)?")  # 1.0: how programs write a whole number of a column with gaps
_HEADINGS: Mapping[str, str] = {text_lines.heading(name): name for name in COLUMNS}
# Other tables of the same publisher, told by headings that only they have.
_EDITIONS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"agebroad", "majoritystatus"}), gettext_lazy("the k-anonymized data")),
    (frozenset({"agebroad", "traffickmonths"}), gettext_lazy("the later synthetic data, with a year and a country")),
)

# The publisher's broad bands begin 0-8, 9-17, 18-20; that code 1 is the first of them was not
# found in writing: evidence `unverified`.
_AGE = {"0": "unknown", "1": "under_18", "2": "under_18"}

# Only the columns that say the same as an indicator do; the rest each cover several indicators.
INDICATORS: Mapping[str, str] = types.MappingProxyType(
    {"Means Excessive Work Hours": "ilo.4.hours", "Means Withhold Docs": "ilo.5.documents"}
)

LONGEST_LINE = 4_096

NOTE_AGE = gettext_lazy("Age band codes 1 and 2 are read as under 18 and 3 to 9 as adult (unverified).")
NOTE_SEX = gettext_lazy("Sexual exploitation is taken as a commercial sex act; the source does not say so (policy).")
NOTE_MEANS = gettext_lazy("A recorded means of control is taken as force, fraud or coercion (policy).")
NOTE_BLANK = gettext_lazy("An empty cell is read as 0, not recorded.")


@dataclasses.dataclass(frozen=True, slots=True)
class _Profile:
    """What all identical lines share."""

    content: str
    facts: Mapping[str, str]
    answers: answers.Answers
    notes: tuple[str, ...]


def read(stream: BinaryIO) -> Iterator[row.Row | row.Refusal]:
    """Yield a row or a refusal for each line of a file opened in binary mode, from its beginning."""
    text = text_lines.opened(stream)
    if isinstance(text, row.Refusal):
        yield text
        return
    lines = text_lines.numbered(text, LONGEST_LINE)
    first = next(lines, None)
    if first is None:
        yield row.refusal(0, "", _("the file is empty"), "")
        return
    number, line = first
    between = "," if isinstance(line, row.Refusal) else text_lines.separator(line.decode(errors="replace"), _HEADINGS)
    parsed = line if isinstance(line, row.Refusal) else text_lines.fields(line, number, between)
    if isinstance(parsed, row.Refusal):
        yield parsed
        return
    header = [_HEADINGS.get(text_lines.heading(name), name.strip()) for name in parsed]
    faults = list(_header_faults(header, number))
    if faults:
        yield from faults
        return
    known: dict[bytes, _Profile] = {}
    seen: dict[str, int] = {}
    for number, line in lines:
        if isinstance(line, row.Refusal):
            yield line
            continue
        profile = known.get(line)
        if profile is None:
            outcome = _profile(line, number, header, between)
            if outcome is None:
                continue
            if not isinstance(outcome, _Profile):
                yield from outcome
                continue
            if len(known) < 100_000:  # a file of all-different lines must not fill the memory
                known[line] = outcome
            profile = outcome
        content = profile.content
        occurrence = seen.get(content, 0) + 1
        seen[content] = occurrence
        key = row.key(content, occurrence)
        yield row.Row(number, key, profile.facts, profile.answers, profile.notes, said=content)


def _header_faults(header: list[str], number: int) -> Iterator[row.Refusal]:
    names = {text_lines.heading(name) for name in header}
    given = ",".join(header)
    for headings, what in _EDITIONS:
        if headings <= names:
            reason = _(
                "this is another table of the same publisher: %(what)s. Only the one with "
                "the %(count)s columns from '%(columns)s' to '%(columns_2)s' is read "
                "(docs/import.md)"
            ) % {"what": what, "count": len(COLUMNS), "columns": COLUMNS[0], "columns_2": COLUMNS[-1]}
            yield row.refusal(number, "", reason, given)
            return
    count = sum(name in COLUMNS for name in header)
    if count * 2 < len(COLUMNS):
        reason = _(
            "the first line has %(count)s of the %(count_2)s headings, from '%(columns)s' to "
            "'%(columns_2)s' (docs/import.md)"
        ) % {"count": count, "count_2": len(COLUMNS), "columns": COLUMNS[0], "columns_2": COLUMNS[-1]}
        yield row.refusal(number, "", reason, given)
        return
    for place, name in enumerate(header):
        if name not in COLUMNS:
            reason = _(
                "the header has a column that is not known, which may change what the others "
                "say: if it does not, take it out"
            )
            yield row.refusal(number, name, reason, name)
        elif name in header[:place]:
            yield row.refusal(number, name, _("the header has this column twice"), name)
    for name in COLUMNS:
        if name not in header:
            yield row.refusal(number, name, _("the header misses this column"), given)


def _profile(line: bytes, number: int, header: list[str], between: str) -> _Profile | tuple[row.Refusal, ...] | None:
    """Reads a line; None for one whose cells are all empty, as spreadsheets leave them below a table."""
    parsed = text_lines.fields(line, number, between)
    if isinstance(parsed, row.Refusal):
        return (parsed,)
    given = [value.strip() for value in parsed]
    if not any(given):
        return None
    if len(parsed) != len(header):
        reason = _("%(count)s fields where the header has %(count_2)s") % {"count": len(parsed), "count_2": len(header)}
        return (row.refusal(number, "", reason, line.decode()),)
    values = {name: _code(value) for name, value in zip(header, given, strict=True)}
    refused = tuple(
        row.refusal(number, name, _expected(name), values[name])
        for name in COLUMNS
        if values[name] not in _CODES.get(name, _FLAG)
    )
    if refused:
        return refused
    notes = _notes(values)
    return _Profile(
        content="ctdc\n" + ",".join(values[name] for name in COLUMNS),
        facts=_facts(values),
        answers=answers.answers_of(
            {question: answers.Answer.YES for name, question in INDICATORS.items() if values[name] == "1"}
        ),
        notes=notes if all(given) else (*notes, NOTE_BLANK),
    )


def _code(value: str) -> str:
    if not value:
        return "0"
    number = _NUMBER.fullmatch(value)
    return number[1] if number else value


def _expected(name: str) -> str:
    return _("must be one digit, 0 to 9") if name in _CODES else _("must be 0 or 1")


def _facts(values: Mapping[str, str]) -> Mapping[str, str]:
    facts: dict[str, str] = {}
    age = _AGE.get(values[AGE], "adult")
    if age != "unknown":
        facts["age"] = age
    if values[SEXUAL] == "1":
        facts["commercial_sex"] = "yes"
    if values[LABOUR] == "1":
        facts["labor"] = "yes"
    if any(values[name] == "1" for name in MEANS):
        facts["means"] = "yes"
    if values[CITIZEN] == "1":
        facts["nationality"] = country.installed().citizen
    return types.MappingProxyType(facts)


def _notes(values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(
        note
        for note, applies in (
            (NOTE_AGE, values[AGE] != "0"),
            (NOTE_SEX, values[SEXUAL] == "1"),
            (NOTE_MEANS, any(values[name] == "1" for name in MEANS)),
            (country.installed().note_citizen, values[CITIZEN] == "1"),
        )
        if applies
    )
