"""Writing the trail: the one function that every action calls, once."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping

from nowrongdoor.audit import models
from nowrongdoor.rows import writing

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
    now = at.isoformat()
    writing.add(
        models.Event,
        ["at", "verb", "agency_id", "by_id", "case_id", "subject_id", "details"],
        (
            (
                now,
                deed.verb,
                deed.agency_id,
                deed.by_id,
                deed.case_id,
                deed.subject_id,
                writing.as_text(deed.details),
            )
            for deed in deeds
        ),
    )
