"""What referrals let whom see and write: the agency that refers, and whoever signs in for a service that it asked."""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import ME, MINE, SIGNED, system_or
from nowrongdoor.audit import words
from nowrongdoor.cases import tables as cases
from nowrongdoor.referrals import models
from nowrongdoor.services.tables import FINDS, NOW, PROVIDES
from nowrongdoor.vault import inventory

_OURS = f"({MINE} AND {FINDS})"
_ASKED_OF_US = f"({PROVIDES} AND provider_id = {ME})"
_WAS_ASKED = f"EXISTS (SELECT FROM nowrongdoor_referral_ask a WHERE a.referral_id = @.id AND a.provider_id = {ME})"
_ASKED_FOR_IT = _WAS_ASKED.replace("@.id", "@.referral_id")
_IS_SHOWN = f"nwd_is_shown({cases.OF_CASE}, NULL, NULL)"
_FOR_CASE = f"({_OURS} AND {cases.took_part(cases.OF_CASE)})"
_NAME = "what an organization calls its service in the directory"
PHRASES: policies.Phrases = (
    (_WAS_ASKED, "one of its asks is of its own agency"),
    (_ASKED_FOR_IT, "one of its asks is of its own agency"),
    (f"provider_id = {ME}", "asked of its own agency"),
    (_IS_SHOWN, "a release shows its own service something of the case"),
)
DECLARED = (
    policies.Rows(
        model=models.Referral,
        see=system_or(_OURS, f"({PROVIDES} AND {_WAS_ASKED})"),
        add=f"({SIGNED} AND {FINDS})",
        change=system_or(_OURS),  # whoever tells of a follow-up locks it
        columns=("closed_at", "closed_by_id", "outcome", "asked_next", "follow_up_at"),
    ),
    inventory.Columns(
        models.Referral,
        plain=dict.fromkeys(("kind", "outcome"), inventory.CODES),
    ),
    policies.Rows(
        model=models.CaseReferral,
        see=system_or(_FOR_CASE, f"({_IS_SHOWN} AND {_ASKED_FOR_IT})"),
        add=f"({SIGNED} AND {FINDS} AND {cases.ACTS})",
        change=_FOR_CASE,
        becomes=f"({SIGNED} AND {FINDS} AND {cases.ACTS})",
        columns=("case_id", "by_id", "at"),
    ),
    inventory.Columns(models.CaseReferral),
    policies.Rows(
        model=models.Ask,
        see=system_or(_OURS, _ASKED_OF_US),
        add=f"({SIGNED} AND {FINDS} AND {NOW})",
        change=system_or(_OURS, _ASKED_OF_US),
        columns=("state", "answered_at", "answered_by_id", "reason", "came", "room_id", "slot"),
    ),
    inventory.Columns(models.Ask, plain={"name": _NAME, **dict.fromkeys(("state", "reason", "came"), inventory.CODES)}),
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
