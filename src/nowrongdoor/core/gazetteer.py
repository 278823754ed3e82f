"""Where a town, a county or a ZIP code is: its county by a public gazetteer, and its district by the country's file.

The promise: a district comes only from the country's file (counties.toml), which cites the law that names the county;
where the file does not name one, or a name fits several places, all of them are given and nobody guesses. The gazetteer
comes with a package (`zipcodes`) and asks no network.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable, Mapping, Sequence

import zipcodes

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries, places

FILE = "counties.toml"
MOST = 12
_ZIP = re.compile(r"\s*(\d{5})(?:-\d{4})?\s*")
_KIND = re.compile(r" (county|parish|borough|census area|municipality|city and borough)$")


@dataclasses.dataclass(frozen=True, slots=True)
class Law:
    """What names the counties of a district, and how well that is founded."""

    citation: str
    evidence: str


@dataclasses.dataclass(frozen=True)
class Counties:
    """The districts of a country's counties, as far as its file names them. `districts`: by state and county, as `_key`
    writes them; `rest`: the district of every other county of a state; `laws`: by state."""

    districts: Mapping[tuple[str, str], str]
    rest: Mapping[str, str]
    laws: Mapping[str, Law]


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """A place that fits what was typed. `codes`: the places of the country that it can be in; more than one where the
    file does not say which district its county belongs to."""

    name: str
    county: str
    state: str
    codes: Sequence[str]
    law: Law | None


def read(text: str) -> Counties:
    """Read a country's counties.toml. entries.Unreadable."""
    content = entries.read(text, FILE)
    content.text("version")
    known = places.installed()
    districts: dict[tuple[str, str], str] = {}
    rest: dict[str, str] = {}
    laws: dict[str, Law] = {}
    for each in content.each("state"):
        state = each.text("code")
        laws[state] = Law(each.text("citation"), each.text("evidence"))
        if each.has("rest"):
            rest[state] = f"{state}-{each.text('rest')}"
        for part in each.each("district"):
            code = f"{state}-{part.text('code')}"
            if code not in known.names:
                raise part.wrong("code", "write the code of a district of places.toml")
            for county in part.texts("counties"):
                if (state, _key(county)) in districts:
                    raise part.wrong("counties", f"name {county} once")
                districts[state, _key(county)] = code
            part.end()
        each.end()
    content.end()
    return Counties(districts, rest, laws)


@functools.cache
def installed() -> Counties | None:
    """Return the counties of the country that is installed, or None where it names none: then nothing is looked up."""
    return read(jurisdictions.text(FILE)) if jurisdictions.has(FILE) else None


def find(typed: str) -> Sequence[Found]:
    """List the places that fit a ZIP code, a town or a county, each once, with or without a state behind a comma
    ("Elko, NV"); at most MOST, in the order of their states. Nothing where the country has no file."""
    counties = installed()
    if counties is None or not typed.strip():
        return ()
    if match := _ZIP.fullmatch(typed):
        rows = zipcodes.matching(match[1]) if zipcodes.is_real(match[1]) else []
        return _places([_row(row, row["city"]) for row in rows], counties)
    name, _, state = (part.strip() for part in typed.partition(","))
    known = _by_name().get(_key(name), ())
    return _places([row for row in known if state.upper() in ("", row.state)], counties)[:MOST]


def county(typed: str) -> tuple[str, str] | None:
    """Return the State and the name of a county, typed as "Elko, NV" or "Elko County, NV"; None where there is no such
    county, or the State is missing."""
    name, comma, _ = typed.partition(",")
    held = {(each.state, each.county) for each in find(typed) if _key(each.county) == _key(name)}
    return next(iter(held)) if comma and len(held) == 1 else None


@dataclasses.dataclass(frozen=True, slots=True)
class _Row:
    """A town or a county of the gazetteer."""

    name: str
    county: str
    state: str


def _row(row: Mapping[str, str], name: str) -> _Row:
    return _Row(name, row["county"], row["state"])


def _places(rows: Iterable[_Row], counties: Counties) -> list[Found]:
    kept: dict[tuple[str, str], Found] = {}
    known = places.installed()
    for row in rows:
        if row.state not in known.states or (row.state, row.county) in kept:
            continue
        district = counties.districts.get((row.state, _key(row.county))) or counties.rest.get(row.state)
        codes = [district] if district else _parts().get(row.state, [row.state])
        law = counties.laws.get(row.state) if district else None
        kept[row.state, row.county] = Found(row.name, row.county, row.state, codes, law)
    return sorted(kept.values(), key=lambda each: (each.state, each.county))


@functools.cache
def _parts() -> Mapping[str, Sequence[str]]:
    """The districts of each state that has any."""
    by_state: dict[str, list[str]] = {}
    for code in places.installed().names:
        state, dash, _ = code.partition("-")
        if dash:
            by_state.setdefault(state, []).append(code)
    return by_state


@functools.cache
def _by_name() -> Mapping[str, Sequence[_Row]]:
    """The gazetteer by what people call a place: its towns, also by their other names, and its counties."""
    by_name: dict[str, dict[_Row, None]] = {}
    for row in zipcodes.list_all():
        for name in {row["city"], row["county"], *row["acceptable_cities"]} - {""}:
            by_name.setdefault(_key(name), {})[_row(row, name)] = None
    return {name: tuple(rows) for name, rows in by_name.items()}


def _key(name: str) -> str:
    """Write a name as it is compared: "Miami-Dade County" and "miami dade" are one."""
    plain = re.sub(r"[^a-z0-9 ]", "", re.sub(r"[-\u2013.]", " ", name.casefold()).replace("'", ""))
    plain = _KIND.sub("", re.sub(r" +", " ", plain).strip())
    return re.sub(r"\bsaint\b", "st", plain)
