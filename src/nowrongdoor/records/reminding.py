"""Reminders of the two desks: before a demand's return and motion dates, and until a breach is confirmed.

The promise: whoever handles records is reminded of each date once a week ahead and once a day ahead, or once alone
where it is logged within a day of it; of a breach, before its 24 hours are over and each day after them, until its
notice has a confirmation. A reminder says that a deadline is near, and nothing of which.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator

from nowrongdoor.access import row_security
from nowrongdoor.notifications import actions as notifications
from nowrongdoor.notifications.kinds import Kind
from nowrongdoor.records import breaches, models, tables

AHEAD = (datetime.timedelta(days=7), datetime.timedelta(days=1))  # policy


@row_security.system()
def remind(*, at: datetime.datetime) -> None:
    """Remind of what is due; what was said before is not said again."""
    occurrences = [*_of_demands(at), *_of_breaches(at)]
    people = notifications.in_roles({agency_id for agency_id, _, _ in occurrences}, *tables.HANDLERS)
    notifications.tell(
        [
            notifications.Occurrence(Kind.DEADLINE_NEAR, agency_id, people[agency_id], thing_id, about_at)
            for agency_id, thing_id, about_at in occurrences
        ],
        at=at,
    )


Due = tuple[uuid.UUID, uuid.UUID, datetime.datetime]  # the agency, the thing, and the instant that it is about


def _of_demands(at: datetime.datetime) -> Iterator[Due]:
    rows = models.Demand.objects.filter(closed_at=None).order_by("received_at", "id")
    for row_id, agency_id, *dates in rows.values_list("id", "agency_id", "return_at", "motion_at"):
        for due_at in sorted({date for date in dates if date is not None and date > at}):
            begun = [due_at - ahead for ahead in AHEAD if due_at - ahead <= at]
            if begun:
                yield agency_id, row_id, max(begun)


def _of_breaches(at: datetime.datetime) -> Iterator[Due]:
    confirmed = models.BreachNotice.objects.filter(recipient=breaches.Recipient.AWARD.value).exclude(confirmation="")
    rows = models.Breach.objects.filter(closed_at=None).exclude(id__in=confirmed.values("breach"))
    for row_id, agency_id, noticed_at in rows.order_by("noticed_at", "id").values_list("id", "agency_id", "noticed_at"):
        about_at = breaches.step(noticed_at=noticed_at, at=at)
        if about_at is not None:
            yield agency_id, row_id, about_at
