"""What a case's page shows of its assessments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nowrongdoor.ui.panels import Panel


def assessments(results: Sequence[Mapping[str, object]]) -> Panel:
    """Show what each instrument says of a case, and what it rests on."""
    return Panel("triage/_assessments.html", {"assessments": results})
