"""When two texts are likely copies: the same letters and digits in the same order.

The promise: case, accents, spaces, line breaks and punctuation make no difference, in any script; and a text that many
people would write by themselves ("please help me") is never taken for a copy.
"""

from __future__ import annotations

import unicodedata

SHORTEST = 60  # bytes of UTF-8: about twelve English words, or twenty Chinese characters


def letters(text: str) -> str:
    """Return the letters and digits of a text, as they are compared."""
    return "".join(each for each in unicodedata.normalize("NFKD", text).casefold() if each.isalnum())


def folded(text: str) -> str:
    """Return what is compared of a text; empty where it is too short to say anything."""
    plain = letters(text)
    return plain if len(plain.encode("utf-8", "replace")) >= SHORTEST else ""
