"""Whom a country's people call when somebody is in immediate danger, as its file says (calls.toml): one number is
enough where it reaches everybody, so what a person does first is said for each."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries

FILE = "calls.toml"


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """What a person does, and what they read before they do it."""

    first: str = ""
    before: str = ""


@dataclasses.dataclass(frozen=True)
class Calls:
    """The calls of a country, by the agency of the table that is told of danger."""

    version: str
    by_agency: Mapping[str, Call]

    def to(self, agency: str) -> Call:
        """Return how an agency is called; empty words where the file says nothing."""
        return self.by_agency.get(agency, Call())


def read(text: str) -> Calls:
    """Read a country's calls.toml. entries.Unreadable."""
    content = entries.read(text, FILE)
    by_agency = {}
    for each in content.each("call"):
        by_agency[each.text("agency")] = Call(each.text("first"), each.text("before", ""))
        each.end()
    read = Calls(content.text("version"), by_agency)
    content.end()
    return read


@functools.cache
def installed() -> Calls:
    """Return the calls of the country that is installed."""
    return read(jurisdictions.text(FILE))
