"""What a person allowed, and what was told, as the agency that keeps it reads it."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.db import connection

from nowrongdoor.access import viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import Agency
from nowrongdoor.cases import queries as cases
from nowrongdoor.cases.models import Participant
from nowrongdoor.cases.person_models import PersonRole
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
    revoked_how: str
    signer: disclosure_grounds.Signer
    co_signer: str
    excluded: str
    longer_because: str
    signed_at: datetime.datetime | None
    has_text: bool
    is_signed_by_suspect: bool
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

    suspects = set(
        PersonRole.objects.filter(case=access.case, role="offender", to_at=None).values_list("person_id", flat=True)
    )

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
            row.revoked_how,
            disclosure_grounds.Signer(row.signer),
            opened(row, "co_signer_name", row.co_signer_name) if row.co_signer_name else "",
            opened(row, "excluded", row.excluded) if row.excluded else "",
            opened(row, "longer_because", row.longer_because) if row.longer_because else "",
            row.signed_at,
            bool(row.signed_text),
            row.co_signer_id in suspects,
            row.revoked_at is None and row.expires_at > at and row.co_signer_id not in suspects,
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


def services(access: cases.Access) -> Sequence[tuple[str, str]]:
    """List the services to which somebody of a case may release something: code and name. The caller acts on it."""
    rows = Agency.objects.filter(id__in=asked_about(access.case.id), active=True)
    return sorted(rows.values_list("code", "name"), key=lambda row: row[1])


def asked_about(case_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """List the agencies of services that were asked for somebody of a case and neither said no nor are withdrawn, while
    the referral is open. The caller acts on it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nwd_asked_about(%s)", [case_id])
        row: tuple[Sequence[uuid.UUID]] = cursor.fetchone()
    return row[0]


def signed_text(viewer: viewers.Viewer, access: cases.Access, release_id: uuid.UUID) -> str | None:
    """Return the words that a person signed, None where the agency keeps no such release."""
    row = models.Release.objects.filter(id=release_id, case=access.case, agency_id=viewer.agency_id).first()
    if row is None or not row.signed_text:
        return None
    return access.opened(row.signed_text, sealing.Place("release", row.id, "signed_text", row.agency_id))
