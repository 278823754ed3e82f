"""What the trail's own tables let whom see and write. How their columns are kept is told above, in the vault."""

from __future__ import annotations

from nowrongdoor.access import policies, viewers
from nowrongdoor.access.policies import ENTRY, MINE, NOBODY, system_or
from nowrongdoor.audit import models, words

_INSPECTED = system_or(f"({MINE} AND {policies.role_is(viewers.Role.INSPECTOR)})")
DECLARED = (
    policies.Rows(model=models.Event, see=_INSPECTED, add=f"{ENTRY} OR {MINE}"),
    policies.Rows(model=models.Seal, see=_INSPECTED, add=NOBODY),  # a trigger writes it
    policies.public(models.Anchor, "digests that are made to be published"),
    words.Verb("trail.anchored", "anchored the trail"),
    words.Verb("trail.exported", "downloaded the trail"),
    words.Verb("trail.read", "viewed the trail"),
)
