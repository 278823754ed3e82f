"""What the worker does for the system itself: take away what says nothing any more."""

from __future__ import annotations

from django.utils import timezone

from nowrongdoor.access import cache, limits, sessions
from nowrongdoor.work import queue


@queue.periodic(cron="7 * * * *")
@queue.task(name="access.forget_limits", queueing_lock="access.forget_limits")
@queue.on_a_fresh_connection
def forget_limits(timestamp: int) -> None:
    """Take away the rate limits that say nothing any more, and what ran out in the cache."""
    limits.forget_full(at=timezone.now())
    cache.forget_old(at=timezone.now())


@queue.periodic(cron="17 * * * *")
@queue.task(name="access.forget_sessions", queueing_lock="access.forget_sessions")
@queue.on_a_fresh_connection
def forget_sessions(timestamp: int) -> None:
    """Take away the sessions that ended."""
    sessions.SessionStore.clear_expired()
