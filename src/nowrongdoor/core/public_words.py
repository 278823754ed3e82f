"""Which sentences public pages say, and whether a language has all of them (docs/translating.md).

The promise: public pages are offered in a language only when its catalog says every one of these sentences, each place
in them filled and each plural there; so nobody who needs help meets a page that is half in a language they don't read.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import gettext as catalogs
import json
import re
from collections.abc import Mapping, Sequence

from nowrongdoor.core import language

FILE = language.SHIPPED / language.PUBLIC / "sentences.json"  # front/catalogs.py writes it
PLACES = re.compile(r"%\(\w+\)\w?|%%|%\w?|\{[^{}]*\}")
_OF_CONTEXT = "\x04"  # between a context and its sentence, in a compiled catalog
_COUNTED = 200  # how far plurals are looked at: past every rule's hundred


@dataclasses.dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the code. `many`: its plural, empty for none; `context`: what tells it from others, or marks it as
    one about safety."""

    one: str
    many: str = ""
    context: str = ""

    @property
    def is_safety(self) -> bool:
        """Return whether it is about danger, consent, receipts, or who is told."""
        return language.is_safety(self.context)

    @property
    def key(self) -> str:
        """Return what a compiled catalog calls it."""
        return f"{self.context}{_OF_CONTEXT}{self.one}" if self.context else self.one


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """What a language says: the forms of each sentence by its key, and its rule of plurals as catalogs write it."""

    forms: Mapping[str, Sequence[str]]
    count: int = 2
    rule: str = "n != 1"


def written(sentences: Sequence[Sentence]) -> str:
    """Write sentences down, as `sentences` reads them."""
    return json.dumps([[each.context, each.one, each.many] for each in sentences], ensure_ascii=False, indent=0) + "\n"


@functools.cache
def sentences() -> Sequence[Sentence]:
    """List every sentence of public pages; none where nobody has made the list yet (`make front`)."""
    if not FILE.is_file():
        return ()
    return tuple(Sentence(one, many, context) for context, one, many in json.loads(FILE.read_text(encoding="utf-8")))


def faults(known: Said, wanted: Sequence[Sentence]) -> Sequence[Sentence]:
    """List the sentences that a language lacks, or says with a place that is missing or too many."""
    return [each for each in wanted if not fills(each, known.forms.get(each.key, ()), known.count, known.rule)]


def fills(sentence: Sentence, forms: Sequence[str], count: int, rule: str) -> bool:
    """Return whether every form is there and has each place of the sentence, and no other. Only a form that is said of
    one single number may leave places out, as in "one day"."""
    one, many = _places(sentence.one), _places(sentence.many)
    if not sentence.many:
        return len(forms) == 1 and bool(forms[0]) and _places(forms[0]) == one
    if len(forms) != count or not all(forms):
        return False
    of = catalogs.c2py(rule)
    numbers = [sum(of(number) == form for number in range(_COUNTED)) for form in range(count)]
    return all(
        _places(form) == many or (said_of == 1 and set(_places(form)) <= {*one, *many})
        for form, said_of in zip(forms, numbers, strict=True)
    )


def _places(text: str) -> Sequence[str]:
    return sorted(PLACES.findall(text))


def said_in(code: str) -> Said:
    """Return what a language says, of all its catalogs: a country's own sentences come before those that come along."""
    forms: dict[str, dict[int, str]] = {}
    count, rule = 2, "n != 1"
    for folder in (*language.folders(), *language.public_folders()):
        with contextlib.suppress(FileNotFoundError):
            catalog = catalogs.translation(language.DOMAIN, folder, [language.locale_of(code)])
            count, rule = _plurals(catalog.info().get("plural-forms", ""))
            held: Mapping[str | tuple[str, int], str] = catalog._catalog  # type: ignore[attr-defined]  # read whole
            for key, words in held.items():
                name, form = (key, 0) if isinstance(key, str) else key
                forms.setdefault(name, {}).setdefault(form, words)
    return Said({name: tuple(of[form] for form in sorted(of)) for name, of in forms.items()}, count, rule)


def _plurals(header: str) -> tuple[int, str]:
    read = re.match(r"\s*nplurals\s*=\s*(\d+)\s*;\s*plural\s*=\s*([^;]+)", header)
    return (int(read[1]), read[2]) if read else (2, "n != 1")


def missing(code: str) -> Sequence[Sentence]:
    """List the sentences of public pages that cannot be said in a language."""
    return () if language.is_source(code) else faults(said_in(code), sentences())


@functools.cache
def is_whole(code: str) -> bool:
    """Return whether public pages can be shown in a language: it has each of their sentences."""
    return language.is_source(code) or (bool(sentences()) and not missing(code))
