"""What waits of money, for whoever tells people: in the system's context.

The promise: money that somebody asked for is listed until it is decided on; nobody has to look at a page to learn of
it.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from nowrongdoor.core.notices import Matter
from nowrongdoor.wrapup import models

DECIDED_WITHIN = datetime.timedelta(minutes=30)  # in which it goes from who is first on call to everybody; policy


def money(*, at: datetime.datetime) -> Sequence[Matter]:
    """List money that waits for a decision. Whoever asked for it does not decide."""
    rows = models.Money.objects.filter(decided_at=None, at__lte=at).order_by("at", "id")
    return [
        Matter(id_, agency_id, asked_at, asked_at, asked_at + DECIDED_WITHIN, never=frozenset([by_id]))
        for id_, agency_id, asked_at, by_id in rows.values_list("id", "agency", "at", "by")
    ]
