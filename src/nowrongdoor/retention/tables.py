"""What holds and disposals let whom see and write: the agency that led a case last asks and approves, and a hold of
another one that takes part stops it."""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import MINE, SEES_CASES, THIS_CASE, system_or
from nowrongdoor.audit import words
from nowrongdoor.cases import tables as cases
from nowrongdoor.retention import models
from nowrongdoor.vault import inventory

DECLARED = (
    policies.Rows(
        model=models.Hold,
        see=cases.CASE,
        add=f"({cases.OURS} AND lifted_at IS NULL AND lifted_by_id IS NULL)",
        change=cases.OURS,
        columns=("lifted_at", "lifted_by_id"),
    ),
    inventory.Columns(models.Hold, sealed=("because",), plain={"kind": inventory.CODES}),
    words.Verb("case.held", "placed a hold on the case"),
    words.Verb("hold.lifted", "lifted a hold"),
    policies.Rows(
        model=models.Disposal,
        see=system_or(f"({MINE} AND {SEES_CASES})", f"case_id = {THIS_CASE}"),
        add=cases.OURS,
        change=f"{cases.OURS} OR {cases.ACTS}",
        columns=("approved_at", "approved_by_id", "stopped_at", "destroyed"),
    ),
    inventory.Columns(models.Disposal, plain={"schedule": inventory.CODES}),
    words.Verb("case.disposed", "destroyed the text of the case, as the second person"),
    words.Verb("disposal.asked", "requested disposal of the case"),
    words.Verb("retention.read", "viewed records retention"),
)
