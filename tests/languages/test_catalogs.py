"""The committed catalogs hold every sentence of today, each of them translated and each place in it filled."""

from __future__ import annotations

import pathlib
import re
import tomllib

import pytest
from babel.messages import catalog
from front import catalogs

from tests import claims

AWAITED = pathlib.Path(__file__).with_name("awaited.toml")
FILES = catalogs.files()
PLACES = re.compile(r"%\(\w+\)\w?|%%|%\w?|\{[^{}]*\}")


def unmarked() -> dict[str, int]:
    """How many runs of words each template says that nobody can translate."""
    folder = catalogs.SOURCE / "templates"
    found = {
        file.relative_to(folder).as_posix(): len(catalogs.unmarked(file.read_text(encoding="utf-8")))
        for file in sorted(folder.rglob("*.html"))
    }
    return {name: count for name, count in found.items() if count}


def test_there_is_a_spanish_catalog() -> None:
    assert [file.parents[1].name for file in FILES] == ["es"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parents[1].name)
def test_the_committed_catalog_is_current(file: pathlib.Path) -> None:
    assert catalogs.updated(file) == file.read_bytes(), "run make catalogs, and translate what is new"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parents[1].name)
def test_every_sentence_is_translated(file: pathlib.Path) -> None:
    missing = [each.id for each in catalogs.read(file) if each.id and not all(_strings(each))]
    assert missing == []


def _strings(message: catalog.Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parents[1].name)
def test_a_translation_fills_the_same_places_and_keeps_the_edges(file: pathlib.Path) -> None:
    wrong = []
    for each in catalogs.read(file):
        pairs = list(zip(_texts(each.id), _strings(each), strict=False))
        edges = all(a[:1].isspace() == b[:1].isspace() and a[-1:].isspace() == b[-1:].isspace() for a, b in pairs)
        if each.id and (not _fills(each) or not edges):
            wrong.append(each.id)
    assert wrong == []


def _fills(message: catalog.Message) -> bool:
    """Whether a translation has each place of the original, and no other. Only the first form of a plural, which is
    said of one, may leave places out."""
    first, *forms = (sorted(PLACES.findall(each)) for each in _strings(message))
    one, *many = (sorted(PLACES.findall(each)) for each in _texts(message.id))
    if not many:
        return first == one
    return set(first) <= {*one, *many[0]} and all(each == many[0] for each in forms)


def _texts(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_no_template_says_more_untranslated_than_is_awaited() -> None:
    awaited = tomllib.loads(AWAITED.read_text(encoding="utf-8"))["templates"]
    more = {name: count for name, count in unmarked().items() if count > awaited.get(name, 0)}
    assert more == {}, "mark it: python front/catalogs.py unmarked lists the words with their lines"


def test_the_templates_of_this_room_say_nothing_untranslated() -> None:
    own = {"agencies/language.html", "ui/languages.html"}
    assert own & unmarked().keys() == set()


def test_words_that_stand_in_no_translation_are_found() -> None:
    """The test of the test."""
    text = (
        '{% load i18n %}<p>{% translate "Said" %}</p>\n<p title="Left">{{ name }} left</p>'
        "{% blocktranslate %}Said {{ name }} too{% endblocktranslate %}<script>var left = 1</script>"
    )
    assert catalogs.unmarked(text) == [(2, "Left"), (2, "… left")]


def test_what_templates_say_is_found_with_context_and_plural(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(
        '{% load i18n %}{% translate "Lead" context "the agency" %}\n'
        "  {% blocktranslate count n=days trimmed %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}",
        encoding="utf-8",
    )
    messages = [(message, context) for _, message, _, context in catalogs._sentences(file)]
    assert messages == [("Lead", "the agency"), (("%(n)s day", "%(n)s days"), None)]


def test_the_help_of_commands_is_found() -> None:
    known = {each.id for each in catalogs.read(FILES[0])}
    assert claims.every(
        each in known
        for each in (
            "Check a country’s folder: every file can be read, and what one names is in another. Exits 1 if not.",
            "Show this message and exit.",
        )
    )


def test_in_spanish_a_moment_within_a_sentence_has_its_article() -> None:
    """A moment begins with its day: one says "desde el 28 de noviembre", "cerrado el 28 de noviembre"."""
    bare = re.compile(r"(?<!\bel)(?<!\bdel)(?<!\bgrupo)(?<!\bque)(?<=\w) (?:%\(at\)s|\{at\})")
    spanish = next(file for file in FILES if file.parents[1].name == "es")
    found = [text for each in catalogs.read(spanish) for text in _strings(each) if bare.search(text)]
    assert found == []


def test_help_in_spanish_names_buttons_as_they_are() -> None:
    """What a sentence of the help pages names by its English label, the translation names by its Spanish one."""
    spanish = catalogs.read(next(file for file in FILES if file.parents[1].name == "es"))
    strings = {each.id: str(each.string) for each in spanish if isinstance(each.id, str) and not each.context}
    buttons = ("Accept lead", "Mark as notified", "Mark complete", "Stay signed in", "Revoke this release")
    wrong = [
        (button, strings[button], text)
        for each, text in strings.items()
        for button in buttons
        if re.search(rf"(?:choose|[Pp]ress) {button}|^{button} (?:asks|when)", each) and strings[button] not in text
    ]
    assert wrong == []


def test_a_place_that_is_missing_or_too_many_is_found_in_a_plural_too() -> None:
    """The test of the test: at run time the one would raise, and the other lose a number."""
    one, many = "%(count)s task of %(agency)s", "%(count)s tasks of %(agency)s"
    for first, other, expected in (
        ("Una tarea de %(agency)s", "%(count)s tareas de %(agency)s", True),  # the one needs no number
        ("%(count)s tarea de %(agency)s", "Tareas de %(agency)s", False),
        ("%(count)s tarea", "%(count)s tareas de %(agencia)s", False),
        ("%(count)s tarea de %(oficina)s", "%(count)s tareas de %(agency)s", False),
    ):
        assert _fills(catalog.Message((one, many), (first, other))) is expected
    for text, expected in (("%(a)s: 5 %%", True), ("%(a)s: 5 %", False), ("%(a)s %(a)s: 5 %%", False)):
        assert _fills(catalog.Message("5 %% of %(a)s", text)) is expected
