"""What the worker does for signals: route each, and find the one whose own task was lost; end drafts on time; and have
files scanned that no scanner looked at.

The promise: every task may run again, at any time, after any crash, and does nothing twice. A signal's own task was
stored with it.
"""

from __future__ import annotations

import uuid

from django.utils import timezone

from nowrongdoor.intake import routing, withdrawing
from nowrongdoor.leads.tasks import waiting_for_a_table
from nowrongdoor.mailbox import unfinished
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import drafts, files, reaching
from nowrongdoor.work import queue


@queue.task(name=queue.ROUTE, aliases=["referrals.route"], priority=10)
@queue.on_a_fresh_connection
def route(signal_id: str) -> None:
    """Route one signal, unless somebody did. Where no table can decide, it waits for `sweep`."""
    with waiting_for_a_table():
        routing.route([uuid.UUID(signal_id)], at=timezone.now())


@queue.task(name=queue.WITHDRAW, priority=10)
@queue.on_a_fresh_connection
def withdraw(signal_id: str) -> None:
    """Follow what a sender withdrew. Where no table can decide, the signal still waits, and nobody was told of it."""
    with waiting_for_a_table():
        withdrawing.withdraw(uuid.UUID(signal_id), at=timezone.now())


@queue.periodic(cron="* * * * *")
@queue.task(name="intake.sweep", aliases=["referrals.sweep"], queueing_lock="intake.sweep")
@queue.on_a_fresh_connection
def sweep(timestamp: int) -> None:
    """Route signals whose own task was lost, failed, or found no table that can decide."""
    with waiting_for_a_table():
        tables.in_force()
        queue.each_alone(
            "signal", routing.waiting(at=timezone.now()), lambda row: routing.route([row], at=timezone.now())
        )


@queue.periodic(cron="* * * * *")
@queue.task(name="intake.end_drafts", queueing_lock="intake.end_drafts")
@queue.on_a_fresh_connection
def end_drafts(timestamp: int) -> None:
    """Destroy what is over: drafts, each with its key, what senders left unfinished, and how to reach people."""
    now = timezone.now()
    queue.each_alone("draft", drafts.ended(), lambda row: drafts.end(row, at=now))
    queue.each_alone("unfinished contact", unfinished.ended(), unfinished.end)
    queue.each_alone("way back", reaching.ended(at=now), lambda row: reaching.end(row, at=now))


@queue.periodic(cron="* * * * *")
@queue.task(name="intake.scan_files", queueing_lock="intake.scan_files")
@queue.on_a_fresh_connection
def scan_files(timestamp: int) -> None:
    """Have the files of contacts scanned that no scanner could look at when they came in, until none can again."""
    files.scan_waiting(at=timezone.now())
