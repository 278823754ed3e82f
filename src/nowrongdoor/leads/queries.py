"""What is read of the hand-offs of a case, which `cases` opened for whoever looks."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Mapping, Sequence

from django.db.models import F

from nowrongdoor.agencies import queries as agencies
from nowrongdoor.cases import queries as cases
from nowrongdoor.core import handoff, places
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.leads.models import Handoff
from nowrongdoor.vault import sealing

NOT_HERE = gettext_lazy("it is not on this system")
NOT_IN_THIS_PLACE = gettext_lazy("it is not on this system for this place")
NO_PLACE = gettext_lazy("the place is not known, so none of its offices can be asked")


@dataclasses.dataclass(frozen=True)
class Step:
    """A hand-off as a page shows it."""

    id: uuid.UUID
    from_agency: str
    to_agency: str
    to_agency_id: uuid.UUID
    to_agency_code: str
    kind: str
    state: str
    position: int
    rule: str
    why: str
    citation: str
    evidence: str
    offered_at: datetime.datetime
    due_at: datetime.datetime | None
    over_at: datetime.datetime | None
    over_by: str | None
    to_is_answered: bool
    offered_by: str | None
    reason: str
    because: str

    @property
    def was_passed_over(self) -> bool:
        """Return whether nobody there could answer, so that it was never offered (`Handoff.passed_over`)."""
        return self.state == handoff.State.SUPERSEDED.value and self.due_at == self.offered_at

    @property
    def is_open(self) -> bool:
        """Return whether it still waits for an answer."""
        return self.state == handoff.State.OFFERED.value


def not_here(
    chain: Sequence[Mapping[str, str]], *, rule: str, lead: str, place: places.Place, directory: agencies.Directory
) -> Mapping[str, str]:
    """Say why, by rule, of each agency that a chain came past because none of its offices could be asked: it leaves no
    hand-off behind. `rule`: under which somebody is asked now, or accepted; `lead`: the desk that leads."""
    reached = next((n for n, duty in enumerate(chain) if duty["rule"] == rule or duty["agency"] == lead), 0)
    return {
        duty["rule"]: _why_not(bool(directory.of_desk(duty["agency"])), place)
        for duty in chain[:reached]
        if directory.office(duty["agency"], state=place.state, district=place.district) is None
    }


def _why_not(is_elsewhere: bool, place: places.Place) -> str:  # noqa: FBT001  private
    if not is_elsewhere:
        return NOT_HERE
    return NOT_IN_THIS_PLACE if place.code else NO_PLACE


def steps(access: cases.Access) -> list[Step]:
    """Read every hand-off of a case, oldest first, in one query."""
    rows = Handoff.objects.filter(case=access.case).order_by("offered_at", "id")

    def opened(row_id: uuid.UUID, to_agency_id: uuid.UUID, field: str, sealed: bytes) -> str:
        return access.opened(sealed, sealing.Place("handoff", row_id, field, to_agency_id)) if sealed else ""

    return [
        Step(*(*row, opened(row[0], row[3], "reason", reason), opened(row[0], row[3], "because", because)))
        for *row, reason, because in rows.values_list(
            *(
                "id",
                "from_agency__name",
                "to_agency__name",
                "to_agency_id",
                "to_agency__code",
                "kind",
                "state",
                "position",
            ),
            *(
                "rule",
                "why",
                "citation",
                "evidence",
                "offered_at",
                "due_at",
                "over_at",
                agencies.name_of("over_by_id"),
                agencies.is_answered("nowrongdoor_handoff.to_agency_id"),
                agencies.name_of("offered_by_id"),
            ),
            *("reason", "because"),
        )
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """An offer that waits for an agency's answer."""

    id: uuid.UUID
    case_id: uuid.UUID
    agency_id: uuid.UUID
    offered_at: datetime.datetime
    due_at: datetime.datetime


def waiting_offers(*, within: datetime.timedelta, at: datetime.datetime) -> list[Waiting]:
    """List the open offers that must be answered within so long of being made, and are not out of time, oldest first,
    in the system's context."""
    rows = Handoff.objects.filter(
        state=handoff.State.OFFERED.value, due_at__gt=at, due_at__lte=F("offered_at") + within
    ).order_by("due_at", "id")
    values = rows.values_list("id", "case_id", "to_agency_id", "offered_at", "due_at")
    return [
        Waiting(offer_id, case_id, agency_id, offered_at, due_at)
        for offer_id, case_id, agency_id, offered_at, due_at in values
        if due_at is not None
    ]
