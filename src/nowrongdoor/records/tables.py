"""What this room's tables let whom see and write, how their words are kept, and what it tells the trail.

Who handles records reads them: coordinators, who hold and dispose, and the agency's administrators, who answer for it.
Nobody else does: that a demand came may itself be sealed.
"""

from __future__ import annotations

from nowrongdoor.access import policies, viewers
from nowrongdoor.access.policies import MINE, SIGNED, system_or
from nowrongdoor.audit import words
from nowrongdoor.records import models
from nowrongdoor.vault import inventory

HANDLERS = (viewers.Role.COORDINATOR, viewers.Role.ADMINISTRATOR)
_HANDLES = policies.role_is(*HANDLERS)
_OURS = f"({MINE} AND {_HANDLES})"
_OF_DEMAND = "EXISTS (SELECT FROM nowrongdoor_demand d WHERE d.id = @.demand_id AND d.agency_id = @.agency_id)"
_OF_BREACH = "EXISTS (SELECT FROM nowrongdoor_breach b WHERE b.id = @.breach_id AND b.agency_id = @.agency_id)"
PHRASES: policies.Phrases = (
    (_HANDLES, "as coordinator or administrator"),
    (_OF_DEMAND, "for a demand on that agency"),
    (_OF_BREACH, "of a breach at that agency"),
)
DECLARED = (
    words.Verb("discovery.collected", "collected the records of the case for discovery"),
    # Subpoenas, warrants and other demands
    policies.Rows(
        model=models.Demand,
        see=system_or(_OURS),
        add=f"({SIGNED} AND {_HANDLES})",
        change=_OURS,
        columns=(
            *("return_at", "motion_at", "counsel_at", "notice", "notice_at", "forbidden_by"),
            *("closed_at", "closed_by_id", "outcome", "how"),
        ),
    ),
    inventory.Columns(
        models.Demand,
        sealed=("receiver", "party", "docket", "asks", "forbidden_by", "how"),
        plain=dict.fromkeys(("kind", "notice", "outcome"), inventory.CODES),
    ),
    words.Verb("demands.listed", "viewed the log of subpoenas and warrants"),
    words.Verb("demand.read", "viewed a subpoena or another demand"),
    words.Verb("demand.logged", "logged a subpoena or another demand"),
    words.Verb("demand.changed", "changed the dates or the notice of a demand"),
    words.Verb("demand.closed", "closed a demand"),
    policies.Rows(
        model=models.DemandRecord,
        see=system_or(_OURS),
        add=f"({SIGNED} AND {_HANDLES} AND {_OF_DEMAND})",
    ),
    inventory.Columns(
        models.DemandRecord, sealed=("name",), plain={"digest": "SHA-256 of a whole record that left, in hex"}
    ),
    words.Verb("demand.record_left", "noted that a record left for a demand"),
    # Breaches: nothing in them is words
    policies.Rows(
        model=models.Breach,
        see=system_or(_OURS),
        add=f"({SIGNED} AND {_HANDLES})",
        change=_OURS,
        columns=("kind", "happened_at", "people", "closed_at", "closed_by_id"),
    ),
    inventory.Columns(models.Breach, plain=dict.fromkeys(("kind", "what"), inventory.CODES)),
    words.Verb("breaches.listed", "viewed the log of breaches"),
    words.Verb("breach.read", "viewed a breach"),
    words.Verb("breach.logged", "logged a breach"),
    words.Verb("breach.changed", "changed what is known of a breach"),
    words.Verb("breach.closed", "closed a breach"),
    policies.Rows(
        model=models.BreachNotice,
        see=system_or(_OURS),
        add=f"({SIGNED} AND {_HANDLES} AND {_OF_BREACH})",
    ),
    inventory.Columns(
        models.BreachNotice,
        plain={"recipient": inventory.CODES, "confirmation": "a number that the recipient gave; a check takes no name"},
    ),
    words.Verb("breach.told", "noted who was told of a breach"),
)
