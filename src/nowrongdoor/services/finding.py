"""Which services can take somebody now, out of all that are kept.

The promise: whoever looks is shown no more of a service than its rows show them, and the order follows from what they
are shown; the same needs find the same, in few queries, however many services there are.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Mapping, Sequence

from django.db.models import Max, Q

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.core.services import matching
from nowrongdoor.services import listing, models, room

MOST = 1_000  # services of one kind for one State


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What was found. `elsewhere`: how many services do the same and are for other States; `is_cut`: whether there are
    more than `MOST` for this one; `counted`: the services whose own people say here how much room there is."""

    found: matching.Found
    elsewhere: int
    is_cut: bool
    counted: frozenset[str]


def match(needs: matching.Needs, *, at: datetime.datetime) -> Answer:
    """Find who can take somebody, in the context of whoever looks."""
    of_kind = models.Listing.objects.filter(kinds__contains=[needs.kind])
    rows = of_kind
    if needs.state:
        rows = of_kind.filter(Q(states__contains=[needs.state]) | Q(states__contains=[""]))
    held = list(rows.order_by("name", "id")[: MOST + 1])
    openings = models.Opening.objects.in_bulk([each.id for each in held])
    vetted = _vetted({each.organization for each in held if each.organization}, at)
    counts = room.latest([each.id for each in held])
    services = [
        listing.opened(
            each,
            openings.get(each.id),
            count=counts.get(each.id),
            vetted_until=vetted.get(each.organization),
            at=at,
        )
        for each in held[:MOST]
    ]
    elsewhere = of_kind.count() - rows.count() if needs.state else 0
    counted = frozenset(map(str, counts))
    return Answer(matching.match(needs, services, now=at), elsewhere, len(held) > MOST, counted)


def _vetted(organizations: set[uuid.UUID], at: datetime.datetime) -> Mapping[uuid.UUID | None, datetime.datetime]:
    rows = models.Vetting.objects.filter(
        organization__in=organizations, ended_at=None, until__gt=at, agency__active=True
    )
    return dict(rows.values("organization").annotate(last=Max("until")).values_list("organization", "last"))


@dataclasses.dataclass(frozen=True, slots=True)
class Phone:
    """A number of a service, as its row says it; `words`: what it is for."""

    number: str
    words: str


def search(needs: matching.Needs, *, by: viewers.Viewer, at: datetime.datetime) -> Answer:
    """Find who can take somebody, and note in the trail what was looked for and how many were found: what nobody offers
    is counted from that. No fact about the person is noted."""
    assert by.user_id is not None  # a token looks for nobody
    with row_security.looking(by):
        answer = match(needs, at=at)
        details: dict[str, record.Detail] = {
            "kind": needs.kind,
            "state": needs.state,
            "offered": len(answer.found.offered),
        }
        record.record(record.Deed("services.searched", by.agency_id, by.user_id, by.user_id, details=details), at=at)
    return answer


def phones(ids: Sequence[uuid.UUID], *, by: viewers.Viewer) -> Mapping[str, Sequence[Phone]]:
    """Return the telephone numbers of services, by their id."""
    numbers: dict[str, list[Phone]] = {}
    with row_security.looking(by):
        rows = models.DirectoryRow.objects.filter(table="phones", root__in=ids).order_by("listed")
        for root, content in rows.values_list("root", "content"):
            phone = Phone(str(content["number"]), str(content.get("description", "")))
            numbers.setdefault(str(root), []).append(phone)
    return numbers
