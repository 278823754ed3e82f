"""Vouching for an organization of the directory, for a year at most: only what is vetted is offered to anybody."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext
from nowrongdoor.services import models

PAGE = 25


@dataclasses.dataclass(frozen=True, slots=True)
class Vouch:
    """An agency vouches for an organization until an instant. `is_own`: it is the viewer's."""

    agency: str
    until: datetime.datetime
    is_own: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Organization:
    """An organization of the directory with the names of its services that are found, and who vouches for it."""

    id: uuid.UUID
    name: str
    services: Sequence[str]
    vouches: Sequence[Vouch]

    @property
    def has_own(self) -> bool:
        """Return whether the viewer's agency vouches for it."""
        return any(each.is_own for each in self.vouches)


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """A page of organizations by name. `more`: whether there is another page after it."""

    rows: Sequence[Organization]
    more: bool


def listed(viewer: viewers.Viewer, *, page: int, at: datetime.datetime) -> Page:
    """List the organizations of the directory by name. `page`: from 1."""
    first = (page - 1) * PAGE
    with row_security.looking(viewer):
        rows = models.DirectoryRow.objects.filter(table="organizations")
        held = list(
            rows.order_by("content__name", "listed").values_list("listed", "content__name")[first : first + PAGE + 1]
        )
        ids = [row_id for row_id, _name in held[:PAGE]]
        services: dict[uuid.UUID | None, list[str]] = {}
        of_them = models.Listing.objects.filter(organization__in=ids).order_by("name", "id")
        for organization, name in of_them.values_list("organization", "name"):
            services.setdefault(organization, []).append(name)
        vouches: dict[uuid.UUID, list[Vouch]] = {}
        current = models.Vetting.objects.filter(organization__in=ids, ended_at=None, until__gt=at).order_by(
            "until", "id"
        )
        for organization, agency_id, agency, until in current.values_list(
            "organization", "agency", "agency__name", "until"
        ):
            vouches.setdefault(organization, []).append(Vouch(agency, until, agency_id == viewer.agency_id))
    return Page(
        [Organization(row_id, name, services.get(row_id, ()), vouches.get(row_id, ())) for row_id, name in held[:PAGE]],
        len(held) > PAGE,
    )


class Refused(ValueError):
    """It was not done; the message says why and what to do."""


def vet(organization: uuid.UUID, *, until: datetime.datetime, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Vouch for an organization, in the place of what the viewer's agency said of it before. Refused."""
    assert by.user_id is not None  # a token vouches for nobody
    if by.role is not viewers.Role.COORDINATOR:
        raise Refused(gettext("A coordinator decides on this."))
    if not at < until <= at + models.LONGEST_VETTING:
        raise Refused(gettext("Vouch for it for a year at most: then somebody looks again."))
    with row_security.looking(by):
        if not models.DirectoryRow.objects.filter(table="organizations", listed=organization).exists():
            raise Refused(gettext("There is no such organization in the directory."))
        _end(organization, by, at)
        row = models.Vetting.objects.create(
            organization=organization, agency_id=by.agency_id, by_id=by.user_id, at=at, until=until
        )
        record.record(record.Deed("provider.vetted", by.agency_id, row.id, by.user_id), at=at)


def end(organization: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Vouch for an organization no more: from this instant nobody is offered its services. Refused."""
    if by.role is not viewers.Role.COORDINATOR:
        raise Refused(gettext("A coordinator decides on this."))
    with row_security.looking(by):
        if not _end(organization, by, at):
            raise Refused(gettext("Your agency doesn’t vouch for it."))


def _end(organization: uuid.UUID, by: viewers.Viewer, at: datetime.datetime) -> bool:
    rows = models.Vetting.objects.select_for_update()
    row = rows.filter(organization=organization, agency=by.agency_id, ended_at=None).first()
    if row is None:
        return False
    row.ended_at, row.ended_by_id = at, by.user_id
    row.save(update_fields=["ended_at", "ended_by"])
    record.record(record.Deed("provider.unvetted", by.agency_id, row.id, by.user_id), at=at)
    return True
