"""What a person reads of a page, in which language each run of it is said to be, and what is in another."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from html import parser

from tests.languages import pseudo

SAID = ("title", "aria-label", "placeholder", "alt")  # attributes that are read to somebody
HIDDEN = ("script", "style", "svg", "code", "textarea")  # what is in a text box was written by a person
EMPTY = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
# What is the same in every language: a reference, a number with its unit or its letters, an address, a key to press.
CODES = re.compile(
    r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b|\b\d[\w.:-]*|https?://\S+|\S+@\S+"
    r"|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b[0-9a-f]{12,64}\b|(?<!\w)\w(?!\w)"
)
# In the made-up language each of these letters has an accent.
PLAIN = re.compile(r"[aeiouycns]", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """Words that stand together, and their language."""

    words: str
    language: str


class _Reader(parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.runs: list[Run] = []
        self._open: list[tuple[str, str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        _, language, is_quiet = self._open[-1] if self._open else ("", "", False)
        language = given.get("lang") or language
        # Names and what people wrote stand in <bdi>; `translate="no"` says the same of anything else.
        is_quiet = is_quiet or tag in (*HIDDEN, "bdi") or given.get("translate") == "no"
        for name in SAID:
            self._add(given.get(name) or "", language, is_quiet)
        if tag not in EMPTY:
            self._open.append((tag, language, is_quiet))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        _, language, is_quiet = self._open[-1] if self._open else ("", "", False)
        self._add(data, language, is_quiet)

    def _add(self, words: str, language: str, is_quiet: bool) -> None:  # noqa: FBT001
        plain = " ".join(words.split())
        if plain and not is_quiet and any(letter.isalpha() for letter in plain):
            self.runs.append(Run(plain, language))


def runs(page: str) -> list[Run]:
    """What a page says, run by run; names, codes and what people wrote left out."""
    reader = _Reader()
    reader.feed(page)
    return reader.runs


def without(names: Iterable[str]) -> re.Pattern[str]:
    """What finds these names in a run of words, the longest first."""
    longest = sorted({name for name in names if name}, key=lambda name: (-len(name), name))
    return re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in longest) or r"(?!)")


def in_plain_letters(words: str, names: re.Pattern[str]) -> bool:
    """Whether some of these words, names and codes apart, are not in the made-up language: also a piece of English put
    into one of its sentences."""
    return PLAIN.search(CODES.sub(" ", names.sub(" ", words))) is not None


def untranslated(page: str, names: re.Pattern[str] = re.compile(r"(?!)")) -> Iterator[str]:
    """The runs of a page in the made-up language that are said to be in it and are not."""
    for run in runs(page):
        if run.language == pseudo.CODE and in_plain_letters(run.words, names):
            yield run.words


def in_english(page: str, code: str, translations: Mapping[str, str]) -> Iterator[str]:
    """The runs of a page that are said to be in a language, and are the English of a sentence that it has."""
    for run in runs(page):
        if run.language == code and translations.get(run.words, run.words) != run.words:
            yield run.words
