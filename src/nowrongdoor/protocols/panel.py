"""What a case's page shows of reports: the agency's own, and what came of every agency's."""

from __future__ import annotations

from nowrongdoor.access import viewers
from nowrongdoor.cases import queries as cases
from nowrongdoor.protocols import queries, tables
from nowrongdoor.ui.panels import Panel


def reports(viewer: viewers.Viewer, access: cases.Access) -> Panel:
    """Show reports about a case. The caller looks, and the viewer's agency works on the case."""
    may_report = viewer.role in tables.REPORTERS and access.case.closed_at is None and access.key is not None
    context = {
        "case": access.case,
        "reports": queries.of_case(viewer, access.case.id) if viewer.role in tables.REPORTERS else (),
        "outcomes": queries.outcomes_of(access.case.id),
        "may_report": may_report,
    }
    return Panel("protocols/_case.html", context)
