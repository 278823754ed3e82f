"""Reminders of the two desks: before a demand's return and motion dates, and until a breach is confirmed.

The promise: whoever handles records is reminded of each date once a week ahead and once a day ahead; of a breach,
before its 24 hours are over and each day after them, until its notice has a confirmation. A reminder says that a
deadline is near, and nothing of which.
"""

from __future__ import annotations

import collections
import datetime
import uuid
from collections.abc import Collection, Iterator, Mapping

from nowrongdoor.access import row_security
from nowrongdoor.agencies.models import User
from nowrongdoor.notifications import actions as notifications
from nowrongdoor.notifications.kinds import Kind
from nowrongdoor.records import breaches, models, tables

AHEAD = (datetime.timedelta(days=7), datetime.timedelta(days=1))  # policy


@row_security.system()
def remind(*, at: datetime.datetime) -> None:
    """Remind of what is due; what was said before is not said again."""
    occurrences = [*_of_demands(at), *_of_breaches(at)]
    people = _handlers({agency_id for agency_id, _, _ in occurrences})
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
            for ahead in AHEAD:
                if due_at - ahead <= at:
                    yield agency_id, row_id, due_at - ahead


def _of_breaches(at: datetime.datetime) -> Iterator[Due]:
    confirmed = models.BreachNotice.objects.filter(recipient=breaches.Recipient.AWARD.value).exclude(confirmation="")
    rows = models.Breach.objects.filter(closed_at=None).exclude(id__in=confirmed.values("breach"))
    for row_id, agency_id, noticed_at in rows.order_by("noticed_at", "id").values_list("id", "agency_id", "noticed_at"):
        about_at = breaches.step(noticed_at=noticed_at, at=at)
        if about_at is not None:
            yield agency_id, row_id, about_at


def _handlers(agency_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, frozenset[uuid.UUID]]:
    by_agency: dict[uuid.UUID, set[uuid.UUID]] = collections.defaultdict(set)
    roles = [role.value for role in tables.HANDLERS]
    people = User.objects.filter(agency__in=agency_ids, is_active=True, role__in=roles)
    for agency_id, person_id in people.values_list("agency", "id"):
        by_agency[agency_id].add(person_id)
    return {agency_id: frozenset(by_agency[agency_id]) for agency_id in agency_ids}
