"""How a case ends, in a published vocabulary, so that figures of different agencies can be compared.

The codes and their words are those of the Human Trafficking Case Data Standard, version 2.0 (International Organization
for Migration): the closed states of `cas_Status`, and `vic_TraffickingStatus`.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

from nowrongdoor.core.language import gettext_lazy

CITATION = "Human Trafficking Case Data Standard 2.0 (IOM), cas_Status and vic_TraffickingStatus"


class ClosedAs(enum.StrEnum):
    """The closed states of `cas_Status`."""

    CLOSED = "Closed"
    REFERRED = "ClosedReferred"

    @property
    def words(self) -> str:
        """Say it as the standard does."""
        return _CLOSED_AS[self]


class Found(enum.StrEnum):
    """What was found about the people of the case: `vic_TraffickingStatus`."""

    POSSIBLE = "PossibleVictimOfTrafficking"
    ACTUAL = "ActualVictimOfTrafficking"
    NOT = "NotAVictimOfTrafficking"

    @property
    def words(self) -> str:
        """Say it as the standard does."""
        return _FOUND[self]


_CLOSED_AS: Mapping[ClosedAs, str] = {
    ClosedAs.CLOSED: gettext_lazy("Closed"),
    ClosedAs.REFERRED: gettext_lazy("Closed, referred"),
}
_FOUND: Mapping[Found, str] = {
    Found.POSSIBLE: gettext_lazy("Possible victim of trafficking"),
    Found.ACTUAL: gettext_lazy("Actual victim of trafficking"),
    Found.NOT: gettext_lazy("Not a victim of trafficking"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """How a case ended."""

    closed_as: ClosedAs
    found: Found
