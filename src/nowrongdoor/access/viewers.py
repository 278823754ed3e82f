"""Who is looking: the one value that every access door asks, and the roles that a person may have.

The promise: whoever looks is named with an agency and a role before any secret row is read; nobody looks as nobody.
"""

from __future__ import annotations

import dataclasses
import enum
import uuid


class Role(enum.Enum):
    """What a person does in an agency; the sentence is shown where roles are given out."""

    ADVOCATE = "advocate"  # takes signals and stays with the person who called
    COORDINATOR = "coordinator"  # answers offers, keeps clocks, leads cases
    ADMINISTRATOR = "administrator"  # puts mandate tables in force and keeps agencies and people
    MACHINE = "machine"  # another system that hands in signals with a token

    @property
    def sentence(self) -> str:
        """This will say in one sentence what the role may do."""
        return _SENTENCES[self]


_SENTENCES = {
    Role.ADVOCATE: "Takes signals in, and sees what became of every one that the agency took.",
    Role.COORDINATOR: "Answers offers, keeps clocks, and leads the agency's cases.",
    Role.ADMINISTRATOR: "Keeps agencies and people, and puts proved mandate tables in force.",
    Role.MACHINE: "Hands in signals with a token, and reads back only those.",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Viewer:
    """One person (or token) of one agency; `user_id` is None for a token."""

    user_id: uuid.UUID | None
    name: str
    role: Role
    agency_id: uuid.UUID
    agency_code: str
    agency_name: str
