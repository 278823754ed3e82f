"""The product's own sentences in the reader's language, for rooms that know no Django: the core, and what runs at a
terminal. Pages ask Django's gettext, which reads the same catalogs (docs/translating.md).

The promise: a sentence is looked up when it is said, in the language of whoever reads it now. One without a translation
is said in English. A sentence about safety is not said in a language while `withholding` says so.
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
PUBLIC = "public"  # the folder, beside those of whole catalogs, with catalogs of what public pages say, and no more
SAFETY = "safety"  # the context of a sentence about danger, consent, receipts, or who is told

_asked: list[Callable[[], str | None]] = [lambda: None]
_fixed: contextvars.ContextVar[str | None] = contextvars.ContextVar("language", default=None)
_instead: contextvars.ContextVar[str] = contextvars.ContextVar("instead", default="")


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


@contextlib.contextmanager
def withholding(instead: str) -> Iterator[None]:
    """Say sentences about safety in this language instead of the page's; empty for the page's own."""
    token = _instead.set(instead)
    try:
        yield
    finally:
        _instead.reset(token)


def said_instead() -> str:
    """Return the language in which sentences about safety are said instead of the page's, empty for its own."""
    return _instead.get()


def is_safety(context: str | None) -> bool:
    """Return whether a context marks a sentence about safety: "safety", or "safety: " and what tells it apart."""
    return context is not None and context.partition(":")[0] == SAFETY


def folders() -> tuple[pathlib.Path, ...]:
    """List the folders of whole catalogs: a country's own, if it brings any, and those that come along.
    NoSuchCountry."""
    own = pathlib.Path(str(jurisdictions.folder())) / "locale"
    return (own, SHIPPED) if own.is_dir() else (SHIPPED,)


def public_folders() -> tuple[pathlib.Path, ...]:
    """List the folders of catalogs that hold what public pages say, in the same order. NoSuchCountry."""
    return tuple(folder / PUBLIC for folder in folders())


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
ALSO = {"fil": "tl"}  # what browsers call a language whose catalog has another name


def name_of(code: str) -> str:
    """Return what a language calls itself, or its code."""
    return NAMES.get(code.lower()) or NAMES.get(code.partition("-")[0].lower(), code)


def locale_of(code: str) -> str:
    """Return a language's code as catalogs are named: es-us as es_US, zh-hans as zh_Hans."""
    language, _, place = code.partition("-")
    if not place:
        return language
    return f"{language}_{place.title() if len(place) == 4 else place.upper()}"


def matching(wanted: str, offered: tuple[str, ...]) -> str | None:
    """Return the language that is offered to whoever wants this one: the same, else another of its kind."""
    code = wanted.partition(".")[0].partition("@")[0].lower().replace("_", "-")
    kinds = {each.lower().partition("-")[0]: each for each in reversed(offered)}
    same = {each.lower(): each for each in offered}
    kind = code.partition("-")[0]
    return same.get(code) or kinds.get(ALSO.get(kind, kind))


def gettext(message: str) -> str:
    """Say a sentence."""
    return _catalog(current()).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """Say a sentence about one, or about many."""
    return _catalog(current()).ngettext(singular, plural, number)


def pgettext(context: str, message: str) -> str:
    """Say a sentence whose words mean different things in different places, or one about safety."""
    instead = said_instead() if is_safety(context) else ""
    return _catalog(instead or current()).pgettext(context, message)


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


class SentenceInContext(Sentence):
    """The same, with the context that tells it from others, or that marks it as one about safety."""

    __slots__ = ("_context",)

    def __new__(cls, context: str, message: str) -> SentenceInContext:
        """Make one; a text is made at once, so it cannot be done later."""
        made = super().__new__(cls, message)
        made._context = context
        return made

    _context: str

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # a sentence in a context has two parts
        """Return what it is made of, so that it can be copied: every form copies its labels."""
        return (self._context, str.__str__(self))

    def __str__(self) -> str:
        return pgettext(self._context, str.__str__(self))


def pgettext_lazy(context: str, message: str) -> str:
    """Write a sentence with a context that is said later, in the language of whoever then reads it."""
    return SentenceInContext(context, message)


@functools.cache
def _catalog(code: str) -> catalogs.NullTranslations:
    """Read the catalog of a language: the country's own sentences first, then those that come along."""
    catalog: catalogs.NullTranslations = catalogs.NullTranslations()
    if is_source(code):
        return catalog
    for folder in (*reversed(public_folders()), *reversed(folders())):
        with contextlib.suppress(FileNotFoundError):
            one = catalogs.translation(DOMAIN, folder, [locale_of(code)])
            one.add_fallback(catalog)
            catalog = one
    return catalog
