"""Sentences that somebody who answers a text or a chat sends with one key, in the language of whoever is in contact;
and the mode in which these answer only yes or no, because somebody is with them.

The promise: none says what this is about, whoever else reads it. One is said in a language only as a named reader
reviewed it (core/reviews.py), else in the country's first; a demonstration says them all. Whether only yes or no is
asked is known by what was written last, and kept nowhere else.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.conf import settings

from nowrongdoor.core import language, reviews
from nowrongdoor.core.language import pgettext_lazy
from nowrongdoor.core.line import Medium

ONLY, FREELY, STOP = "only", "freely", "stop"  # the mode begins with the first, and ends with the others
WRITTEN = frozenset((Medium.TEXT, Medium.CHAT))
# By code, in the order in which they are offered. Whoever is in contact may not be the only one who reads them.
SENTENCES: Mapping[str, str] = {
    "hello": pgettext_lazy("safety", "Hello. I’m a person, and I’m here now."),
    "safe": pgettext_lazy("safety", "Are you safe to write now?"),
    "short": pgettext_lazy("safety", "I can ask short questions. You answer each with only yes or no."),
    ONLY: pgettext_lazy("safety", "Answer only yes or no."),
    "alone": pgettext_lazy("safety", "Are you by yourself right now?"),
    "later": pgettext_lazy("safety", "Is another time better?"),
    FREELY: pgettext_lazy("safety", "You can write in your own words again."),
    "back": pgettext_lazy("safety", "I’ll be right back."),
    "leave": pgettext_lazy(
        "safety", "To go to another page fast, press “Leave this page.” To close this chat, press “End this chat.”"
    ),
    "delete": pgettext_lazy("safety", "You can delete these messages at any time."),
    "close": pgettext_lazy("safety", "Thank you for writing. You can write here again at any time."),
}
MEDIA: Mapping[str, frozenset[Medium]] = {
    "leave": frozenset((Medium.CHAT,)),
    "delete": frozenset((Medium.TEXT,)),
}
# What whoever chats can answer with one press. What a text message says by `STOP` is another thing (docs/line.md).
ANSWERS: Mapping[str, str] = {
    "yes": pgettext_lazy("safety", "Yes"),
    "no": pgettext_lazy("safety", "No"),
    STOP: pgettext_lazy("safety", "Stop"),
}


class Why(enum.Enum):
    """Why replies are in the language that they are in."""

    SPOKEN = "spoken"
    UNREVIEWED = "unreviewed"  # nobody has reviewed theirs, so they are in the country's first
    DEMONSTRATION = "demonstration"  # nobody has, and a demonstration says them all the same
    UNKNOWN = "unknown"  # no public page speaks it


@dataclasses.dataclass(frozen=True, slots=True)
class Reply:
    """A sentence as it is sent. `meaning`: the same in the language of whoever sends it, empty where that is theirs."""

    code: str
    words: str
    meaning: str


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """The replies to one contact. `language`: the code of the one that they are in."""

    language: str
    why: Why
    replies: Sequence[Reply]

    def of(self, code: str) -> Reply | None:
        """Return one of them, by its code."""
        return next((each for each in self.replies if each.code == code), None)


def offered(to: str, medium: Medium) -> Offer:
    """List the replies to somebody who speaks a language, in one that they may be said in."""
    code, why = _spoken(to)
    rows = [_reply(each, sentence, code) for each, sentence in SENTENCES.items() if medium in MEDIA.get(each, WRITTEN)]
    return Offer(code, why, rows)


def meanings() -> Mapping[str, str]:
    """Map every reply and every answer, in any language in which it may have been written, to what it says in the
    reader's language."""
    return {words: str(sentence) for words, (_, sentence) in _written(_languages()).items()}


def folded(words: str) -> str:
    """Return words as they are compared."""
    return words.strip().casefold()


def asks_yes_or_no(written: Iterable[tuple[bool, str]]) -> bool:
    """Return whether only yes or no is asked after all that was written, oldest first: by us (True) or by them."""
    known = _written(_languages())
    is_asked = False
    for is_ours, words in written:
        code, _ = known.get(folded(words), ("", ""))
        if code in (ONLY, FREELY) and is_ours:
            is_asked = code == ONLY
        elif code == STOP and not is_ours:
            is_asked = False
    return is_asked


def _spoken(to: str) -> tuple[str, Why]:
    first = settings.LANGUAGE_CODE
    code = language.matching(to, tuple(each for each, _ in settings.PUBLIC_LANGUAGES))
    if code is None:
        return first, Why.UNKNOWN
    if not reviews.said_instead(code, first=first):
        return code, Why.SPOKEN
    return (code, Why.DEMONSTRATION) if settings.DEMONSTRATION else (first, Why.UNREVIEWED)


def _reply(code: str, sentence: str, spoken: str) -> Reply:
    words, meaning = _in(spoken, sentence), str(sentence)
    return Reply(code, words, "" if words == meaning else meaning)


def _in(code: str, sentence: str) -> str:
    with language.speaking(code), language.withholding(""):
        return str(sentence)


def _languages() -> tuple[str, ...]:
    return tuple(code for code, _ in settings.PUBLIC_LANGUAGES)


@functools.cache  # every open page of a conversation asks for it, twice a second
def _written(languages: tuple[str, ...]) -> Mapping[str, tuple[str, str]]:
    """Map each sentence and each answer, as it may have been written in one of these languages, to its code and to
    itself."""
    return {folded(words): (code, sentence) for code, sentence, words in _said(languages)}


def _said(languages: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Give each sentence and each answer in each language, with its code."""
    for code, sentence in (*SENTENCES.items(), *ANSWERS.items()):
        for spoken in languages:
            yield code, sentence, _in(spoken, sentence)
