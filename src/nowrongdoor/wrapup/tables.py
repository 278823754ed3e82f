"""What these tables let whom see and write, and how their words are kept: whoever works the line of the agency. A
review is a supervisor's, and once written also for whoever had the contact."""

from __future__ import annotations

from nowrongdoor.access import policies, viewers
from nowrongdoor.access.policies import MINE, NOBODY, PERSON, SEES_CASES, SIGNED, system_or
from nowrongdoor.audit import words
from nowrongdoor.vault import inventory
from nowrongdoor.wrapup import models

_OURS = f"({MINE} AND {SEES_CASES})"
_LEADS = policies.role_is(viewers.Role.COORDINATOR)
_ADDS = f"({SEES_CASES} AND {SIGNED})"
_OF_OURS = "EXISTS (SELECT FROM nowrongdoor_contact c WHERE c.id = @.contact_id AND c.agency_id = @.agency_id)"
_HAD = (
    "(@.at IS NOT NULL AND EXISTS (SELECT FROM nowrongdoor_contact_leg l WHERE l.contact_id = @.contact_id"
    f" AND l.kind = 'held' AND l.person_id = {PERSON}))"
)
PHRASES: policies.Phrases = (
    (_LEADS, "as coordinator"),
    (_HAD, "once written, of a contact that its own person had"),
)
DECLARED = (
    policies.Rows(
        model=models.ContactType,
        see=system_or(f"({_OURS} AND {_OF_OURS})"),
        add=f"({_ADDS} AND {_OF_OURS})",
        change=NOBODY,
    ),
    inventory.Columns(models.ContactType, plain={"kind": inventory.CODES}),
    words.Verb("contact.typed", "said what a contact was about"),
    policies.Rows(
        model=models.CallerFlag,
        see=system_or(_OURS),
        add=_ADDS,
        change=_OURS,
        columns=("ended_at", "ended_by_id"),
        later={"until": "90 days"},
    ),
    inventory.Columns(models.CallerFlag, sealed=("words",), tokens=("caller",), plain={"kind": inventory.CODES}),
    words.Verb("caller.flagged", "flagged somebody who calls or writes again"),
    words.Verb("flag.ended", "took a flag off before it expired"),
    words.Verb("flag.erased", "erased what a flag said that is over"),
    policies.Rows(
        model=models.Review,
        see=system_or(f"({_OURS} AND {_OF_OURS} AND ({_LEADS} OR {_HAD}))"),
        add=f"({_OURS} AND {_LEADS} AND drawn_by_id = {PERSON} AND {_OF_OURS})",
        change=f"({_OURS} AND {_LEADS})",
        columns=("answers", "words", "by_id", "at"),
    ),
    inventory.Columns(models.Review, sealed=("words",), plain={"answers": inventory.CODES}),
    words.Verb("contact.drawn", "drew a contact by lot, to be reviewed"),
    words.Verb("contact.reviewed", "reviewed a contact that was drawn by lot"),
    policies.Rows(
        model=models.Money,
        see=system_or(f"({_OURS} AND {_OF_OURS})"),
        add=f"({_ADDS} AND {_OF_OURS})",
        change=_OURS,
        columns=("decided_by_id", "decided_at", "is_approved", "spent", "spent_by_id", "spent_at"),
    ),
    inventory.Columns(models.Money, sealed=("words",), plain={"kind": inventory.CODES}),
    words.Verb("money.asked", "asked for money for a hotel or a ride"),
    words.Verb("money.approved", "approved money for a hotel or a ride"),
    words.Verb("money.declined", "declined money for a hotel or a ride"),
    words.Verb("money.spent", "noted what a hotel or a ride cost"),
    words.Verb("past.viewed", "viewed contacts with the line that are over"),
)
