"""Vouching for an organization of the directory, for a year at most: only what is vetted is offered to anybody."""

from __future__ import annotations

import datetime
import uuid

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext
from nowrongdoor.services import models


class Refused(ValueError):
    """It was not done; the message says why and what to do."""


def vet(organization: uuid.UUID, *, until: datetime.datetime, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Vouch for an organization, in the place of what the viewer's agency said of it before. Refused."""
    assert by.user_id is not None  # a token vouches for nobody
    if by.role is not viewers.Role.COORDINATOR:
        raise Refused(gettext("A coordinator decides on this."))
    if not at < until <= at + models.LONGEST_VETTING:
        raise Refused(gettext("Vouch for it for a year at most: then somebody looks again."))
    with row_security.looking(by):
        if not models.DirectoryRow.objects.filter(table="organizations", listed=organization).exists():
            raise Refused(gettext("There is no such organization in the directory."))
        _end(organization, by, at)
        row = models.Vetting.objects.create(
            organization=organization, agency_id=by.agency_id, by_id=by.user_id, at=at, until=until
        )
        record.record(record.Deed("provider.vetted", by.agency_id, row.id, by.user_id), at=at)


def end(organization: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Vouch for an organization no more: from this instant nobody is offered its services. Refused."""
    if by.role is not viewers.Role.COORDINATOR:
        raise Refused(gettext("A coordinator decides on this."))
    with row_security.looking(by):
        if not _end(organization, by, at):
            raise Refused(gettext("Your agency doesn’t vouch for it."))


def _end(organization: uuid.UUID, by: viewers.Viewer, at: datetime.datetime) -> bool:
    rows = models.Vetting.objects.select_for_update()
    row = rows.filter(organization=organization, agency=by.agency_id, ended_at=None).first()
    if row is None:
        return False
    row.ended_at, row.ended_by_id = at, by.user_id
    row.save(update_fields=["ended_at", "ended_by"])
    record.record(record.Deed("provider.unvetted", by.agency_id, row.id, by.user_id), at=at)
    return True
