"""What notifications and preferences let whom see and write, and how their words are kept."""

from __future__ import annotations

from nowrongdoor.access import policies
from nowrongdoor.access.policies import MINE, PERSON, SYSTEM, system_or
from nowrongdoor.audit import words
from nowrongdoor.notifications import models
from nowrongdoor.notifications.kinds import Kind
from nowrongdoor.vault import inventory

_OWN = f"({MINE} AND person_id = {PERSON})"
# A yes that can still be undone is told later, by the clock of the database; one that was undone before, never.
_TOLD = f"(kind <> '{Kind.OFFER_ACCEPTED.value}' OR (at <= statement_timestamp() AND coalesce(over_at, at) >= at))"
DECLARED = (
    # Triggers write them, and the worker what the clock alone knows; each is its person's
    policies.Rows(
        model=models.Notification,
        see=system_or(f"({MINE} AND person_id = {PERSON} AND {_TOLD})"),
        add=SYSTEM,
        change=system_or(_OWN),
        columns=("seen_at", "planned_at", "message_id"),
    ),
    inventory.Columns(models.Notification, plain={"kind": inventory.CODES}),
    # How a person wants to be told; the worker reads it to write to them
    policies.Rows(
        model=models.Preference,
        see=system_or(_OWN),
        add=_OWN,
        change=_OWN,
        columns=(
            *("email", "email_checked_at", "offers", "answers", "closings", "reminders"),
            *("digest_at", "quiet_from", "quiet_to", "at"),
        ),
    ),
    inventory.Columns(
        models.Preference,
        plain={
            **dict.fromkeys(("offers", "answers", "closings", "reminders"), inventory.CODES),
            "email": "where somebody of an agency wants to be told, without names or facts",
        },
    ),
    words.Verb("preference.set", "changed how they are notified"),
    words.Verb("address.checked", "confirmed an email address for notifications"),
    words.Verb("calendar.read", "a calendar program read what is due"),
)
