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
from nowrongdoor.core.language import gettext_lazy

FILE = "grounds.toml"
# "Reasonably time-limited"; the numbers are our policy. More than OFFERED needs a reason.
LONGEST_CONSENT = datetime.timedelta(days=365)
OFFERED_CONSENT = datetime.timedelta(days=90)
USUAL_CONSENT = datetime.timedelta(days=15)


class Signer(enum.StrEnum):
    """Who signs a release, and in what capacity."""

    PERSON = "person"
    MINOR = "minor"
    MINOR_AND_PARENT = "minor_and_parent"
    GUARDIAN = "guardian"

    @property
    def words(self) -> str:
        """Say who signs."""
        return _SIGNERS[self]

    @property
    def needs_another(self) -> bool:
        """Return whether somebody else signs with the person, or for them."""
        return self in (Signer.MINOR_AND_PARENT, Signer.GUARDIAN)


_SIGNERS = {
    Signer.PERSON: gettext_lazy("The person, who is an adult"),
    Signer.MINOR: gettext_lazy("The person, who is a minor and may get this service alone"),
    Signer.MINOR_AND_PARENT: gettext_lazy("The person, who is a minor, and a parent or guardian"),
    Signer.GUARDIAN: gettext_lazy("A guardian, for somebody who can’t consent"),
}


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
    so many hours; `immigration`: said to whoever would send that part to another department; `signing`: who may sign a
    release; `discovery`: what is said where one agency writes to another. A country need not have the last two."""

    version: str
    consent: str
    law: Mapping[Ground, Law]
    notice: Law
    hours: int
    immigration: str
    signing: Law | None = None
    discovery: Law | None = None

    @property
    def within(self) -> datetime.timedelta:
        """Return how soon the notice is due."""
        return datetime.timedelta(hours=self.hours)


def read(text: str) -> Grounds:
    """Read a country's grounds.toml. entries.Unreadable."""
    content = entries.read(text, FILE)
    consent, notice, immigration = content.one("consent"), content.one("notice"), content.one("immigration")
    grounds = {ground: content.one(ground.value) for ground in Ground}
    optional = {name: content.one(name) if content.has(name) else None for name in ("signing", "discovery")}
    read = Grounds(
        content.text("version"),
        consent.text("citation"),
        {ground: _law(each) for ground, each in grounds.items()},
        _law(notice),
        notice.number("hours", 1, 24 * 365),
        immigration.text("refusal"),
        *(_law(each) if each else None for each in optional.values()),
    )
    for each in (consent, notice, immigration, *grounds.values(), *filter(None, optional.values()), content):
        each.end()
    return read


def _law(each: entries.Entry) -> Law:
    return Law(each.text("words"), each.text("citation"), entries.evidence(each))


@functools.cache
def installed() -> Grounds:
    """Return the grounds of the country that is installed."""
    return read(jurisdictions.text(FILE))
