"""Whom a country's people call when somebody is in immediate danger, as its file says (calls.toml): one number is
enough where it reaches everybody, so what a person does first is said for each."""

from __future__ import annotations

import dataclasses
import functools
import tomllib
from collections.abc import Mapping

from nowrongdoor import jurisdictions


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
    """Read a country's calls.toml."""
    content = tomllib.loads(text)
    return Calls(content["version"], {each["agency"]: Call(each["first"], each["before"]) for each in content["call"]})


@functools.cache
def installed() -> Calls:
    """Return the calls of the country that is installed."""
    return read(jurisdictions.text("calls.toml"))
