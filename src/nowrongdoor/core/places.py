"""Where a case can be: the states of the country that is installed and, where a state has several, its districts.

The promise: a place is one that the country's file names (places.toml), or none; anything else is refused with what to
write instead.
"""

from __future__ import annotations

import dataclasses
import functools
import tomllib
from collections.abc import Mapping

from nowrongdoor import jurisdictions


class UnknownPlace(ValueError):
    """What was sent is no state and no district."""

    def __init__(self, code: str, *, example: str) -> None:
        state = example.partition("-")[0]
        super().__init__(
            f"'{code}' is no place: write a state like {state} or a district like {example}, or leave it empty."
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where a case is, as far as it picks an office; empty where it is not known."""

    state: str = ""
    district: str = ""

    @property
    def code(self) -> str:
        """Return the one code that `read` reads."""
        return self.district or self.state


@dataclasses.dataclass(frozen=True)
class Places:
    """A country's places. `states`: names by code; `names`: states and districts, in the order in which a form lists
    them; `example`: the code of a district, to show."""

    version: str
    states: Mapping[str, str]
    names: Mapping[str, str]
    example: str


def read_file(text: str) -> Places:
    """Read a country's places.toml."""
    content = tomllib.loads(text)
    states = {each["code"]: each["name"] for each in content["places"]}
    named = {}
    for each in content["places"]:
        code, state, parts = each["code"], each["name"], each.get("parts", "")
        named[code] = f"{state}, {content['undivided']}" if parts else state
        for part in parts:
            named[f"{code}-{part}"] = f"{state}, {content['parts'][part]}"
    return Places(content["version"], states, named, content["example"])


@functools.cache
def installed() -> Places:
    """Return the places of the country that is installed."""
    return read_file(jurisdictions.text("places.toml"))


def read(code: str) -> Place:
    """Read the code of a state or a district; empty is not known. UnknownPlace."""
    if not code:
        return Place()
    known = installed()
    if code not in known.names:
        raise UnknownPlace(code, example=known.example)
    state = code.partition("-")[0]
    return Place(state, code if "-" in code else "")


def names() -> Mapping[str, str]:
    """Name every state and district, in the order in which a form lists them."""
    return installed().names
