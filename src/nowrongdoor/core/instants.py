"""The three instants of a signal: when the contact was made, when the agency got it, when it was typed or handed in.

The promise: none lies in the future, they come in this order, and one that is more than a year back counts only once
somebody says that it is right, because a year is soon mistyped.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping

from nowrongdoor.core.language import gettext as _

LONG_AGO = datetime.timedelta(days=365)  # policy
EARLIEST = datetime.datetime(1900, 1, 1, tzinfo=datetime.UTC)


@dataclasses.dataclass(frozen=True, slots=True)
class Instants:
    """What was said of the first two; None where nobody said. `is_long_ago`: that one of them is more than a year back
    is right."""

    contacted_at: datetime.datetime | None = None
    arrived_at: datetime.datetime | None = None
    is_long_ago: bool = False

    def arrival(self, *, typed_at: datetime.datetime) -> datetime.datetime:
        """Return when the agency got it: as it was typed, unless somebody said otherwise."""
        return self.arrived_at or typed_at

    def problems(self, *, typed_at: datetime.datetime) -> Mapping[str, str]:
        """Say by the name of each instant what is wrong with it, and what to do."""
        named = {"contacted_at": self.contacted_at, "arrived_at": self.arrived_at}
        wrong = {name: problem for name, at in named.items() if at and (problem := self._problem(at, typed_at))}
        if not wrong and self.contacted_at and self.contacted_at > self.arrival(typed_at=typed_at):
            wrong["arrived_at"] = _("Your agency can’t have gotten it before the contact was made. Check both times.")
        return wrong

    def _problem(self, at: datetime.datetime, typed_at: datetime.datetime) -> str:
        if at > typed_at:
            return _("This time is in the future. Enter when it happened, or leave it blank.")
        if at < EARLIEST:
            return _("Enter the year with four digits, like 2026.")
        if at < typed_at - LONG_AGO and not self.is_long_ago:
            return _("This is more than a year ago. Check the year. If it’s right, confirm that it was long ago.")
        return ""


UNTOLD = Instants()
