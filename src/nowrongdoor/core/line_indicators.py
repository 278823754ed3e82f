"""Which figures whoever pays for a line asks of it each month, by edition of the form (line.toml, which a country may
leave out).

The promise: an edition whose list nobody here has read has none, and says so; a list is never guessed from another.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Sequence

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries
from nowrongdoor.core.language import gettext as _

FILE = "line.toml"
# What a list may ask for. Those that are not counted here yet are named in the report, with the reason.
KNOWN = (
    "signals_by_mode",
    "potential_victims",
    "law_enforcement_notifications",
    "emergency_service_requests",
    "individual_referrals",
    "referral_partners",
)


@dataclasses.dataclass(frozen=True, slots=True)
class Edition:
    """One edition of the form. `begins` and `until`: the first and last day of months that it is for, None for open;
    `due`: when a month's report is due, empty where that is not known."""

    id: str
    begins: datetime.date | None
    until: datetime.date | None
    name: str
    due: str
    source: str
    evidence: str
    indicators: Sequence[str]

    def covers(self, day: datetime.date) -> bool:
        """Return whether the edition is for a day."""
        return (self.begins is None or self.begins <= day) and (self.until is None or day <= self.until)


def read(text: str) -> Sequence[Edition]:
    """Read a country's line.toml. entries.Unreadable."""
    content = entries.read(text, FILE)
    content.text("version")
    editions: list[Edition] = []
    for entry in content.each("edition"):
        edition = Edition(
            entry.text("id"),
            entry.day("from") if entry.has("from") else None,
            entry.day("until") if entry.has("until") else None,
            entry.text("name"),
            entry.text("due", ""),
            entry.text("source"),
            entries.evidence(entry),
            entry.texts("indicators", ()),
        )
        if unknown := sorted(set(edition.indicators) - set(KNOWN)):
            raise entry.wrong(
                "indicators",
                _("%(name)s is none; write some of %(known)s") % {"name": unknown[0], "known": ", ".join(KNOWN)},
            )
        if any(_meets(edition, each) for each in editions):
            raise entry.wrong("from", _("write days that no other edition has"))
        entry.end()
        editions.append(edition)
    content.end()
    return editions


def _meets(one: Edition, other: Edition) -> bool:
    first, last = datetime.date.min, datetime.date.max
    return (one.begins or first) <= (other.until or last) and (other.begins or first) <= (one.until or last)


@functools.cache
def installed() -> Sequence[Edition]:
    """Return the editions of the installed country, none where it has no such file."""
    return read(jurisdictions.text(FILE)) if jurisdictions.has(FILE) else ()


def of_month(first: datetime.date) -> Edition | None:
    """Return the edition for a month, None where there is none."""
    return next((each for each in installed() if each.covers(first)), None)
