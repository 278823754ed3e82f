"""What the worker does for the line."""

from __future__ import annotations

import uuid

from django.utils import timezone

from nowrongdoor.line import calling_back, clock, moving, speaking, writing
from nowrongdoor.work import queue


@queue.task(name=queue.SEND_ON_LINE, priority=20)
@queue.on_a_fresh_connection
def send(message_id: str) -> None:
    """Hand one message to its provider, unless that was done."""
    writing.send(uuid.UUID(message_id), at=timezone.now())


@queue.task(name=queue.TURN_ON_LINE, priority=20)
@queue.on_a_fresh_connection
def turn(contact_id: str) -> None:
    """Let a call that goes on hear what it hears now: whoever took it over."""
    speaking.turn(uuid.UUID(contact_id), at=timezone.now())


@queue.periodic(cron="* * * * *")
@queue.task(name="line.move", queueing_lock="line.move", priority=20)
@queue.on_a_fresh_connection
def move(timestamp: int) -> None:
    """End waits that are over, give back what people left who are gone, and send what waits."""
    queue.each_alone("line", clock.agencies(), lambda agency: moving.give_back(agency, at=timezone.now()))
    queue.each_alone("message", writing.to_send(at=timezone.now()), lambda row: writing.send(row, at=timezone.now()))
    calling_back.run_out(at=timezone.now())


@queue.periodic(cron="* * * * *")
@queue.task(name="line.fetch", queueing_lock="line.fetch")
@queue.on_a_fresh_connection
def fetch(timestamp: int) -> None:
    """Get voicemails, and have the provider delete its copies."""
    queue.each_alone(
        "voicemail", writing.to_fetch(at=timezone.now()), lambda row: writing.fetch(row, at=timezone.now())
    )


@queue.periodic(cron="*/5 * * * *")
@queue.task(name="line.look_again", queueing_lock="line.look_again")
@queue.on_a_fresh_connection
def look_again(timestamp: int) -> None:
    """Ask each provider what it did not tell us."""
    queue.each_alone("provider", clock.providers(), lambda name: clock.look_again(name, at=timezone.now()))


@queue.periodic(cron="20 3 * * *")
@queue.task(name="line.erase", queueing_lock="line.erase")
@queue.on_a_fresh_connection
def erase(timestamp: int) -> None:
    """Erase what was written in contacts that became no signal."""
    queue.each_alone("contact", clock.to_erase(at=timezone.now()), lambda row: clock.erase(row, at=timezone.now()))
