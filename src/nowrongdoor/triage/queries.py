"""Reading what the instruments said about a case."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from nowrongdoor.triage import models


def latest(case_id: uuid.UUID) -> Sequence[Mapping[str, object]]:
    """Read the results on the newest facts of a case, one per instrument, as `triage.actions.as_json`
    wrote them; in one query."""
    rows = models.Assessment.objects.filter(case_id=case_id).order_by("-at", "-id")
    return tuple(rows.values_list("finding__body", flat=True)[0])
