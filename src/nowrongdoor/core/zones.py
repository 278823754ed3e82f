"""In which time zone an office counts days, as the country's file says (zones.toml).

The promise: a place has one zone, its own or its State's; whoever has no place counts as the capital does.
"""

from __future__ import annotations

import dataclasses
import functools
import tomllib
import zoneinfo
from collections.abc import Mapping

from nowrongdoor import jurisdictions


class NamedTwice(ValueError):
    """A file of zones puts one place into two."""

    def __init__(self, place: str) -> None:
        super().__init__(f"zones.toml names the place {place} in two zones: leave it in one.")


@dataclasses.dataclass(frozen=True)
class Zones:
    """A country's zones. `capital`: that of national bodies; `by_place`: those of States, and of the districts that
    count otherwise than their State."""

    version: str
    capital: zoneinfo.ZoneInfo
    by_place: Mapping[str, zoneinfo.ZoneInfo]

    def of(self, place: str) -> zoneinfo.ZoneInfo:
        """Return the zone of a State or district; the capital's where the place is empty or has none."""
        return self.by_place.get(place) or self.by_place.get(place.partition("-")[0]) or self.capital


def read(text: str) -> Zones:
    """Read a country's zones.toml. NamedTwice."""
    content = tomllib.loads(text)
    by_place: dict[str, zoneinfo.ZoneInfo] = {}
    for name, codes in content["zones"].items():
        for code in codes:
            if code in by_place:
                raise NamedTwice(code)
            by_place[code] = zoneinfo.ZoneInfo(name)
    return Zones(content["version"], zoneinfo.ZoneInfo(content["capital"]), by_place)


@functools.cache
def installed() -> Zones:
    """Return the zones of the country that is installed."""
    return read(jurisdictions.text("zones.toml"))
