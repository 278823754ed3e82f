"""Who has reviewed what public pages say about safety in a language: reviews/<language>.toml of the country's folder.

The promise: words about danger, consent, receipts and who is told are published in a language only as a named reader
reviewed them. A review names what it read by digest, so a word that changes afterward, in the original or in the
translation, ends it; until it is read again these words are said in the country's first language. A demonstration says
them all, and that nobody has reviewed them.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence

from nowrongdoor import jurisdictions
from nowrongdoor.core import country, country_words, entries, language, public_words
from nowrongdoor.core.language import gettext as _

FOLDER = "reviews"
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclasses.dataclass(frozen=True, slots=True)
class Review:
    """A review of one language. `read`: the digest of each sentence as it was reviewed."""

    reviewer: str
    reviewed_on: datetime.date
    read: frozenset[str]


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    """A sentence about safety: as it was written, and as a language says it; empty where it does not."""

    original: str
    words: str

    @property
    def digest(self) -> str:
        """Return what a review names it by: SHA-256 of both, so that either's change makes it another."""
        return hashlib.sha256(f"{self.original}\0{self.words}".encode()).hexdigest()


def file_of(code: str) -> str:
    """Name the file with the review of a language."""
    return f"{FOLDER}/{code}.toml"


def read(text: str, file: str) -> Review:
    """Read a review. entries.Unreadable."""
    content = entries.read(text, file)
    content.text("version")
    reviewed = Review(content.text("reviewer"), content.day("reviewed_on"), frozenset(content.texts("sentences")))
    if not reviewed.read or not all(_DIGEST.fullmatch(each) for each in reviewed.read):
        raise content.wrong("sentences", _("write the digests that “nwd country languages <language>” lists"))
    content.end()
    return reviewed


@functools.cache
def of(code: str) -> Review | None:
    """Return the review of a language, None where nobody has reviewed it. entries.Unreadable."""
    file = file_of(code)
    return read(jurisdictions.text(file), file) if jurisdictions.has(file) else None


def is_original(code: str) -> bool:
    """Return whether a language is that of the originals: the code's and the country's own words, both the same."""
    return language.is_source(code) and country.installed().language == language.SOURCE


@functools.cache
def pairs(code: str) -> Sequence[Pair]:
    """List the sentences about safety as a language says them: the product's, then the country's."""
    return tuple(_pairs(code))


def _pairs(code: str) -> Iterator[Pair]:
    forms: Mapping[str, Sequence[str]] = {} if language.is_source(code) else public_words.said_in(code).forms
    for sentence in public_words.sentences():
        if sentence.is_safety:
            original = "\n".join(filter(None, (sentence.one, sentence.many)))
            yield Pair(original, original if language.is_source(code) else "\n".join(forms.get(sentence.key, ())))
    originals = country_words.originals()
    theirs = {originals[key]: words for key, words in country_words.by_id(code).items()}
    is_first = code.partition("-")[0] == country.installed().language
    about_safety = (words for key, words in originals.items() if words and country_words.is_safety(key))
    for words in dict.fromkeys(about_safety):
        yield Pair(words, words if is_first else theirs.get(words, ""))


def unreviewed(code: str) -> Sequence[Pair]:
    """List the sentences about safety that nobody has reviewed as a language says them today."""
    if is_original(code):
        return ()
    review = of(code)
    return [each for each in pairs(code) if review is None or not each.words or each.digest not in review.read]


@functools.cache
def is_reviewed(code: str) -> bool:
    """Return whether somebody has reviewed all that public pages say about safety in a language, as it is today."""
    return is_original(code) or (of(code) is not None and not unreviewed(code))


def said_instead(code: str, *, first: str) -> str:
    """Return the language in which public pages say what is about safety, empty for their own: `first`, the country's
    first, while nobody has reviewed it."""
    return "" if code == first or is_reviewed(code) else first


def written(code: str) -> str:
    """Write the review of a language as its reader would sign it: name and day are left to them."""
    lines = [
        "# Put your name and the day, and leave a line out if its words are wrong.",
        'version = ""',
        'reviewer = ""',
        "reviewed_on =",
        "sentences = [",
    ]
    for each in pairs(code):
        lines += [f"  # {part}" for part in (*each.original.split("\n"), *each.words.split("\n"))]
        lines.append(f'  "{each.digest}",')
    return "\n".join([*lines, "]", ""])
