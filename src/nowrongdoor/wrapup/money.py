"""Money for a night in a hotel or a ride, while somebody is in contact: asked for, approved by a second person, spent.

The promise: nobody approves what they asked for; what is spent was approved, and is no more than that.
"""

from __future__ import annotations

import datetime
import decimal
import uuid

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.core import line
from nowrongdoor.core.language import gettext
from nowrongdoor.line import moving
from nowrongdoor.line.models import Use
from nowrongdoor.vault import sealing
from nowrongdoor.wrapup import contacts, models

LONGEST = 600  # characters
AFTERWARDS = datetime.timedelta(days=1)  # since the end of a contact


class NoSuchMoney(LookupError):
    """Nobody asked for this, or at another agency: the answer is the same."""


def ask(
    contact_id: uuid.UUID,
    kind: str,
    amount: decimal.Decimal,
    words: str,
    *,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> uuid.UUID:
    """Ask for money for somebody in contact, and return its id. moving.NoSuchContact, line.Refused."""
    words = words.strip()
    if kind not in models.Money.Kind.values:
        raise line.Refused(gettext("Choose what the money is for."))
    if not 0 < amount <= models.MOST_MONEY:
        raise line.Refused(gettext("Enter an amount up to %(most)s.") % {"most": f"{models.MOST_MONEY:,}"})
    if not words or len(words) > LONGEST:
        raise line.Refused(gettext("Say what it is for, in at most %(limit)s characters.") % {"limit": LONGEST})
    assert by.user_id is not None  # a token asks for nothing
    with row_security.looking(by):
        contact = moving.locked(contact_id, by)
        if contact.use != Use.LIVE:
            raise line.Refused(gettext("This contact is a test or practice, so there is no money for it."))
        if contact.answered_at is None or (contact.over_at is not None and contact.over_at <= at - AFTERWARDS):
            raise line.Refused(gettext("Ask for money while you talk with somebody, or within a day."))
        row = models.Money(contact=contact, agency_id=by.agency_id, kind=kind, amount=amount, by_id=by.user_id, at=at)
        row.words = contacts.key_of(contact).seal(words, place(row))
        row.save(force_insert=True)
        _note("money.asked", row, by, at)
    return row.id


def decide(money_id: uuid.UUID, *, is_approved: bool, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Approve money or decline it, as a coordinator who did not ask for it. NoSuchMoney, line.Refused."""
    with row_security.looking(by):
        row = _locked(money_id, by)
        if row.by_id == by.user_id:
            raise line.Refused(gettext("You asked for this yourself. Another coordinator decides on it."))
        if by.role is not viewers.Role.COORDINATOR:
            raise line.Refused(gettext("A coordinator decides on this."))
        if row.decided_at is not None:
            raise line.Refused(gettext("Somebody decided on this already. Look at it again."))
        row.decided_by_id, row.decided_at, row.is_approved = by.user_id, at, is_approved
        row.save(update_fields=["decided_by", "decided_at", "is_approved"])
        _note("money.approved" if is_approved else "money.declined", row, by, at)


def spend(money_id: uuid.UUID, spent: decimal.Decimal, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Note what it cost in the end; nothing where it was not used. NoSuchMoney, line.Refused."""
    with row_security.looking(by):
        row = _locked(money_id, by)
        if not row.is_approved or row.spent_at is not None:
            raise line.Refused(gettext("What was approved is noted once. Look at it again."))
        if not 0 <= spent <= row.amount:
            raise line.Refused(
                gettext("%(amount)s was approved. For more, ask again.") % {"amount": f"{row.amount:,.2f}"}
            )
        row.spent, row.spent_by_id, row.spent_at = spent, by.user_id, at
        row.save(update_fields=["spent", "spent_by", "spent_at"])
        _note("money.spent", row, by, at)


def place(row: models.Money) -> sealing.Place:
    """Say where its words belong."""
    return sealing.Place("emergency_money", row.id, "words", row.agency_id)


def _locked(money_id: uuid.UUID, by: viewers.Viewer) -> models.Money:
    row = models.Money.objects.select_for_update().filter(id=money_id, agency=by.agency_id).first()
    if row is None:
        raise NoSuchMoney
    return row


def _note(verb: str, row: models.Money, by: viewers.Viewer, at: datetime.datetime) -> None:
    details: dict[str, record.Detail] = {"kind": row.kind, "amount": str(row.amount)}
    if row.spent is not None:
        details["spent"] = str(row.spent)
    record.record(record.Deed(verb, row.agency_id, row.contact_id, by.user_id, details=details), at=at)
