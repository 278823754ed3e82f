"""Who signs in for an organization of the directory, and how much room they say its services have."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import IntegrityError
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import Agency
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext
from nowrongdoor.core.mandates import rules
from nowrongdoor.services import models
from nowrongdoor.services.vetting import Refused


@dataclasses.dataclass(frozen=True, slots=True)
class Served:
    """A service for which the viewer's agency answers; `count`: the latest that somebody said, if anybody did."""

    id: uuid.UUID
    name: str
    count: models.FreeRoom | None


def join(organization: uuid.UUID, agency_code: str, *, at: datetime.datetime) -> None:
    """Let an agency answer for an organization from now on, instead of whoever did. Refused."""
    with row_security.system():
        agency = Agency.objects.filter(code=agency_code, active=True).first()
        if agency is None or agency.kind != rules.Kind.PROVIDER.value:
            raise Refused(
                gettext("No open agency of the kind “provider” has the code %(code)s.") % {"code": agency_code}
            )
        if not models.DirectoryRow.objects.filter(table="organizations", listed=organization).exists():
            raise Refused(gettext("There is no such organization in the directory."))
        leave(organization, at=at)
        row = models.Provider.objects.create(organization=organization, agency=agency, at=at)
        record.record(record.Deed("provider.joined", agency.id, row.id, None), at=at)


def leave(organization: uuid.UUID, *, at: datetime.datetime) -> bool:
    """Let nobody answer for an organization from now on. Return whether anybody did."""
    with row_security.system():
        row = models.Provider.objects.select_for_update().filter(organization=organization, ended_at=None).first()
        if row is None:
            return False
        row.ended_at = at
        row.save(update_fields=["ended_at"])
        record.record(record.Deed("provider.left", row.agency_id, row.id, None), at=at)
    return True


def served(viewer: viewers.Viewer) -> Sequence[Served]:
    """List the services for which the viewer's agency answers, by name."""
    with row_security.looking(viewer):
        organizations = models.Provider.objects.filter(agency=viewer.agency_id, ended_at=None).values("organization")
        listings = models.Listing.objects.filter(organization__in=organizations).order_by("name", "id")
        rows = list(listings.values_list("id", "name"))
        counts = latest([row_id for row_id, _name in rows])
    return [Served(row_id, name, counts.get(row_id)) for row_id, name in rows]


def say(service: uuid.UUID, free: int, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Say how many more a service can take, beyond those that it has promised a bed. Refused."""
    assert by.user_id is not None  # a token counts no beds
    if not 0 <= free <= models.MOST_ROOM:
        raise Refused(gettext("Write a number from 0 to 999."))
    if service not in {each.id for each in served(by)}:
        raise Refused(gettext("Your organization doesn’t offer this service."))
    try:
        with row_security.looking(by):
            row = models.FreeRoom.objects.create(
                service=service, agency_id=by.agency_id, free=free, by_id=by.user_id, at=at
            )
            record.record(record.Deed("room.counted", by.agency_id, row.id, by.user_id), at=at)
    except IntegrityError:  # somebody else answers for it since a moment ago
        raise Refused(gettext("Your organization doesn’t offer this service.")) from None


def answering(services: Collection[uuid.UUID]) -> Mapping[uuid.UUID, uuid.UUID]:
    """Return the agency that answers for each service for which one does, in the context of whoever looks."""
    listed = models.Listing.objects.filter(id__in=services).values_list("id", "organization")
    organizations = {row_id: organization for row_id, organization in listed if organization}
    rows = models.Provider.objects.filter(ended_at=None, agency__active=True, organization__in=organizations.values())
    agencies = dict(rows.values_list("organization", "agency"))
    return {
        row_id: agencies[organization] for row_id, organization in organizations.items() if organization in agencies
    }


def latest(services: Collection[uuid.UUID] | QuerySet[models.Listing, Any]) -> Mapping[uuid.UUID, models.FreeRoom]:
    """Return the latest count of each service, by whoever answers for it now, in the context of whoever looks."""
    organization = models.Listing.objects.filter(id=OuterRef(OuterRef("service"))).values("organization")[:1]
    answering = models.Provider.objects.filter(
        agency=OuterRef("agency"), ended_at=None, agency__active=True, organization=Subquery(organization)
    )
    rows = models.FreeRoom.objects.filter(Exists(answering), service__in=services)
    latest = rows.order_by("service", "-at", "-id").distinct("service")
    return {row.service: row for row in latest}
