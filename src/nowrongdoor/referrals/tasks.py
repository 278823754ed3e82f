"""What the worker does: route signals, end offers that ran out, follow a new mandate table.

The promise: every task may run again, at any time, after any crash, and does nothing twice. A signal's own task was
stored with it; the minute's tasks find whatever a stopped worker left behind.
"""

from __future__ import annotations

import contextlib
import logging
import time
import uuid
from collections.abc import Callable, Iterable, Iterator

from django import db
from django.utils import timezone

from nowrongdoor.access import cache, limits, sessions
from nowrongdoor.mandates import queries as tables
from nowrongdoor.referrals.actions import answering, changing, routing
from nowrongdoor.work import queue

BATCH = 100
AT_A_TIME = 20  # seconds, so that offers that run out never wait long
log = logging.getLogger(__name__)


@queue.task(name=queue.ROUTE, priority=10)
@queue.on_a_fresh_connection
def route(signal_id: str) -> None:
    """Route one signal, unless somebody did. Where no table can decide, it waits for `sweep`."""
    with _waiting_for_a_table():
        routing.route([uuid.UUID(signal_id)], at=timezone.now())


@queue.periodic(cron="* * * * *")
@queue.task(name="referrals.expire", queueing_lock="referrals.expire", priority=10)
@queue.on_a_fresh_connection
def expire(timestamp: int) -> None:
    """End the offers that ran out, those of a worker's absence too, and ask who is next."""
    each_alone("offer", answering.due_offers(at=timezone.now()), lambda row: answering.expire(row, at=timezone.now()))


@queue.periodic(cron="* * * * *")
@queue.task(name="referrals.sweep", queueing_lock="referrals.sweep")
@queue.on_a_fresh_connection
def sweep(timestamp: int) -> None:
    """Route signals whose own task was lost, failed, or found no table that can decide."""
    with _waiting_for_a_table():
        tables.in_force()
        each_alone("signal", routing.waiting(at=timezone.now()), lambda row: routing.route([row], at=timezone.now()))


@queue.task(name=queue.FOLLOW_TABLE)
@queue.on_a_fresh_connection
def follow_table() -> None:
    """Decide open cases again under the table in force, for a while; the minute's task goes on with it."""
    _follow_for_a_while()


@queue.periodic(cron="* * * * *")
@queue.task(name="referrals.follow", queueing_lock="referrals.follow")
@queue.on_a_fresh_connection
def follow(timestamp: int) -> None:
    """Go on following a new table after a crash or a pause."""
    _follow_for_a_while()


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


def each_alone(what: str, rows: Iterable[uuid.UUID], act: Callable[[uuid.UUID], object]) -> None:
    """Do each row in its own transaction; one that fails is named in the log and stops no other."""
    for row in rows:
        try:
            act(row)
        except (db.DatabaseError, LookupError, ValueError) as error:
            log.error("%s %s could not be worked on: %s", what, row, type(error).__name__)


def _follow_for_a_while() -> None:
    until = time.monotonic() + AT_A_TIME
    with _waiting_for_a_table():
        while time.monotonic() < until and changing.follow_table(limit=BATCH, at=timezone.now()):
            pass


@contextlib.contextmanager
def _waiting_for_a_table() -> Iterator[None]:
    """Leave everything as it is while no table can decide, and say so in the log, once for each task."""
    try:
        yield
    except tables.CannotDecide as error:
        log.error("Nothing is routed: %s", error)
