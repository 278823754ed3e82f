"""The made-up language shows what could be translated by nobody: on a page, in a page's pieces, and at a terminal."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest
from django.test import Client

from tests.languages import pseudo, reading, speaking


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return pseudo.country(tmp_path_factory.mktemp("country") / "us")


@pytest.fixture
def made_up(folder: pathlib.Path) -> Iterator[None]:
    """The country's pages are offered in the made-up language too."""
    with speaking.made_up(folder):
        yield


@pytest.mark.django_db
def test_a_page_is_shown_in_the_made_up_language(made_up: None) -> None:
    answer = Client().get("/language", headers={"accept-language": pseudo.CODE})
    page = answer.content.decode()
    assert pseudo.said("Language") in page
    assert list(reading.untranslated(page, reading.without(speaking.names()))) == []


def test_what_is_not_in_it_is_found() -> None:
    """The test of the test."""
    text = (
        f'<html lang="{pseudo.CODE}"><p title="Left">⟦Sáíd⟧ left <bdi>Zuzana</bdi> <i lang="en">18 USC</i></p></html>'
    )
    assert list(reading.untranslated(text)) == ["Left", "⟦Sáíd⟧ left"]


def test_a_piece_of_english_put_into_a_sentence_is_found_and_a_name_is_none() -> None:
    text = f'<html lang="{pseudo.CODE}"><p>⟦Ášk Coast Guard ñóv, K7QM-2XWD-94HT⟧</p><p>⟦Ášk state law ñóv⟧</p></html>'
    assert list(reading.untranslated(text, reading.without({"Coast Guard"}))) == ["⟦Ášk state law ñóv⟧"]


def test_what_a_spanish_page_says_in_english_is_found() -> None:
    text = '<html lang="es-us"><p>Left</p><p lang="en">Left</p><p>Salió</p></html>'
    assert list(reading.in_english(text, "es-us", {"Left": "Salió"})) == ["Left"]


def test_a_sentence_keeps_what_is_put_into_it() -> None:
    said = pseudo.said(" %(count)s of {name} <b>left</b>\n")
    assert said.startswith(" ⟦%(count)s óf {name} <b>léft</b>")
    assert len(said) > 1.3 * len(" %(count)s of {name} <b>left</b>\n")
