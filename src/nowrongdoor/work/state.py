"""How the queue is: what waits in it, since when, and whether a worker takes from it.

The promise: it is read off the queue's own rows, and what they do not say is not known.
"""

from __future__ import annotations

import dataclasses
import datetime

from django.db.models import Max, Min, Q
from procrastinate.contrib.django import models


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """The queue at one moment. `worker_seen_at`: when a worker last said that it is there, None where none ever did;
    `waiting_since`: since when the oldest task that could be done waits."""

    worker_seen_at: datetime.datetime | None
    waiting: int
    waiting_since: datetime.datetime | None
    failed: int


def now(*, at: datetime.datetime) -> State:
    """Look at the queue."""
    seen = models.ProcrastinateWorker.objects.aggregate(at=Max("last_heartbeat"))["at"]
    jobs = models.ProcrastinateJob.objects.filter(status="todo").filter(Q(scheduled_at=None) | Q(scheduled_at__lte=at))
    since = models.ProcrastinateEvent.objects.filter(job__in=jobs).aggregate(at=Min("at"))["at"]
    failed = models.ProcrastinateJob.objects.filter(status="failed").count()
    return State(seen, jobs.count(), since, failed)
