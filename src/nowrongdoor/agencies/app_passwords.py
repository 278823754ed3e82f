"""Passwords of people's own programs: each opens one thing, is told once and kept as a digest.

The promise: a program that has one reads that one thing as its person may, while that person may come in and has not
revoked it. It travels in HTTP Basic and never in an address, so that no log holds it.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime
import hashlib
import secrets
import uuid
from collections.abc import Sequence

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import models
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext as _

Scope = models.AppPassword.Scope
MOST = 5  # programs of one person


class TooMany(Exception):
    """A person has as many as they may."""

    def __init__(self) -> None:
        super().__init__(_("You can have %(most)s passwords at most. Revoke one first.") % {"most": MOST})


class NoSuchPassword(LookupError):
    """There is no such password, or it is somebody else's: the answer is the same."""


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    """A password, told once. `sign_in_name`: what a program sends with it."""

    id: uuid.UUID
    secret: str
    sign_in_name: str


def make(scope: Scope, *, by: viewers.Viewer, at: datetime.datetime) -> Made:
    """Make one for the viewer. TooMany."""
    assert by.user_id is not None  # a token has no programs
    secret = secrets.token_urlsafe(32)
    with row_security.looking(by):
        if models.AppPassword.objects.filter(person=by.user_id, revoked_at=None).count() >= MOST:
            raise TooMany
        row = models.AppPassword.objects.create(
            agency_id=by.agency_id, person_id=by.user_id, scope=scope.value, digest=_digest(secret), made_at=at
        )
        record.record(record.Deed("password.made", by.agency_id, row.id, by.user_id), at=at)
        name = models.User.objects.values_list("name", flat=True).get(id=by.user_id)
    return Made(row.id, secret, name)


def revoke(password_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Revoke one of the viewer's own. NoSuchPassword."""
    with row_security.looking(by):
        rows = models.AppPassword.objects.filter(id=password_id, person=by.user_id, revoked_at=None)
        if not rows.update(revoked_at=at):
            raise NoSuchPassword
        record.record(record.Deed("password.revoked", by.agency_id, password_id, by.user_id), at=at)


def of(viewer: viewers.Viewer) -> Sequence[models.AppPassword]:
    """List the viewer's own that open something, oldest first."""
    rows = models.AppPassword.objects.filter(person=viewer.user_id, revoked_at=None)
    return list(rows.order_by("made_at", "id"))


def viewer_of(header: str, scope: Scope, *, on: datetime.date) -> viewers.Viewer | None:
    """Say for whom a program looks that sends this `Authorization` header, and note the day; None where its password is
    unknown, revoked or for another thing, or its person may not come in. The caller works in the entry context."""
    name, secret = _read(header)
    row = (
        models.AppPassword.objects.filter(digest=_digest(secret), scope=scope.value, revoked_at=None)
        .select_related("person__agency")
        .first()
    )
    if row is None or row.person.name != name or not row.person.is_active:
        return None
    if row.used_on != on:
        models.AppPassword.objects.filter(id=row.id).update(used_on=on)
    return row.person.viewer()


def _read(header: str) -> tuple[str, str]:
    kind, _space, sent = header.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        name, _colon, secret = base64.b64decode(sent.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
