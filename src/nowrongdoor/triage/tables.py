"""What the tables of assessments let whom see and write. What instruments say of a case is worked out by the system: no
agency writes itself a finding."""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import SYSTEM
from nowrongdoor.cases import tables as cases
from nowrongdoor.triage import models
from nowrongdoor.vault import inventory

DECLARED = (
    policies.public(models.Finding, "what instruments say of yes and no answers; names no case"),
    inventory.Columns(models.Finding, plain={"digest": "of codes", "body": inventory.FACTS}),
    policies.Rows(model=models.Assessment, see=cases.CASE, add=SYSTEM),
    inventory.Columns(models.Assessment, plain={"finding_id": "of codes"}),
)
