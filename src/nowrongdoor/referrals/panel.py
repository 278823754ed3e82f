"""What a case's page shows of referrals: those of the viewer's own agency."""

from __future__ import annotations

from nowrongdoor.access import viewers
from nowrongdoor.cases import queries as cases
from nowrongdoor.referrals import queries
from nowrongdoor.services import tables
from nowrongdoor.ui.panels import Panel


def of_case(viewer: viewers.Viewer, access: cases.Access) -> Panel:
    """Show to which services the viewer's agency referred somebody of a case. The caller looks."""
    is_finder = viewer.role in tables.FINDERS
    rows = queries.of_case(viewer, access.case.id) if is_finder else ()
    context = {
        "is_finder": is_finder,
        "referrals": queries.lines(rows),
    }
    return Panel("referrals/_case.html", context)
