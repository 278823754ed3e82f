"""What a reader of an import file yields.

Promise: every record of a file comes out as exactly one `Row` or as at least one `Refusal`. The key
of a record with an id of its sender's own is made of that id. A record without one is known only
by its content: its key is made of that and of how many equal records came before it in the file.
Equal content in another file may be another person; whoever takes the file in must be asked.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import types
from collections.abc import Iterable, Mapping

from nowrongdoor.core.triage import answers

SHOWN_VALUE_LIMIT = 200
"""Characters of a refused value that are repeated in the report."""

NOTHING: Mapping[str, str] = types.MappingProxyType({})
NO_ANSWERS = answers.Answers()


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One line of one section of a record, as given: (full field name, text) in file order."""

    section: str
    person_id: str
    values: tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A record that can be taken. `said`: what it says, in one form, whatever is read from it.
    `has_id`: its key is made of the sender's own id, so that an equal key is the same record.
    `state`: two letters, where it happened. `arrived_on`: the day on which the agency got it, as the record says."""

    line: int
    key: str
    facts: Mapping[str, str]
    answers: answers.Answers = NO_ANSWERS
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sheet: str = ""
    case_id: str = ""
    narrative: str = ""
    people: tuple[Mapping[str, str], ...] = ()
    raw: tuple[Entry, ...] = ()
    said: str = ""
    has_id: bool = False
    state: str = ""
    arrived_on: datetime.date | None = None

    @property
    def person(self) -> Mapping[str, str]:
        """The first person's identity, which stays with the importing agency."""
        return self.people[0] if self.people else NOTHING


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """Why a record, a sheet or a file cannot be taken; line 0 is the whole sheet or file."""

    line: int
    column: str
    reason: str
    value: str
    sheet: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Summary:
    """How much of a file was taken. `refused` counts records or lines, `reasons` refusals."""

    taken: int
    refused: int
    warnings: tuple[str, ...]
    reasons: tuple[tuple[str, int], ...]


def refusal(line: int, column: str, reason: str, value: str, sheet: str = "") -> Refusal:
    """Report a refusal with its value cut to a length fit to show."""
    if len(value) > SHOWN_VALUE_LIMIT:
        value = value[:SHOWN_VALUE_LIMIT] + "…"
    return Refusal(line, column, reason, value, sheet)


def key(content: str, occurrence: int) -> str:
    """The idempotency key of the n-th record with this canonical content."""
    return hashlib.sha256(f"{content}\n{occurrence}".encode()).hexdigest()


def summarise(items: Iterable[Row | Refusal]) -> Summary:
    """Count what a reader yields, and consume it."""
    taken = 0
    refused: set[tuple[str, int]] = set()
    warnings: dict[str, None] = {}
    reasons: dict[str, int] = {}
    for item in items:
        if isinstance(item, Row):
            taken += 1
            warnings.update(dict.fromkeys(item.warnings))
        else:
            refused.add((item.sheet, item.line))
            reasons[item.reason] = reasons.get(item.reason, 0) + 1
    return Summary(taken, len(refused), tuple(warnings), tuple(sorted(reasons.items())))
