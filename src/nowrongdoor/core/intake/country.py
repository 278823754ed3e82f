"""How a country reads the records of other systems, as its file says (intake.toml): what a record calls it, whom its
table calls a citizen, and what a report says of each step beyond the words of a record."""

from __future__ import annotations

import dataclasses
import functools
import tomllib

from nowrongdoor import jurisdictions


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
    """Read a country's intake.toml."""
    content = tomllib.loads(text)
    notes = content["notes"]
    return Country(
        content["version"],
        frozenset(content["codes"]),
        frozenset(content["names"]),
        content["citizen"],
        content["foreign"],
        notes["child_at_event"],
        notes["child_then"],
        notes["foreign"],
        notes["citizen"],
    )


@functools.cache
def installed() -> Country:
    """Return how the country that is installed reads records."""
    return read(jurisdictions.text("intake.toml"))
