"""What both desks do alike, for demands and for breaches: they refuse beside a field, read the rows of the viewer's own
agency with the names of whoever wrote and closed them, lock what is still open, and write the trail."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from typing import TypeVar

from django.db.models import F, QuerySet

from nowrongdoor.access import viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext as _
from nowrongdoor.records import models

SHOWN = 200  # on the page of a log
OPEN_FIRST = F("closed_at").desc(nulls_first=True)  # then those closed last
Row = TypeVar("Row", models.Demand, models.Breach)


class Refused(ValueError):
    """It cannot be done; the message says why, and `field` where."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


class NotThere(LookupError):
    """There is no such demand or breach, or it is another agency's: the answer is the same."""


def rows(model: type[Row], viewer: viewers.Viewer) -> QuerySet[Row]:
    """Find those of the viewer's agency, each with `by_name` and `closer`: who logged it, and who closed it."""
    own = model._default_manager.filter(agency=viewer.agency_id)
    return own.annotate(by_name=agencies.name_of("by_id"), closer=agencies.name_of("closed_by_id"))


def locked(model: type[Row], row_id: uuid.UUID, by: viewers.Viewer) -> Row:
    """Lock one that is open. NotThere, Refused."""
    row = model._default_manager.select_for_update().filter(id=row_id, agency=by.agency_id).first()
    if row is None:
        raise NotThere
    if row.closed_at is not None:
        raise Refused("", _("This was closed before. Nothing was changed."))
    return row


def note(
    verb: str, row: Row, details: Mapping[str, record.Detail], *, by: viewers.Viewer, at: datetime.datetime
) -> None:
    """Put on the trail what was done to it."""
    record.record(record.Deed(verb, by.agency_id, row.id, by.user_id, details=details), at=at)
