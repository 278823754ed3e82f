"""What duties let whom see and write, and how their words are kept."""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import MINE, PERSON, THIS_CASE, system_or
from nowrongdoor.audit import words
from nowrongdoor.cases.tables import ACTS, BETWEEN, OF_CASE, takes_part
from nowrongdoor.duties import models
from nowrongdoor.vault import inventory

# About anything but a case: the people of its owner, and where one of them owes it, that person alone.
_NO_CASE = f"(case_id IS NULL AND {MINE} AND coalesce(person_id, {PERSON}) = {PERSON})"
_OWES = f"(case_id IS NOT NULL AND {MINE} AND {BETWEEN})"  # no case is also none of those that one is excluded from
_NO_ANSWER = "kind <> 'answer'"  # a trigger writes the answer that an offer owes
PHRASES: policies.Phrases = (
    (_NO_CASE, "(about no case: its own agency's, one person's to that person alone)"),
    (_OWES, "(its own agency's on a case, in a role that opens cases, not kept away from this one)"),
    (_NO_ANSWER, "no answer"),
)
DECLARED = (
    policies.Rows(
        model=models.Duty,
        see=system_or(_OWES, f"case_id = {THIS_CASE}", takes_part(OF_CASE), _NO_CASE),
        add=f"{_NO_ANSWER} AND ({system_or(ACTS, _NO_CASE)})",
        change=f"{_NO_ANSWER} AND ({system_or(_OWES, ACTS, takes_part(OF_CASE), _NO_CASE)})",
        columns=("agency_id", "by_hand", "follows_lead", "done_at", "done_by_id", "how", "withdrawn_at"),
    ),
    inventory.Columns(
        models.Duty,
        sealed=("how",),
        plain={
            **dict.fromkeys(("kind", "thing", "source", "role", "basis", "clock"), inventory.CODES),
            **dict.fromkeys(("desk", "rule", "why", "limit", "citation", "evidence"), inventory.RULE),
        },
    ),
    words.Verb("notice.acknowledged", "acknowledged a notice"),
    words.Verb("clock.met", "met a deadline"),
    words.Verb("worklist.read", "looked at the worklist"),
)
