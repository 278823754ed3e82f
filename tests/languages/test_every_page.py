"""Every page of the demonstration in two languages: nothing on it is left in English, and a run of another language
says which.

In the made-up language whatever could not be translated shows; in Spanish, whatever has a translation and is not said.
With NWD_UNTRANSLATED=<file> the words are written there, page by page.
"""

from __future__ import annotations

import pathlib

import pytest
from django.test import override_settings
from front import catalogs

from nowrongdoor.core import country_words, language
from tests.journeys import furnishing
from tests.languages import pseudo, reading, speaking, walking


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return pseudo.country(tmp_path_factory.mktemp("country") / "us")


@pytest.fixture
def house(db: None) -> furnishing.House:
    return furnishing.furnish()


def left(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """What was found, each words once, by the first page that says them."""
    seen: set[str] = set()
    kept: dict[str, list[str]] = {}
    for place, said in found.items():
        new = [words for words in dict.fromkeys(said) if words not in seen]
        seen.update(new)
        if new:
            kept[place] = new
    return kept


@pytest.mark.django_db
def test_every_page_is_in_the_made_up_language(folder: pathlib.Path, house: furnishing.House) -> None:
    with override_settings(DEBUG=False), speaking.made_up(folder):
        names = reading.without(speaking.names() | walking.WRITTEN)
        found = {place: list(reading.untranslated(page, names)) for place, page in walking.pages(house, pseudo.CODE)}
    assert len(found) > 100
    speaking.listed(left(found))
    assert left(found) == {}


@pytest.mark.django_db
def test_every_page_is_in_spanish(house: furnishing.House) -> None:
    [file] = catalogs.files()
    translations = {str(each.id): str(each.string) for each in catalogs.read(file) if isinstance(each.id, str)}
    with language.speaking("es-us"):
        translations |= {text: country_words.worded(text) for text in country_words.originals().values() if text}
    found = {
        place: list(reading.in_english(page, "es-us", translations))
        for place, page in walking.pages(house, "es", walking.BETWEEN_THEM)
    }
    assert len(found) > 100
    speaking.listed(left(found))
    assert left(found) == {}
