"""Agencies, the people in them, and the tokens of their systems.

The promise: an agency that leads an open case or holds an open offer cannot be closed, and nobody is ever deleted
with a case behind them: `(id, active)` is a key that open cases and offers point at.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Sequence
from typing import Self

import uuid_utils.compat
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.db.models import Case as When
from django.db.models import Q, Value
from django.db.models import When as Then
from django.db.models.functions import Length
from django.utils import crypto

from nowrongdoor.access import signing, viewers
from nowrongdoor.core.mandates import rules

SIGN_IN_DAYS, MOST_SIGN_IN_DAYS = 14, 90  # policy
LONGEST_SHIFT = datetime.timedelta(days=31)
SETUP_CODE_LASTS = datetime.timedelta(hours=24)  # policy
models.BinaryField.register_lookup(Length)


def new_id() -> uuid.UUID:
    """Make a time-ordered row id (UUIDv7, RFC 9562), without asking the database."""
    return uuid_utils.compat.uuid7()


def _may(may: rules.May) -> models.GeneratedField:
    """Make the column that says whether an agency's kind lets it do something: the database asks this one."""
    kinds = [kind.value for kind in rules.Kind if may in kind.may]
    return models.GeneratedField(
        expression=When(Then(kind__in=kinds, then=Value(True)), default=Value(False)),
        output_field=models.BooleanField(),
        db_persist=True,
    )


class Agency(models.Model):
    """One body that can lead, be told or help. `desk` is the code by which the mandate table names it;
    `place` is the state or judicial district of an office of a by-place desk, empty otherwise. Its `kind` is for
    good, and says what it may do in a case (core/mandates/rules.py, Kind). Whoever answers for it signs in at least
    once in `sign_in_days`, or it counts as not reached and offers pass it over."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=60, unique=True)
    desk = models.CharField(max_length=40)
    place = models.CharField(max_length=40, blank=True, default="")
    name = models.CharField(max_length=200)
    department = models.CharField(max_length=200, blank=True, default="")
    kind = models.CharField(max_length=40)
    active = models.BooleanField(default=True)
    sign_in_days = models.PositiveSmallIntegerField(default=SIGN_IN_DAYS, db_default=SIGN_IN_DAYS)
    stands_by = models.BooleanField(default=False)  # has said yes, for good, to every case that nobody else takes
    closed_at = models.DateTimeField(null=True)
    succeeded_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    may_lead = _may(rules.May.LEAD)
    may_be_told = _may(rules.May.BE_TOLD)
    may_receive = _may(rules.May.RECEIVE)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                name="an_agency_has_a_known_kind", condition=Q(kind__in=[kind.value for kind in rules.Kind])
            ),
            models.CheckConstraint(
                name="an_agency_signs_in_every_1_to_90_days",
                condition=Q(sign_in_days__gte=1, sign_in_days__lte=MOST_SIGN_IN_DAYS),
            ),
            models.UniqueConstraint(fields=["id", "active"], name="agency_id_active"),
            models.UniqueConstraint(fields=["id", "stands_by"], name="agency_id_stands_by"),
            models.UniqueConstraint(
                fields=["desk", "place"],
                condition=Q(active=True),
                name="one_open_agency_per_desk_and_place",
            ),
            models.CheckConstraint(
                name="an_agency_is_closed_at_an_instant",
                condition=Q(active=True, closed_at__isnull=True, succeeded_by__isnull=True)
                | Q(active=False, closed_at__isnull=False),
            ),
        ]


class Closing(models.Model):
    """That an agency is being closed, into which other one, and by which administrator. It is on record before a lead
    moves, because the database lets a lead succeed another only along such a row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    into = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey("User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency"], condition=Q(given_up_at=None), name="an_agency_closes_one_way_at_a_time"
            ),
            models.CheckConstraint(name="no_agency_closes_into_itself", condition=~Q(agency=models.F("into"))),
        ]


class Locking(models.QuerySet["User"]):
    """Locks a person and not their agency, which comes along: row security lets no page change an agency, and what may
    not
    be changed cannot be locked either, so that the person would not be found (django-allauth locks plainly)."""

    def select_for_update(
        self,
        nowait: bool = False,  # noqa: FBT001  Django's own signature
        skip_locked: bool = False,  # noqa: FBT001
        of: Sequence[str] = (),
        no_key: bool = False,  # noqa: FBT001
    ) -> Self:
        """Lock the rows until the transaction ends."""
        return super().select_for_update(nowait, skip_locked, of or ("self",), no_key)


class People(BaseUserManager["User"]):
    """Finds a person with the agency at once, because no page shows one without the other."""

    def get_queryset(self) -> models.QuerySet[User]:
        return Locking(self.model, using=self._db).select_related("agency")

    def signed_in(self, user_id: uuid.UUID) -> User | None:
        """Find the person of a session, with their agency, in one query that needs no context: the database
        gives one row for one id whose question is signed (`nwd_who`). Columns that a later release adds to an agency
        are not read."""
        signed = signing.signature_for("who", str(user_id))
        columns = ", ".join(f"'{each.attname}', a.{each.column}" for each in Agency._meta.concrete_fields)
        rows = self.raw(
            f"SELECT u.*, jsonb_build_object({columns}) AS agency_row, "  # noqa: S608  our own names
            "nwd_ways_of(u.id, asked.signed) AS ways, nwd_changed_last(u.id, asked.signed) AS changed "
            "FROM (VALUES (%s::uuid, %s::text)) AS asked (id, signed), LATERAL nwd_who(asked.id, asked.signed) u "
            "JOIN nowrongdoor_agency a ON a.id = u.agency_id",
            [user_id, signed],
        )
        for person in rows:
            row = json.loads(getattr(person, "agency_row"))  # noqa: B009  a column of this statement alone
            person.agency = Agency(**{**row, "id": uuid.UUID(row["id"]), "closed_at": None})
            return person
        return None

    def add(self, *, name: str, full_name: str, agency: Agency, role: viewers.Role, password: str) -> User:
        """Add a person to an agency."""
        person = self.model(name=name, full_name=full_name, agency=agency, role=role.value)
        person.set_password(password)
        with transaction.atomic():  # they are sealed before it ends
            person.save()
        return person


class User(AbstractBaseUser):
    """One person in one agency. People are switched off, never deleted: their notes stay signed. `last_login` is the
    day of the last sign-in, as its first instant in UTC: no more is needed to know whether an agency is reached.
    `language` and `time_zone` are what the person chose; empty where they chose none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("sign-in name", max_length=100, unique=True)
    full_name = models.CharField(max_length=200)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="people")
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in viewers.Role])
    is_active = models.BooleanField(default=True)
    generation = models.PositiveIntegerField(default=1)  # one more ends every session
    language = models.CharField(max_length=20, blank=True, default="", db_default="")
    time_zone = models.CharField(max_length=60, blank=True, default="", db_default="")
    sealed = models.BinaryField(null=True)  # agencies/seals.py; None: nobody sealed them since a way in changed
    sealed_for = models.BigIntegerField(default=0, db_default=0)  # the event that changed a way in last; 0: none did

    objects = People()
    USERNAME_FIELD = "name"

    class Meta:
        ordering = ["name"]
        default_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                name="a_person_has_a_known_role",
                condition=Q(role__in=[role.value for role in viewers.Role if role is not viewers.Role.MACHINE]),
            ),
            models.CheckConstraint(
                name="a_language_is_written_as_its_code",
                condition=Q(language="") | Q(language__regex=r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$"),
            ),
        ]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session is checked against: another password, role or generation ends it."""
        text = f"{self.password}|{self.role}|{self.agency_id}|{self.generation}"
        return crypto.salted_hmac("nowrongdoor.session", text, secret=secret, algorithm="sha256").hexdigest()

    def viewer(self) -> viewers.Viewer | None:
        """Say who this is; None when their agency closed."""
        if not self.agency.active:
            return None
        return viewers.Viewer(
            user_id=self.id,
            name=self.full_name,
            role=viewers.Role(self.role),
            agency_id=self.agency_id,
            agency_code=self.agency.code,
            agency_name=self.agency.name,
        )


class Token(models.Model):
    """A key by which another system hands in signals for an agency. Only its digest is kept: the key has 256 random
    bits, so that a plain SHA-256 is as hard to turn round as the key is to guess. After `ends_at` it opens nothing;
    without one it has no end. `used_on` is the last day, in UTC, on which it was used."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="tokens")
    label = models.CharField(max_length=100)
    digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    used_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_token_ends_after_it_was_made",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=models.F("made_at")),
            ),
        ]


class Invitation(models.Model):
    """A link with which one person joins an agency, once. Only the digest of its secret is kept (256 random bits)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    full_name = models.CharField(max_length=200)
    role = models.CharField(max_length=20)
    digest = models.BinaryField(max_length=32, unique=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)


class SetupCode(models.Model):
    """A code with which one person adds their first second factor, once. Only its digest is kept (80 random bits).
    `by`: the administrator who made it; nobody, where an operator did."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    digest = models.BinaryField(max_length=32, unique=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "nowrongdoor_setup_code"
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(used_at=None, revoked_at=None),
                name="a_person_has_one_setup_code_at_a_time",
            ),
            models.CheckConstraint(name="a_setup_code_is_kept_as_a_digest", condition=Q(digest__length=32)),
            models.CheckConstraint(
                name="a_setup_code_lasts_a_day_at_most",
                condition=Q(expires_at__gt=models.F("at"), expires_at__lte=models.F("at") + SETUP_CODE_LASTS),
            ),
            models.CheckConstraint(name="a_setup_code_ends_one_way", condition=Q(used_at=None) | Q(revoked_at=None)),
        ]


class Rota(models.Model):
    """That an agency keeps a list of who is on call. Shifts say who; while there is none, it is everybody there who may
    answer an offer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency"], condition=Q(ended_at=None), name="an_agency_has_one_rota_at_a_time"
            ),
            models.UniqueConstraint(fields=["id", "agency"], name="rota_id_agency"),
            models.CheckConstraint(
                name="a_rota_is_ended_by_somebody",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]


class Shift(models.Model):
    """That somebody is on call from one instant to another: first, or second when whoever is first does not open an
    offer. `ended_at`: it was taken back before its time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    rota = models.ForeignKey(Rota, models.PROTECT, related_name="+", db_index=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    step = models.PositiveSmallIntegerField()
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="somebody_is_first_or_second_on_call", condition=Q(step__in=[1, 2])),
            models.CheckConstraint(
                name="a_shift_ends_after_it_begins_within_31_days",
                condition=Q(to_at__gt=models.F("from_at"), to_at__lte=models.F("from_at") + LONGEST_SHIFT),
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "to_at", "from_at"], condition=Q(ended_at=None), name="shift_of_agency"),
        ]


class AppPassword(models.Model):
    """A password with which a program of one person reads one thing, and nothing else. Only its digest is kept (256
    random bits). `used_on`: the day on which it last did."""

    class Scope(models.TextChoices):
        """What it opens."""

        CALENDAR = "calendar"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    scope = models.CharField(max_length=20)
    digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "nowrongdoor_app_password"
        constraints = [
            models.CheckConstraint(name="an_app_password_opens_one_thing", condition=Q(scope__in=["calendar"])),
            models.CheckConstraint(name="an_app_password_is_kept_as_a_digest", condition=Q(digest__length=32)),
        ]
