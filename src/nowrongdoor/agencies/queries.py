"""Finding agencies: the directory that routing reads, and the sign-in of another system."""

from __future__ import annotations

import dataclasses
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import BooleanField, F, Func, TextField
from django.db.models.expressions import RawSQL

from nowrongdoor.access import viewers
from nowrongdoor.agencies import models


class NoSuchAgency(LookupError):
    """No open agency answers to this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"There is no open agency with the code '{code}'. `nwd agency list` shows them.")


@dataclasses.dataclass(frozen=True, slots=True)
class Office:
    """An open agency as routing sees it. `is_answered`: somebody there can sign in and answer an offer."""

    id: uuid.UUID
    code: str
    desk: str
    place: str
    name: str
    is_answered: bool


class Directory:
    """All open agencies at one moment, found by id, or by the desk that a mandate names and the case's place."""

    def __init__(self, offices: Iterable[Office]) -> None:
        self._by_id: Mapping[uuid.UUID, Office] = {office.id: office for office in offices}
        self._by_desk = {(office.desk, office.place): office for office in self._by_id.values()}

    @property
    def unanswered(self) -> Sequence[Office]:
        """List the agencies that nobody can answer for, by code."""
        return [office for office in self._by_id.values() if not office.is_answered]

    def __getitem__(self, agency_id: uuid.UUID) -> Office:
        return self._by_id[agency_id]

    def office(self, desk: str, *, state: str, district: str) -> Office | None:
        """Find who fills a desk for a case in a place: the district's office, else the state's, else the
        one without a place; None when that body is not on the system."""
        for place in (district, state):
            if place and (desk, place) in self._by_desk:
                return self._by_desk[desk, place]
        return self._by_desk.get((desk, ""))


def name_of(column: str) -> Func:
    """Ask the database what a person is called: their name signs what they did, in whatever agency they are.
    `column` holds the person's id."""
    return Func(F(column), function="nwd_name_of", output_field=TextField())


def agency_name_of(column: str) -> Func:
    """Ask the database what the agency of a person is called, in whatever agency they are. `column` holds the person's
    id."""
    return Func(F(column), function="nwd_agency_name_of", output_field=TextField())


def directory() -> Directory:
    """Read all open agencies and whether anybody answers for them, in one query."""
    rows = models.Agency.objects.filter(active=True).annotate(is_answered=is_answered("nowrongdoor_agency.id"))
    columns = rows.order_by("code").values_list("id", "code", "desk", "place", "name", "is_answered")
    return Directory(Office(*each) for each in columns)


def is_answered(column: str) -> RawSQL:
    """Ask the database whether somebody of an agency can answer an offer: they have the role that may, are not switched
    off, and have a password or a provider to sign in with. An invitation that nobody used is nobody. `column` is a name
    of our own, in SQL."""
    return RawSQL(f"{column} IN (SELECT nwd_answered_for())", (), BooleanField())  # noqa: S611  no input comes near


def by_code(code: str) -> models.Agency:
    """Find an open agency by its code; NoSuchAgency says what to do."""
    agency = models.Agency.objects.filter(code=code, active=True).first()
    if agency is None:
        raise NoSuchAgency(code)
    return agency


def digest_of(token: str) -> bytes:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def viewer_of_token(token: str) -> viewers.Viewer | None:
    """Say for whom a token looks, or None when it is unknown, revoked, or its agency closed."""
    row = (
        models.Token.objects.filter(digest=digest_of(token), revoked_at=None, agency__active=True)
        .select_related("agency")
        .first()
    )
    if row is None:
        return None
    return viewers.Viewer(
        user_id=None,
        name=row.label,
        role=viewers.Role.MACHINE,
        agency_id=row.agency_id,
        agency_code=row.agency.code,
        agency_name=row.agency.name,
    )
