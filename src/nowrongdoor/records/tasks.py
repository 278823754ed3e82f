"""What the worker does for this room: reminders of its two desks."""

from __future__ import annotations

from django.utils import timezone

from nowrongdoor.records import reminding
from nowrongdoor.work import queue


@queue.periodic(cron="*/5 * * * *")
@queue.task(name="records.remind", queueing_lock="records.remind")
@queue.on_a_fresh_connection
def remind(timestamp: int) -> None:
    """Remind of demands and breaches; after a pause, of all that is still ahead."""
    reminding.remind(at=timezone.now())
