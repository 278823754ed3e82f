"""What is overdue on the line, for whoever tells people: in the system's context, of live contacts alone.

The promise: each is listed as long as it stands, however often one asks; nobody has to look at the line to learn of it.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Sequence

from django.db.models import Q

from nowrongdoor.core import line
from nowrongdoor.core.notices import LIST_OVERDUE, Matter, remind_at
from nowrongdoor.line import calling_back, models, moving
from nowrongdoor.line.models import State

FETCHED_WITHIN = datetime.timedelta(minutes=15)  # a voicemail's sound, which is tried each minute; policy


def on_lists(*, at: datetime.datetime) -> Sequence[Matter]:
    """List contacts that are on a group's list, and that nobody looked at by when they were due."""
    seats = _Seats()
    rows = models.Contact.objects.filter(state=State.VOICEMAIL, use=models.Use.LIVE, due_at__lte=at)
    columns = ("id", "agency", "group", "due_at")
    return [
        Matter(id_, agency_id, due_at, due_at, due_at + LIST_OVERDUE, seats.of(agency_id, {group}))
        for id_, agency_id, group, due_at in rows.order_by("due_at", "id").values_list(*columns)
        if due_at is not None  # a_contact_has_exactly_one_holder
    ]


def call_backs(*, at: datetime.datetime) -> Sequence[Matter]:
    """List calls back whose time is nearly over, and that nobody is making now."""
    seats = _Seats()
    rows = models.CallBack.objects.filter(over_at=None, until__gt=at, contact__use=models.Use.LIVE)
    rows = rows.exclude(taken_at__gt=at - calling_back.CALLS)
    columns = ("id", "agency", "group", "at", "until")
    return [
        Matter(id_, agency_id, until, near, until, seats.of(agency_id, {group}))
        for id_, agency_id, group, asked_at, until in rows.order_by("until", "id").values_list(*columns)
        if (near := remind_at(since=asked_at, due_at=until)) <= at
    ]


def unattended(*, at: datetime.datetime) -> Sequence[Matter]:
    """List contacts that ring while nobody in the groups that are asked takes any."""
    seats = _Seats()
    rows = models.Contact.objects.filter(state=State.RINGING, use=models.Use.LIVE, ends_at__gt=at)
    matters = []
    for row in rows.order_by("since", "id"):
        waits = moving.ringing(row)
        if not seats.has_taker(waits, row.agency_id, at=at):
            people = seats.of(row.agency_id, {waits.group, *waits.before})
            matters.append(Matter(row.id, row.agency_id, row.since, row.since, waits.ends_at, people))
    return matters


def recordings(*, at: datetime.datetime) -> Sequence[Matter]:
    """List voicemails whose sound did not come in time, or that the provider doesn't have, of contacts that are not
    over."""
    seats = _Seats()
    rows = models.ContactMessage.objects.filter(
        Q(at__lte=at - FETCHED_WITHIN) | Q(ref=b""),
        way=models.ContactMessage.Way.VOICEMAIL,
        fetched_at=None,
        contact__over_at=None,
        contact__use=models.Use.LIVE,
    )
    matters = []
    for row in rows.select_related("contact").defer("words", "ref", "recording").order_by("at", "id"):
        contact, since = row.contact, row.at + FETCHED_WITHIN
        people = seats.of(row.agency_id, {contact.group}) | {each for each in [contact.person_id] if each}
        matters.append(Matter(row.id, row.agency_id, row.at, since, since + LIST_OVERDUE, people))
    return matters


class _Seats:
    """Who is on shift, read once."""

    def __init__(self) -> None:
        self._rows: dict[uuid.UUID, list[models.Seat]] = {}
        for seat in models.Seat.objects.filter(ended_at=None).order_by("began_at", "id"):
            self._rows.setdefault(seat.agency_id, []).append(seat)

    def of(self, agency_id: uuid.UUID, groups: Collection[str]) -> frozenset[uuid.UUID]:
        """Find who is on shift in one of these groups, besides whoever is learning."""
        return frozenset(seat.person_id for seat in self._in(agency_id, groups))

    def has_taker(self, waits: line.Ringing, agency_id: uuid.UUID, *, at: datetime.datetime) -> bool:
        """Return whether somebody in the groups that are asked takes such contacts, though they may be busy now: their
        page is open, they have a telephone or take texts, and they did not pause, nor were paused because nobody picked
        up at their desk."""
        return any(
            seat.ready_since is not None
            and seat.seen_at > at - moving.LOST
            and (not waits.skill or waits.skill in seat.skills)
            and seat.takes(waits.medium)
            for seat in self._in(agency_id, {waits.group, *waits.before})
        )

    def _in(self, agency_id: uuid.UUID, groups: Collection[str]) -> list[models.Seat]:
        rows = self._rows.get(agency_id, [])
        return [seat for seat in rows if not seat.is_trainee and not set(groups).isdisjoint(seat.groups)]
