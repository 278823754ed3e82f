"""Being on shift: who takes contacts, of which groups, in which languages, and how many at once.

The promise: people say themselves that they take contacts; a shift ends once somebody else has each contact of it.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.bulk import writing
from nowrongdoor.core import line
from nowrongdoor.core.language import gettext
from nowrongdoor.line import models, moving, plan, reach
from nowrongdoor.vault import keys
from nowrongdoor.vault.models import DataKey

NOTED = datetime.timedelta(seconds=10)  # after which it is noted again: a busy page asks twice a second
LONGEST = datetime.timedelta(hours=12)  # for which a shift keeps its session open


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody takes on their shift. `telephone`: of their desk, which calls are connected to; without one they
    take no calls. `texts`: how many written contacts at once."""

    groups: Sequence[str]
    languages: Sequence[str]
    skills: Sequence[str]
    telephone: str
    texts: int
    is_trainee: bool


def begin(wish: Wish, *, by: viewers.Viewer, at: datetime.datetime) -> models.Seat:
    """Begin a shift; one takes no contact until one says so (`ready`). line.Refused."""
    assert by.user_id is not None  # a token takes no contact
    with row_security.looking(by):
        if not wish.groups or not set(wish.groups) <= set(plan.installed().queues(by.agency_code)):
            raise line.Refused(gettext("Choose at least one group of your agency’s line."))
        try:
            with transaction.atomic():
                seat = models.Seat.objects.create(
                    agency_id=by.agency_id,
                    person_id=by.user_id,
                    groups=sorted(wish.groups),
                    languages=sorted(wish.languages),
                    skills=sorted(wish.skills),
                    telephone=wish.telephone,
                    texts=wish.texts,
                    is_trainee=wish.is_trainee,
                    began_at=at,
                    seen_at=at,
                )
        except IntegrityError as error:
            if writing.constraint_of(error) != "a_person_is_on_one_shift_at_a_time":
                raise
            raise line.Refused(gettext("You are on shift already.")) from None
        record.record(record.Deed("shift.begun", by.agency_id, seat.id, by.user_id), at=at)
    return seat


def ready(*, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Say that one takes contacts from now on. line.Refused."""
    with row_security.looking(by):
        seat = moving.seat_of(by)
        if seat.ready_since is None:
            seat.ready_since = at
        seat.seen_at = at
        seat.save(update_fields=["ready_since", "seen_at"])
    with row_security.system():
        moving.decide(by.agency_id, at=at)


def pause(*, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Say that one takes no further contact for now. line.Refused."""
    with row_security.looking(by):
        seat = moving.seat_of(by)
        seat.ready_since, seat.seen_at = None, at
        seat.save(update_fields=["ready_since", "seen_at"])


def heard(*, by: viewers.Viewer, at: datetime.datetime) -> models.Seat | None:
    """Note that the page of somebody on shift is open; if it was not for a while, they get what waits. Return their
    shift, None where they are on none."""
    with row_security.looking(by):
        seat = of(by)
        if seat is None:
            return None
        if seat.seen_at <= at - NOTED:
            models.Seat.objects.filter(id=seat.id, ended_at=None, seen_at__lt=at).update(seen_at=at)
    if seat.seen_at <= at - moving.LOST:
        with row_security.system():
            moving.decide(by.agency_id, at=at)
    return seat


def of(by: viewers.Viewer) -> models.Seat | None:
    """Return the viewer's shift, None where they are on none."""
    with row_security.looking(by):
        return models.Seat.objects.filter(person=by.user_id, agency=by.agency_id, ended_at=None).first()


def end(words: str, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """End one's shift, and say what the next one has to know. line.Refused while one has a contact."""
    with row_security.looking(by):
        seat = moving.seat_of(by)
        has = models.Contact.objects.filter(agency=by.agency_id, person=by.user_id, state=models.State.ANSWERED).count()
        if has:
            raise line.Refused(
                gettext("You still have %(count)s of the contacts. End each, put it on the list, or hand it over.")
                % {"count": has}
            )
        if words:
            minted = keys.Minted([seat.id])
            minted.keep(DataKey.Of.CONTACT)
            seat.words = minted[seat.id].seal(words, reach.place_of(seat.id, "words", by.agency_id, "seat"))
        seat.ready_since, seat.ended_at = None, at
        seat.save(update_fields=["ready_since", "ended_at", "words"])
        record.record(record.Deed("shift.left", by.agency_id, seat.id, by.user_id), at=at)
