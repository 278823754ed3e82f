"""Which country an installation is for: said once, when it is made, and kept in its folder; and `nwd country`, which
looks a country's folder over before anybody relies on it, and says how far its languages are.

The promise: no process serves one country's pages over another country's cases. The database holds the code of its
country, one for good, and whoever starts with another is refused here, before the first page.
"""

from __future__ import annotations

import os
import pathlib

import click

from nowrongdoor import jurisdictions
from nowrongdoor.core import country as countries
from nowrongdoor.core import country_files, country_words, language, public_words, reviews
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import reading
from nowrongdoor.operating import folder


class Unfit(ValueError):
    """A country's folder does not fit together; each problem names the file and what to write."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join([_("This country cannot be used yet."), *(f"  - {each}" for each in problems)]))


class AnotherCountry(RuntimeError):
    """The database is another country's."""

    def __init__(self, held: str, chosen: countries.Country) -> None:
        super().__init__(
            _(
                "The cases of this database are those of another country: it was made for "
                "%(held)s, and %(variable)s names %(code)s (%(folder)s). Name the folder of "
                "%(held)s, or make an installation of its own for %(name)s, with another NWD_VAR "
                "and database."
            )
            % {
                "held": held,
                "variable": jurisdictions.VARIABLE,
                "code": chosen.code,
                "folder": jurisdictions.folder(),
                "name": chosen.name,
            }
        )


def refuse_another(held: str) -> None:
    """Refuse to go on while the database is another country's, which it holds by its code; else remember which one is
    named, so that it has to be said once. AnotherCountry."""
    chosen = countries.installed()
    if held != chosen.code:
        raise AnotherCountry(held, chosen)
    named = jurisdictions.named()
    wanted = named if named in jurisdictions.shipped() else str(jurisdictions.folder())
    kept = folder.var() / folder.COUNTRY
    if not kept.is_file() or kept.read_text(encoding="utf-8").strip() != wanted:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(f"{wanted}\n", encoding="utf-8")


def refuse_unfit() -> None:
    """Refuse a country whose files do not fit together. Unfit."""
    named = jurisdictions.folder()
    strays = [each.words for each in reading.strays(named)] if isinstance(named, pathlib.Path) else []
    if problems := [*strays, *country_files.problems(jurisdictions.text)]:
        raise Unfit(problems)


@click.group(name="country")
def country() -> None:
    """The country that an installation is for."""


@country.command("check")
@click.argument("path", required=False, type=click.Path(exists=True, file_okay=False, path_type=pathlib.Path))
def check(path: pathlib.Path | None) -> None:
    """Check a country’s folder: every file can be read, and what one names is in another. Exits 1 if not.

    PATH is the folder; without it, the country that this installation is for.
    """
    if path is not None:
        os.environ[jurisdictions.VARIABLE] = str(path.resolve())
    try:
        refuse_unfit()
    except Unfit as error:
        raise click.ClickException(str(error)) from None
    chosen = countries.installed()
    click.echo(
        _("%(name)s (%(code)s): every file reads, and what one names stands in another.")
        % {"name": chosen.name, "code": chosen.code}
    )


@country.command("languages")
@click.argument("code", required=False)
def languages(code: str | None) -> None:
    """List the languages of public pages: how many sentences each has and lacks, and who has reviewed them.

    With CODE, write what a reader of that language needs: every sentence about safety with its translation, as the
    file that they sign.
    """
    chosen = countries.installed()
    known = (*chosen.languages, *chosen.public_languages)
    if code is not None:
        if code not in known:
            raise click.BadParameter(_("choose one of %(codes)s") % {"codes": ", ".join(known)}, param_hint="CODE")
        click.echo(f"# {reviews.file_of(code)}\n{reviews.written(code)}", nl=False)
        return
    offered = country_words.offered_to_public()
    for each in known:
        click.echo(f"{each}  {language.name_of(each)}: {_state(each, is_offered=each in offered)}")


def _state(code: str, *, is_offered: bool) -> str:
    """Say how far a language is."""
    theirs = [key for key, words in country_words.originals().items() if words and country_words.is_public(key)]
    count = len(public_words.sentences()) + len(theirs)
    is_first = code.partition("-")[0] == countries.installed().language
    lacking = len(public_words.missing(code)) + (0 if is_first else len(country_words.missing_for_public(code)))
    counted = _("%(count)s sentences, %(missing)s missing") % {"count": count, "missing": lacking}
    offered = _("offered") if is_offered else _("not offered")
    return f"{counted}; {offered}; {_review(code)}"


def _review(code: str) -> str:
    """Say who has reviewed a language."""
    review = reviews.of(code)
    if reviews.is_original(code):
        return _("the originals")
    if review is None:
        return _("reviewed by nobody")
    values = {"reviewer": review.reviewer, "day": review.reviewed_on, "count": len(reviews.unreviewed(code))}
    if reviews.is_reviewed(code):
        return _("reviewed by %(reviewer)s on %(day)s") % values
    return _("reviewed by %(reviewer)s on %(day)s; %(count)s sentences about safety changed since") % values
