"""The product's own sentences in the reader's language, for rooms that know no Django: the core, and what runs at a
terminal. Pages ask Django's gettext, which reads the same catalogs (docs/translating.md).

The promise: a sentence is looked up when it is said, in the language of whoever reads it now. One without a translation
is said in English.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import gettext as catalogs
import pathlib
from collections.abc import Callable, Iterator

from nowrongdoor import jurisdictions

SOURCE = "en"  # of the sentences in the code
DOMAIN = "django"  # the name under which Django looks for catalogs
SHIPPED = pathlib.Path(__file__).resolve().parents[1] / "locale"

_asked: list[Callable[[], str | None]] = [lambda: None]
_fixed: contextvars.ContextVar[str | None] = contextvars.ContextVar("language", default=None)


def follow(asked: Callable[[], str | None]) -> None:
    """Ask this from now on for the language of whoever reads; None is for the language of the code."""
    _asked[0] = asked


def current() -> str:
    """Return the code of the language that sentences are said in now."""
    return _fixed.get() or _asked[0]() or SOURCE


@contextlib.contextmanager
def speaking(code: str) -> Iterator[None]:
    """Say sentences in this language, whoever reads: for what is kept, or printed for somebody else."""
    token = _fixed.set(code)
    try:
        yield
    finally:
        _fixed.reset(token)


def folders() -> tuple[pathlib.Path, ...]:
    """List the folders of catalogs: a country's own, if it brings any, and those that come along. NoSuchCountry."""
    own = pathlib.Path(str(jurisdictions.folder())) / "locale"
    return (own, SHIPPED) if own.is_dir() else (SHIPPED,)


def folder_of(code: str) -> pathlib.Path:
    """Return the folder with the catalog of a language, the shipped one where none has it. NoSuchCountry."""
    there = (folder for folder in folders() if catalogs.find(DOMAIN, folder, [locale_of(code)]))
    return next(there, SHIPPED)


def is_source(code: str) -> bool:
    """Return whether this is the language of the code, which needs no catalog."""
    return code.lower().replace("_", "-") in (SOURCE, "en-us")


def has_catalog(code: str) -> bool:
    """Return whether pages can be shown in a language. NoSuchCountry."""
    return is_source(code) or any(catalogs.find(DOMAIN, folder, [locale_of(code)]) for folder in folders())


# What a language calls itself, for those that somebody brings a catalog of.
NAMES = {
    **{"am": "አማርኛ", "ar": "العربية", "en": "English", "es": "Español", "fr": "Français", "ht": "Kreyòl ayisyen"},
    **{"km": "ខ្មែរ", "ko": "한국어", "pt": "Português", "ru": "Русский", "th": "ไทย", "tl": "Tagalog"},
    **{"vi": "Tiếng Việt", "zh-hans": "简体中文", "zh-hant": "繁體中文"},
}


def name_of(code: str) -> str:
    """Return what a language calls itself, or its code."""
    return NAMES.get(code.lower()) or NAMES.get(code.partition("-")[0].lower(), code)


def locale_of(code: str) -> str:
    """Return a language's code as catalogs are named: es-us as es_US."""
    language, _, place = code.partition("-")
    return f"{language}_{place.upper()}" if place else language


def matching(wanted: str, offered: tuple[str, ...]) -> str | None:
    """Return the language that is offered to whoever wants this one: the same, else another of its kind."""
    code = wanted.partition(".")[0].partition("@")[0].lower().replace("_", "-")
    kinds = {each.lower().partition("-")[0]: each for each in reversed(offered)}
    same = {each.lower(): each for each in offered}
    return same.get(code) or kinds.get(code.partition("-")[0])


def gettext(message: str) -> str:
    """Say a sentence."""
    return _catalog(current()).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """Say a sentence about one, or about many."""
    return _catalog(current()).ngettext(singular, plural, number)


def pgettext(context: str, message: str) -> str:
    """Say a sentence whose words mean different things in different places."""
    return _catalog(current()).pgettext(context, message)


def first_sentence(docstring: str) -> str:
    """Return what the page of roles says of a page: the first sentence of its view's docstring, without the stop."""
    return " ".join(docstring.partition(".")[0].split())


class Sentence(str):
    """A sentence that is written once and said each time it is shown: a constant, a default, a label. What compares,
    sorts, stores or sends it as data sees the English of the code; what writes it for somebody says it. `join` and
    `json` take it for data: write `str(sentence)` first."""

    __slots__ = ()

    def __str__(self) -> str:
        return gettext(str.__str__(self))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __mod__(self, values: object) -> str:
        return str(self) % values

    def __add__(self, other: str) -> str:
        return str(self) + other

    def __radd__(self, other: str) -> str:
        return other + str(self)

    def format(self, *args: object, **kwargs: object) -> str:
        """Fill the places of the sentence as it is said."""
        return str(self).format(*args, **kwargs)


def gettext_lazy(message: str) -> str:
    """Write a sentence that is said later, in the language of whoever then reads it."""
    return Sentence(message)


@functools.cache
def _catalog(code: str) -> catalogs.NullTranslations:
    """Read the catalog of a language: the country's own sentences first, then those that come along."""
    catalog: catalogs.NullTranslations = catalogs.NullTranslations()
    if is_source(code):
        return catalog
    for folder in reversed(folders()):
        with contextlib.suppress(FileNotFoundError):
            one = catalogs.translation(DOMAIN, folder, [locale_of(code)])
            one.add_fallback(catalog)
            catalog = one
    return catalog
