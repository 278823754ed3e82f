"""What the worker does for leads: end offers that ran out, follow a new mandate table.

The promise: every task may run again, at any time, after any crash, and does nothing twice. The minute's tasks find
whatever a stopped worker left behind. A task's aliases are the names under which 0.2.0 queued it.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import ParamSpec

from django import db
from django.utils import timezone
from procrastinate.contrib.django import app

from nowrongdoor.access import cache, limits, sessions
from nowrongdoor.leads import answering, changing
from nowrongdoor.mandates import queries as tables

BATCH = 100
AT_A_TIME = 20  # seconds, so that offers that run out never wait long
log = logging.getLogger(__name__)
Given = ParamSpec("Given")


def on_a_fresh_connection(task: Callable[Given, None]) -> Callable[Given, None]:
    """Let a task outlive a restart of the database: it starts on a connection that is known to work."""

    @functools.wraps(task)
    def fresh(*args: Given.args, **kwargs: Given.kwargs) -> None:
        db.close_old_connections()
        task(*args, **kwargs)

    return fresh


@app.periodic(cron="* * * * *")
@app.task(name="leads.expire", aliases=["referrals.expire"], queueing_lock="leads.expire", priority=10)
@on_a_fresh_connection
def expire(timestamp: int) -> None:
    """End the offers that ran out, those of a worker's absence too, and ask who is next."""
    each_alone("offer", answering.due_offers(at=timezone.now()), lambda row: answering.expire(row, at=timezone.now()))


@app.task(name="leads.follow_table", aliases=["referrals.follow_table"])
@on_a_fresh_connection
def follow_table() -> None:
    """Decide open cases again under the table in force, for a while; the minute's task goes on with it."""
    _follow_for_a_while()


@app.periodic(cron="* * * * *")
@app.task(name="leads.follow", aliases=["referrals.follow"], queueing_lock="leads.follow")
@on_a_fresh_connection
def follow(timestamp: int) -> None:
    """Go on following a new table after a crash or a pause."""
    _follow_for_a_while()


@app.periodic(cron="7 * * * *")
@app.task(name="access.forget_limits", queueing_lock="access.forget_limits")
@on_a_fresh_connection
def forget_limits(timestamp: int) -> None:
    """Take away the rate limits that say nothing any more, and what ran out in the cache."""
    limits.forget_full(at=timezone.now())
    cache.forget_old(at=timezone.now())


@app.periodic(cron="17 * * * *")
@app.task(name="access.forget_sessions", queueing_lock="access.forget_sessions")
@on_a_fresh_connection
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
