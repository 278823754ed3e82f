"""What the worker does for leads: end offers that ran out, follow a new mandate table.

The promise: every task may run again, at any time, after any crash, and does nothing twice. The minute's tasks find
whatever a stopped worker left behind. A task's aliases are the names under which 0.2.0 queued it.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator

from django.utils import timezone

from nowrongdoor.leads import answering, changing
from nowrongdoor.mandates import queries as tables
from nowrongdoor.work import queue

BATCH = 100
AT_A_TIME = 20  # seconds, so that offers that run out never wait long
log = logging.getLogger(__name__)


@queue.periodic(cron="* * * * *")
@queue.task(name="leads.expire", aliases=["referrals.expire"], queueing_lock="leads.expire", priority=10)
@queue.on_a_fresh_connection
def expire(timestamp: int) -> None:
    """End the offers that ran out, those of a worker's absence too, and ask who is next."""
    queue.each_alone(
        "offer", answering.due_offers(at=timezone.now()), lambda row: answering.expire(row, at=timezone.now())
    )


@queue.task(name=queue.FOLLOW_TABLE, aliases=["referrals.follow_table"])
@queue.on_a_fresh_connection
def follow_table() -> None:
    """Decide open cases again under the table in force, for a while; the minute's task goes on with it."""
    _follow_for_a_while()


@queue.periodic(cron="* * * * *")
@queue.task(name="leads.follow", aliases=["referrals.follow"], queueing_lock="leads.follow")
@queue.on_a_fresh_connection
def follow(timestamp: int) -> None:
    """Go on following a new table after a crash or a pause."""
    _follow_for_a_while()


def _follow_for_a_while() -> None:
    until = time.monotonic() + AT_A_TIME
    with waiting_for_a_table():
        while time.monotonic() < until and changing.follow_table(limit=BATCH, at=timezone.now()):
            pass


@contextlib.contextmanager
def waiting_for_a_table() -> Iterator[None]:
    """Leave everything as it is while no table can decide, and say so in the log, once for each task."""
    try:
        yield
    except tables.CannotDecide as error:
        log.error("Nothing is routed: %s", error)
