"""Where a case can be: the states of the country that is installed and, where a state has several, its districts.

The promise: a place is one that the country's file names (places.toml), or none; anything else is refused with what to
write instead. A country calls its states and districts as it does: nations, provinces, police areas.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import zoneinfo
from collections.abc import Mapping

from nowrongdoor import jurisdictions
from nowrongdoor.core import country, entries
from nowrongdoor.core.language import gettext as _

FILE = "places.toml"
_CODE = re.compile(r"[A-Za-z0-9]{1,19}")


class UnknownPlace(ValueError):
    """What was sent is no state and no district."""

    def __init__(self, code: str, known: Places) -> None:
        state = known.example.partition("-")[0]
        part = (
            (_(" or a %(part)s like %(example)s") % {"part": known.part, "example": known.example})
            if state != known.example
            else ""
        )
        super().__init__(
            _("'%(code)s' is no place: write a %(whole)s like %(state)s%(part)s, or leave it empty.")
            % {"code": code, "whole": known.whole, "state": state, "part": part}
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
    them; `zones`: time zones by code, where the file names one; `example`: the code of a district, or of a state where
    no state has any, to show; `whole` and `part`: what the country calls them; `spelled`: how a state's code is
    written; `hint`: what a form says beside the question."""

    version: str
    states: Mapping[str, str]
    names: Mapping[str, str]
    zones: Mapping[str, zoneinfo.ZoneInfo]
    example: str
    whole: str
    part: str
    spelled: str
    hint: str


def read_file(text: str) -> Places:
    """Read a country's places.toml. entries.Unreadable."""
    content = entries.read(text, FILE)
    part_names = content.one("parts") if content.has("parts") else entries.Entry({}, f"{FILE}, [parts]")
    undivided = content.text("undivided", "")
    states: dict[str, str] = {}
    names: dict[str, str] = {}
    zones: dict[str, zoneinfo.ZoneInfo] = {}
    for each in content.each("places"):
        code, name = each.text("code"), each.text("name")
        if not _CODE.fullmatch(code) or code in states:
            raise each.wrong("code", _("write letters and digits, at most 19, for each place its own"))
        states[code] = name
        parts = each.texts("parts", ())
        names[code] = f"{name}, {undivided}" if parts else name
        if each.has("time_zone"):
            zones[code] = country.zone_of(each, "time_zone")
        for part in parts:
            if not _CODE.fullmatch(part) or f"{code}-{part}" in names:
                raise each.wrong("parts", _("write each part's letters and digits once"))
            names[f"{code}-{part}"] = f"{name}, {part_names.text(part)}"
        if each.has("part_zones"):
            own = each.one("part_zones")
            for part in parts:
                if own.has(part):
                    zones[f"{code}-{part}"] = country.zone_of(own, part)
            own.end()
        each.end()
    part_names.end()
    if content.text("example") not in names:
        raise content.wrong("example", _("write the code of one of the places, with a part if any has one"))
    read = Places(
        content.text("version"),
        states,
        names,
        zones,
        content.text("example"),
        content.text("whole"),
        content.text("part", ""),
        content.text("spelled"),
        content.text("hint", ""),
    )
    content.end()
    return read


@functools.cache
def installed() -> Places:
    """Return the places of the country that is installed."""
    return read_file(jurisdictions.text(FILE))


def read(code: str) -> Place:
    """Read the code of a state or a district; empty is not known. UnknownPlace."""
    if not code:
        return Place()
    known = installed()
    if code not in known.names:
        raise UnknownPlace(code, known)
    state = code.partition("-")[0]
    return Place(state, code if "-" in code else "")


def names() -> Mapping[str, str]:
    """Name every state and district, in the order in which a form lists them."""
    return installed().names


def zone(code: str) -> zoneinfo.ZoneInfo:
    """Return the time zone of a place, by its code: its own, else its state's, else the country's, which is that of
    national bodies and of whoever has no place."""
    zones = installed().zones
    own = zones.get(code) or zones.get(code.partition("-")[0])
    return own or zoneinfo.ZoneInfo(country.installed().time_zone)
