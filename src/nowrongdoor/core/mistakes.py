"""How many mistakes are told at once: whoever sends a hundred thousand has enough to do with the first of them.

The promise: what is looked for is found one after the other, and nobody goes on looking once enough were found.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from nowrongdoor.core.language import gettext

MOST = 20


def first(problems: Iterable[str]) -> list[str]:
    """Return at most MOST sentences, and one more that says so where there are more. What comes after is not asked for:
    give a generator where each takes work."""
    sentences = list(itertools.islice(problems, MOST + 1))
    if len(sentences) <= MOST:
        return sentences
    return [*sentences[:MOST], gettext("There are more mistakes: these are the first %(count)s.") % {"count": MOST}]
