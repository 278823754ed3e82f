"""What the mandate tables and what they ruled let whom see and write. Who rules is the system: no agency writes itself
a ruling."""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import SYSTEM
from nowrongdoor.audit import words
from nowrongdoor.cases import tables as cases
from nowrongdoor.mandates import models
from nowrongdoor.vault import inventory

_TABLE = "the mandate table, which is public"
DECLARED = (
    # The country
    policies.public(models.Country, "which country it is for is public"),
    inventory.Columns(models.Country, plain={"code": "the code of a country"}),
    # Mandate tables
    policies.public(
        models.MandateTable,
        "the rules are public",
        change=SYSTEM,
        columns=("in_force", "in_force_since", "in_force_by_id", "backstops"),
    ),
    inventory.Columns(
        models.MandateTable,
        plain=dict.fromkeys(
            ("name", "version", "digest", "files", "proved_digest", "proof", "facts", "facts_digest", "backstops"),
            _TABLE,
        ),
    ),
    words.Verb("mandates.in_force", "put a mandate table in force"),
    # Rulings and decisions
    policies.public(models.Ruling, "what a table says of facts; names no case"),
    inventory.Columns(models.Ruling, plain={"digest": "of codes", "body": inventory.RULE}),
    policies.Rows(model=models.Decision, see=cases.CASE, add=SYSTEM),
    inventory.Columns(models.Decision, plain={"ruling_id": "of codes"}),
)
