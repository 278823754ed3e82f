"""To whom each row of a directory is shown: a hidden shelter row by row, then any directory looked through as somebody
outside would."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.core.services import directory, package
from nowrongdoor.core.services.directory import Shown
from nowrongdoor.core.services.hsds import Row, Value
from tests.core.test_hsds import anything

IDS = {name: str(uuid.uuid5(uuid.NAMESPACE_DNS, name)) for name in ("org", "beds", "house", "sal", "term", "contact")}
STREET = "12 Acacia Lane"


def rows(*, at: str = "service") -> dict[str, dict[str, Row]]:
    """A shelter in one county that says of itself, or of its place or organization, that it's hidden."""
    hidden = {"service": "beds", "place": "house", "organization": "org", "nobody": "sal"}[at]
    given: list[tuple[str, dict[str, Value]]] = [
        ("taxonomy_terms", {"id": IDS["term"], "taxonomy": "no-wrong-door", "code": "hidden"}),
        ("organizations", {"id": IDS["org"], "name": "Hope"}),
        ("locations", {"id": IDS["house"], "organization_id": IDS["org"], "latitude": 36.1}),
        ("services", {"id": IDS["beds"], "organization_id": IDS["org"], "name": "Beds"}),
        ("service_at_location", {"id": IDS["sal"], "service_id": IDS["beds"], "location_id": IDS["house"]}),
        ("contacts", {"id": IDS["contact"], "service_id": IDS["beds"], "name": "Jo"}),
        ("attributes", {"link_id": IDS[hidden], "taxonomy_term_id": IDS["term"], "value": "yes"}),
        ("addresses", {"location_id": IDS["house"], "address_1": STREET, "city": "Elko", "postal_code": "89801"}),
        ("schedules", {"service_id": IDS["beds"], "opens_at": "09:00"}),
        ("service_capacity", {"service_id": IDS["beds"], "available": 2}),
        ("service_areas", {"service_id": IDS["beds"], "extent_type": "county", "extent": "Elko County, NV"}),
        ("phones", {"service_id": IDS["beds"], "number": "+1 555 010 0100"}),
        ("phones", {"contact_id": IDS["contact"], "number": "+1 555 010 0101"}),
        ("phones", {"service_at_location_id": IDS["sal"], "number": "+1 555 010 0102"}),
        ("metadata", {"resource_id": IDS["beds"], "previous_value": STREET}),
        ("metadata", {"resource_id": IDS["house"], "previous_value": "x"}),
        ("metadata", {"resource_id": str(uuid.uuid5(uuid.NAMESPACE_DNS, "gone")), "previous_value": "x"}),
    ]
    made: dict[str, dict[str, Row]] = {}
    for number, (table, row) in enumerate(given):
        row_id = str(row.get("id", uuid.uuid5(uuid.NAMESPACE_DNS, f"{table} {number}")))
        made.setdefault(table, {})[row_id] = {**row, "id": row_id}
    return made


def shown(of: dict[str, dict[str, Row]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for (table, _row_id), settled in directory.Directory(of).settled():
        found.setdefault(table, []).append(settled.shown.value)
    return found


@pytest.mark.parametrize("at", ["service", "place", "organization"])
def test_of_a_hidden_shelter_nobody_outside_is_shown_where_it_is_and_only_staff_when_it_has_room(at: str) -> None:
    assert shown(rows(at=at)) == {
        "taxonomy_terms": ["everybody"],
        "organizations": ["everybody"],
        "locations": ["nobody"],
        "services": ["everybody"],
        "service_at_location": ["nobody"],
        "contacts": ["staff"],
        "attributes": ["nobody"] if at == "place" else ["everybody"],
        "addresses": ["nobody"],
        "schedules": ["staff"],
        "service_capacity": ["staff"],
        "service_areas": ["staff"],
        "phones": ["everybody", "staff", "nobody"],
        "metadata": ["staff", "nobody", "staff"],
    }


@pytest.mark.parametrize("named", ["words", "row", "neither"])
def test_a_term_names_its_taxonomy_in_words_or_by_its_row_and_another_is_no_tag(named: str) -> None:
    of = rows()
    of["taxonomies"] = {"t": {"id": "t", "name": "no-wrong-door"}, "o": {"id": "o", "name": "else"}}
    term: Row = {"words": {"taxonomy": "no-wrong-door"}, "row": {"taxonomy_id": "t"}, "neither": {"taxonomy_id": "o"}}[
        named
    ]
    of["taxonomy_terms"][IDS["term"]] = {"id": IDS["term"], "code": "hidden", **term}
    assert shown(of)["addresses"] == ["everybody" if named == "neither" else "nobody"]


@pytest.mark.parametrize(("link", "shown_to"), [("none", "nobody"), ("other", "everybody")])
def test_a_place_of_whoever_has_a_hidden_service_may_be_that_services_unless_it_is_anothers(
    link: str, shown_to: str
) -> None:
    of = rows()
    of["service_at_location"] = {}
    if link == "other":
        office = str(uuid.uuid5(uuid.NAMESPACE_DNS, "office"))
        of["services"][office] = {"id": office, "organization_id": IDS["org"], "name": "Office"}
        of["service_at_location"]["x"] = {"id": "x", "service_id": office, "location_id": IDS["house"]}
    held = shown(of)
    assert held["locations"] == held["addresses"] == [shown_to]


def test_of_one_that_is_not_hidden_everything_is_shown() -> None:
    held = shown(rows(at="nobody"))
    held["metadata"].pop()  # of what nobody knows
    assert {each for values in held.values() for each in values} == {"everybody"}


def test_each_row_belongs_to_a_service_a_place_or_an_organization() -> None:
    read = directory.Directory(rows())
    roots = {key: settled.root for key, settled in read.settled()}
    assert set(roots.values()) - set(IDS.values()) == {
        roots[key] for key in roots if key[0] == "metadata" and roots[key] == key[1]
    }
    assert {roots[key] for key in roots if key[0] == "phones"} == {IDS["beds"]}
    assert {roots[key] for key in roots if key[0] == "addresses"} == {IDS["house"]}


@pytest.mark.parametrize(
    ("table", "key", "field"),
    [("services", "beds", "description"), ("organizations", "org", "description"), ("services", "beds", "email")],
)
@pytest.mark.parametrize("words", [f"Come to {STREET.upper()}!", "in elko", "89801"])
def test_words_that_hold_a_part_of_its_address_are_kept_from_everybody_outside_and_named(
    table: str, key: str, field: str, words: str
) -> None:
    of = rows()
    of[table][IDS[key]] = {**of[table][IDS[key]], field: words}
    read = directory.Directory(of)
    settled = dict(read.settled())
    assert settled[table, IDS[key]].shown is Shown.STAFF
    (leak,) = read.leaks
    assert f"“{field}” holds a part of the address of a hidden place" in leak
    assert STREET.casefold() not in leak.casefold()


@pytest.mark.parametrize(
    ("areas", "is_shown"),
    [
        ([("state", "NV", {})], True),
        ([("country", "", {})], True),
        ([("county", "Lander County, NV", {}), ("county", "Eureka County, NV", {})], True),
        ([("county", "Elko County, NV", {}), ("county", "Elko County, NV", {})], False),
        ([("county", "Elko County, NV", {})], False),
        ([("state", "Elko County, NV", {})], False),
        ([("state", "NV", {"description": "the north-east of it"})], False),
        ([("state", "NV", {"name": "Around the mine"})], False),
        ([("state", "NV", {"uri": "https://example.org/area.geojson"})], False),
        ([("geojson", "{}", {})], False),
    ],
)
def test_an_area_that_says_more_than_the_state_or_several_counties_is_for_staff(
    areas: list[tuple[str, str, Row]], *, is_shown: bool
) -> None:
    of = rows()
    of["service_areas"] = {
        str(number): {"id": str(number), "service_id": IDS["beds"], "extent_type": kind, "extent": extent, **more}
        for number, (kind, extent, more) in enumerate(areas)
    }
    held = shown(of)["service_areas"]
    assert held == ["everybody" if is_shown else "staff"] * len(areas)


TOWN = "Zanzibar"


@settings(max_examples=150)
@given(anything(), st.data())
def test_nobody_outside_reads_a_word_of_the_address_whatever_else_stands_in_the_directory(
    of: package.Rows, data: st.DataObject
) -> None:
    """Each text of any row may hold it; what is then shown to everybody, of what is hidden, never does."""
    held = {name: {row_id: dict(row) for row_id, row in table.items()} for name, table in of.items()}
    for name, table in rows(at=data.draw(st.sampled_from(["service", "place", "organization"]))).items():
        held.setdefault(name, {}).update({row_id: dict(row) for row_id, row in table.items()})
    for row in held["addresses"].values():
        row["city"] = TOWN
    texts = [
        (row, field) for table in held.values() for row in table.values() for field in row if field == "description"
    ]
    for row, field in texts:
        if data.draw(st.booleans()):
            row[field] = f"near {TOWN.lower()}"
    read = directory.Directory(held)
    for (name, row_id), settled in read.settled():
        row = held[name][row_id]
        if settled.root in read.hidden:
            is_told = TOWN.lower() in str(row).casefold()
            assert (settled.shown, is_told) != (Shown.EVERYBODY, True)
        if name == "addresses" and row.get("location_id") in read.hidden:
            assert settled.shown is Shown.NOBODY
