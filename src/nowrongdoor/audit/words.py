"""The trail in plain words, for whoever reads it on a page. What is stored, chained and exported stays the code.

Each room declares the verbs that it writes; they are handed down when a process starts (site/declared.py).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from nowrongdoor.core.language import gettext, gettext_lazy


@dataclasses.dataclass(frozen=True, slots=True)
class Verb:
    """What the trail says was done: its code, and its words after somebody's name."""

    code: str
    words: str


_words: dict[str, str] = {}


def hand_down(verbs: Iterable[Verb]) -> None:
    """Learn the words of every verb."""
    _words.update((verb.code, verb.words) for verb in verbs)


def of(code: str) -> str:
    """Return the words of a verb; of one that no room of this release writes, its code."""
    return gettext(_words[code]) if code in _words else code


def known() -> Mapping[str, str]:
    """List every verb that this release writes, with its words, in the order of the words."""
    return dict(sorted(((code, gettext(words)) for code, words in _words.items()), key=lambda each: each[1].lower()))


AUTHORITIES: Mapping[str, str] = {
    "mandate": gettext_lazy("the agency's part in it"),
    "rule": gettext_lazy("a rule or a clock"),
    "emergency": gettext_lazy("emergency access"),
    "release": gettext_lazy("the person's release"),
    "duty": gettext_lazy("a duty of law"),
    "office": gettext_lazy("their role in the agency"),
}
