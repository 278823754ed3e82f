"""One's own contacts: those of today, and earlier ones in which something is still open. Their words stay sealed."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.duties import queries as duties
from nowrongdoor.signals import reaching

LIMIT = 100
BACK = datetime.timedelta(days=30)  # how far back something open is looked for


@dataclasses.dataclass(frozen=True, slots=True)
class Mine:
    """A contact that somebody took. `open_steps`: notifications by hand that nobody made yet; `asked`: who was asked to
    lead and has not answered; `way_back_until`: until when they may be called back."""

    signal_id: uuid.UUID
    reference: str
    received_at: datetime.datetime
    case_id: uuid.UUID | None
    case: str | None
    lead: str | None
    is_closed: bool
    is_urgent: bool
    asked: str | None
    way_back_until: datetime.datetime | None
    open_steps: int = 0
    calls: Sequence[reaching.Returned] = ()


_MINE = """
SELECT s.id, s.reference, s.received_at, c.id, c.reference, l.name, c.closed_at IS NOT NULL,
       coalesce(c.facts ->> 'urgency', s.facts ->> 'urgency') = 'immediate_danger', a.name,
       (SELECT t.way_back_until FROM nowrongdoor_telling t WHERE t.signal_id = s.id AND t.way_back_until > %(at)s)
  FROM nowrongdoor_signal s
  LEFT JOIN nowrongdoor_case_signal cs ON cs.signal_id = s.id
  LEFT JOIN nowrongdoor_case c ON c.id = cs.case_id
  LEFT JOIN nowrongdoor_agency l ON l.id = c.lead_id
  LEFT JOIN nowrongdoor_handoff h ON h.case_id = c.id AND h.state = 'offered'
  LEFT JOIN nowrongdoor_agency a ON a.id = h.to_agency_id
 WHERE s.receiver_id = %(agency)s AND s.taken_by_id = %(person)s AND s.received_at > %(since)s
 ORDER BY s.received_at DESC, s.id DESC
 LIMIT %(limit)s
"""


def of(viewer: viewers.Viewer, *, at: datetime.datetime) -> Sequence[Mine]:
    """List what the viewer took today, and what of theirs is still open from before, newest first."""
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    with row_security.looking(viewer):
        with connection.cursor() as database:
            database.execute(
                _MINE,
                {
                    "at": at,
                    "agency": viewer.agency_id,
                    "person": viewer.user_id,
                    "since": at - BACK,
                    "limit": LIMIT,
                },
            )
            rows = [Mine(*row) for row in database.fetchall()]
        steps = duties.open_by_hand({row.case_id for row in rows if row.case_id})
        rows = [dataclasses.replace(row, open_steps=steps.get(row.case_id, 0)) for row in rows]
        chosen = [row for row in rows if row.received_at >= midnight or _is_open(row)]
        calls = reaching.returned([row.signal_id for row in chosen], by=viewer)
    return [dataclasses.replace(row, calls=calls.get(row.signal_id, ())) for row in chosen]


def _is_open(row: Mine) -> bool:
    return row.case is None or (not row.is_closed and bool(row.open_steps or row.asked or row.way_back_until))
