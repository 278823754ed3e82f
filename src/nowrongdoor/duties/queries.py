"""What is owed on a case, for the rooms above: read as values, so that nobody but this room writes a duty."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Mapping, Sequence

from django.db.models import Count, Q

from nowrongdoor.agencies import queries as agencies
from nowrongdoor.duties import models
from nowrongdoor.duties.kinds import Kind, Source, is_correction
from nowrongdoor.vault import sealing


@dataclasses.dataclass(frozen=True, slots=True)
class Duty:
    """What somebody owes on a case. `agency` is None for a body outside the system; `how` is still sealed."""

    id: uuid.UUID
    kind: Kind
    source: Source
    desk: str
    agency_id: uuid.UUID | None
    agency: str | None
    by_hand: bool
    role: str
    rule: str
    clock: str
    why: str
    limit: str
    citation: str
    evidence: str
    basis: str
    since: datetime.datetime
    due_at: datetime.datetime
    done_at: datetime.datetime | None
    done_by: str | None
    done_by_agency: str | None
    how: bytes
    place: sealing.Place | None
    confirmation: bytes
    confirmation_place: sealing.Place | None
    is_report_by_law: bool  # complete with the confirmation of whoever got it, and in no other way
    words: str = ""  # `how`, once somebody opened it
    confirmed: str = ""  # `confirmation`, once somebody opened it

    @property
    def is_correction(self) -> bool:
        """Return whether it asks for the facts of the case to be corrected, which alone ends it."""
        return is_correction(self.clock)


def of_case(case_id: uuid.UUID, *kinds: Kind) -> Sequence[Duty]:
    """List the duties of these kinds that were not withdrawn, due first, in one query."""
    return of_cases([case_id], *kinds)[case_id]


def of_cases(case_ids: Collection[uuid.UUID], *kinds: Kind) -> Mapping[uuid.UUID, Sequence[Duty]]:
    """List those of many cases, by case, in one query."""
    rows = (
        models.Duty.objects.filter(case__in=case_ids, kind__in=[kind.value for kind in kinds], withdrawn_at=None)
        .select_related("agency")
        .annotate(done_by_name=agencies.name_of("done_by_id"), done_by_agency=agencies.agency_name_of("done_by_id"))
        .order_by("due_at", "id")
    )
    by_case: dict[uuid.UUID, list[Duty]] = {case_id: [] for case_id in case_ids}
    for row in rows:
        assert row.case_id is not None  # they were asked for by case
        duty = Duty(
            id=row.id,
            kind=Kind(row.kind),
            source=Source(row.source),
            desk=row.desk,
            agency_id=row.agency_id,
            agency=row.agency.name if row.agency else None,
            by_hand=row.by_hand,
            role=row.role,
            rule=row.rule,
            clock=row.clock,
            why=row.why,
            limit=row.limit,
            citation=row.citation,
            evidence=row.evidence,
            basis=row.basis,
            since=row.since,
            due_at=row.due_at,
            done_at=row.done_at,
            done_by=row.done_by_name,
            done_by_agency=row.done_by_agency,
            how=bytes(row.how),
            place=row.place() if row.agency_id else None,
            confirmation=bytes(row.confirmation),
            confirmation_place=row.place("confirmation") if row.agency_id else None,
            is_report_by_law=row.is_report_by_law,
        )
        by_case[row.case_id].append(duty)
    return by_case


def clocks_about(thing: str, thing_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Collection[str]]:
    """List by thing of another room the clocks of its deadlines that run or were met."""
    rows = models.Duty.deadlines().filter(thing=thing, thing_id__in=thing_ids, withdrawn_at=None)
    by_thing: dict[uuid.UUID, set[str]] = {thing_id: set() for thing_id in thing_ids}
    for thing_id, clock in rows.values_list("thing_id", "clock"):
        if thing_id is not None:
            by_thing[thing_id].add(clock)
    return by_thing


def open_by_hand(case_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID | None, int]:
    """Count what somebody still has to do by hand, by case; a case without any is left out."""
    rows = models.Duty.objects.filter(case__in=case_ids, by_hand=True, done_at=None, withdrawn_at=None)
    return dict(rows.values_list("case_id").annotate(Count("id")))


@dataclasses.dataclass(frozen=True, slots=True)
class Near:
    """An open duty of an agency that is due before long. `person_id`: who there has it, or owes it alone; None where
    nobody has."""

    id: uuid.UUID
    kind: Kind
    case_id: uuid.UUID | None
    agency_id: uuid.UUID
    person_id: uuid.UUID | None
    since: datetime.datetime
    due_at: datetime.datetime


def due_between(
    first: datetime.datetime,
    last: datetime.datetime,
    *,
    agency_id: uuid.UUID | None = None,
    kinds: Collection[Kind] = tuple(Kind),
    after: Near | None = None,
    limit: int,
) -> Sequence[Near]:
    """List the open duties of these kinds that are due after `first` and by `last`, due first, and after a duty of the
    same list: of one agency, or of all in the system's context."""
    rows = models.Entry.objects.filter(kind__in=[kind.value for kind in kinds], due_at__gt=first, due_at__lte=last)
    if agency_id is not None:
        rows = rows.filter(agency=agency_id)
    if after is not None:
        rows = rows.filter(Q(due_at__gt=after.due_at) | Q(due_at=after.due_at, id__gt=after.id))
    values = rows.order_by("due_at", "id").values_list(
        "id", "kind", "case_id", "agency_id", "person_id", "only_for_id", "since", "due_at"
    )
    return [
        Near(id_, Kind(kind), case_id, agency, person or only_for, since, due_at)
        for id_, kind, case_id, agency, person, only_for, since, due_at in values[:limit]
        if due_at is not None
    ]
