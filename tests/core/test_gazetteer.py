"""A town, a county or a ZIP code leads to its district where the country's file names it, else to a question."""

from __future__ import annotations

import pytest

from nowrongdoor.core import entries, gazetteer, places
from tests import claims


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("33033", ["FL-S"]),  # Homestead: Miami-Dade, which 28 USC 89(c) calls Dade
        ("33033-1234", ["FL-S"]),
        ("Immokalee", ["FL-M"]),
        ("immokalee, fl", ["FL-M"]),
        ("Miami-Dade County", ["FL-S"]),
        ("90210", ["CA-C"]),
        ("Fresno, CA", ["CA-E"]),  # by none of the counties that are named: every other one
        ("Elko, NV", ["NV"]),  # a State that is one district
        ("Albany, NY", ["NY-N", "NY-S", "NY-E", "NY-W"]),  # a county that the file does not name is asked about
        ("60601", ["IL-N", "IL-C", "IL-S"]),  # and a State that it does not name
        ("00000", []),
        ("Nowhere at all", []),
        ("", []),
    ],
)
def test_what_is_typed_leads_to_the_places_it_can_be(typed: str, codes: list[str]) -> None:
    assert [code for each in gazetteer.find(typed) for code in each.codes] == codes


def test_a_town_of_many_states_gives_them_all_and_a_county_is_shown_by_its_name() -> None:
    assert len(gazetteer.find("Springfield")) == gazetteer.MOST
    (county,) = gazetteer.find("Miami-Dade County")
    assert (county.name, county.law and county.law.citation) == ("Miami-Dade County", "28 USC 89")


def test_every_county_of_the_file_is_in_the_gazetteer_and_in_its_state() -> None:
    counties = gazetteer.installed()
    assert counties
    known = {(row.state, gazetteer._key(row.county)) for rows in gazetteer._by_name().values() for row in rows}
    missing = {county for county in counties.districts if county not in known}
    assert missing <= {("FL", "dade"), ("FL", "de soto"), ("FL", "desoto")}, "as the law writes two of them"
    assert claims.every(code in places.names() for code in counties.districts.values())


def test_a_district_that_the_country_does_not_have_is_refused() -> None:
    wrong = '[[state.district]]\ncode = "Q"\ncounties = ["Kings"]\n'
    text = f'version = "1"\n[[state]]\ncode = "NY"\ncitation = "28 USC 112"\nevidence = "unverified"\n{wrong}'
    with pytest.raises(entries.Unreadable, match=r"counties.toml"):
        gazetteer.read(text)
    assert gazetteer.read(text.replace('"Q"', '"E"')).districts == {("NY", "kings"): "NY-E"}
