"""Agencies, people and tokens: adding them, and switching people off. Closing an agency belongs to `leads`."""

from __future__ import annotations

import dataclasses
import datetime
import secrets
import uuid
from collections.abc import Collection, Iterable

from django.contrib.auth import password_validation
from django.db import transaction

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import models, queries, seals
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext as _


@dataclasses.dataclass(frozen=True, slots=True)
class New:
    """An agency that is to be there."""

    code: str
    desk: str
    name: str
    department: str
    kind: str
    place: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who is to sign in."""

    name: str
    full_name: str
    agency: str
    role: viewers.Role


class NameTaken(ValueError):
    """Somebody else signs in with this name."""

    def __init__(self, name: str) -> None:
        super().__init__(_("The sign-in name '%(name)s' is already taken. Choose another one.") % {"name": name})


class WrongDays(ValueError):
    """No agency may be out of reach for so long, or said to be at once."""

    def __init__(self) -> None:
        super().__init__(
            _("Enter a whole number of days from 1 to %(most_sign_in_days)s.")
            % {"most_sign_in_days": models.MOST_SIGN_IN_DAYS}
        )


class NotYours(PermissionError):
    """Only an administrator of the agency says it."""

    def __init__(self) -> None:
        super().__init__(_("Only an administrator of the agency can change how often its staff sign in."))


class ReceivesNothing(ValueError):
    """An agency's kind receives no signals."""

    def __init__(self, agency: models.Agency) -> None:
        super().__init__(
            _("%(name)s (%(kind)s) receives no signals, so no system hands them in for it.")
            % {"name": agency.name, "kind": agency.kind}
        )


class NoSuchToken(LookupError):
    """There is no such token that is in use, or it is another agency's: the answer is the same."""


def add_missing(wanted: Iterable[New]) -> int:
    """Add the agencies whose code is not known yet, and count them."""
    before = models.Agency.objects.count()
    models.Agency.objects.bulk_create(
        [models.Agency(**dataclasses.asdict(new)) for new in wanted], ignore_conflicts=True
    )
    return models.Agency.objects.count() - before


def add_person(new: NewPerson, *, password: str, at: datetime.datetime) -> models.User:
    """Add a person to an open agency. queries.NoSuchAgency, NameTaken, exceptions.ValidationError for a
    password that is easy to guess."""
    agency = queries.by_code(new.agency)
    if models.User.objects.filter(name=new.name).exists():
        raise NameTaken(new.name)
    password_validation.validate_password(password)
    with transaction.atomic():
        seals.begin_with_the_first(at=at)
        person = models.User.objects.add(
            name=new.name, full_name=new.full_name, agency=agency, role=new.role, password=password
        )
        record.record(record.Deed("person.added", agency.id, person.id, details={"role": new.role.value}), at=at)
    return person


def revoke_token(label: str, *, agency_code: str, at: datetime.datetime) -> int:
    """Revoke an agency's tokens of a label, and count them. queries.NoSuchAgency."""
    agency = queries.by_code(agency_code)
    rows = list(models.Token.objects.filter(agency=agency, label=label, revoked_at=None).order_by("made_at", "id"))
    with transaction.atomic():
        for row in rows:
            _revoke(row, by_id=None, at=at)
    return len(rows)


def revoke_own_token(token_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> models.Token:
    """Revoke a token of the viewer's agency. NoSuchToken."""
    with row_security.looking(by):
        rows = models.Token.objects.select_for_update(of=("self",))
        row = rows.filter(id=token_id, agency_id=by.agency_id, revoked_at=None).first()
        if row is None:
            raise NoSuchToken
        _revoke(row, by_id=by.user_id, at=at)
    return row


def _revoke(row: models.Token, *, by_id: uuid.UUID | None, at: datetime.datetime) -> None:
    row.revoked_at = at
    row.save(update_fields=["revoked_at"])
    record.record(record.Deed("token.revoked", row.agency_id, row.id, by_id, details={"label": row.label}), at=at)


def make_token(
    agency: models.Agency,
    *,
    label: str,
    by: uuid.UUID | None,
    at: datetime.datetime,
    lasts: datetime.timedelta | None = None,
) -> str:
    """Make a token for an agency's system. It is told once, here, and kept only as a digest. `lasts`: for how long it
    opens something; without it, until it is revoked. ReceivesNothing."""
    if not agency.may_receive:
        raise ReceivesNothing(agency)
    key = "nwd_" + secrets.token_urlsafe(32)
    digest, ends_at = queries.digest_of(key), at + lasts if lasts else None
    with transaction.atomic():
        row = models.Token.objects.create(agency=agency, label=label, digest=digest, made_at=at, ends_at=ends_at)
        record.record(record.Deed("token.made", agency.id, row.id, by, details={"label": label}), at=at)
    return key


def note_token_used(digest: bytes, *, at: datetime.datetime) -> None:
    """Note that a token was used, in the caller's context. Only the day is kept, in UTC."""
    day = at.astimezone(datetime.UTC).date()
    models.Token.objects.filter(digest=digest).exclude(used_on=day).update(used_on=day)


def note_sign_in(person_ids: Collection[uuid.UUID], *, at: datetime.datetime) -> None:
    """Note that people signed in, in the caller's context. Only the day is kept: their agency is reached for some days
    from it, and nothing needs to know more."""
    day = at.astimezone(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    models.User.objects.filter(id__in=person_ids).exclude(last_login=day).update(last_login=day)


def set_sign_in_days(days: int, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Say within how many days somebody of the viewer's agency signs in, or it is passed over. WrongDays, NotYours."""
    if not 1 <= days <= models.MOST_SIGN_IN_DAYS:
        raise WrongDays
    with row_security.looking(by):
        if not models.Agency.objects.filter(id=by.agency_id).update(sign_in_days=days):
            raise NotYours  # row security shows the row for a change to an administrator alone
        deed = record.Deed("agency.sign_in_days_set", by.agency_id, by.agency_id, by.user_id, None, {"days": days})
        record.record(deed, at=at)


def choose_language(language: str, time_zone: str, *, by: viewers.Viewer) -> None:
    """Keep the language and the time zone that the viewer chose for their own pages; empty takes a choice back. Nothing
    goes on the trail: it concerns nobody else."""
    assert by.user_id is not None  # a token has no pages
    with row_security.looking(by):
        models.User.objects.filter(id=by.user_id).update(language=language, time_zone=time_zone)


def disable(person: models.User, *, by: viewers.Viewer) -> None:
    """Switch a person off: they cannot sign in, and what they wrote stays signed by them."""
    with row_security.system(by=by):
        person.is_active = False
        person.save(update_fields=["is_active"])  # a trigger writes the event
