"""What this room's tables let whom see and write: a directory is public, but for what staff alone are shown, who are
those who find help for people."""

from __future__ import annotations

from nowrongdoor.access import policies, viewers
from nowrongdoor.access.policies import MINE, NOBODY, SIGNED, SYSTEM, system_or
from nowrongdoor.audit import words
from nowrongdoor.services import models
from nowrongdoor.vault import inventory

KEEPERS = (viewers.Role.COORDINATOR,)
FINDERS = (viewers.Role.ADVOCATE, viewers.Role.COORDINATOR, viewers.Role.VICTIM_SPECIALIST)
_KEEPS, _FINDS = policies.role_is(*KEEPERS), policies.role_is(*FINDERS)
_PUBLIC = "NOT @.is_for_staff"
_DIRECTORY = "the directory: what an organization says of itself and its services to everybody; nothing of a client"
_WHY = "a directory of services is there to be found; where a hidden place is is not kept"
PHRASES: policies.Phrases = (
    (_PUBLIC, "what is not for staff alone"),
    (_FINDS, "as advocate, coordinator or victim specialist"),
)
DECLARED = (
    policies.Rows(
        model=models.DirectoryRow,
        see=system_or(f"({_PUBLIC})", _FINDS),
        add=SYSTEM,
        change=SYSTEM,
        columns=("root", "content", "is_for_staff", "is_hidden", "at"),
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
        see=system_or(f"({_PUBLIC})", _FINDS),
        add=SYSTEM,
        change=SYSTEM,
        columns=("is_for_staff", "schedules", "room"),
        remove=SYSTEM,
    ),
    inventory.Columns(models.Opening, plain=dict.fromkeys(("schedules", "room"), _DIRECTORY)),
    policies.Rows(
        model=models.Vetting,
        see=system_or(_FINDS),
        add=f"({SIGNED} AND {_KEEPS})",
        change=f"({MINE} AND {_KEEPS})",
        columns=("ended_at", "ended_by_id"),
        remove=NOBODY,
    ),
    inventory.Columns(models.Vetting),
    words.Verb("services.searched", "looked for a service that can help"),
    words.Verb("provider.vetted", "vetted an organization of the directory"),
    words.Verb("provider.unvetted", "ended the vetting of an organization of the directory"),
)
