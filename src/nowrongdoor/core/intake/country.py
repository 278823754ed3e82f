"""How a country reads the records of other systems, as its file says (intake.toml): what a record calls it, whom its
table calls a citizen, and what a report says of each step beyond the words of a record."""

from __future__ import annotations

import dataclasses
import functools

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries

FILE = "intake.toml"


@dataclasses.dataclass(frozen=True, slots=True)
class Country:
    """`codes` and `names`: how a record names this country in a citizenship and in a place. `citizen` and `foreign`:
    the values of `nationality`. The rest are notes."""

    version: str
    codes: frozenset[str]
    names: frozenset[str]
    citizen: str
    foreign: str
    note_child_at_event: str
    note_child_then: str
    note_foreign: str
    note_citizen: str


def read(text: str) -> Country:
    """Read a country's intake.toml. entries.Unreadable."""
    content = entries.read(text, FILE)
    notes = content.one("notes")
    read = Country(
        content.text("version"),
        frozenset(content.texts("codes")),
        frozenset(content.texts("names")),
        content.text("citizen"),
        content.text("foreign"),
        notes.text("child_at_event"),
        notes.text("child_then"),
        notes.text("foreign"),
        notes.text("citizen"),
    )
    notes.end()
    content.end()
    return read


@functools.cache
def installed() -> Country:
    """Return how the country that is installed reads records."""
    return read(jurisdictions.text(FILE))
