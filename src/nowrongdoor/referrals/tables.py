"""What referrals let whom see and write: the agency that refers, and whoever signs in for a service that it asked."""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import ME, MINE, SIGNED, system_or
from nowrongdoor.audit import words
from nowrongdoor.referrals import models
from nowrongdoor.services.tables import FINDS, NOW, PROVIDES
from nowrongdoor.vault import inventory

_OURS = f"({MINE} AND {FINDS})"
_ASKED_OF_US = f"({PROVIDES} AND provider_id = {ME})"
_WAS_ASKED = f"EXISTS (SELECT FROM nowrongdoor_referral_ask a WHERE a.referral_id = @.id AND a.provider_id = {ME})"
_NAME = "what an organization calls its service in the directory"
PHRASES: policies.Phrases = (
    (_WAS_ASKED, "one of its asks is of its own agency"),
    (f"provider_id = {ME}", "asked of its own agency"),
)
DECLARED = (
    policies.Rows(
        model=models.Referral,
        see=system_or(_OURS, f"({PROVIDES} AND {_WAS_ASKED})"),
        add=f"({SIGNED} AND {FINDS})",
        change=_OURS,
        columns=("closed_at", "closed_by_id", "outcome"),
    ),
    inventory.Columns(
        models.Referral,
        plain=dict.fromkeys(("kind", "outcome"), inventory.CODES),
    ),
    policies.Rows(
        model=models.Ask,
        see=system_or(_OURS, _ASKED_OF_US),
        add=f"({SIGNED} AND {FINDS} AND {NOW})",
        change=system_or(_OURS, _ASKED_OF_US),
        columns=("state", "answered_at", "answered_by_id", "reason", "came", "room_id", "slot"),
    ),
    inventory.Columns(models.Ask, plain={"name": _NAME, **dict.fromkeys(("state", "reason", "came"), inventory.CODES)}),
    words.Verb("referral.begun", "referred somebody to a service"),
    words.Verb("referral.asked", "asked a service whether it takes somebody"),
    words.Verb("referral.answered", "answered whether a service takes somebody"),
    words.Verb("referral.withdrawn", "withdrew what it asked of a service"),
    words.Verb("referral.came", "said whether somebody came"),
    words.Verb("referral.closed", "closed a referral with what became of it"),
    words.Verb("referral.totals_read", "viewed totals of referrals"),
)
