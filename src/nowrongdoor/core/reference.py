"""The short code by which people name a signal or a case aloud: K7QM-2XWD-94HT.

It spells the last 60 bits of the row's UUIDv7 in Crockford's base 32 (no I, L, O or U, so that it survives a bad
telephone line). At least 32 of them are random for every row (ids of one millisecond share the rest), and no access
rests on a reference being hard to guess: who may look is asked every time.
"""

from __future__ import annotations

import uuid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_HEARD_AS = str.maketrans("ILOU", "110V", "- ")


class UnreadableReference(ValueError):
    """What was typed is no reference."""

    def __init__(self, typed: str) -> None:
        super().__init__(f"'{typed}' is not a reference: it has 12 letters and digits, like K7QM-2XWD-94HT.")


def of(row_id: uuid.UUID) -> str:
    """Spell the reference of a row."""
    bits = row_id.int & ((1 << 60) - 1)
    letters = "".join(ALPHABET[(bits >> shift) & 31] for shift in range(55, -1, -5))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def letters_of(typed: str) -> str:
    """Return the letters and digits of what was typed as they are meant: O is 0, and dashes don't count."""
    return typed.upper().translate(_HEARD_AS)


def read(typed: str) -> str:
    """Read a reference as people type it: any case, with or without dashes, O for 0. UnreadableReference."""
    letters = letters_of(typed)
    if len(letters) != 12 or any(letter not in ALPHABET for letter in letters):
        raise UnreadableReference(typed)
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"
