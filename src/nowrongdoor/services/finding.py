"""Which services can take somebody now, out of all that are kept.

The promise: whoever looks is shown no more of a service than its rows show them, and the order follows from what they
are shown; the same needs find the same, in few queries, however many services there are.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Mapping, Sequence

from django.db.models import Q, QuerySet

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.core.services import matching
from nowrongdoor.services import listing, models, room

MOST = 1_000  # services of one kind for one State


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What was found. `is_cut`: whether there are more than `MOST` services for this State; `counted`: those whose own
    people say here how much room there is."""

    found: matching.Found
    is_cut: bool
    counted: frozenset[str]


def match(needs: matching.Needs, *, at: datetime.datetime) -> Answer:
    """Find who can take somebody, in the context of whoever looks."""
    rows = _here(needs)
    held = listing.held(rows, MOST + 1, at=at)
    counts = room.latest(rows.values("id"))
    services = [listing.opened(each, count=counts.get(each.id), at=at) for each in held[:MOST]]
    return Answer(matching.match(needs, services, now=at), len(held) > MOST, frozenset(map(str, counts)))


def elsewhere(needs: matching.Needs) -> int:
    """Count the services that do the same and are for other States: each of that kind is looked at."""
    return _of_kind(needs).count() - _here(needs).count()


def _of_kind(needs: matching.Needs) -> QuerySet[models.Listing]:
    return models.Listing.objects.filter(kinds__contains=[needs.kind])


def _here(needs: matching.Needs) -> QuerySet[models.Listing]:
    rows = _of_kind(needs)
    return rows.filter(Q(states__contains=[needs.state]) | Q(states__contains=[""])) if needs.state else rows


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
