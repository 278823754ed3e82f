"""On what grounds something about a victim may cross an agency border without the victim's consent.

The rule is consent. What follows are the exceptions, each with what it rests on in the country that is installed
(grounds.toml), and each with the notice that the victim is owed. Which grounds there are is code, because the database
knows no other.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import functools
from collections.abc import Mapping

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries

FILE = "grounds.toml"
LONGEST_CONSENT = datetime.timedelta(days=365)  # "reasonably time-limited"; the number is our policy


class Ground(enum.Enum):
    """Why it may be told without consent."""

    MANDATE = "mandate"
    CHILD = "child"
    DANGER = "danger"


@dataclasses.dataclass(frozen=True, slots=True)
class Law:
    """What a ground or a notice rests on, and how well that is founded: statute, secondary, unverified, policy."""

    words: str
    citation: str
    evidence: str


@dataclasses.dataclass(frozen=True)
class Grounds:
    """A country's grounds. `consent`: the law that asks for it; `notice`: what the victim is owed afterwards, within
    so many hours; `immigration`: said to whoever would send that part to another department."""

    version: str
    consent: str
    law: Mapping[Ground, Law]
    notice: Law
    hours: int
    immigration: str

    @property
    def within(self) -> datetime.timedelta:
        """Return how soon the notice is due."""
        return datetime.timedelta(hours=self.hours)


def read(text: str) -> Grounds:
    """Read a country's grounds.toml. entries.Unreadable."""
    content = entries.read(text, FILE)
    consent, notice, immigration = content.one("consent"), content.one("notice"), content.one("immigration")
    grounds = {ground: content.one(ground.value) for ground in Ground}
    read = Grounds(
        content.text("version"),
        consent.text("citation"),
        {ground: _law(each) for ground, each in grounds.items()},
        _law(notice),
        notice.number("hours", 1, 24 * 365),
        immigration.text("refusal"),
    )
    for each in (consent, notice, immigration, *grounds.values(), content):
        each.end()
    return read


def _law(each: entries.Entry) -> Law:
    return Law(each.text("words"), each.text("citation"), entries.evidence(each))


@functools.cache
def installed() -> Grounds:
    """Return the grounds of the country that is installed."""
    return read(jurisdictions.text(FILE))
