"""What people sign in with, as the trail notes it; and that somebody signed in, with what, or signed out.

The promise: with a password, a factor or an identity that was put in the place of somebody's, nobody comes in unseen,
also where it is put back afterwards: the event of signing in holds the digests of what there was, and `nwd audit
verify` compares them with what was noted before (`audit/noted.py`).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import connection

from nowrongdoor.agencies import models
from nowrongdoor.audit import noted, record
from nowrongdoor.core.language import gettext_lazy

PASSWORD = noted.Kept("password", models.User, ("password",), gettext_lazy("The password of person"))
FACTOR = noted.Kept("factor", Authenticator, ("id", "user_id", "type", "data"), gettext_lazy("Second factor"))
IDENTITY = noted.Kept("identity", SocialAccount, ("id", "user_id", "provider", "uid"), gettext_lazy("Agency sign-in"))
# What people have besides a password, by digest; in SQL.
EVERYBODYS = " UNION ALL ".join(
    f"SELECT w.user_id AS person, '{kept.name} ' || w.id AS line, {kept.digest} AS digest "  # noqa: S608
    f"FROM {kept.model._meta.db_table} w"
    for kept in (FACTOR, IDENTITY)
)
OF_ONE = f"SELECT line, digest FROM ({EVERYBODYS}) AS there WHERE person = %(person)s"  # noqa: S608


def password_of(person: models.User) -> Mapping[str, str]:
    """Return the digest of the password that a person was compared with, as an event of signing in holds it."""
    return {f"{PASSWORD.name} {person.pk}": noted.digest(person.password)}


def came_in(
    person: models.User, shown: Mapping[str, str], *, at: datetime.datetime, verb: str = noted.SIGNED_IN
) -> None:
    """Note that somebody signed in: with the digest of the password that was looked at (`shown`; none where a passkey
    or their agency's own sign-in was enough), and of every factor and identity that they have now. The caller works in
    the entry context."""
    with connection.cursor() as cursor:
        cursor.execute(OF_ONE, {"person": person.pk})
        there = dict(cursor.fetchall())
    office = record.Authority.OFFICE
    deed = record.Deed(verb, person.agency_id, person.pk, person.pk, None, {**shown, **there}, office)
    record.record(deed, at=at)


def proved(person: models.User, shown: Mapping[str, str], *, at: datetime.datetime) -> None:
    """Note that somebody who is signed in showed again who they are, with the same. The caller works in the entry
    context."""
    came_in(person, shown, at=at, verb=noted.PROVED)


def left(person: models.User, *, at: datetime.datetime) -> None:
    """Note that somebody signed out, or that their session was ended. The caller works in the entry context."""
    office = record.Authority.OFFICE
    record.record(record.Deed("session.ended", person.agency_id, person.pk, person.pk, authority=office), at=at)
