"""Who is looking: the one value that every guard asks, and the roles that a person may have.

The promise: whoever looks is named with an agency and a role before any secret row is read; nobody looks as nobody.
"""

from __future__ import annotations

import dataclasses
import enum
import uuid


class Role(enum.Enum):
    """What a person does in an agency; the sentence is shown where roles are given out."""

    ADVOCATE = "advocate"
    COORDINATOR = "coordinator"
    INVESTIGATOR = "investigator"
    VICTIM_SPECIALIST = "victim_specialist"
    PROVIDER = "provider"
    ANALYST = "analyst"
    OUTREACH = "outreach"
    GRANTS = "grants"
    INSPECTOR = "inspector"
    ADMINISTRATOR = "administrator"
    MACHINE = "machine"  # another system that hands in signals with a token

    @property
    def sentence(self) -> str:
        """Say in one sentence what the role may do."""
        return _SENTENCES[self]

    @property
    def words(self) -> str:
        """Name the role for a page."""
        return self.value.replace("_", " ")

    @property
    def sees_cases(self) -> bool:
        """Return whether the role opens the cases that its agency takes part in. Whoever does signs in with two
        factors."""
        return self in SEES_CASES

    @property
    def needs_two_factors(self) -> bool:
        """Return whether the role signs in with a second factor, without exception."""
        return self.sees_cases or self in (Role.ADMINISTRATOR, Role.INSPECTOR)


_SENTENCES = {
    Role.ADVOCATE: "Takes signals in, stays with the person who called, and sees what became of every signal.",
    Role.COORDINATOR: "Answers offers, keeps clocks, and leads the agency's cases.",
    Role.INVESTIGATOR: "Works on the agency's cases and sees who the people in them are, but not immigration matters.",
    Role.VICTIM_SPECIALIST: "Aids the people in the agency's cases, keeps their releases, and sees all they told us.",
    Role.PROVIDER: "Gives services to people in the agency's cases, and sees how to reach them.",
    Role.ANALYST: "Estimates how many people there are, and sees figures and mandate tables; opens no case.",
    Role.OUTREACH: "Keeps training and campaigns; opens no case.",
    Role.GRANTS: "Keeps awards and their results; opens no case.",
    Role.INSPECTOR: "Sees who looked at what and when, and reviews emergency access; opens no case.",
    Role.ADMINISTRATOR: "Keeps the agency's people and tokens, and puts proved tables in force; opens no case.",
    Role.MACHINE: "Hands in signals with a token, and reads back only those.",
}
FICTIONAL = "(fictional)"  # ends the full name of everybody on a demonstration
ANSWERS = Role.COORDINATOR  # the role that answers offers; an agency without somebody who has it is asked in vain
SEES_CASES = frozenset({Role.ADVOCATE, Role.COORDINATOR, Role.INVESTIGATOR, Role.VICTIM_SPECIALIST, Role.PROVIDER})


@dataclasses.dataclass(frozen=True, slots=True)
class Viewer:
    """One person (or token) of one agency; `user_id` is None for a token."""

    user_id: uuid.UUID | None
    name: str
    role: Role
    agency_id: uuid.UUID
    agency_code: str
    agency_name: str
