"""Writing the trail: the one function that every action calls, once."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping

from nowrongdoor.audit import models

Detail = str | int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Deed:
    """What is to be written down. `details` holds codes and ids, never anything that names or describes a person."""

    verb: str
    agency_id: uuid.UUID
    subject_id: uuid.UUID
    by_id: uuid.UUID | None = None
    case_id: uuid.UUID | None = None
    details: Mapping[str, Detail] = dataclasses.field(default_factory=dict)


def record(deed: Deed, *, at: datetime.datetime) -> None:
    """This will add one event in the caller's transaction."""
    record_all([deed], at=at)


def record_all(deeds: Iterable[Deed], *, at: datetime.datetime) -> None:
    """This will add one event for each deed, in order, with one statement."""
    models.Event.objects.bulk_create(
        models.Event(
            at=at,
            verb=deed.verb,
            agency_id=deed.agency_id,
            by_id=deed.by_id,
            case_id=deed.case_id,
            subject_id=deed.subject_id,
            details=dict(deed.details),
        )
        for deed in deeds
    )
