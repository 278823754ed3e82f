"""A whole directory: to which service, place or organization each row belongs, and to whom it is shown.

The promise (F1, F12 of the field's rules): where a hidden place is stands in no row that anybody outside is shown. What
a row says in words is looked through for the street, the town and the postal code too; one that holds them is kept from
everybody outside until somebody mends it, and is named.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator, Mapping, Sequence

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.services import package, profile
from nowrongdoor.core.services.hsds import Row
from nowrongdoor.core.services.package import Rows

Key = tuple[str, str]  # a table, and the id of a row in it
ROOTS = ("services", "locations", "organizations")
# Rows of a hidden service that say when somebody is there, whether there is room, who works there, or what stood there
# before; and of its areas those that are one county.
_OF_STAFF = frozenset({"schedules", "service_capacity", "contacts", "metadata"})
_PLACE = ("address_1", "address_2", "city", "postal_code")
_SHORTEST = 3  # letters of a part of an address that is looked for in words


class Shown(enum.Enum):
    """To whom a row is shown: everybody, staff of agencies who open cases, or nobody but the provider itself."""

    EVERYBODY = "everybody"
    STAFF = "staff"
    NOBODY = "nobody"


@dataclasses.dataclass(frozen=True, slots=True)
class Settled:
    """To what a row belongs, and to whom it is shown."""

    root: str
    shown: Shown


class Directory:
    """All rows, and what follows from them together. `hidden`: services and organizations that were hidden before, and
    stay so: what showed it may be where they are, which is not kept."""

    def __init__(self, rows: Rows, hidden: frozenset[str] = frozenset()) -> None:
        self._rows = rows
        self._was_hidden = hidden
        self._tables = {row_id: name for name in package.ORDER for row_id in rows.get(name, ())}
        self._tags = self._read_tags()
        self._at: dict[str, list[str]] = {}  # the places of each service
        for link in rows.get("service_at_location", {}).values():
            if "service_id" in link and "location_id" in link:
                self._at.setdefault(str(link["service_id"]), []).append(str(link["location_id"]))
        self.hidden = self._find_hidden()
        self._wide = self._find_wide()
        self._addresses = self._read_addresses()
        self.leaks: list[str] = []

    def tags(self, row_id: str) -> Sequence[profile.Tag]:
        """Return the profile's tags of a row."""
        return self._tags.get(row_id, ())

    def _read_tags(self) -> Mapping[str, Sequence[profile.Tag]]:
        """Read the profile's tags by the row that has them. A term names its taxonomy in words, or by its row."""
        taxonomies = self._rows.get("taxonomies", {})
        codes = {
            row_id: str(term["code"])
            for row_id, term in self._rows.get("taxonomy_terms", {}).items()
            if profile.TAXONOMY in (term.get("taxonomy"), taxonomies.get(str(term.get("taxonomy_id")), {}).get("name"))
            and "code" in term
        }
        by_row: dict[str, list[profile.Tag]] = {}
        for row in self._rows.get("attributes", {}).values():
            if code := codes.get(str(row.get("taxonomy_term_id", ""))):
                tag = profile.Tag(code, str(row.get("value", "")))
                by_row.setdefault(str(row.get("link_id", "")), []).append(tag)
        return by_row

    def _find_hidden(self) -> frozenset[str]:
        """Find what is hidden: what says so, and what says where that is. A place hides each service that is there, a
        service each place that it is at, an organization both. A place of whoever has a hidden service may be that
        service's, unless it is known for which other one it is."""
        hidden = {row_id for row_id, held in self._tags.items() if any(tag.code == profile.HIDDEN for tag in held)}
        hidden |= self._was_hidden
        for name in ("services", "locations"):
            hidden |= {
                row_id for row_id, row in self._rows.get(name, {}).items() if str(row.get("organization_id")) in hidden
            }
        while True:
            more = {place for service, places in self._at.items() if service in hidden for place in places}
            more |= {service for service, places in self._at.items() if hidden.intersection(places)}
            if more <= hidden:
                return frozenset(hidden | self._places_that_may_be(hidden))
            hidden |= more

    def _places_that_may_be(self, hidden: set[str]) -> set[str]:
        services, places = self._rows.get("services", {}), self._rows.get("locations", {})
        theirs = {str(row.get("organization_id", "")) for row_id, row in services.items() if row_id in hidden} - {""}
        known = {place for service, at in self._at.items() if service not in hidden for place in at}
        return {row_id for row_id, row in places.items() if str(row.get("organization_id")) in theirs} - known

    def _find_wide(self) -> frozenset[str]:
        """Find the services whose areas say less than one county, each taken together."""
        counties: dict[str, set[str]] = {}
        for row in self._rows.get("service_areas", {}).values():
            if row.get("extent_type") == profile.COUNTY:
                counties.setdefault(str(row.get("service_id", "")), set()).add(str(row.get("extent", "")))
        return frozenset(service for service, held in counties.items() if len(held) > 1)

    def settled(self) -> Iterator[tuple[Key, Settled]]:
        """Yield each row's root, and to whom it is shown; `leaks` says afterwards which words would have told where a
        hidden place is."""
        self.leaks = []
        for name, held in self._rows.items():
            for row_id, row in held.items():
                yield (name, row_id), Settled(self.root(name, row), self._shown(name, row))

    def root(self, name: str, row: Row) -> str:
        """Return the id of the service, the place or the organization that a row belongs to; else its own."""
        return str([row, *(each for _name, each in self._outside(name, row))][-1]["id"])

    def _outer(self, name: str, row: Row) -> Key | None:
        """Name the row that a row stands in."""
        for _field, table, outer in package.outers(name, row):
            key = table or self._tables.get(outer, ""), outer
            if outer in self._rows.get(key[0], {}):
                return key
        return None

    def _shown(self, name: str, row: Row) -> Shown:
        chain = [(name, row), *self._outside(name, row)]
        if any(self._is_of_hidden_place(of, each) for of, each in chain):
            return Shown.NOBODY
        if name in package.ANYWHERE and len(chain) == 1:
            return Shown.STAFF  # nobody knows what it is of
        root = str(chain[-1][1]["id"])
        if root not in self.hidden and root not in self._addresses:
            return Shown.EVERYBODY
        if root in self.hidden and (
            any(of in _OF_STAFF for of, _each in chain) or (name == "service_areas" and self._is_narrow(row))
        ):
            return Shown.STAFF
        if not (field := self._leak(root, row)):
            return Shown.EVERYBODY
        cause = _(
            "%(table)s %(id)s: “%(field)s” holds a part of the address of a hidden place, so nobody outside is shown "
            "it. Take it out."
        )
        self.leaks.append(cause % {"table": name, "id": row["id"], "field": field})
        return Shown.STAFF

    def _is_narrow(self, row: Row) -> bool:
        """Whether an area of a hidden service is a single county, or says what nobody can weigh, in words."""
        kind, extent = row.get("extent_type"), str(row.get("extent", ""))
        is_plain = row.get("name", extent) == extent and not row.get("description") and not row.get("uri")
        is_wide = (
            kind == profile.COUNTRY
            or (kind == profile.STATE and "," not in extent)
            or (kind == profile.COUNTY and str(row.get("service_id", "")) in self._wide)
        )
        return not (is_plain and is_wide)

    def _outside(self, name: str, row: Row) -> Iterator[tuple[str, Row]]:
        seen = {(name, str(row["id"]))}
        while name not in ROOTS and (outer := self._outer(name, row)) is not None and outer not in seen:
            seen.add(outer)
            name, row = outer[0], self._rows[outer[0]][outer[1]]
            yield name, row

    def _is_of_hidden_place(self, name: str, row: Row) -> bool:
        if name == "locations":
            return str(row["id"]) in self.hidden
        return str(row.get("location_id", "")) in self.hidden

    def _leak(self, root: str, row: Row) -> str:
        """Return the field of a row that holds a part of the address of a hidden place, empty where none does."""
        parts = self._addresses.get(root, ())
        for field, value in row.items():
            folded = str(value).casefold()
            if any(part in folded for part in parts):
                return field
        return ""

    def _read_addresses(self) -> Mapping[str, frozenset[str]]:
        """Return the parts of the addresses of hidden places, by each service and organization that is there."""
        parts: dict[str, set[str]] = {}
        for row in self._rows.get("addresses", {}).values():
            if (place := str(row.get("location_id", ""))) in self.hidden:
                written = (str(row.get(field, "")).casefold() for field in _PLACE)
                parts.setdefault(place, set()).update(each for each in written if len(each) >= _SHORTEST)
        parts_of: dict[str, set[str]] = {}
        for service, places in self._at.items():
            held = set().union(*(parts.get(place, set()) for place in places))
            parts_of.setdefault(service, set()).update(held)
            organization = str(self._rows.get("services", {}).get(service, {}).get("organization_id", ""))
            parts_of.setdefault(organization, set()).update(held)
        for place, held in parts.items():
            organization = str(self._rows["locations"].get(place, {}).get("organization_id", ""))
            parts_of.setdefault(organization, set()).update(held)
        return {root: frozenset(held) for root, held in parts_of.items()}
