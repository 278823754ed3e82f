"""What the table of kept runs lets whom see and write: analysts of the agency that asked."""

from __future__ import annotations

from nowrongdoor.access import policies, viewers
from nowrongdoor.access.policies import MINE, SIGNED, system_or
from nowrongdoor.audit import words
from nowrongdoor.prevalence import models
from nowrongdoor.vault import inventory

_ANALYSES = policies.role_is(viewers.Role.ANALYST)
_COUNTS = "counts of people by the lists they are on, and the names of these lists; no row about anybody is kept"
DECLARED = (
    policies.Rows(
        model=models.Run,
        see=system_or(f"({MINE} AND {_ANALYSES})"),
        add=system_or(f"({SIGNED} AND {_ANALYSES})"),
        change=system_or(f"({SIGNED} AND {_ANALYSES})"),
        columns=(
            *("version", "ended_at", "failed", "cpu_seconds", "estimate", "low", "high", "refused", "headline"),
            *("figures", "report", "pictures"),
        ),
    ),
    inventory.Columns(
        models.Run,
        plain={
            **dict.fromkeys(("lists", "table", "figures", "report", "pictures", "headline"), _COUNTS),
            **dict.fromkeys(("digest", "version"), inventory.REFERENCE),
            "method": inventory.CODES,
            "failed": "why there is no estimate, in the program's own words",
        },
    ),
    words.Verb("prevalence.asked", "requested an estimate"),
    words.Verb("prevalence.overridden", "requested a single number against advice"),
    words.Verb("prevalence.read", "viewed an estimate"),
    words.Verb("prevalence.saved", "downloaded an estimate"),
    words.Verb("prevalence.worked_out", "an estimate was worked out"),
)
