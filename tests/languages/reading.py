"""What a person reads of a page, and in which language each run of it is said to be."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from html import parser

from tests.languages import pseudo

SAID = ("title", "aria-label", "placeholder", "alt")  # attributes that are read to somebody
HIDDEN = ("script", "style", "svg", "code")
EMPTY = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")


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


def untranslated(page: str) -> Iterator[str]:
    """The runs of a page in the made-up language that are said to be in it and are not."""
    for run in runs(page):
        left, depth = "", 0
        for letter in run.words:
            depth += letter == pseudo.OPENS
            left += letter if depth == 0 else ""
            depth -= letter == pseudo.CLOSES
        if run.language == pseudo.CODE and any(letter.isalpha() for letter in left):
            yield run.words
