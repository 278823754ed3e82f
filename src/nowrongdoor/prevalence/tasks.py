"""What the worker does for estimates: work out what was asked for. It may run again after any crash."""

from __future__ import annotations

import uuid

from django.utils import timezone

from nowrongdoor.core.prevalence import reading
from nowrongdoor.prevalence import actions
from nowrongdoor.work import queue


@queue.task(name=queue.ESTIMATE)
@queue.on_a_fresh_connection
def estimate(run_id: str, rows: str = "", read_as: str = "") -> None:
    """Work out one estimate, unless that was done. `rows`, `read_as`: what was read, and how; a task that 0.2.0 queued
    does not say."""
    source = reading.Source(reading.Form[rows.upper()], read_as) if rows else None
    actions.work_out(uuid.UUID(run_id), source=source, at=timezone.now())
