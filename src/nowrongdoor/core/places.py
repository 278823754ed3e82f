"""States and federal judicial districts: what a case's place can be.

The 94 districts are those of 28 USC 81-131, with Guam (48 USC 1424), the Northern Mariana Islands (48 USC 1821) and
the Virgin Islands (48 USC 1611). A state that is one district has one entry.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

STATES: Mapping[str, str] = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "GU": "Guam", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas",
    "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan",
    "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada",
    "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina",
    "ND": "North Dakota", "MP": "Northern Mariana Islands", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon",
    "PA": "Pennsylvania", "PR": "Puerto Rico", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota",
    "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VI": "Virgin Islands", "VA": "Virginia",
    "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip
DIVIDED: Mapping[str, str] = {
    "AL": "NMS", "AR": "EW", "CA": "NECS", "FL": "NMS", "GA": "NMS", "IL": "NCS", "IN": "NS", "IA": "NS",
    "KY": "EW", "LA": "EMW", "MI": "EW", "MS": "NS", "MO": "EW", "NY": "NSEW", "NC": "EMW", "OH": "NS",
    "OK": "NEW", "PA": "EMW", "TN": "EMW", "TX": "NSEW", "VA": "EW", "WA": "EW", "WV": "NS", "WI": "EW",
}  # fmt: skip
SIDES = {
    "N": "Northern",
    "S": "Southern",
    "E": "Eastern",
    "W": "Western",
    "M": "Middle",
    "C": "Central",
}


class UnknownPlace(ValueError):
    """What was sent is no state and no district."""

    def __init__(self, code: str) -> None:
        super().__init__(f"'{code}' is no place: write a state like NY or a district like NY-S, or leave it empty.")


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where a case is, as far as it picks an office; empty where it is not known."""

    state: str = ""
    district: str = ""

    @property
    def code(self) -> str:
        """Return the one code that `read` reads."""
        return self.district or self.state


def read(code: str) -> Place:
    """Read a state (NY) or a district (NY-S); empty is not known. UnknownPlace."""
    if not code:
        return Place()
    if code not in names():
        raise UnknownPlace(code)
    state = code.partition("-")[0]
    return Place(state, code if "-" in code else "")


@functools.cache
def names() -> Mapping[str, str]:
    """Name every state and district, in the order in which a form lists them."""
    named = {}
    for code, state in STATES.items():
        sides = DIVIDED.get(code, "")
        named[code] = f"{state}, district not known" if sides else state
        for side in sides:
            named[f"{code}-{side}"] = f"{state}, {SIDES[side]} District"
    return named
