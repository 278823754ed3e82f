"""The lines of this installation: the file that NWD_LINE names, read once a process."""

from __future__ import annotations

import functools

from nowrongdoor.core import line_plan
from nowrongdoor.operating import settings_files

VARIABLE = "NWD_LINE"


@functools.cache
def installed() -> line_plan.Plan:
    """Return the plan, which is empty without a file. core.entries.Unreadable."""
    return settings_files.named_by(VARIABLE, line_plan.read, otherwise=line_plan.NOTHING)
