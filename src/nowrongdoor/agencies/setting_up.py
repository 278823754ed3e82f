"""The first second factor of somebody: what they show besides their password before they add it.

The promise: whoever knows a password adds no factor with it. It takes a setup code that an administrator of the agency
made for this person (told once, used once, for a day), or the sitting in which they took up their invitation. The
database asks for it by itself (migration 0047): the transaction that adds a factor shows the secret, of which only the
digest is kept.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import secrets
import uuid
from collections.abc import Iterator

import psycopg
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from nowrongdoor.access import viewers
from nowrongdoor.agencies import models
from nowrongdoor.core import reference
from nowrongdoor.core.language import gettext as _

SITTING = datetime.timedelta(minutes=30)  # after an invitation was taken up (policy); the database has the same
GUARD = "a_first_factor_needs_more_than_a_password"  # a trigger of migration 0047
LENGTH, GROUP = 16, 4  # of 32 letters and digits each: 80 random bits, so that no digest of a day is turned round


class NotLetIn(PermissionError):
    """The database lets nobody add a first factor with this secret."""

    def __init__(self) -> None:
        super().__init__(_("Ask your agency’s administrator for a setup code."))


def digest(secret: str) -> bytes:
    """Return what is kept of a setup code or of an invitation's link."""
    return hashlib.sha256(secret.encode()).digest()


def make(person: models.User, *, by: viewers.Viewer | None, at: datetime.datetime) -> str:
    """Make a setup code for somebody, as it is read aloud; the one before ends. Triggers write the events."""
    models.SetupCode.objects.filter(person=person, used_at=None, revoked_at=None).update(revoked_at=at)
    letters = "".join(secrets.choice(reference.ALPHABET) for _ in range(LENGTH))
    models.SetupCode.objects.create(
        agency_id=person.agency_id,
        person=person,
        digest=digest(letters),
        at=at,
        by_id=by.user_id if by else None,
        expires_at=at + models.SETUP_CODE_LASTS,
    )
    return "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def read(typed: str) -> str:
    """Read a setup code as people type it: any case, with or without dashes, O for 0."""
    return reference.letters_of(typed)


def has_factor(person_id: uuid.UUID) -> bool:
    """Return whether somebody has a second factor. Recovery codes only stand in for one."""
    kinds = Authenticator.objects.filter(user_id=person_id)
    return bool(kinds.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


def opens(person: models.User, secret: str, *, at: datetime.datetime) -> bool:
    """Return whether this secret lets somebody add their first factor now."""
    of_it = {"digest": digest(secret), "agency_id": person.agency_id}
    still = Q(by=None) | Q(by__is_active=True, by__role=viewers.Role.ADMINISTRATOR.value)
    codes = models.SetupCode.objects.filter(still, **of_it, person=person, used_at=None, revoked_at=None)
    joined = models.Invitation.objects.filter(**of_it, name=person.name, used_at__gt=at - SITTING)
    return bool(secret) and (codes.filter(expires_at__gt=at).exists() or joined.exists())


@contextlib.contextmanager
def showing(secret: str) -> Iterator[None]:
    """Show the secret to the database, for what is done inside; all of it or nothing. NotLetIn."""
    try:
        with transaction.atomic():
            _show(secret)
            yield
            _show("")  # where it is rolled back instead, so is this
    except IntegrityError as error:
        cause = error.__cause__
        if isinstance(cause, psycopg.Error) and cause.diag.constraint_name == GUARD:
            raise NotLetIn from None
        raise


def _show(secret: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('nwd.setup', %s, true)", [secret])
