"""Pages in a language that nobody speaks: what is not in it could be translated by nobody.

With NWD_UNTRANSLATED=<file> the words that pages say in English are written there, page by page.
"""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils.translation import trans_real

from nowrongdoor import jurisdictions
from nowrongdoor.access import viewers
from nowrongdoor.agencies.models import User
from nowrongdoor.core import calls, country, country_words, disclosure_grounds, language, places
from nowrongdoor.core.mandates import table
from nowrongdoor.core.triage import answers, elements
from tests import signing_in
from tests.languages import pseudo, reading
from tests.leads import stories

KEPT = (
    *(jurisdictions.text, language._catalog, country_words.originals, country_words.by_id, country_words._by_original),
    *(country.installed, places.installed, calls.installed, disclosure_grounds.installed, elements.installed),
    *(answers.elements, table.shipped),
)
# What a page may say in every language: names.
NAMES = {"No Wrong Door", "Español", "English", pseudo.CODE}


def _forget() -> None:
    for each in KEPT:
        each.cache_clear()
    trans_real._translations.clear()  # type: ignore[attr-defined]  # Django's own cache of catalogs


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return pseudo.country(tmp_path_factory.mktemp("country") / "us")


@pytest.fixture
def made_up(folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The country's pages are offered in the made-up language too."""
    monkeypatch.setenv(jurisdictions.VARIABLE, str(folder))
    _forget()
    languages = [*settings.LANGUAGES, (pseudo.CODE, pseudo.CODE)]
    with override_settings(LANGUAGES=languages, LOCALE_PATHS=language.folders()):
        yield
    monkeypatch.undo()
    _forget()


def page(client: Client, path: str) -> str:
    answer = client.get(path, headers={"accept-language": pseudo.CODE})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.django_db
def test_the_page_of_languages_says_nothing_untranslated(made_up: None) -> None:
    main = page(Client(), "/language").partition("<main")[2].partition("</main>")[0]
    said = list(reading.untranslated(f'<div lang="{pseudo.CODE}"><main{main}</main></div>'))
    assert set(said) - NAMES == set()
    assert pseudo.said("Language") in main


@pytest.mark.django_db
def test_every_page_with_its_own_address_is_read_in_the_made_up_language(made_up: None) -> None:
    stories.case({**stories.FORCED_LABOR, "age": "under_18"})
    found: dict[str, list[str]] = {}
    for role, paths in (
        (
            viewers.Role.COORDINATOR,
            ("/worklist", "/signals/new", "/cases", "/mandates/what-if", "/mandates", "/roles", "/language"),
        ),
        (viewers.Role.ADMINISTRATOR, ("/staff", "/routing")),
        (viewers.Role.INSPECTOR, ("/trail",)),
        (viewers.Role.ANALYST, ("/prevalence", "/prevalence/new")),
    ):
        stories.person("HSI", role)
        client = Client()
        signing_in.passed(client, User.objects.get(full_name="Pat of HSI", role=role.value))
        for path in paths:
            found[path] = sorted(set(reading.untranslated(page(client, path))) - NAMES)
    if listed := os.environ.get("NWD_UNTRANSLATED"):
        lines = [f"{path}\t{words}" for path, said in found.items() for words in said]
        pathlib.Path(listed).write_text("\n".join(lines) + "\n", encoding="utf-8")
    # What the code and the country say is translated; the templates' own words are counted in awaited.toml.
    roles = found["/roles"]
    assert not [
        words for words in roles for record in viewers.RECORDS.values() if str.__str__(record.sentence) in words
    ]
    questions = [each.question for each in table.shipped().vocabulary.attributes]
    assert not [words for words in found["/signals/new"] if words in questions]


def test_what_is_not_in_brackets_is_found() -> None:
    """The test of the test."""
    text = (
        f'<html lang="{pseudo.CODE}"><p title="Left">⟦Sáíd⟧ left <bdi>Zuzana</bdi> <i lang="en">18 USC</i></p></html>'
    )
    assert list(reading.untranslated(text)) == ["Left", "⟦Sáíd⟧ left"]


def test_a_sentence_keeps_what_is_put_into_it() -> None:
    said = pseudo.said(" %(count)s of {name} <b>left</b>\n")
    assert said.startswith(" ⟦%(count)s óf {name} <b>léft</b>")
    assert len(said) > 1.3 * len(" %(count)s of {name} <b>left</b>\n")
