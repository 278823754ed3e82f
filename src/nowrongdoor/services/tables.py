"""What this room's tables let whom see and write: a directory is public, but for what staff alone are shown, who are
those who find help for people."""

from __future__ import annotations

from nowrongdoor.access import policies, viewers
from nowrongdoor.access.policies import MINE, NOBODY, SIGNED, SYSTEM, system_or
from nowrongdoor.audit import words
from nowrongdoor.services import models
from nowrongdoor.vault import inventory

KEEPERS = (viewers.Role.COORDINATOR,)
PROVIDERS = (viewers.Role.PROVIDER,)
FINDERS = (viewers.Role.ADVOCATE, viewers.Role.COORDINATOR, viewers.Role.VICTIM_SPECIALIST)
_KEEPS, FINDS, PROVIDES = (policies.role_is(*roles) for roles in (KEEPERS, FINDERS, PROVIDERS))
# Room is counted now, and not for a time to come.
NOW = "at <= statement_timestamp() + interval '1 minute'"
_PUBLIC = "NOT @.is_for_staff"
_DIRECTORY = "the directory: what an organization says of itself and its services to everybody; nothing of a client"
_WHY = "a directory of services is there to be found; where a hidden place is is not kept"
PHRASES: policies.Phrases = (
    (_PUBLIC, "what is not for staff alone"),
    (FINDS, "as advocate, coordinator or victim specialist"),
    (NOW, "it begins now"),
)
DECLARED = (
    policies.Rows(
        model=models.DirectoryRow,
        see=system_or(f"({_PUBLIC})", FINDS),
        add=SYSTEM,
        change=SYSTEM,
        columns=("root", "content", "is_for_staff", "is_hidden", "at", "hundred"),
        remove=SYSTEM,
    ),
    inventory.Columns(models.DirectoryRow, plain={"table": inventory.CODES, "content": _DIRECTORY}),
    policies.Rows(
        model=models.Listing,
        see=policies.EVERYBODY,
        add=SYSTEM,
        change=SYSTEM,
        columns=("organization", "name", "kinds", "states", "reads"),
        remove=SYSTEM,
        why=_WHY,
    ),
    inventory.Columns(
        models.Listing,
        plain={**dict.fromkeys(("name", "reads"), _DIRECTORY), "kinds": inventory.CODES, "states": inventory.PLACE},
    ),
    policies.Rows(
        model=models.Opening,
        see=system_or(f"({_PUBLIC})", FINDS),
        add=SYSTEM,
        change=SYSTEM,
        columns=("is_for_staff", "schedules", "room"),
        remove=SYSTEM,
    ),
    inventory.Columns(models.Opening, plain=dict.fromkeys(("schedules", "room"), _DIRECTORY)),
    policies.Rows(
        model=models.Vetting,
        see=system_or(FINDS),
        add=f"({SIGNED} AND {_KEEPS})",
        change=f"({MINE} AND {_KEEPS})",
        columns=("ended_at", "ended_by_id"),
        remove=NOBODY,
        later={"until": "366 days"},
    ),
    inventory.Columns(models.Vetting),
    # Who signs in for an organization, and what they say of its room
    policies.Rows(
        model=models.Provider,
        see=system_or(FINDS, MINE),
        add=SYSTEM,
        change=SYSTEM,
        columns=("ended_at",),
    ),
    inventory.Columns(models.Provider),
    policies.Rows(
        model=models.FreeRoom,
        see=system_or(FINDS, MINE),
        add=f"({SIGNED} AND {PROVIDES} AND {NOW})",
    ),
    inventory.Columns(models.FreeRoom),
    words.Verb("services.searched", "looked for a service that can help"),
    words.Verb("room.counted", "said how much room a service has"),
    words.Verb("provider.joined", "signed an agency up to answer for an organization of the directory"),
    words.Verb("provider.left", "ended that an agency answers for an organization of the directory"),
    words.Verb("provider.vetted", "vetted an organization of the directory"),
    words.Verb("provider.unvetted", "ended the vetting of an organization of the directory"),
)
