"""What a case's page shows of its ruling: which gates restrict who may be asked and told."""

from __future__ import annotations

from collections.abc import Mapping

from nowrongdoor.ui.panels import Panel


def gates(ruling: Mapping[str, object] | None) -> Panel:
    """Show the gates of the newest ruling, and who is neither asked nor told because of them."""
    return Panel("mandates/_gates.html", {"ruling": ruling})
