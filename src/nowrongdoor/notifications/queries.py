"""What a person was told, for the page and for the count on every page."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q

from nowrongdoor.access import viewers
from nowrongdoor.cases.models import Case
from nowrongdoor.core import reference
from nowrongdoor.notifications import models
from nowrongdoor.notifications.kinds import Kind

PAGE = 25
COUNT_LIMIT = 99
_UNSEEN = Q(seen_at=None, over_at=None)


@dataclasses.dataclass(frozen=True, slots=True)
class Unseen:
    """How many notifications a person has not seen, counted to a limit."""

    count: int

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def words(self) -> str:
        """Write the count, as a page shows it."""
        return f"{COUNT_LIMIT}+" if self.count > COUNT_LIMIT else str(self.count)


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One notification as its page shows it. `reference`: of the case, where the viewer may open it; `link`: to the
    page on which they find what it is about, where no case's page shows it and their role has that page."""

    id: uuid.UUID
    kind: Kind
    reference: str
    at: datetime.datetime
    is_new: bool
    is_over: bool
    link: viewers.Link | None


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Some notifications, newest first, and whether there are older ones."""

    lines: Sequence[Line]
    number: int
    has_more: bool
    can_be_marked: bool


def unseen(viewer: viewers.Viewer) -> Unseen:
    """Count what the viewer has not seen and still stands."""
    rows = models.Notification.objects.filter(_UNSEEN, person=viewer.user_id)
    return Unseen(len(rows.values_list("id")[: COUNT_LIMIT + 1]))


def page(viewer: viewers.Viewer, number: int) -> Page:
    """Read a page of what the viewer was told; pages count from 1."""
    rows = (
        models.Notification.objects.filter(person=viewer.user_id)
        .annotate(can_open=Exists(Case.objects.filter(id=OuterRef("case"))))
        .order_by("-at", "-id")
    )
    start = (number - 1) * PAGE
    own = viewers.RECORDS[viewer.role]
    links = {link.address: link for link in (*own.pages, *own.more)}
    shown = list(rows[start : start + PAGE + 1])
    lines = [
        Line(
            row.id,
            Kind(row.kind),
            reference.of(row.case_id) if row.case_id and getattr(row, "can_open", False) else "",
            row.at,
            is_new=row.seen_at is None and row.over_at is None,
            is_over=row.over_at is not None,
            link=links.get(Kind(row.kind).page),
        )
        for row in shown[:PAGE]
    ]
    waiting = models.Notification.objects.filter(_UNSEEN, person=viewer.user_id).exclude(kind__in=OF_OPEN_OFFERS)
    return Page(lines, number, has_more=len(shown) > PAGE, can_be_marked=waiting.exists())


OF_OPEN_OFFERS = [kind.value for kind in Kind if kind.is_of_an_open_offer]
