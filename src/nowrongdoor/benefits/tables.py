"""What benefits letters let whom see and write: the agency that added the person, in the roles that see immigration
matters, and nobody else, whatever a release says."""

from __future__ import annotations

from nowrongdoor.access import policies, viewers
from nowrongdoor.access.policies import ME, PERSON, system_or
from nowrongdoor.audit import words
from nowrongdoor.benefits import models
from nowrongdoor.cases.tables import APART, OF_CASE, took_part
from nowrongdoor.core.parts import Part
from nowrongdoor.vault import inventory

KEEPERS = tuple(viewers.who_sees(Part.IMMIGRATION))
_OURS = f"owner_id = {ME} AND {policies.role_is(*KEEPERS)} AND {took_part(OF_CASE)}"
DECLARED = (
    policies.Rows(
        model=models.BenefitsLetter,
        see=system_or(f"({_OURS} AND {APART})"),
        add=f"{_OURS} AND by_id = {PERSON}",
        change=f"({_OURS} AND {APART})",
        columns=(
            *("state", "received_on", "expires_on", "number", "ended_on", "answered_at", "answered_by_id"),
            *("extended_to", "extended_at", "extended_by_id", "struck_at", "struck_by_id"),
        ),
    ),
    inventory.Columns(
        models.BenefitsLetter,
        sealed=("number",),
        plain=dict.fromkeys(("kind", "state", "written_as"), inventory.CODES),
    ),
    words.Verb("person.noted", "noted something about a person"),  # no kind: inspectors read it, who see no letter
)
