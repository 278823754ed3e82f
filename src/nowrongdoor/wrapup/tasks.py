"""What the worker does after contacts."""

from __future__ import annotations

from django.utils import timezone

from nowrongdoor.work import queue
from nowrongdoor.wrapup import flags


@queue.periodic(cron="40 3 * * *")
@queue.task(name="wrapup.erase", queueing_lock="wrapup.erase")
@queue.on_a_fresh_connection
def erase(timestamp: int) -> None:
    """Erase what flags said that are over."""
    queue.each_alone("flag", flags.to_erase(at=timezone.now()), lambda row: flags.erase(row, at=timezone.now()))
