"""What a case's page shows of its assessments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nowrongdoor.core.mandates import table
from nowrongdoor.ui.panels import Panel


def assessments(results: Sequence[Mapping[str, object]], content: table.Table) -> Panel:
    """Show what each instrument says of a case, and what it rests on, in the words of the mandate table."""
    return Panel("triage/_assessments.html", {"assessments": results, "table": content})
