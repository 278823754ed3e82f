"""What the worker does for estimates: work out what was asked for. It may run again after any crash."""

from __future__ import annotations

import uuid

from django.utils import timezone
from procrastinate.contrib.django import app

from nowrongdoor.prevalence import actions
from nowrongdoor.referrals import tasks


@app.task(name=actions.TASK)
@tasks.on_a_fresh_connection
def estimate(run_id: str) -> None:
    """This will work out one estimate, unless that was done."""
    actions.work_out(uuid.UUID(run_id), at=timezone.now())
