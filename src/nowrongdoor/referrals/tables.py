"""What referrals let whom see and write: the agency that refers, and whoever signs in for a service that it asked."""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import ME, MINE, SIGNED, system_or
from nowrongdoor.audit import words
from nowrongdoor.cases import tables as cases
from nowrongdoor.referrals import models
from nowrongdoor.services.tables import FINDS, NOW, PROVIDES
from nowrongdoor.vault import inventory

_OURS = f"({MINE} AND {FINDS} AND NOT nwd_is_kept_from({{referral}}))"
_ASKED_OF_US = f"({PROVIDES} AND provider_id = {ME})"
_NAME = "what an organization calls its service in the directory"
PHRASES: policies.Phrases = (
    ("NOT nwd_is_kept_from(@.id)", "it isn't for somebody of a case from which the viewer is kept away"),
    ("NOT nwd_is_kept_from(@.referral_id)", "it isn't for somebody of a case from which the viewer is kept away"),
    (f"provider_id = {ME}", "asked of its own agency"),
)
_REFERRAL, _OF_IT = _OURS.format(referral="@.id"), _OURS.format(referral="@.referral_id")
_OF_ITS_CASE = f"(case_id IS NULL OR {cases.ACTS})"
DECLARED = (
    policies.Rows(
        model=models.Referral,
        see=system_or(_REFERRAL),
        add=f"({SIGNED} AND {FINDS})",
        change=_REFERRAL,
        columns=("closed_at", "closed_by_id", "outcome"),
    ),
    inventory.Columns(
        models.Referral,
        plain=dict.fromkeys(("kind", "outcome"), inventory.CODES),
    ),
    # What the agency keeps for itself
    policies.Rows(
        model=models.Plan,
        see=system_or(_OF_IT),
        add=f"({SIGNED} AND {FINDS} AND case_id IS NULL)",
        change=system_or(_OF_IT),  # whoever tells of a follow-up locks it
        becomes=f"({SIGNED} AND {FINDS} AND {_OF_ITS_CASE})",
        columns=("by_id", "case_id", "person_id", "asked_next", "follow_up_at"),
    ),
    inventory.Columns(models.Plan, plain={"asked_next": "ids of services in the directory"}),
    policies.Rows(
        model=models.Ask,
        see=system_or(_OF_IT, _ASKED_OF_US),
        add=f"({SIGNED} AND {FINDS} AND {NOW})",
        change=system_or(_OF_IT, _ASKED_OF_US),
        columns=("state", "answered_at", "answered_by_id", "reason", "came", "room_id", "slot"),
    ),
    inventory.Columns(
        models.Ask, plain={"name": _NAME, **dict.fromkeys(("kind", "state", "reason", "came"), inventory.CODES)}
    ),
    words.Verb("referral.begun", "referred somebody to a service"),
    words.Verb("referral.planned", "said which service to ask next"),
    words.Verb("referral.of_case", "said for which case a referral is"),
    words.Verb("referral.follow_up", "noted a follow-up that the person asked for, or that it is done"),
    words.Verb("referral.asked", "asked a service whether it takes somebody"),
    words.Verb("referral.answered", "answered whether a service takes somebody"),
    words.Verb("referral.withdrawn", "withdrew what it asked of a service"),
    words.Verb("referral.came", "said whether somebody came"),
    words.Verb("referral.closed", "closed a referral with what became of it"),
    words.Verb("referral.totals_read", "viewed totals of referrals"),
)
