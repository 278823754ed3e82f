"""Short ways to senders and their mailboxes, through what the public form does."""

from __future__ import annotations

import dataclasses
import datetime
import secrets
import uuid

from django.utils import timezone

from nowrongdoor.core import receipts
from nowrongdoor.mailbox import openers, sending
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals.models import Signal
from tests.leads import stories

SAFETY = sending.Safety("What was the dog called?", "Señor Bigotes")
WORDS = "The foreman keeps our passports."


@dataclasses.dataclass(frozen=True)
class Sent:
    """What somebody sent, and what opens their mailbox."""

    contact: signals.Contact
    sender: sending.Sender
    opener: openers.Opener
    receipt: receipts.Receipt
    signal: Signal


def contact(**more: object) -> signals.Contact:
    known = {"key": f"web:{uuid.uuid4().hex}", "channel": "web", "facts": {"source": "survivor"}, "narrative": WORDS}
    return signals.Contact(**{**known, **more})  # type: ignore[arg-type]


def send(
    stance: str = "person",
    *,
    to: str = "HOTLINE",
    safety: sending.Safety | None = None,
    at: datetime.datetime | None = None,
    **more: object,
) -> Sent:
    """Send a contact through the public form."""
    receipt = receipts.draw(secrets.randbits)
    opener = openers.of(receipt)
    what, sender = contact(**more), sending.Sender(stance, "en", safety=safety)
    answer = again(what, sender, opener, to=to, at=at)
    return Sent(what, sender, opener, receipt, Signal(id=answer.signal_id, reference=answer.reference))


def again(
    what: signals.Contact,
    sender: sending.Sender,
    opener: openers.Opener,
    *,
    to: str = "HOTLINE",
    at: datetime.datetime | None = None,
) -> signals.Receipt:
    """Send the very same once more."""
    return sending.send(
        what,
        sender,
        asked=tables.asked(),
        receiver_id=stories.agency(to).id,
        opener=opener,
        at=at or timezone.now(),
    )
