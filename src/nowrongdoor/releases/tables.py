"""What releases and disclosures let whom see and write: the agency that wrote the person down, and the one it tells."""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import ME, MINE, THIS_CASE, system_or
from nowrongdoor.audit import words
from nowrongdoor.cases import tables as cases
from nowrongdoor.releases import models
from nowrongdoor.vault import inventory

_BOTH_SIDES = system_or(f"(({MINE} OR recipient_id = {ME}) AND {cases.BETWEEN})", f"case_id = {THIS_CASE}")
DECLARED = (
    policies.Rows(
        model=models.Release,
        see=_BOTH_SIDES,
        add=cases.OURS,
        change=cases.OURS,
        columns=("revoked_at", "revoked_by_id"),
    ),
    inventory.Columns(models.Release, sealed=("purpose", "witness"), plain={"parts": inventory.CODES}),
    words.Verb("release.kept", "saved a person’s release"),
    words.Verb("release.revoked", "revoked a release for the person"),
    policies.Rows(model=models.Disclosure, see=_BOTH_SIDES, add=cases.OURS),
    inventory.Columns(
        models.Disclosure,
        sealed=("because",),
        plain={**dict.fromkeys(("parts", "ground", "evidence"), inventory.CODES), "citation": inventory.RULE},
    ),
    words.Verb("person.disclosed", "disclosed details about a person under a legal duty"),
)
