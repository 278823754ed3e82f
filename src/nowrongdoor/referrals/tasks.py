"""What the worker does about referrals."""

from __future__ import annotations

from django.utils import timezone

from nowrongdoor.referrals import actions
from nowrongdoor.work import queue


@queue.periodic(cron="* * * * *")
@queue.task(name="referrals.lapse", queueing_lock="referrals.lapse")
@queue.on_a_fresh_connection
def lapse(timestamp: int) -> None:
    """End every ask whose time is over, so that its bed is free for others."""
    actions.lapse(at=timezone.now())
