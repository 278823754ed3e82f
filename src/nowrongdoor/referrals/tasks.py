"""What the worker does: route signals, end offers that ran out, follow a new mandate table.

The promise: every task may run again, at any time, after any crash, and does nothing twice. A signal's own task was
stored with it; the minute's tasks find whatever a stopped worker left behind.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from typing import ParamSpec

from django import db
from django.utils import timezone
from procrastinate.contrib.django import app

from nowrongdoor.referrals.actions import answering, changing, routing

BATCH = 500
Given = ParamSpec("Given")


def on_a_fresh_connection(task: Callable[Given, None]) -> Callable[Given, None]:
    """This will let a task outlive a restart of the database: it starts on a connection that is known to work."""

    @functools.wraps(task)
    def fresh(*args: Given.args, **kwargs: Given.kwargs) -> None:
        db.close_old_connections()
        task(*args, **kwargs)

    return fresh


@app.task(name="referrals.route")
@on_a_fresh_connection
def route(signal_id: str) -> None:
    """This will route one signal, unless somebody did; whoever came with it in a rush is routed in the same commit."""
    if not routing.route([uuid.UUID(signal_id)], at=timezone.now()):
        return
    routing.route_waiting(limit=BATCH, at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="referrals.expire", queueing_lock="referrals.expire")
@on_a_fresh_connection
def expire(timestamp: int) -> None:
    """This will end the offers that ran out, those of a worker's absence too, and ask who is next."""
    while answering.expire_due(limit=BATCH, at=timezone.now()):
        pass


@app.periodic(cron="* * * * *")
@app.task(name="referrals.sweep", queueing_lock="referrals.sweep")
@on_a_fresh_connection
def sweep(timestamp: int) -> None:
    """This will route signals whose own task was lost with a queue that was emptied by hand."""
    while routing.route_waiting(limit=BATCH, at=timezone.now()):
        pass


@app.task(name="referrals.follow_table")
@on_a_fresh_connection
def follow_table() -> None:
    """This will decide open cases again under the table in force."""
    while changing.follow_table(limit=BATCH, at=timezone.now()):
        pass
