"""Flags on somebody who calls or writes again: what helps whoever answers. They expire, and keep nobody out: who gets a
contact when is decided without them (core/line.py)."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.core import line
from nowrongdoor.core.language import gettext
from nowrongdoor.line import moving
from nowrongdoor.vault import keys, sealing
from nowrongdoor.vault.models import DataKey
from nowrongdoor.wrapup import models

LONGEST = 600  # characters


class NoSuchFlag(LookupError):
    """There is no such flag, or it is another agency's: the answer is the same."""


def put_on(
    contact_id: uuid.UUID,
    kind: str,
    words: str,
    *,
    until: datetime.datetime,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> None:
    """Flag whoever is or was in a contact. moving.NoSuchContact, line.Refused."""
    words = words.strip()
    if kind not in models.CallerFlag.Kind.values:
        raise line.Refused(gettext("Choose a kind of flag."))
    if not words or len(words) > LONGEST:
        raise line.Refused(
            gettext("Say what helps whoever answers, in at most %(limit)s characters.") % {"limit": LONGEST}
        )
    if not at < until <= at + models.LONGEST_FLAG:
        raise line.Refused(gettext("A flag ends after 90 days at most."))
    assert by.user_id is not None  # a token flags nobody
    with row_security.looking(by):
        contact = moving.locked(contact_id, by)
        if not contact.caller:
            raise line.Refused(gettext("Nobody can tell who this is when they come back, so they can’t be flagged."))
        row = models.CallerFlag(
            agency_id=by.agency_id, caller=bytes(contact.caller), kind=kind, by_id=by.user_id, at=at, until=until
        )
        minted = keys.Minted([row.id])
        row.words = minted[row.id].seal(words, place(row))
        row.save(force_insert=True)
        minted.keep(DataKey.Of.CONTACT)
        record.record(
            record.Deed("caller.flagged", by.agency_id, contact.id, by.user_id, details={"kind": kind}), at=at
        )


def take_off(flag_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Take a flag off before it expires. NoSuchFlag."""
    with row_security.looking(by):
        row = models.CallerFlag.objects.select_for_update().filter(id=flag_id, agency=by.agency_id).first()
        if row is None:
            raise NoSuchFlag
        if row.ended_at is None:
            row.ended_at, row.ended_by_id = at, by.user_id
            row.save(update_fields=["ended_at", "ended_by"])
            record.record(record.Deed("flag.ended", by.agency_id, row.id, by.user_id), at=at)


def place(row: models.CallerFlag) -> sealing.Place:
    """Say where its words belong."""
    return sealing.Place("caller_flag", row.id, "words", row.agency_id)


@row_security.system()
def to_erase(*, at: datetime.datetime) -> Sequence[uuid.UUID]:
    """List flags that are over and whose words are still kept."""
    over = models.CallerFlag.objects.filter(until__lte=at) | models.CallerFlag.objects.exclude(ended_at=None)
    kept = DataKey.objects.filter(of=DataKey.Of.CONTACT, subject_id__in=over.values("id"))
    return list(kept.order_by("subject_id").values_list("subject_id", flat=True)[:1_000])


@row_security.system()
def erase(flag_id: uuid.UUID, *, at: datetime.datetime) -> None:
    """Destroy the key of a flag that is over: nobody reads again what it said."""
    agency_id = models.CallerFlag.objects.values_list("agency", flat=True).get(id=flag_id)
    if DataKey.objects.filter(subject_id=flag_id).delete()[0]:
        record.record(record.Deed("flag.erased", agency_id, flag_id, None), at=at)
