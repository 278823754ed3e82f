"""What duties let whom see and write, and how their words are kept."""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import MINE, PERSON, THIS_CASE, system_or
from nowrongdoor.audit import words
from nowrongdoor.cases.tables import ACTS, BETWEEN, OF_CASE, takes_part
from nowrongdoor.duties import models, released
from nowrongdoor.vault import inventory

# About anything but a case: the people of its owner, and where one of them owes it, that person alone.
_NO_CASE = f"(case_id IS NULL AND {MINE} AND coalesce(person_id, {PERSON}) = {PERSON})"
_OWES = f"(case_id IS NOT NULL AND {MINE} AND {BETWEEN})"  # no case is also none of those that one is excluded from
_NO_ANSWER = "kind <> 'answer'"  # a trigger writes the answer that an offer owes
# Whoever opened a case may move or tell what is owed on it; in whose name, triggers ask.
_OWED = {
    "see": system_or(f"({MINE} AND {BETWEEN})", f"case_id = {THIS_CASE}", takes_part(OF_CASE)),
    "add": system_or(ACTS),
    "change": system_or(f"({MINE} AND {BETWEEN})", ACTS, takes_part(OF_CASE)),
}
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
    # Until the next release drops them, triggers keep `notice` and `clock` like their rows here.
    policies.Rows(
        model=released.Notice,
        **_OWED,
        columns=("agency_id", "by_hand", "acknowledged_at", "acknowledged_by_id", "how", "withdrawn_at"),
    ),
    inventory.Columns(
        released.Notice,
        sealed=("how",),
        plain={
            **dict.fromkeys(("desk", "role", "basis", "clock"), inventory.CODES),
            **dict.fromkeys(("rule", "why", "citation", "evidence"), inventory.RULE),
        },
    ),
    words.Verb("notice.acknowledged", "acknowledged a notice"),
    policies.Rows(
        model=released.Clock,
        **_OWED,
        columns=("agency_id", "follows_lead", "met_at", "met_by_id", "how", "withdrawn_at"),
    ),
    inventory.Columns(
        released.Clock,
        sealed=("how",),
        plain={
            **dict.fromkeys(("clock", "basis"), inventory.CODES),
            **dict.fromkeys(("desk", "duty", "limit", "citation", "evidence"), inventory.RULE),
        },
    ),
    words.Verb("clock.met", "met a deadline"),
    words.Verb("worklist.read", "looked at the worklist"),
)
