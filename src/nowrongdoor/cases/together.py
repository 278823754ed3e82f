"""Which cases belong together: linked by an agency for itself, or merged.

The promise: a link tells no other agency of a case; merging moves nothing, and each case keeps its words and people.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.cases import models, queries
from nowrongdoor.core.language import gettext as _


class CannotLink(ValueError):
    """These two can't be linked; the message says why."""


def link(case_id: uuid.UUID, *, other_id: uuid.UUID, by: viewers.Viewer, at: datetime.datetime) -> models.CaseLink:
    """Say that two cases belong together. The caller has opened both by `queries.find`. CannotLink."""
    assert by.user_id is not None  # a token has no page
    if case_id == other_id:
        raise CannotLink(_("This is the case that you are on. Enter the reference of another one."))
    first, second = sorted((case_id, other_id))
    with row_security.looking(by):
        if models.CaseLink.objects.filter(case=first, other=second, agency_id=by.agency_id).exists():
            raise CannotLink(_("These two cases are linked already."))
        row = models.CaseLink.objects.create(
            id=new_id(), case_id=first, other_id=second, agency_id=by.agency_id, by_id=by.user_id, at=at
        )
        details: dict[str, record.Detail] = {"other": str(other_id)}
        record.record(record.Deed("case.linked", by.agency_id, row.id, by.user_id, case_id, details), at=at)
    return row


@dataclasses.dataclass(frozen=True, slots=True)
class Together:
    """The cases around one that the viewer may open: references. `into`: the case that it was merged into."""

    linked: Sequence[str]
    merged: Sequence[str]
    into: str


def together(viewer: viewers.Viewer, access: queries.Access) -> Together:
    """List the cases that belong to one, as far as the viewer may see them."""
    case = access.case
    links = models.CaseLink.objects.filter(agency_id=viewer.agency_id)
    ids = {
        *links.filter(case=case).values_list("other_id", flat=True),
        *links.filter(other=case).values_list("case_id", flat=True),
    }
    references = models.Case.objects.order_by("-id").values_list("reference", flat=True)
    into = references.filter(id=case.merged_into_id).first() if case.merged_into_id else None
    return Together(list(references.filter(id__in=ids)), list(references.filter(merged_into=case)), into or "")
