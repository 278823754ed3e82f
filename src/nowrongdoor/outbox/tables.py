"""What the outbox lets whom see and write, and how its words are kept: it has none."""

from __future__ import annotations

from nowrongdoor.access import policies, viewers
from nowrongdoor.access.policies import MINE, PERSON, SYSTEM, system_or
from nowrongdoor.outbox import models
from nowrongdoor.outbox.kinds import Kind
from nowrongdoor.vault import inventory

_OWN = f"({MINE} AND person_id = {PERSON})"
_ADMINISTRATORS = policies.role_is(viewers.Role.ADMINISTRATOR)
_CHECK = f"kind = '{Kind.ADDRESS_CHECK.value}'"
PHRASES: policies.Phrases = ((_CHECK, "a code for an address"),)
DECLARED = (
    policies.Rows(
        model=models.Message,
        see=system_or(_OWN, f"({MINE} AND {_ADMINISTRATORS})"),
        add=system_or(f"({_OWN} AND {_CHECK})"),
        change=SYSTEM,
        columns=("due_at", "tries", "tried_at", "problem", "over_at", "outcome", "digest"),
        later={"due_at": "31 days"},
    ),
    inventory.Columns(
        models.Message,
        plain={
            **dict.fromkeys(("channel", "kind", "problem", "outcome"), inventory.CODES),
            "digest": "SHA-256 of a message without names or facts",
        },
    ),
)
