"""What releases and disclosures let whom see and write: the agency that wrote the person down, and the one it tells."""

from __future__ import annotations

from nowrongdoor.access import policies, viewers
from nowrongdoor.access.policies import ME, MINE, SIGNED, THIS_CASE, system_or
from nowrongdoor.audit import words
from nowrongdoor.cases import tables as cases
from nowrongdoor.releases import models
from nowrongdoor.vault import inventory

_BOTH_SIDES = system_or(f"(({MINE} OR recipient_id = {ME}) AND {cases.BETWEEN})", f"case_id = {THIS_CASE}")
# Which service somebody let read of them says where they may sleep: only the agency that keeps the release reads it.
_IS_TO_A_SERVICE = "nwd_is_provider(recipient_id)"
_RELEASES = system_or(
    f"({MINE} AND {cases.BETWEEN})",
    f"((recipient_id = {ME} AND {cases.BETWEEN} OR case_id = {THIS_CASE}) AND NOT {_IS_TO_A_SERVICE})",
)
# Whoever asks and whoever is asked, while they take part in the case or did.
_ASKED = f"(({MINE} OR to_agency_id = {ME}) AND {cases.took_part(cases.OF_CASE)})"
# What is for prosecutors alone goes between prosecutors (a trigger), and there only to those who build the case.
_FOR_ALL = f"(NOT for_prosecutors OR {policies.role_is(viewers.Role.COORDINATOR, viewers.Role.INVESTIGATOR)})"
PHRASES: policies.Phrases = (
    (_FOR_ALL, "(where it is for prosecutors alone, as coordinator or investigator)"),
    (f"to_agency_id = {ME}", "written to its own agency"),
    (_IS_TO_A_SERVICE, "to a service"),
)
DECLARED = (
    policies.Rows(
        model=models.Release,
        see=_RELEASES,
        add=f"({cases.OURS} AND revoked_at IS NULL AND revoked_by_id IS NULL)",
        change=cases.OURS,
        columns=("revoked_at", "revoked_by_id", "revoked_how"),
        later={"expires_at": "366 days"},
    ),
    inventory.Columns(
        models.Release,
        sealed=("purpose", "witness", "co_signer_name", "excluded", "longer_because", "signed_text"),
        plain=dict.fromkeys(("parts", "signer", "revoked_how", "language"), inventory.CODES),
    ),
    words.Verb("release.read", "viewed the words of a release"),
    words.Verb("release.kept", "saved a person’s release"),
    words.Verb("release.revoked", "revoked a release for the person"),
    policies.Rows(model=models.Disclosure, see=_BOTH_SIDES, add=cases.OURS, later={"until": "30 days"}),
    inventory.Columns(
        models.Disclosure,
        sealed=("because",),
        plain={**dict.fromkeys(("parts", "ground", "evidence"), inventory.CODES), "citation": inventory.RULE},
    ),
    words.Verb("person.disclosed", "disclosed details about a person under a legal duty"),
    # What the lead asks of whom the case came from
    policies.Rows(
        model=models.CaseRequest,
        see=system_or(_ASKED),
        add=f"{SIGNED} AND {cases.ACTS}",
        change=_ASKED,
        columns=("state", "over_at", "over_by_id", "reason", "answer", "release_id", "called_at"),
        later={"due_at": "31 days"},
    ),
    inventory.Columns(
        models.CaseRequest,
        sealed=("because", "reason", "answer"),
        plain=dict.fromkeys(("what", "state"), inventory.CODES),
    ),
    words.Verb("request.asked", "asked another agency of the case for something"),
    words.Verb("request.answered", "answered what another agency of the case asked for"),
    words.Verb("request.refused", "refused what another agency of the case asked for"),
    words.Verb("request.withdrawn", "withdrew what it asked of another agency of the case"),
    # What agencies write to each other
    policies.Rows(
        model=models.CaseMessage,
        see=system_or(
            f"({MINE} AND {cases.took_part(cases.OF_CASE)} AND {cases.APART} AND {_FOR_ALL})",
            f"(to_agency_id = {ME} AND {cases.takes_part(cases.OF_CASE)} AND {_FOR_ALL})",
        ),
        add=f"{SIGNED} AND {cases.takes_part(cases.OF_CASE)} AND {_FOR_ALL}",
    ),
    inventory.Columns(models.CaseMessage, sealed=("text",), plain={"written_as": inventory.CODES}),
    words.Verb("messages.read", "viewed requests and messages between agencies"),
    words.Verb("message.sent", "wrote to another agency of the case"),
)
