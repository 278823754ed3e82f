"""What a person allowed, and what was told, as the agency that keeps it reads it."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from nowrongdoor.access import viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.cases import queries as cases
from nowrongdoor.cases.models import Participant
from nowrongdoor.core import disclosure_grounds, parts
from nowrongdoor.releases import models
from nowrongdoor.vault import sealing


@dataclasses.dataclass(frozen=True, slots=True)
class ReleaseShown:
    """A consent. `holds`: it shows something now."""

    id: uuid.UUID
    recipient: str
    parts: Sequence[str]
    purpose: str
    witness: str
    given_at: datetime.datetime
    expires_at: datetime.datetime
    revoked_at: datetime.datetime | None
    holds: bool


@dataclasses.dataclass(frozen=True, slots=True)
class DisclosureShown:
    """What was told under a duty."""

    recipient: str
    parts: Sequence[str]
    ground: str
    citation: str
    evidence: str
    because: str
    at: datetime.datetime
    by: str


def releases(
    viewer: viewers.Viewer, access: cases.Access, person_id: uuid.UUID, *, at: datetime.datetime
) -> Sequence[ReleaseShown]:
    """List a person's consents that the viewer's agency keeps, newest first."""
    rows = models.Release.objects.filter(person_id=person_id, agency_id=viewer.agency_id).select_related("recipient")

    def opened(row: models.Release, field: str, sealed: bytes | memoryview) -> str:
        return access.opened(sealed, sealing.Place("release", row.id, field, row.agency_id))

    return [
        ReleaseShown(
            row.id,
            row.recipient.name,
            [parts.Part(part).words for part in row.parts],
            opened(row, "purpose", row.purpose),
            opened(row, "witness", row.witness),
            row.given_at,
            row.expires_at,
            row.revoked_at,
            row.revoked_at is None and row.expires_at > at,
        )
        for row in rows.order_by("-given_at", "-id")
    ]


def disclosures(viewer: viewers.Viewer, access: cases.Access, person_id: uuid.UUID) -> Sequence[DisclosureShown]:
    """List what was told of a person without consent, newest first."""
    rows = models.Disclosure.objects.filter(person_id=person_id, agency_id=viewer.agency_id)
    rows = rows.select_related("recipient").annotate(told_by=agencies.name_of("by_id"))
    return [
        DisclosureShown(
            row.recipient.name,
            [parts.Part(part).words for part in row.parts],
            disclosure_grounds.installed().law[disclosure_grounds.Ground(row.ground)].words,
            row.citation,
            row.evidence,
            access.opened(row.because, sealing.Place("disclosure", row.id, "because", row.agency_id)),
            row.at,
            row.told_by,
        )
        for row in rows.order_by("-at", "-id")
    ]


def recipients(viewer: viewers.Viewer, access: cases.Access) -> Sequence[tuple[str, str]]:
    """List the other agencies that work on a case now: code and name. The caller acts on the case."""
    rows = Participant.objects.filter(case=access.case, to_at=None).exclude(agency_id=viewer.agency_id)
    return sorted(set(rows.values_list("agency__code", "agency__name")), key=lambda row: row[1])
