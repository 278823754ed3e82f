"""What a case's page shows of what is owed: who is told, and until when what is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from nowrongdoor.core.mandates import rules
from nowrongdoor.duties.queries import Duty
from nowrongdoor.ui.panels import Panel


def notices(rows: Sequence[Duty]) -> Panel:
    """Show who has to be told of a case, and whether they were."""
    return Panel("duties/_notices.html", {"notices": rows})


def deadlines(rows: Sequence[Duty], ruling: Mapping[str, object] | None) -> Panel:
    """Show the deadlines of a case, and those that start only when something happens."""
    clocks = cast(Sequence[Mapping[str, str]], ruling["clocks"] if ruling else ())
    later = [clock for clock in clocks if clock["starts"] == rules.Starts.EVENT.value]
    return Panel("duties/_deadlines.html", {"clocks": rows, "later": later})
