"""The country's pages in one language more: a made-up one, or Spanish."""

from __future__ import annotations

import contextlib
import os
import pathlib
import zoneinfo
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils.translation import trans_real

from nowrongdoor import jurisdictions
from nowrongdoor.agencies.models import Agency, Invitation, Token, User
from nowrongdoor.core import (
    calls,
    country,
    country_words,
    disclosure_grounds,
    doors,
    language,
    official,
    places,
    public_help,
    public_words,
    reviews,
    schedules,
)
from nowrongdoor.core.mandates import table
from nowrongdoor.core.triage import answers, elements
from tests.languages import pseudo

KEPT = (
    *(jurisdictions.text, language._catalog, country_words.originals, country_words.by_id, country_words._by_original),
    *(country.installed, places.installed, calls.installed, disclosure_grounds.installed, elements.installed),
    *(answers.elements, table.shipped, official.installed, public_help.installed, public_words.is_whole),
    *(country_words.offered_to_public, country_words._about_safety, reviews.of, reviews.pairs, reviews.is_reviewed),
)
# What a page may say in every language: names of products, of formats, and of languages in themselves.
NAMES = {"No Wrong Door", *language.NAMES.values(), pseudo.CODE, "PDF", "HTML", "CSV", "JSON", "HTCDS", "CUI", "TTY"}


def forget() -> None:
    """Read the country and the catalogs again."""
    for each in KEPT:
        each.cache_clear()
    trans_real._translations.clear()  # type: ignore[attr-defined]  # Django's own cache of catalogs


def folders() -> tuple[pathlib.Path, ...]:
    """The folders of catalogs, as the settings name them."""
    return (*language.folders(), *language.public_folders())


@contextlib.contextmanager
def installed(folder: pathlib.Path) -> Iterator[None]:
    """Another country's folder, with the languages that it offers on public pages."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(jurisdictions.VARIABLE, str(folder))
        forget()
        public = [(code, language.name_of(code)) for code in country_words.offered_to_public()]
        with override_settings(PUBLIC_LANGUAGES=public, LOCALE_PATHS=folders()):
            yield
    forget()


@contextlib.contextmanager
def made_up(folder: pathlib.Path) -> Iterator[None]:
    """Offer the country's pages in the made-up language too."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(jurisdictions.VARIABLE, str(folder))
        forget()
        languages = [*settings.LANGUAGES, (pseudo.CODE, pseudo.CODE)]
        public = [*settings.PUBLIC_LANGUAGES, (pseudo.CODE, pseudo.CODE)]
        with override_settings(LANGUAGES=languages, PUBLIC_LANGUAGES=public, LOCALE_PATHS=folders()):
            yield
    forget()


def names() -> set[str]:
    """What stays as it is in every language: names of agencies, places, laws, people and time zones."""
    content = table.shipped()
    zones = {zone.tzname(None) or "" for zone in places.installed().zones.values()}
    zones = {"EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "AKST", "HST", "AST", "ChST", "UTC"} | zones
    kept = NAMES | zones | set(content.agencies) | laws(content) | {content.name}
    kept |= {rule.id for rule in content.rules}
    for name in zoneinfo.available_timezones():
        kept |= {name, name.replace("_", " ")}
    for agency in Agency.objects.all():
        kept |= {agency.name, agency.code, agency.department}
    for person in User.objects.all():
        kept |= {person.name, person.full_name}
    for invited in Invitation.objects.all():
        kept |= {invited.name, invited.full_name}
    kept |= {token.label for token in Token.objects.all()} | {line.name for line in public_help.installed().lines}
    if pictures := public_help.installed().pictures:
        kept |= {pictures.name, pictures.site}
    kept |= set(places.installed().states.values())
    codes = {door.code for door in doors.installed().each}
    return kept | codes | {f"testserver/d/{code}" for code in codes}


def listed(found: dict[str, list[str]]) -> None:
    """Write down what was found, page by page, where NWD_UNTRANSLATED names a file."""
    if file := os.environ.get("NWD_UNTRANSLATED"):
        lines = [f"{path}\t{words}" for path, said in found.items() for words in said]
        with pathlib.Path(file).open("a", encoding="utf-8") as opened:
            opened.writelines(f"{line}\n" for line in lines)


def laws(content: table.Table) -> set[str]:
    """The laws that a table, and what comes along with it, rests on: they are cited in English everywhere."""
    kept = {rule.law.citation for rule in content.rules}
    kept |= {clock.law.citation for clock in content.clocks} | {gate.law.citation for gate in content.gates}
    kept |= {each.law.citation for each in content.vocabulary.impossible} | {each.source for each in content.left_out}
    kept |= {each.citation for each in disclosure_grounds.installed().law.values()}
    kept |= {disclosure_grounds.installed().notice.citation, disclosure_grounds.installed().consent}
    kept |= {str.__str__(each.citation) for each in schedules.installed().values()}
    return kept | {instrument.source for instrument in elements.installed().each}
