"""The short code by which people name a signal or a case aloud: K7QM-2XWD-94HT.

It spells the last 60 bits of the row's UUIDv7 in Crockford's base 32 (no I, L, O or U, so that it survives a bad
telephone line). At least 32 of them are random for every row (ids of one millisecond share the rest), and no access
rests on a reference being hard to guess: who may look is asked every time.
"""

from __future__ import annotations

import uuid
from collections.abc import Set

from nowrongdoor.core.language import gettext as _

LENGTH = 12
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_HEARD_AS = str.maketrans("ILOU", "110V", "- ")


class UnreadableReference(ValueError):
    """What was typed is no reference."""

    def __init__(self, typed: str) -> None:
        super().__init__(
            _("'%(typed)s' is not a reference: it has 12 letters and digits, like K7QM-2XWD-94HT.") % {"typed": typed}
        )


def of(row_id: uuid.UUID) -> str:
    """Spell the reference of a row."""
    bits = row_id.int & ((1 << 60) - 1)
    letters = "".join(ALPHABET[(bits >> shift) & 31] for shift in range(55, -1, -5))
    return spelled(letters)


def letters_of(typed: str) -> str:
    """Return the letters and digits of what was typed, as a reference has them: 0 for O, 1 for I, no dashes."""
    return typed.upper().translate(_HEARD_AS)


def spelled(letters: str) -> str:
    """Write twelve letters in groups of four."""
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def read(typed: str) -> str:
    """Read a reference as people type it: any case, with or without dashes, O for 0. UnreadableReference."""
    letters = letters_of(typed)
    if not is_whole(letters):
        raise UnreadableReference(typed)
    return spelled(letters)


def is_whole(letters: str) -> bool:
    """Return whether these letters and digits spell a reference."""
    return len(letters) == LENGTH and not set(letters) - set(ALPHABET)


def slips(typed: str) -> Set[str]:
    """Write every reference that is one slip away from what was typed: a letter wrong, missing or too many, or two
    neighbors that changed places. About 800 of them, or none for what is no near miss."""
    letters = letters_of(typed)
    if abs(len(letters) - LENGTH) > 1:
        return frozenset()
    near = {letters[:at] + each + letters[at:] for at in range(len(letters) + 1) for each in ALPHABET}
    for at in range(len(letters)):
        near.add(letters[:at] + letters[at + 1 :])
        near.add(letters[:at] + letters[at + 1 : at + 2] + letters[at] + letters[at + 2 :])
        near |= {letters[:at] + each + letters[at + 1 :] for each in ALPHABET}
    return frozenset(spelled(each) for each in near if is_whole(each))
