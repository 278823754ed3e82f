"""What the worker does for notifications, each minute: what the clock knows, how it leaves, and the outbox itself."""

from __future__ import annotations

import time

from django.utils import timezone

from nowrongdoor.notifications import actions, clock, composing, planning
from nowrongdoor.outbox import delivering
from nowrongdoor.work import queue

AT_A_TIME = 20  # seconds, so that no run keeps the next ones waiting


@queue.periodic(cron="* * * * *")
@queue.task(name="notifications.tell", queueing_lock="notifications.tell", priority=5)
@queue.on_a_fresh_connection
def tell(timestamp: int) -> None:
    """Tell of what is due now, and hand over what waits; after a pause, all of it."""
    now, until = timezone.now(), time.monotonic() + AT_A_TIME
    clock.escalate(at=now)
    clock.remind(at=now)
    clock.remind_of_senders(at=now)
    clock.look_for_gaps(at=now)
    clock.tell_of_overdue(at=now)
    queue.each_alone("referrals", ["all of them"], lambda _all: clock.tell_of_referrals(at=now))
    while time.monotonic() < until and planning.plan(at=now):
        pass
    delivering.deliver(composing.COMPOSERS, given_up=actions.tell_of_given_up, at=timezone.now())
