"""What notices and clocks let whom see and write, and how their words are kept."""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import MINE, THIS_CASE, system_or
from nowrongdoor.audit import words
from nowrongdoor.cases.tables import ACTS, BETWEEN, OF_CASE, takes_part
from nowrongdoor.duties import models
from nowrongdoor.vault import inventory

# What an agency owes. Whoever opened its case may move or tell it; in whose name, triggers ask
_OWED = {
    "see": system_or(f"({MINE} AND {BETWEEN})", f"case_id = {THIS_CASE}", takes_part(OF_CASE)),
    "add": system_or(ACTS),
    "change": system_or(f"({MINE} AND {BETWEEN})", ACTS, takes_part(OF_CASE)),
}
DECLARED = (
    policies.Rows(
        model=models.Notice,
        **_OWED,
        columns=("agency_id", "by_hand", "acknowledged_at", "acknowledged_by_id", "how", "withdrawn_at"),
    ),
    inventory.Columns(
        models.Notice,
        sealed=("how",),
        plain={
            **dict.fromkeys(("desk", "role", "basis", "clock"), inventory.CODES),
            **dict.fromkeys(("rule", "why", "citation", "evidence"), inventory.RULE),
        },
    ),
    words.Verb("notice.acknowledged", "acknowledged a notice"),
    policies.Rows(
        model=models.Clock,
        **_OWED,
        columns=("agency_id", "follows_lead", "met_at", "met_by_id", "how", "withdrawn_at"),
    ),
    inventory.Columns(
        models.Clock,
        sealed=("how",),
        plain={
            **dict.fromkeys(("clock", "basis"), inventory.CODES),
            **dict.fromkeys(("desk", "duty", "limit", "citation", "evidence"), inventory.RULE),
        },
    ),
    words.Verb("clock.met", "met a deadline"),
    words.Verb("worklist.read", "looked at the worklist"),
)
