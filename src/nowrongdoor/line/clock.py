"""What the clock does for the line: waits that are over, people who are gone, what a provider did not tell us, and what
is to be erased.

The promise: each may run again at any time, and does nothing twice.
"""

from __future__ import annotations

import datetime
import logging
import uuid
from collections.abc import Sequence

from django.db.models import Exists, Max, OuterRef

from nowrongdoor.access import row_security
from nowrongdoor.audit import record
from nowrongdoor.channels import protocol
from nowrongdoor.line import channels, models, plan, taking, writing
from nowrongdoor.vault.models import DataKey

LOG = logging.getLogger(__name__)
LOOKS_BACK = datetime.timedelta(hours=3)  # when it asks a provider what there was
LONGEST_LOOK = datetime.timedelta(days=7)  # after an outage
KEPT = datetime.timedelta(days=30)  # what was written in a contact that became no signal; policy, no law sets it


@row_security.system()
def agencies() -> Sequence[uuid.UUID]:
    """List the agencies at which somebody waits, or is on shift."""
    waiting = models.Contact.objects.filter(over_at=None).values_list("agency", flat=True)
    working = models.Seat.objects.filter(ended_at=None).values_list("agency", flat=True)
    return sorted(set(waiting) | set(working))


def look_again(provider: str, *, at: datetime.datetime) -> None:
    """Ask a provider what there was since it last told us something, and for three hours at least; take what it did not
    tell us."""
    with row_security.system():
        latest = models.LineEvent.objects.filter(provider=provider).aggregate(last=Max("taken_at"))["last"]
    since = max(min(at, latest or at) - LOOKS_BACK, at - LONGEST_LOOK)
    try:
        events = channels.of_provider(provider).list(since)
    except protocol.NotSent as error:
        LOG.warning("The provider %s could not be asked what there was: %s.", provider, error.code)
        return
    taking.take_all(provider, events, at=at)


def providers() -> Sequence[str]:
    """List the providers of this installation."""
    return sorted(plan.installed().providers)


@row_security.system()
def to_erase(*, at: datetime.datetime) -> Sequence[uuid.UUID]:
    """List contacts that became no signal, and shifts, whose words have been kept long enough; not while a provider
    still has a recording, which could not be asked for any more, and is still asked for."""
    waits = models.ContactMessage.objects.filter(
        contact=OuterRef("pk"), gone_at=None, tries__lt=writing.MOST_FETCHES
    ).exclude(ref=b"")
    contacts = models.Contact.objects.filter(over_at__lte=at - KEPT, signal=None).exclude(
        Exists(waits.filter(way=models.ContactMessage.Way.VOICEMAIL))
    )
    shifts = models.Seat.objects.filter(ended_at__lte=at - KEPT)
    kept = DataKey.objects.filter(of=DataKey.Of.CONTACT)
    over = kept.filter(subject_id__in=contacts.values("id")) | kept.filter(subject_id__in=shifts.values("id"))
    return list(over.order_by("subject_id").values_list("subject_id", flat=True)[:1_000])


@row_security.system()
def erase(subject_id: uuid.UUID, *, at: datetime.datetime) -> None:
    """Destroy the key of a contact, or of a shift: nobody reads again what was written in it."""
    of_contact = models.Contact.objects.filter(id=subject_id).values_list("agency", flat=True).first()
    agency_id = of_contact or models.Seat.objects.values_list("agency", flat=True).get(id=subject_id)
    if DataKey.objects.filter(subject_id=subject_id).delete()[0]:
        verb = "contact.erased" if of_contact else "shift.erased"
        record.record(record.Deed(verb, agency_id, subject_id, None), at=at)
