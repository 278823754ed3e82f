"""The queue: a task is stored in the transaction of the rows that it is about, so neither is ever there without the
other.

The promise: a room asks for the work of a higher room by name and knows nothing else of it. The names stand here. A
task that was renamed keeps its old name as an alias, because the database of the release before holds tasks under it.
"""

from __future__ import annotations

import functools
import logging
import uuid
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from django import db
from procrastinate.contrib.django import app

ROUTE = "intake.route"  # signals ask for it, whoever routes does it
WITHDRAW = "intake.withdraw"  # a sender's mailbox asks for it
FOLLOW_TABLE = "leads.follow_table"  # mandates ask for it when another table comes into force
ESTIMATE = "prevalence.estimate"
SEND_ON_LINE = "line.send"
TURN_ON_LINE = "line.turn"
log = logging.getLogger(__name__)
Given = ParamSpec("Given")
Row = TypeVar("Row", uuid.UUID, str)

task, periodic = app.task, app.periodic


def defer(name: str, **arguments: str) -> None:
    """Ask for a task, in the caller's transaction."""
    app.configure_task(name).defer(**arguments)


def on_a_fresh_connection(work: Callable[Given, None]) -> Callable[Given, None]:
    """Let a task outlive a restart of the database: it starts on a connection that is known to work."""

    @functools.wraps(work)
    def fresh(*args: Given.args, **kwargs: Given.kwargs) -> None:
        db.close_old_connections()
        work(*args, **kwargs)

    return fresh


def each_alone(what: str, rows: Iterable[Row], act: Callable[[Row], object]) -> None:
    """Do each row in its own transaction; one that fails is named in the log and stops no other."""
    for row in rows:
        try:
            act(row)
        except (db.DatabaseError, LookupError, ValueError) as error:
            log.error("%s %s could not be worked on: %s", what, row, type(error).__name__)
