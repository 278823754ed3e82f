"""What hand-offs let whom see and write, and how their words are kept."""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import HANDS_IN, ME, THIS_CASE, system_or
from nowrongdoor.audit import noted, words
from nowrongdoor.cases.tables import ACTS, BETWEEN, OF_CASE, learns_of, takes_part
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.leads import models
from nowrongdoor.vault import inventory

_ASKED = f"{ME} IN (to_agency_id, from_agency_id)"
# A backstop said yes for good, and an undoing is the yes of whoever offered: nobody says yes on that day.
_BY_WHOEVER_SAYS_IT = "(over_by_id IS NULL OR kind NOT IN ('backstop', 'undo'))"
DECLARED = (
    policies.Rows(
        model=models.Handoff,
        see=system_or(
            f"case_id = {THIS_CASE}",
            f"({_ASKED} AND ({BETWEEN} OR {HANDS_IN}))",
            takes_part(OF_CASE),
            f"({HANDS_IN} AND {learns_of(OF_CASE)})",
        ),
        add=system_or(f"({ACTS} AND {_BY_WHOEVER_SAYS_IT})"),
        # Whoever answers locks the offer before they open its case; who may say what, triggers ask.
        change=system_or(ACTS, f"({_ASKED} AND {BETWEEN})", takes_part(OF_CASE)),
        columns=("state", "over_at", "over_by_id", "reason"),
        later={"due_at": "31 days"},
    ),
    noted.Kept(
        "handoff",
        models.Handoff,
        (
            *("id", "case_id", "from_agency_id", "to_agency_id", "kind", "state", "offered_at", "offered_by_id"),
            *("due_at", "over_at", "over_by_id", "reason", "because"),
        ),
        gettext_lazy("Hand-off"),
    ),
    inventory.Columns(
        models.Handoff,
        sealed=("reason", "because"),
        plain={
            **dict.fromkeys(("kind", "state"), inventory.CODES),
            **dict.fromkeys(("rule", "why", "citation", "evidence"), inventory.RULE),
        },
    ),
    words.Verb("case.redecided", "the case was decided again"),
    words.Verb("case.routed", "the case was opened, and the lead decided"),
    words.Verb("lead.offered", "offered the lead"),
    words.Verb("lead.stepped_forward", "took the lead without an offer"),
    words.Verb("lead.succeeded", "took over the lead from an agency that closed"),
    words.Verb("offer.accepted", "accepted the lead"),
    words.Verb("offer.undone", "undid an acceptance of the lead"),
    words.Verb("offer.declined", "declined the lead"),
    words.Verb("offer.expired", "an offer of the lead expired"),
    words.Verb("offer.revoked", "withdrew an offer of the lead"),
    words.Verb("offer.superseded", "an offer of the lead was replaced"),
    words.Verb("signal.joined", "a signal was added to the case"),
)
