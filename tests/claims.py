"""What a test says of many things at once."""

from __future__ import annotations

from collections.abc import Iterable


class NothingLookedAt(AssertionError):
    """A claim about every one of none is no claim."""


def every(claims: Iterable[object]) -> bool:
    """Return whether all of them hold, of which there must be one at least. NothingLookedAt."""
    looked_at = [bool(claim) for claim in claims]
    if not looked_at:
        raise NothingLookedAt
    return all(looked_at)


def no(claims: Iterable[object]) -> bool:
    """Return whether none of them holds, of which there must be one at least. NothingLookedAt."""
    return every(not claim for claim in claims)
