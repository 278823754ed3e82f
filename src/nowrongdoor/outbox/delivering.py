"""The one way in which anything leaves: claim a message, hand it over, keep what came of it.

The promise: nothing is lost, and what leaves twice is recognizable. The claim is committed before anything is sent, and
what came of it after: a worker that dies in between leaves a message that is tried again once its claim runs out, under
the same Message-ID. What is given up is told to whoever can help, in the transaction that gives it up.
"""

from __future__ import annotations

import datetime
import logging
import uuid
from collections.abc import Callable, Mapping

from django.conf import settings

from nowrongdoor.access import row_security
from nowrongdoor.outbox import mail, models
from nowrongdoor.outbox.kinds import Channel, Kind, Outcome, Problem

AT_ONCE = 200  # messages in one run
CLAIM = datetime.timedelta(minutes=5)  # after which a message that nobody finished is tried again
MOST_WAIT = datetime.timedelta(minutes=60)
GIVEN_UP_AFTER = datetime.timedelta(days=2)
log = logging.getLogger(__name__)


Composer = Callable[[models.Message], mail.Letter | None]  # None: there is nothing to say any more
GivenUp = Callable[[models.Message, datetime.datetime], None]


def queue(
    kind: Kind, *, agency_id: uuid.UUID, person_id: uuid.UUID, due_at: datetime.datetime, at: datetime.datetime
) -> models.Message:
    """Put an email to somebody into the outbox, in the caller's transaction."""
    return models.Message.objects.create(
        channel=Channel.EMAIL.value, kind=kind.value, agency_id=agency_id, person_id=person_id, due_at=due_at, at=at
    )


def sends_mail() -> bool:
    """Return whether this installation has a mail server."""
    return bool(settings.MAIL.host)


def deliver(composers: Mapping[Kind, Composer], *, given_up: GivenUp, at: datetime.datetime) -> int:
    """Hand over what is due, and count what the server took. What fails because of the server fails once in a run: the
    rest waits for the next."""
    taken = 0
    if not sends_mail():
        return taken
    with mail.Server() as server:
        for _ in range(AT_ONCE):
            message = _claim(at=at)
            if message is None:
                break
            try:
                letter = _composed(composers, message)
                digest = server.send(message, letter) if letter else b""
            except mail.NotTaken as refusal:
                _keep_problem(message, refusal.problem, given_up=given_up, at=at)
                if refusal.problem.is_of_the_server:
                    break
                continue
            _end(message, Outcome.DELIVERED if letter else Outcome.NEEDLESS, digest=digest, at=at)
            taken += bool(letter)
    return taken


def _composed(composers: Mapping[Kind, Composer], message: models.Message) -> mail.Letter | None:
    with row_security.system():
        return composers[Kind(message.kind)](message)


@row_security.system()
def _claim(*, at: datetime.datetime) -> models.Message | None:
    """Takes the next message that is due, and commits that it is tried."""
    rows = models.Message.objects.filter(over_at=None, due_at__lte=at).order_by("due_at", "id")
    message = rows.select_for_update(skip_locked=True).first()
    if message is not None:
        message.tries, message.tried_at, message.due_at = message.tries + 1, at, at + CLAIM
        message.save(update_fields=["tries", "tried_at", "due_at"])
    return message


def wait_after(tries: int) -> datetime.timedelta:
    """Return how long a message waits after so many tries: 1, 2, 4, … minutes, at most an hour."""
    return min(datetime.timedelta(minutes=2 ** min(tries - 1, 10)), MOST_WAIT)


@row_security.system()
def _keep_problem(message: models.Message, problem: Problem, *, given_up: GivenUp, at: datetime.datetime) -> None:
    message.problem = problem.value
    if not problem.is_for_good and at - message.at < GIVEN_UP_AFTER:
        message.due_at = at + wait_after(message.tries)
        message.save(update_fields=["problem", "due_at"])
        log.error("A message waits and is tried again: %s", problem.value)
        return
    message.over_at, message.outcome = at, Outcome.GIVEN_UP.value
    message.save(update_fields=["problem", "over_at", "outcome"])
    log.error("A message was given up: %s", problem.value)
    given_up(message, at)


@row_security.system()
def _end(message: models.Message, outcome: Outcome, *, digest: bytes, at: datetime.datetime) -> None:
    message.over_at, message.outcome, message.digest, message.problem = at, outcome.value, digest, ""
    message.save(update_fields=["over_at", "outcome", "digest", "problem"])
