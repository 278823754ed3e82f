"""Two who move one contact in the same instant: one of them is first, and the other finds it as it is then."""

from __future__ import annotations

import datetime
import functools

import pytest
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core import line
from nowrongdoor.core.line import Medium
from nowrongdoor.line import models, moving
from nowrongdoor.line.models import State
from tests import at_once
from tests.line import floors

REFUSED = (line.Refused, moving.NoSuchContact)
pytestmark = pytest.mark.usefixtures("committed_db")


def decide(contact: models.Contact, at: datetime.datetime) -> None:
    with row_security.system():
        moving.decide(contact.agency_id, at=at)


def test_two_who_answer_and_a_clock_that_ends_the_wait_leave_one_holder() -> None:
    first, second = floors.on_shift(ready=False), floors.on_shift(ready=False)
    for number in range(8):
        at = timezone.now()
        what = floors.event(Kind.WROTE, f"t{number}", medium=Medium.TEXT, call=f"pair-{number}", words="x")
        contact = floors.take(what, at=at)
        late = at + datetime.timedelta(minutes=11)
        refusals = at_once.do(
            REFUSED,
            functools.partial(moving.answer, contact.id, by=first, at=at),
            functools.partial(moving.answer, contact.id, by=second, at=at),
            functools.partial(decide, contact, late),
        )
        now = floors.now(contact)
        assert now.state == State.ANSWERED, "whoever answers may take it from the list too"
        assert now.person_id in (first.user_id, second.user_id)
        assert sum(isinstance(each, line.Refused) for each in refusals) == 1
        moving.end(contact.id, by=first if now.person_id == first.user_id else second, at=at)


def test_whoever_hangs_up_while_somebody_answers_is_theirs_or_left() -> None:
    person = floors.on_shift(ready=False)
    for number in range(8):
        contact = floors.take(floors.event(Kind.RANG, f"r{number}", call=f"call-{number}"))
        hangs_up = floors.event(Kind.LEFT, f"l{number}", call=f"call-{number}")
        at_once.do(
            REFUSED,
            functools.partial(moving.answer, contact.id, by=person, at=timezone.now()),
            functools.partial(floors.take, hangs_up),
        )
        now = floors.now(contact)
        assert now.left_at is not None
        assert now.state in (State.ANSWERED, State.ABANDONED)
        if now.state == State.ANSWERED:
            moving.end(contact.id, by=person, at=timezone.now())
