"""What people see beside a contact and after it: what it was about, flags, money, a review; and contacts that are
over."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.line.models import Contact, Leg, Medium, State, Use
from nowrongdoor.vault import keys
from nowrongdoor.wrapup import flags, models, money, reviewing

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

PAGE = 50


@dataclasses.dataclass(frozen=True, slots=True)
class Typed:
    """What a contact was about, as somebody said then."""

    kind: models.ContactType.Kind
    by: str
    at: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Flag:
    """A flag that is on."""

    id: uuid.UUID
    kind: models.CallerFlag.Kind
    words: str
    by: str
    at: datetime.datetime
    until: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """Money that somebody asked for. `is_own`: the viewer did."""

    id: uuid.UUID
    contact_id: uuid.UUID
    kind: models.Money.Kind
    amount: decimal.Decimal
    words: str
    by: str
    at: datetime.datetime
    is_own: bool
    decided_by: str
    decided_at: datetime.datetime | None
    is_approved: bool | None
    spent: decimal.Decimal | None


@dataclasses.dataclass(frozen=True, slots=True)
class Reviewed:
    """A review; `at` is None while nobody has written it. `answers`: each question with its answer."""

    answers: Sequence[tuple[str, str]]
    words: str
    by: str
    at: datetime.datetime | None


@dataclasses.dataclass(frozen=True, slots=True)
class Beside:
    """All that is noted beside one contact. `can_flag`: whether whoever it was would be known again."""

    types: Sequence[Typed]
    flags: Sequence[Flag]
    money: Sequence[Asked]
    review: Reviewed | None
    can_flag: bool

    @property
    def type(self) -> Typed | None:
        """Return what counts."""
        return self.types[-1] if self.types else None


def beside(contact_id: uuid.UUID, viewer: viewers.Viewer, *, at: datetime.datetime) -> Beside:
    """Read what is noted beside a contact of the viewer's agency."""
    with row_security.looking(viewer):
        callers = Contact.objects.filter(id=contact_id, agency=viewer.agency_id).values_list("caller", flat=True)
        caller = bytes(callers.first() or b"")
        types = models.ContactType.objects.filter(contact=contact_id, agency=viewer.agency_id).order_by("number")
        return Beside(
            types=[
                Typed(models.ContactType.Kind(kind), name or "", when)
                for kind, when, name in types.values_list("kind", "at", agencies.name_of("by_id"))
            ],
            flags=_flags(caller, viewer, at) if caller else [],
            money=_money(models.Money.objects.filter(contact=contact_id), viewer),
            review=_review(contact_id, viewer),
            can_flag=bool(caller),
        )


def to_decide(viewer: viewers.Viewer) -> Sequence[Asked]:
    """List money that waits for a decision at the viewer's agency, oldest first."""
    with row_security.looking(viewer):
        return _money(models.Money.objects.filter(decided_at=None), viewer)


@dataclasses.dataclass(frozen=True, slots=True)
class Past:
    """A contact that is over. `kind`: what it was about, None where nobody has said; `person`: who had it last;
    `is_drawn`: drawn by lot, and not reviewed yet."""

    id: uuid.UUID
    medium: Medium
    rang_at: datetime.datetime
    was_answered: bool
    person: str
    kind: models.ContactType.Kind | None
    is_signal: bool
    is_drawn: bool


@dataclasses.dataclass(frozen=True, slots=True)
class PastPage:
    """A page of contacts that are over, newest first. `more`: whether there is another page after it."""

    rows: Sequence[Past]
    more: bool


def past(viewer: viewers.Viewer, *, kind: str = "", is_mine: bool = False, page: int = 1) -> PastPage:
    """List contacts with the viewer's agency that are over, tests and practice left out. `kind`: a type of contact, or
    "none" for those of which nobody has said; `is_mine`: those that the viewer had."""
    with row_security.looking(viewer):
        rows = _over(viewer)
        if kind:
            rows = rows.filter(kind=None if kind == "none" else kind)
        if kind == "none":
            rows = rows.filter(state=State.ENDED)
        if is_mine:
            rows = rows.filter(_had_by(viewer))
        return _page(rows.order_by("-rang_at", "-id"), page)


def drawn(viewer: viewers.Viewer) -> Sequence[Past]:
    """List contacts that were drawn by lot and that the viewer can review: they did not have them."""
    with row_security.looking(viewer):
        return _page(_over(viewer).filter(~_had_by(viewer), is_drawn=True).order_by("rang_at", "id"), 1).rows


def without_a_type(viewer: viewers.Viewer, *, at: datetime.datetime) -> int:
    """Count the contacts of the last 24 hours that the viewer had and of which nobody has said what they were about."""
    with row_security.looking(viewer):
        rows = Contact.objects.filter(
            _had_by(viewer),
            ~Exists(models.ContactType.objects.filter(contact=OuterRef("pk"))),
            agency=viewer.agency_id,
            use=Use.LIVE,
            state=State.ENDED,
            over_at__gt=at - datetime.timedelta(hours=24),
        )
        return rows.count()


def _had_by(viewer: viewers.Viewer) -> Exists:
    """Ask of a contact whether the viewer had it."""
    return Exists(Leg.objects.filter(contact=OuterRef("pk"), kind=Leg.Kind.HELD, person=viewer.user_id))


class _Noted(TypedDict):
    kind: str | None
    had_by: uuid.UUID | None
    is_drawn: bool


def _over(viewer: viewers.Viewer) -> QuerySet[WithAnnotations[Contact, _Noted]]:
    types = models.ContactType.objects.filter(contact=OuterRef("pk")).order_by("-number")
    held = Leg.objects.filter(contact=OuterRef("pk"), kind=Leg.Kind.HELD).order_by("-began_at", "-id")
    waits = models.Review.objects.filter(contact=OuterRef("pk"), at=None)
    rows = Contact.objects.filter(agency=viewer.agency_id, over_at__isnull=False, use=Use.LIVE)
    return rows.annotate(
        kind=Subquery(types.values("kind")[:1]),
        had_by=Subquery(held.values("person")[:1]),
        is_drawn=Exists(waits),
    )


def _page(rows: QuerySet[WithAnnotations[Contact, _Noted]], page: int) -> PastPage:
    first = (page - 1) * PAGE
    columns = ("id", "medium", "rang_at", "answered_at", "kind", "signal", "is_drawn")
    listed = list(rows.values_list(*columns, agencies.name_of("had_by"))[first : first + PAGE + 1])
    return PastPage(
        [
            Past(
                id_,
                Medium(medium),
                rang_at,
                answered_at is not None,
                person or "",
                models.ContactType.Kind(kind) if kind else None,
                signal is not None,
                is_drawn,
            )
            for id_, medium, rang_at, answered_at, kind, signal, is_drawn, person in listed[:PAGE]
        ],
        len(listed) > PAGE,
    )


def _flags(caller: bytes, viewer: viewers.Viewer, at: datetime.datetime) -> Sequence[Flag]:
    on = models.CallerFlag.objects.filter(agency=viewer.agency_id, caller=caller, until__gt=at, ended_at=None)
    rows = list(on.order_by("-at", "-id").annotate(name=agencies.name_of("by_id")))
    opened = keys.open_all([row.id for row in rows])
    return [
        Flag(
            row.id,
            models.CallerFlag.Kind(row.kind),
            keys.shown(opened.get(row.id), row.words, flags.place(row)),
            row.name or "",
            row.at,
            row.until,
        )
        for row in rows
    ]


def _money(rows: QuerySet[models.Money], viewer: viewers.Viewer) -> Sequence[Asked]:
    named = rows.filter(agency=viewer.agency_id).order_by("at", "id")
    listed = list(named.annotate(asked_by=agencies.name_of("by_id"), decider=agencies.name_of("decided_by_id")))
    opened = keys.open_all({row.contact_id for row in listed})
    return [
        Asked(
            row.id,
            row.contact_id,
            models.Money.Kind(row.kind),
            row.amount,
            keys.shown(opened.get(row.contact_id), row.words, money.place(row)),
            row.asked_by or "",
            row.at,
            row.by_id == viewer.user_id,
            row.decider or "",
            row.decided_at,
            row.is_approved,
            row.spent,
        )
        for row in listed
    ]


def _review(contact_id: uuid.UUID, viewer: viewers.Viewer) -> Reviewed | None:
    rows = models.Review.objects.filter(contact=contact_id, agency=viewer.agency_id)
    row = rows.annotate(name=agencies.name_of("by_id")).first()
    if row is None:
        return None
    key = keys.open_all([contact_id]).get(contact_id)
    answers = [
        (str(question), str(reviewing.ANSWERS[row.answers[code]]))
        for code, question in reviewing.QUESTIONS.items()
        if row.answers.get(code) in reviewing.ANSWERS
    ]
    return Reviewed(answers, keys.shown(key, row.words, reviewing.place(row)), row.name or "", row.at)
