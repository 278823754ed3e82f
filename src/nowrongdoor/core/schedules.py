"""How long each class of record is kept, and what that rests on."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping


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
        return f"{self.keep.days // 365} years" if self.keep else "good"


SCHEDULES: Mapping[str, Schedule] = {
    "case": Schedule(
        "Words and people of a closed case, and of its signals",
        datetime.timedelta(days=5 * 365),
        "28 CFR part 23 (five years, then purge or validate; gate G06)",
        "unverified",
    ),
    "facts": Schedule(
        "Coded facts, hand-offs and decisions, which name nobody", None, "policy: public figures", "policy"
    ),
    "trail": Schedule("The trail of who read and wrote what", None, "policy: accountability", "policy"),
}
