"""Writing the trail: the one function that every action calls, once; and every page that shows a secret row."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import uuid
from collections.abc import Iterable, Mapping

from nowrongdoor.access import viewers
from nowrongdoor.audit import models
from nowrongdoor.bulk import writing

Detail = str | int | None


class Authority(enum.Enum):
    """By what right something was done."""

    MANDATE = "mandate"  # the agency takes part in the case, or took the signal
    RULE = "rule"  # a rule or a clock did it
    EMERGENCY = "emergency"  # emergency access
    RELEASE = "release"  # the person agreed in writing
    DUTY = "duty"  # a legal duty without consent
    OFFICE = "office"  # the person's role in the agency: keeping people, tokens, the trail


@dataclasses.dataclass(frozen=True, slots=True)
class Deed:
    """What is to be written down. `details` holds codes and ids, never anything that names or describes a person."""

    verb: str
    agency_id: uuid.UUID
    subject_id: uuid.UUID
    by_id: uuid.UUID | None = None
    case_id: uuid.UUID | None = None
    details: Mapping[str, Detail] = dataclasses.field(default_factory=dict)
    authority: Authority | None = None  # None: the mandate of whoever did it, or a rule when nobody did
    kind: models.Event.Kind = models.Event.Kind.WRITE


@dataclasses.dataclass(frozen=True, slots=True)
class EventRow:
    """What is written of a deed; the row's number, and its place in the chain, the database gives."""

    at: datetime.datetime
    kind: str
    verb: str
    authority: str
    agency_id: uuid.UUID
    by_id: uuid.UUID | None
    case_id: uuid.UUID | None
    subject_id: uuid.UUID
    details: str


def record(deed: Deed, *, at: datetime.datetime) -> None:
    """Add one event in the caller's transaction."""
    record_all([deed], at=at)


def record_all(deeds: Iterable[Deed], *, at: datetime.datetime) -> None:
    """Add one event for each deed, in order, with one statement."""
    writing.add(
        models.Event,
        (
            EventRow(
                at=at,
                kind=deed.kind.value,
                verb=deed.verb,
                authority=_authority(deed).value,
                agency_id=deed.agency_id,
                by_id=deed.by_id,
                case_id=deed.case_id,
                subject_id=deed.subject_id,
                details=writing.as_text(deed.details),
            )
            for deed in deeds
        ),
    )


def looked(
    verb: str,
    subject_id: uuid.UUID,
    *,
    by: viewers.Viewer,
    at: datetime.datetime,
    case_id: uuid.UUID | None = None,
    authority: Authority = Authority.MANDATE,
    details: Mapping[str, Detail] | None = None,
) -> None:
    """Note, in the transaction that reads it, that somebody looked at a secret row."""
    kind = models.Event.Kind.READ
    record(Deed(verb, by.agency_id, subject_id, by.user_id, case_id, details or {}, authority, kind), at=at)


def _authority(deed: Deed) -> Authority:
    if deed.authority is not None:
        return deed.authority
    return Authority.MANDATE if deed.by_id else Authority.RULE
