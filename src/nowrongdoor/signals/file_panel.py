"""The files of contacts as a page lists them, with what its reader may do to each."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Sequence

from nowrongdoor.signals import files
from nowrongdoor.ui.panels import Panel


@dataclasses.dataclass(frozen=True, slots=True)
class Addresses:
    """Where a file's copy and original open, and where it is isolated."""

    copy: str
    original: str
    isolate: str


def panel(rows: Sequence[files.FileShown], address: Callable[[uuid.UUID], Addresses], *, level: int) -> Panel:
    """Show files that somebody added to contacts; `level`: of the heading above them."""
    context = {
        "rows": [(row, address(row.id)) for row in rows],
        "has_isolated": any(row.is_isolated for row in rows),
        "level": level,
    }
    return Panel("signals/_files.html", context)
