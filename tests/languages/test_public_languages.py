"""Public pages are offered in a language only when its catalog is whole, and say what is about safety only as somebody
reviewed it."""

from __future__ import annotations

import contextlib
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest
from babel.messages import catalog, pofile
from click.testing import CliRunner
from django.template import base
from django.test import Client, override_settings
from django.utils import translation
from front import catalogs

import nowrongdoor
from nowrongdoor import jurisdictions
from nowrongdoor.core import country, country_words, language, public_words, reviews
from nowrongdoor.operating import country as commands
from tests.languages import pseudo, reading, speaking

FILES = catalogs.public_files()
TEMPLATES = sorted((pathlib.Path(nowrongdoor.__file__).parent / "templates").rglob("*.html"))
PAGES = ("/", "/about", "/accessibility", "/privacy", "/nowhere")


# --- the catalogs ---


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parents[1].name)
def test_the_committed_catalog_has_what_public_pages_say_and_no_more(file: pathlib.Path) -> None:
    assert catalogs.updated(file) == file.read_bytes(), "run make catalogs, and translate what is new"


def test_the_list_of_sentences_is_that_of_today() -> None:
    assert list(public_words.sentences()) == catalogs.wanted(), "run make front"


@pytest.mark.parametrize("code", country.installed().public_languages)
def test_each_language_says_every_sentence_of_public_pages(code: str) -> None:
    assert [each.one for each in public_words.missing(code)] == []
    assert country_words.missing_for_public(code) == []


def test_ten_languages_are_offered_to_the_public_and_two_to_staff() -> None:
    assert country.installed().offered == ("en-us", "es-us")
    assert len(country_words.offered_to_public()) == 10


@pytest.mark.django_db
def test_every_sentence_of_public_pages_is_in_their_list(tmp_path: pathlib.Path) -> None:
    """A catalog that holds the listed sentences alone leaves nothing in English."""
    folder = pseudo.public_country(tmp_path / "us", pseudo.public())
    with speaking.installed(folder), override_settings(DEMONSTRATION=True):
        names = reading.without(speaking.names())
        visitor = Client(headers={"accept-language": pseudo.CODE})
        found = {path: list(reading.untranslated(visitor.get(path).content.decode(), names)) for path in PAGES}
    assert found == {path: [] for path in PAGES}


TEXT = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "One"
msgstr "Eins"

msgctxt "safety"
msgid "%(name)s here"
msgstr "%(name)s hier"

msgid "%(n)d day"
msgid_plural "%(n)d days"
msgstr[0] "Ein Tag"
msgstr[1] "%(n)d Tage"
"""
WANTED = (
    public_words.Sentence("One"),
    public_words.Sentence("%(name)s here", context="safety"),
    public_words.Sentence("%(n)d day", "%(n)d days"),
)
LACKING = {
    "a sentence": ('msgid "One"\nmsgstr "Eins"', ""),
    "its words": ('msgstr "Eins"', 'msgstr ""'),
    "certainty": ('msgid "One"', '#, fuzzy\nmsgid "One"'),
    "a form of a plural": ('msgstr[1] "%(n)d Tage"', 'msgstr[1] ""'),
    "a place": ("%(name)s hier", "hier"),
    "the name of a place": ("%(name)s hier", "%(nahme)s hier"),
    "a place in a plural": ("%(n)d Tage", "Tage"),
    "the context": ('msgctxt "safety"\n', ""),
}


def lacking(text: str, folder: pathlib.Path, environment: pytest.MonkeyPatch) -> list[str]:
    """What a country's own catalog of public pages lacks, compiled as for the pages."""
    place = folder / "locale" / language.PUBLIC / "de" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "django.po").write_text(text, encoding="utf-8")
    with (place / "django.po").open("rb") as opened:
        (place / "django.mo").write_bytes(catalogs.compiled(pofile.read_po(opened)))
    environment.setenv(jurisdictions.VARIABLE, str(folder))
    return [each.one for each in public_words.faults(public_words.said_in("de"), WANTED)]


@pytest.mark.parametrize("what", LACKING)
def test_a_catalog_that_lacks_something_is_not_whole(
    what: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, wrong = LACKING[what]
    assert right in TEXT
    assert lacking(TEXT, tmp_path / "whole", monkeypatch) == []
    assert len(lacking(TEXT.replace(right, wrong), tmp_path / "lacking", monkeypatch)) == 1


@pytest.mark.parametrize(
    ("rule", "count", "forms", "fills"),
    [
        ("n != 1", 2, ("a day", "%(n)d days"), True),  # the first form is said of one alone
        ("n > 1", 2, ("a day", "%(n)d days"), False),  # of none too
        ("0", 1, ("days",), False),
        ("0", 1, ("%(n)d days",), True),
        ("n%10==1 && n%100!=11 ? 0 : 1", 2, ("a day", "%(n)d days"), False),  # of 21 too
        ("n==1 ? 0 : n==2 ? 1 : 2", 3, ("a day", "two days", "%(n)d days"), True),
        ("n==1 ? 0 : n==2 ? 1 : 2", 3, ("a day", "%(n)d days"), False),
    ],
)
def test_only_a_form_that_is_said_of_one_number_may_leave_it_out(
    rule: str, count: int, forms: tuple[str, ...], *, fills: bool
) -> None:
    assert public_words.fills(public_words.Sentence("%(n)d day", "%(n)d days"), forms, count, rule) is fills


def test_a_language_that_lacks_a_sentence_is_not_offered_and_the_command_counts_it(tmp_path: pathlib.Path) -> None:
    less = pseudo.public()
    less.delete("Home")
    for name, kept, said in (
        ("whole", pseudo.public(), "0 missing; offered"),
        ("less", less, "1 missing; not offered"),
    ):
        with speaking.installed(pseudo.public_country(tmp_path / name, kept)):
            assert (pseudo.CODE in country_words.offered_to_public()) is (name == "whole")
            lines = CliRunner().invoke(commands.country, ["languages"]).output.splitlines()
            assert [said in each for each in lines if each.startswith(pseudo.CODE)] == [True]


def test_a_language_that_lacks_words_of_the_country_is_not_offered(tmp_path: pathlib.Path) -> None:
    folder = pseudo.public_country(tmp_path / "us", pseudo.public())
    with speaking.installed(folder):
        assert pseudo.CODE in country_words.offered_to_public()
    words = folder / "words" / f"{pseudo.CODE}.toml"
    lines = [each for each in words.read_text(encoding="utf-8").splitlines() if '"crisis"."who"' not in each]
    words.write_text("\n".join(lines), encoding="utf-8")
    with speaking.installed(folder):
        assert pseudo.CODE not in country_words.offered_to_public()


def test_a_catalog_that_lacks_something_is_named_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(catalogs.left_out()) == []
    wanted = (*public_words.sentences(), public_words.Sentence("Nobody says this"))
    monkeypatch.setattr(public_words, "sentences", lambda: wanted)
    said = list(catalogs.left_out())
    assert len(said) == len(FILES) == 8
    assert "NOT OFFERED: ar lacks 1 of" in said[0]
    assert "Nobody says this" in said[0]


# --- the words about safety ---


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: "/".join(file.parts[-2:]))
def test_a_sentence_about_safety_stands_where_it_can_be_said_in_another_language(template: pathlib.Path) -> None:
    assert misplaced(template.read_text(encoding="utf-8")) == []


def misplaced(text: str) -> list[str]:
    """The sentences with the context "safety" that no `{% safety %}` holds, and those in one without the context."""
    depth, wrong = 0, []
    for token in base.Lexer(text).tokenize():
        if token.token_type is not base.TokenType.BLOCK:
            continue
        name = token.contents.split()[0]
        depth += {"safety": 1, "endsafety": -1}.get(name, 0)
        is_marked = re.search(r'context "safety[":]', token.contents) is not None
        if name in ("translate", "blocktranslate") and is_marked != (depth > 0):
            wrong.append(token.contents)
    return wrong


def test_a_sentence_in_the_wrong_place_is_found() -> None:
    """The test of the test."""
    inside, outside = '{% translate "A" %}', '{% translate "B" context "safety" %}'
    right = '{% safety %}{% translate "C" context "safety: button" %}{% endsafety %}{% translate "D" %}'
    assert misplaced(f"{{% safety %}}{inside}{{% endsafety %}}{outside}{right}") == [
        'translate "A"',
        'translate "B" context "safety"',
    ]


def reviewed(folder: pathlib.Path, code: str, *, left_out: int = 0) -> pathlib.Path:
    """A copy of the country with the review of a language as its reader signs it; so many sentences were wrong."""
    shutil.copytree(pathlib.Path(str(jurisdictions.folder())), folder)
    text = CliRunner().invoke(commands.country, ["languages", code]).output
    text = text.replace('version = ""', 'version = "1"').replace('reviewer = ""', 'reviewer = "R. Reader"')
    text = text.replace("reviewed_on =", "reviewed_on = 2026-12-01")
    text = re.sub(r'^  "[0-9a-f]{64}",\n', "", text, count=left_out, flags=re.MULTILINE) if left_out else text
    (folder / reviews.FOLDER).mkdir()
    (folder / reviews.file_of(code)).write_text(text, encoding="utf-8")
    return folder


@contextlib.contextmanager
def visiting(folder: pathlib.Path) -> Iterator[Client]:
    with speaking.installed(folder):
        yield Client(headers={"accept-language": "vi"})


def in_vietnamese(words: str) -> str:
    with translation.override("vi"):
        return translation.pgettext("safety", words)


DANGER = "Are you in danger now?"
NOBODY = (
    "Nobody has reviewed this translation yet. If anything is unclear, call %(telephone)s and ask for an interpreter."
)


def banner() -> str:
    with translation.override("vi"):
        return translation.gettext(NOBODY).partition("%")[0]


def test_nobody_claims_a_review_of_what_comes_along() -> None:
    assert not jurisdictions.folder().joinpath(reviews.FOLDER).is_dir()
    assert reviews.is_reviewed("en-us")
    assert [code for code in country_words.offered_to_public() if reviews.is_reviewed(code)] == ["en-us"]


@pytest.mark.django_db
def test_without_a_review_what_is_about_safety_is_said_in_the_first_language_and_marked_so() -> None:
    page = Client(headers={"accept-language": "vi"}).get("/").content.decode()
    assert banner() in page
    assert '<html lang="vi" dir="ltr">' in page
    runs = {run.words: run.language for run in reading.runs(page)}
    assert runs[DANGER] == "en-us"
    assert runs["Call 911"] == "en-us"
    assert runs["If a child is missing, or sexual pictures of a child are shared"] == "en-us"  # the country's own words
    assert in_vietnamese(DANGER) not in page
    assert in_vietnamese(DANGER) != DANGER
    with translation.override("vi"):
        assert runs[translation.gettext("Do you need help?")] == "vi"


@pytest.mark.django_db
@override_settings(DEMONSTRATION=True)
def test_a_demonstration_says_all_of_it_and_that_nobody_has_reviewed_it() -> None:
    page = Client(headers={"accept-language": "vi"}).get("/").content.decode()
    assert banner() in page
    assert in_vietnamese(DANGER) in page
    assert DANGER not in page


@pytest.mark.django_db
def test_with_a_review_it_is_said_in_the_language_and_without_a_banner(tmp_path: pathlib.Path) -> None:
    with visiting(reviewed(tmp_path / "us", "vi")) as visitor:
        page = visitor.get("/").content.decode()
        assert banner() not in page
        assert in_vietnamese(DANGER) in page
        assert DANGER not in page
        output = CliRunner().invoke(commands.country, ["languages"]).output
        assert "reviewed by R. Reader on 2026-12-01\n" in output
        other = Client(headers={"accept-language": "ko"}).get("/").content.decode()
    assert DANGER in other  # a review of one language says nothing of another


@pytest.mark.django_db
def test_a_sentence_that_the_reader_left_out_keeps_the_language_unreviewed(tmp_path: pathlib.Path) -> None:
    with visiting(reviewed(tmp_path / "us", "vi", left_out=1)) as visitor:
        assert len(reviews.unreviewed("vi")) == 1
        page = visitor.get("/").content.decode()
    assert banner() in page
    assert DANGER in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("words/vi.toml", None, "Xin gọi"),  # the translation of the country's words
        ("public.toml", "If you think about hurting", "If you consider hurting"),  # their original
    ],
)
def test_a_word_that_changes_ends_its_review(tmp_path: pathlib.Path, file: str, old: str | None, new: str) -> None:
    folder = reviewed(tmp_path / "us", "vi")
    with visiting(folder):
        assert reviews.is_reviewed("vi")
        old = old or country_words.by_id("vi")["public.child.who"]
    changed = folder / file
    assert old in changed.read_text(encoding="utf-8")
    changed.write_text(changed.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with visiting(folder) as visitor:
        assert len(reviews.unreviewed("vi")) == 1
        assert DANGER in visitor.get("/").content.decode()
        assert "1 sentences about safety changed since" in CliRunner().invoke(commands.country, ["languages"]).output


def test_a_translation_of_ours_that_changes_ends_its_review(tmp_path: pathlib.Path) -> None:
    kept = catalogs.read(next(each for each in FILES if each.parents[1].name == "vi"))
    folder = reviewed(tmp_path / "us", "vi")
    with visiting(putting(kept, folder)):
        assert reviews.is_reviewed("vi")
    message = kept.get(DANGER, "safety")
    assert message
    message.string = "Bây giờ?"
    changed = shutil.copytree(folder, tmp_path / "changed")
    with visiting(putting(kept, changed)):
        assert [each.original for each in reviews.unreviewed("vi")] == [DANGER]


def putting(kept: catalog.Catalog, folder: pathlib.Path) -> pathlib.Path:
    """A country's folder with a catalog of its own for the public pages in Vietnamese."""
    place = folder / "locale" / language.PUBLIC / "vi" / "LC_MESSAGES"
    place.mkdir(parents=True, exist_ok=True)
    (place / "django.mo").write_bytes(catalogs.compiled(kept))
    return folder


@pytest.mark.parametrize(
    ("wrong", "right", "named"),
    [
        ('reviewer = "R. Reader"', 'reviewer = ""', "reviewer"),
        ("reviewed_on = 2026-12-01", 'reviewed_on = "lately"', "reviewed_on"),
        (f'"{"0" * 64}"', '"all of it"', "sentences"),
        ('version = "1"', 'version = "1"\nsigned = true', "signed"),
    ],
)
def test_a_review_that_cannot_be_read_is_refused_by_name(wrong: str, right: str, named: str) -> None:
    text = f'version = "1"\nreviewer = "R. Reader"\nreviewed_on = 2026-12-01\nsentences = ["{"0" * 64}"]\n'
    assert reviews.read(text, "reviews/vi.toml").reviewer == "R. Reader"
    with pytest.raises(ValueError, match=named):
        reviews.read(text.replace(wrong, right), "reviews/vi.toml")


def test_a_sentence_of_the_code_about_safety_is_said_in_the_other_language_too() -> None:
    """What a form says of safety comes from Python."""
    lazy = language.pgettext_lazy("safety", DANGER)
    with translation.override("es-us"):
        assert str(lazy) == language.pgettext("safety", DANGER) == "¿Está en peligro ahora?"
        with language.withholding("en-us"):
            assert f"{lazy}" == language.pgettext("safety", DANGER) == DANGER
            assert language.pgettext("the name of the system", "No Wrong Door") == "No Wrong Door"


def test_a_country_may_hold_reviews_and_catalogs_and_a_broken_review_is_named(tmp_path: pathlib.Path) -> None:
    folder = reviewed(tmp_path / "us", "vi")
    putting(catalogs.read(FILES[0]), folder)
    check = [sys.executable, "-m", "nowrongdoor.site.command", "country", "check", str(folder)]
    whole = subprocess.run(check, capture_output=True, text=True, check=False)
    assert (whole.returncode, whole.stderr) == (0, "")
    file = folder / reviews.file_of("vi")
    file.write_text(file.read_text(encoding="utf-8").replace('reviewer = "R. Reader"', ""), encoding="utf-8")
    broken = subprocess.run(check, capture_output=True, text=True, check=False)
    assert broken.returncode == 1
    assert "reviews/vi.toml" in broken.stderr
    assert "reviewer" in broken.stderr


def test_a_sentence_of_the_country_about_safety_is_said_in_the_original_wherever_it_stands() -> None:
    about_safety, other = country_words.originals()["public.child.who"], country_words.originals()["country.name"]
    with translation.override("vi"):
        assert country_words.worded(about_safety) == country_words.by_id("vi")["public.child.who"]
        with language.withholding("en-us"):
            assert country_words.worded(about_safety) == about_safety
            assert not country_words.is_translated(about_safety)
            assert country_words.worded(other) == "Hoa Kỳ"
