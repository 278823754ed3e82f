"""Saying what a contact was about, and what else it was about when one knows better."""

from __future__ import annotations

import datetime
import uuid

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.core import line
from nowrongdoor.core.language import gettext
from nowrongdoor.line import moving
from nowrongdoor.wrapup import models


def sort(contact_id: uuid.UUID, kind: str, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Say what a contact was about; what was said before stays beside it. The same again changes nothing.
    moving.NoSuchContact, line.Refused."""
    if kind not in models.ContactType.Kind.values:
        raise line.Refused(gettext("Choose what the contact was about."))
    assert by.user_id is not None  # a token says nothing of a contact
    with row_security.looking(by):
        row = moving.locked(contact_id, by)
        last = models.ContactType.objects.filter(contact=row).order_by("-number").first()
        if last is not None and last.kind == kind:
            return
        models.ContactType.objects.create(
            contact=row,
            agency_id=by.agency_id,
            number=last.number + 1 if last else 1,
            kind=kind,
            by_id=by.user_id,
            at=at,
        )
        record.record(record.Deed("contact.typed", by.agency_id, row.id, by.user_id, details={"kind": kind}), at=at)
