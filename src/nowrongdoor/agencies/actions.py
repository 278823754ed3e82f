"""Agencies, people and tokens: adding them, and switching people off. Closing an agency belongs to `referrals`."""

from __future__ import annotations

import dataclasses
import datetime
import secrets
import uuid
from collections.abc import Iterable

from django.db import transaction

from nowrongdoor.access import viewers
from nowrongdoor.agencies import models, queries
from nowrongdoor.audit import record


@dataclasses.dataclass(frozen=True, slots=True)
class New:
    """An agency that is to be there."""

    code: str
    desk: str
    name: str
    department: str
    kind: str
    place: str = ""


def add_missing(wanted: Iterable[New]) -> int:
    """This will add the agencies whose code is not known yet, and count them."""
    before = models.Agency.objects.count()
    models.Agency.objects.bulk_create(
        [models.Agency(**dataclasses.asdict(new)) for new in wanted], ignore_conflicts=True
    )
    return models.Agency.objects.count() - before


def make_token(agency: models.Agency, *, label: str, by: uuid.UUID | None, at: datetime.datetime) -> str:
    """This will make a token for an agency's system. It is told once, here, and kept only as a digest."""
    key = "nwd_" + secrets.token_urlsafe(32)
    with transaction.atomic():
        row = models.Token.objects.create(agency=agency, label=label, digest=queries.digest_of(key), made_at=at)
        record.record(record.Deed("token.made", agency.id, row.id, by, details={"label": label}), at=at)
    return key


def disable(person: models.User, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """This will switch a person off: they cannot sign in, and what they wrote stays signed by them."""
    with transaction.atomic():
        models.User.objects.filter(id=person.id).update(is_active=False)
        record.record(record.Deed("person.disabled", person.agency_id, person.id, by.user_id), at=at)
