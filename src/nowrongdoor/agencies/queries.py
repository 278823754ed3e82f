"""Finding agencies: the directory that routing reads, and the sign-in of another system."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from nowrongdoor.access import viewers
from nowrongdoor.agencies import models
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy

WARNED_DAYS = 3  # before an agency is passed over, or half of its limit where that is less (policy)


class NoSuchAgency(LookupError):
    """No open agency answers to this code."""

    def __init__(self, code: str) -> None:
        super().__init__(
            _("There is no open agency with the code '%(code)s'. `nwd agency list` shows them.") % {"code": code}
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Office:
    """An open agency as routing sees it. `is_answered`: it is reached, because somebody there can answer an offer and
    signed in within the agency's own limit. `signed_in_on`: the day on which one of them last did; `until_on`: the last
    day on which that still counts. `is_staffed`: there is somebody who could sign in and answer. `stands_by`: it said
    yes, for good, to every case that nobody else takes."""

    id: uuid.UUID
    code: str
    desk: str
    place: str
    name: str
    is_answered: bool
    sign_in_days: int
    is_staffed: bool
    signed_in_on: datetime.date | None
    until_on: datetime.date | None
    stands_by: bool
    may_lead: bool
    may_be_told: bool

    @property
    def why_not(self) -> str:
        """Say why it is not reached, as the end of a sentence; nothing where it is."""
        if self.is_answered:
            return ""
        if not self.is_staffed:
            return gettext_lazy("nobody there can sign in")
        if self.signed_in_on is None:
            return gettext_lazy("nobody there has signed in yet")
        days = "1 day" if self.sign_in_days == 1 else f"{self.sign_in_days} days"
        return f"nobody signed in for {days}"  # kept with the hand-off, so it stays as it is written


class Directory:
    """All open agencies at one moment, found by id, or by the desk that a mandate names and the case's place."""

    def __init__(self, offices: Iterable[Office]) -> None:
        self._by_id: Mapping[uuid.UUID, Office] = {office.id: office for office in offices}
        self._by_desk = {(office.desk, office.place): office for office in self._by_id.values()}

    @property
    def unanswered(self) -> Sequence[Office]:
        """List the agencies that are not reached, by code; not those to which nothing of a case ever goes."""
        return [office for office in self._by_id.values() if office.may_be_told and not office.is_answered]

    @property
    def soon_passed_over(self) -> Sequence[Office]:
        """List the agencies that will soon not be reached, the first day first: each is told on its administrator's
        page, and all of them at an agency that stands by for the cases that nobody else takes."""
        today = datetime.datetime.now(datetime.UTC).date()
        soon = [
            (office.until_on, office.name, office)
            for office in self._by_id.values()
            if office.may_lead
            and office.until_on
            and 0 <= (office.until_on - today).days <= min(WARNED_DAYS, office.sign_in_days // 2)
        ]
        return [office for _, _, office in sorted(soon, key=lambda each: each[:2])]

    @property
    def offices(self) -> Sequence[Office]:
        """List all of them, by code."""
        return list(self._by_id.values())

    def __getitem__(self, agency_id: uuid.UUID) -> Office:
        return self._by_id[agency_id]

    def of_desk(self, desk: str) -> Sequence[Office]:
        """List the agencies that fill a desk, wherever they are, by code."""
        return [office for office in self._by_id.values() if office.desk == desk]

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


_DIRECTORY = """
SELECT a.id, a.code, a.desk, a.place, a.name, coalesce(r.until_on >= (now() AT TIME ZONE 'UTC')::date, false),
       a.sign_in_days, r.agency_id IS NOT NULL, r.signed_in_on, r.until_on, a.stands_by, a.may_lead, a.may_be_told
  FROM nowrongdoor_agency a LEFT JOIN nwd_answering() r ON r.agency_id = a.id
 WHERE a.active ORDER BY a.code
"""


def directory() -> Directory:
    """Read all open agencies and whether they are reached, in one query."""
    with connection.cursor() as database:
        database.execute(_DIRECTORY)
        return Directory(Office(*row) for row in database.fetchall())


def is_answered(column: str) -> RawSQL:
    """Ask the database whether an agency is reached: somebody who has the role that may answer an offer, is not
    switched off, and has a password or a provider to sign in with, signed in within the agency's limit. An invitation
    that nobody used is nobody. `column` is a name of our own, in SQL."""
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
    """Say for whom a token looks, or None when it is unknown, revoked, over, or its agency closed."""
    rows = models.Token.objects.filter(digest=digest_of(token), revoked_at=None, agency__active=True)
    row = rows.filter(Q(ends_at=None) | Q(ends_at__gt=Now())).select_related("agency").first()
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


def tokens(agency_id: uuid.UUID) -> Sequence[models.Token]:
    """List an agency's tokens: those in use first, then the newest."""
    rows = models.Token.objects.filter(agency_id=agency_id).defer("digest")
    return list(rows.order_by(F("revoked_at").desc(nulls_first=True), "-made_at", "-id"))
