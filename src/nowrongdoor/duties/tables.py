"""What duties let whom see and write, and how their words are kept."""

from __future__ import annotations

from nowrongdoor.access import policies, viewers
from nowrongdoor.access.policies import MINE, NOBODY, PERSON, SIGNED, THIS_CASE, system_or
from nowrongdoor.audit import words
from nowrongdoor.cases.tables import ACTS, BETWEEN, OF_CASE, takes_part
from nowrongdoor.core import parts
from nowrongdoor.duties import kinds, models
from nowrongdoor.vault import inventory

# About anything but a case: the people of its owner, and where one of them owes it, that person alone.
_NO_CASE = f"(case_id IS NULL AND {MINE} AND coalesce(person_id, {PERSON}) = {PERSON})"
_OWES = f"(case_id IS NOT NULL AND {MINE} AND {BETWEEN})"  # no case is also none of those that one is excluded from
# A list is its agency's alone, and shows no more of a case than what is owed on it did.
_LISTED = f"(case_id IS NULL AND {MINE} AND coalesce(only_for_id, {PERSON}) = {PERSON})"
_HAS_A_LIST = policies.role_is(viewers.ANSWERS)
# What follows from a person's benefits letters would tell others where that person comes from. A coordinator, who sees
# that everything is done in time, reads only that something is due.
_TOLD = f"thing <> '{kinds.BENEFITS_LETTER}'"
_MAY_KNOW = policies.role_is(*viewers.who_sees(parts.Part.IMMIGRATION), viewers.Role.COORDINATOR)
_OWED = f"({_OWES} AND ({_TOLD} OR {_MAY_KNOW}))"
_NO_ANSWER = "kind <> 'answer'"  # a trigger writes the answer that an offer owes
PHRASES: policies.Phrases = (
    (_NO_CASE, "(about no case: its own agency's, one person's to that person alone)"),
    (_LISTED, "(about no case: its own agency's, one person's to that person alone)"),
    (_OWES, "(its own agency's on a case, in a role that opens cases, not kept away from this one)"),
    (_MAY_KNOW, "as advocate, victim specialist or coordinator"),
    (_NO_ANSWER, "no answer"),
    (_TOLD, "it isn't about a benefits letter"),
)
DECLARED = (
    policies.Rows(
        model=models.Duty,
        see=system_or(_OWED, f"({_TOLD} AND (case_id = {THIS_CASE} OR {takes_part(OF_CASE)}))", _NO_CASE),
        add=f"{_NO_ANSWER} AND ({system_or(ACTS, _NO_CASE)})",
        change=f"{_NO_ANSWER} AND ({system_or(_OWED, f'({_TOLD} AND ({ACTS} OR {takes_part(OF_CASE)}))', _NO_CASE)})",
        columns=(
            "agency_id",
            "by_hand",
            "follows_lead",
            "done_at",
            "done_by_id",
            "how",
            "confirmation",
            "withdrawn_at",
        ),
        later={"due_at": "3660 days"},
    ),
    inventory.Columns(
        models.Duty,
        sealed=("how", "confirmation"),
        plain={
            **dict.fromkeys(("kind", "thing", "source", "role", "basis", "clock"), inventory.CODES),
            **dict.fromkeys(("desk", "rule", "why", "limit", "citation", "evidence"), inventory.RULE),
        },
    ),
    words.Verb("notice.acknowledged", "acknowledged a notice"),
    words.Verb("clock.met", "met a deadline"),
    words.Verb("worklist.read", "viewed the worklist"),
    words.Verb("worklist.searched", "searched for a reference or a sender’s ID"),
    words.Verb("worklist.printed", "printed entries of the worklist"),
    # The worklist, which triggers write: people say who has what, and nothing else
    policies.Rows(
        model=models.Entry,
        see=system_or(_OWES, _LISTED),
        add=NOBODY,
        change=f"{_OWES} OR {_LISTED}",
        columns=("person_id", "given_by_id", "given_at"),
        later={"due_at": "3660 days"},
    ),
    inventory.Columns(
        models.Entry,
        plain={
            **dict.fromkeys(("kind", "urgency"), inventory.CODES),
            **dict.fromkeys(("state", "district"), inventory.PLACE),
            "matters": inventory.FACTS,
        },
    ),
    words.Verb("entry.assigned", "assigned a worklist entry to a colleague"),
    words.Verb("entry.taken", "took an entry on the worklist"),
    words.Verb("entry.released", "released an entry on the worklist"),
    # A person's own searches
    policies.Rows(
        model=models.SavedSearch,
        see=system_or(f"({SIGNED})"),
        add=f"({SIGNED} AND {_HAS_A_LIST})",
        remove=f"({SIGNED} AND {_HAS_A_LIST})",
    ),
    words.Verb("search.saved", "saved a search of the worklist"),
    words.Verb("search.removed", "removed a saved search of the worklist"),
    inventory.Columns(models.SavedSearch, plain={"query": "codes of filters, checked as they come in; no typed words"}),
)
