"""Short codes for links that somebody types from a printed card: six letters and digits, like K7QM2D.

The promise: no single wrong sign, and no two neighbors that changed places, make another code: what was mistyped is
known to be so.

Note [Check sign]: the alphabet has no lookalikes (of 0 and O, 1, I and L, 2 and Z, 5 and S, 6 and G, 8 and B one at
most) and no vowels, so that no code spells a word. It has 23 signs, which is a prime. Each place of a code counts with
a weight of its own, 1 to 6, and the weighted sum is a multiple of 23. One wrong sign moves the sum by weight times
difference; two that changed places move it by the difference of their weights times their own. Neither product is a
multiple of a prime that is larger than both factors.
"""

from __future__ import annotations

from nowrongdoor.core.language import gettext as _

ALPHABET = "23456789CDFHJKMNPQRTVWX"
LENGTH = 6
IGNORED = " -\u2010\u2011\u2013\u00a0"  # what people and their keyboards put between letters


class Mistyped(ValueError):
    """What somebody typed is no code. The message says what is wrong with it, and what to do."""


def complete(first: str) -> str:
    """Return the code that begins with five signs: the sixth is the one that makes the sum right."""
    rest = _sum(first) * pow(-LENGTH, -1, len(ALPHABET))
    return first + ALPHABET[rest % len(ALPHABET)]


def is_code(text: str) -> bool:
    """Return whether this is a code, written as codes are written."""
    return len(text) == LENGTH and set(text) <= set(ALPHABET) and _sum(text) % len(ALPHABET) == 0


def read(text: str) -> str:
    """Return the code that somebody typed, with small letters, spaces or hyphens as they like. Mistyped."""
    typed = "".join(each for each in text if each not in IGNORED).upper()
    if len(typed) != LENGTH:
        raise Mistyped(
            _("A code has %(right)d letters and digits; this one has %(typed)d. Check it against the card.")
            % {"right": LENGTH, "typed": len(typed)}
        )
    if odd := next((each for each in typed if each not in ALPHABET), None):
        raise Mistyped(_("“%(sign)s” is in no code. Check that letter or digit against the card.") % {"sign": odd})
    if not is_code(typed):
        raise Mistyped(
            _("At least one letter or digit of this code is wrong, or two are swapped. Check it against the card.")
        )
    return typed


def _sum(text: str) -> int:
    """Add up the signs, each with the weight of its place: 1 to 6."""
    return sum(place * ALPHABET.index(each) for place, each in enumerate(text, start=1))
