"""What people see of the line: their contacts, what waits, what is on a list, whom to call back, who is on shift."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.core import language, line
from nowrongdoor.line import calling_back, joining, models, moving, plan, reach, shifts, writing
from nowrongdoor.line.models import State
from nowrongdoor.vault import keys

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

SHOWN = 200  # of the list
HANDED_WITHIN = datetime.timedelta(hours=12)


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A contact that is not over. `person` and `asked`: names, empty for nobody; `is_unheard`: a recording of it could
    not be fetched, and never will be."""

    id: uuid.UUID
    medium: models.Medium
    use: models.Use
    state: State
    group: str
    language: str
    is_danger: bool
    rang_at: datetime.datetime
    since: datetime.datetime
    ends_at: datetime.datetime | None
    due_at: datetime.datetime | None
    left_at: datetime.datetime | None
    signal_id: uuid.UUID | None
    person_id: uuid.UUID | None
    asked_id: uuid.UUID | None
    person: str
    asked: str
    is_unheard: bool

    @property
    def is_over(self) -> bool:
        """Return whether nobody has it any more."""
        return line.State(self.state).is_over

    @property
    def group_name(self) -> str:
        """Name the group that is asked."""
        group = plan.installed().groups.get(self.group)
        return group.name if group else self.group

    @property
    def language_name(self) -> str:
        """Name its language."""
        return language.name_of(self.language)


@dataclasses.dataclass(frozen=True, slots=True)
class Person:
    """Somebody on shift. `takes`: whether any contact comes to them by itself; `has`: how many they have; `is_heard`:
    whether their page is open."""

    id: uuid.UUID
    name: str
    groups: Sequence[str]
    languages: Sequence[str]
    ready_since: datetime.datetime | None
    is_trainee: bool
    takes: bool
    is_heard: bool
    has: int


@dataclasses.dataclass(frozen=True, slots=True)
class HandedOn:
    """What somebody said at the end of their shift."""

    name: str
    at: datetime.datetime
    words: str


@dataclasses.dataclass(frozen=True, slots=True)
class Floor:
    """All that is going on at one line. `seat`: the viewer's shift, None while they are on none; `more`: how many are
    on the list besides those that are shown, all of them due later."""

    seat: models.Seat | None
    mine: Sequence[Row]
    asked: Sequence[Row]
    waiting: Sequence[Row]
    listed: Sequence[Row]
    more: int
    others: Sequence[Row]
    call_backs: Sequence[calling_back.Open]
    people: Sequence[Person]
    abandoned: int
    at: datetime.datetime


def floor(viewer: viewers.Viewer, *, at: datetime.datetime) -> Floor:
    """Read what is going on at the line of the viewer's agency now."""
    with row_security.looking(viewer):
        open_rows = models.Contact.objects.filter(agency=viewer.agency_id, over_at=None).order_by("since", "id")
        on_list = open_rows.filter(state=State.VOICEMAIL).order_by("-is_danger", "due_at", "id")
        rows = [
            _row(row, row.person_name, row.asked_name, is_unheard=row.is_unheard)
            for shown in (open_rows.exclude(state=State.VOICEMAIL), on_list[:SHOWN])
            for row in _named(shown)
        ]
        is_full = sum(row.state is State.VOICEMAIL for row in rows) == SHOWN
        more = on_list.count() - SHOWN if is_full else 0
        abandoned = models.Contact.objects.filter(
            agency=viewer.agency_id,
            state=State.ABANDONED,
            use=models.Use.LIVE,
            rang_at__gt=at - datetime.timedelta(hours=24),
        ).count()
        return Floor(
            seat=shifts.of(viewer),
            mine=[row for row in rows if row.person_id == viewer.user_id],
            asked=[row for row in rows if row.asked_id == viewer.user_id],
            waiting=sorted(
                (row for row in rows if row.state is State.RINGING),
                key=lambda row: (not row.is_danger, row.since, row.id),
            ),
            listed=[row for row in rows if row.state is State.VOICEMAIL],
            more=more,
            others=sorted(
                (row for row in rows if row.state is State.ANSWERED and row.person_id != viewer.user_id),
                key=lambda row: (not row.is_danger, row.since, row.id),
            ),
            call_backs=calling_back.of(viewer, at=at),
            people=people(viewer, at=at),
            abandoned=abandoned,
            at=at,
        )


def people(viewer: viewers.Viewer, *, at: datetime.datetime) -> Sequence[Person]:
    """List who is on shift at the line of the viewer's agency now."""
    with row_security.looking(viewer):
        seats = models.Seat.objects.filter(agency=viewer.agency_id, ended_at=None).order_by("began_at", "id")
        having = models.Contact.objects.filter(agency=viewer.agency_id, state=State.ANSWERED)
        held = Counter(having.values_list("person", flat=True))
        return [
            Person(
                seat.person_id,
                seat.name,
                [group.name for code in seat.groups if (group := plan.installed().groups.get(code))],
                [language_called(code) for code in seat.languages],
                seat.ready_since,
                seat.is_trainee,
                any(seat.takes(medium) for medium in line.Medium),
                seat.seen_at > at - moving.LOST,
                held[seat.person_id],
            )
            for seat in seats.annotate(name=agencies.name_of("person_id"))
        ]


def contact(contact_id: uuid.UUID, viewer: viewers.Viewer) -> Row:
    """Read one contact of the viewer's agency, over or not. moving.NoSuchContact."""
    with row_security.looking(viewer):
        rows = models.Contact.objects.filter(id=contact_id, agency=viewer.agency_id)
        row = _named(rows).first()
    if row is None:
        raise moving.NoSuchContact
    return _row(row, row.person_name, row.asked_name, is_unheard=row.is_unheard)


@dataclasses.dataclass(frozen=True, slots=True)
class Besides:
    """Another contact that somebody has. `waits_for_us`: whoever it is wrote last."""

    id: uuid.UUID
    medium: models.Medium
    rang_at: datetime.datetime
    is_danger: bool
    waits_for_us: bool


def besides(contact_id: uuid.UUID, viewer: viewers.Viewer) -> Sequence[Besides]:
    """List what else the viewer has, so that its page tells of it: danger first, then whoever came last."""
    ways = (models.ContactMessage.Way.IN, models.ContactMessage.Way.OUT)
    both = models.ContactMessage.objects.filter(contact=OuterRef("pk"), way__in=ways).order_by("-at", "-id")
    with row_security.looking(viewer):
        rows = models.Contact.objects.filter(agency=viewer.agency_id, person=viewer.user_id, state=State.ANSWERED)
        listed = rows.exclude(id=contact_id).annotate(last=Subquery(both.values("way")[:1]))
        columns = ("id", "medium", "rang_at", "is_danger", "last")
        return [
            Besides(id_, models.Medium(medium), rang_at, is_danger, last == models.ContactMessage.Way.IN)
            for id_, medium, rang_at, is_danger, last in listed.order_by("-is_danger", "-since", "id").values_list(
                *columns
            )
        ]


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """Who was part of a contact, from when to when."""

    id: uuid.UUID
    kind: models.Leg.Kind
    name: str
    to: str
    asked_at: datetime.datetime | None
    began_at: datetime.datetime | None
    ended_at: datetime.datetime | None

    @property
    def is_awaited(self) -> bool:
        """Return whether one waits for them still."""
        return self.asked_at is not None and self.began_at is None and self.ended_at is None

    @property
    def helper(self) -> str:
        """Name the language or the kind of help, of an interpreter or a relay."""
        return joining.helper_name(self.to) if self.kind is models.Leg.Kind.INTERPRETER and self.to else ""

    @property
    def place(self) -> str:
        """Name the line outside to which somebody was handed on; its code where the country has no such line now."""
        return joining.outside().get(self.to, self.to) if self.kind is models.Leg.Kind.OUTSIDE else ""


def parts(contact_id: uuid.UUID, viewer: viewers.Viewer) -> Sequence[Part]:
    """List who was part of a contact, in order; names of people outside are opened."""
    with row_security.looking(viewer):
        rows = models.Leg.objects.filter(contact=contact_id, agency=viewer.agency_id).order_by(
            "began_at", "asked_at", "id"
        )
        key = keys.open_all([contact_id]).get(contact_id)
        columns = ("id", "kind", "words", "to", "asked_at", "began_at", "ended_at")
        return [
            Part(
                id_,
                models.Leg.Kind(kind),
                name or keys.shown(key, words, reach.place_of(id_, "words", viewer.agency_id, "contact_leg")),
                to,
                asked_at,
                began_at,
                ended_at,
            )
            for id_, kind, words, to, asked_at, began_at, ended_at, name in rows.values_list(
                *columns, agencies.name_of("person_id")
            )
        ]


def handed_on(viewer: viewers.Viewer, *, at: datetime.datetime) -> Sequence[HandedOn]:
    """List what was said at the end of shifts lately, newest first."""
    with row_security.looking(viewer):
        seats = models.Seat.objects.filter(agency=viewer.agency_id, ended_at__gt=at - HANDED_WITHIN).exclude(words=b"")
        rows = list(
            seats.order_by("-ended_at", "id").values_list("id", "ended_at", "words", agencies.name_of("person_id"))[:20]
        )
        opened = keys.open_all([id_ for id_, *_ in rows])
        return [
            HandedOn(
                name,
                ended_at,
                keys.shown(opened.get(id_), words, reach.place_of(id_, "words", viewer.agency_id, "seat")),
            )
            for id_, ended_at, words, name in rows
        ]


def skills(viewer: viewers.Viewer) -> Sequence[str]:
    """List what lines of the viewer's agency ask of whoever answers them."""
    lines = plan.installed().lines.values()
    return sorted({each.skill for each in lines if each.agency == viewer.agency_code and each.skill})


def groups(viewer: viewers.Viewer) -> Mapping[str, str]:
    """Name the groups of the viewer's agency, by code."""
    return {code: group.name for code, group in plan.installed().groups.items() if group.agency == viewer.agency_code}


def has_line(viewer: viewers.Viewer) -> bool:
    """Return whether the viewer's agency has a line."""
    return bool(groups(viewer))


def language_called(code: str) -> str:
    """Name a language that people speak: of one that is written in several ways, the first."""
    offered = (each for each, _name in settings.PUBLIC_LANGUAGES if each.partition("-")[0] == code)
    return language.name_of(next(offered, code))


class _Named(TypedDict):
    person_name: str | None
    asked_name: str | None
    is_unheard: bool


def _named(rows: QuerySet[models.Contact]) -> QuerySet[WithAnnotations[models.Contact, _Named]]:
    lost = models.ContactMessage.objects.filter(
        contact=OuterRef("pk"), way="voicemail", fetched_at=None, tries__gte=writing.MOST_FETCHES
    ).exclude(ref=b"")
    return rows.defer("reach", "conversation", "caller").annotate(
        person_name=agencies.name_of("person_id"), asked_name=agencies.name_of("asked_id"), is_unheard=Exists(lost)
    )


def _row(row: models.Contact, person: str | None, asked: str | None, *, is_unheard: bool) -> Row:
    return Row(
        row.id,
        models.Medium(row.medium),
        models.Use(row.use),
        State(row.state),
        row.group,
        row.language,
        row.is_danger,
        row.rang_at,
        row.since,
        row.ends_at,
        row.due_at,
        row.left_at,
        row.signal_id,
        row.person_id,
        row.asked_id,
        person or "",
        asked or "",
        is_unheard,
    )
