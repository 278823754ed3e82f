"""How long each class of record is kept, and what that rests on: words that name somebody as the country's law asks
(schedules.toml), what names nobody for good."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Mapping

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy, ngettext

FILE = "schedules.toml"


@dataclasses.dataclass(frozen=True, slots=True)
class Schedule:
    """A class of record, how long it is kept after it was closed, and what says so (statute, secondary, unverified or
    policy). None: for good."""

    words: str
    keep: datetime.timedelta | None
    citation: str
    evidence: str

    @property
    def kept_for(self) -> str:
        """Say how long, in years; schedules are whole years of 365 days."""
        if self.keep is None:
            return _("good")
        years = self.keep.days // 365
        return ngettext("%(years)d year", "%(years)d years", years) % {"years": years}


def read(text: str) -> Mapping[str, Schedule]:
    """Read a country's schedules.toml, and add what is the same everywhere. entries.Unreadable."""
    content = entries.read(text, FILE)
    content.text("version")
    case = content.one("case")
    words = gettext_lazy("Words and people of a closed case, and of its signals")
    keep = datetime.timedelta(days=365 * case.number("years", 1, 100))
    read = {
        "case": Schedule(words, keep, case.text("citation"), entries.evidence(case)),
        "facts": Schedule(
            gettext_lazy("Coded facts, hand-offs and decisions, which name nobody"),
            None,
            "policy: public figures",
            "policy",
        ),
        "trail": Schedule(
            gettext_lazy("The trail of who read and wrote what"), None, "policy: accountability", "policy"
        ),
    }
    case.end()
    content.end()
    return read


@functools.cache
def installed() -> Mapping[str, Schedule]:
    """Return the schedules of the country that is installed."""
    return read(jurisdictions.text(FILE))
