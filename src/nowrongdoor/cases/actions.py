"""Opening a case, what is written about it, and who takes part. Moving its lead belongs to `leads`."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection
from django.utils.translation import gettext as _

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.bulk import writing
from nowrongdoor.cases import models, people
from nowrongdoor.core import reference
from nowrongdoor.signals.models import Signal
from nowrongdoor.vault import keys, sealing
from nowrongdoor.vault.models import DataKey

NOTE_LIMIT = 20_000
# Whoever takes part already goes on as before; whoever had left begins a new period, and a trigger keeps the earlier.
AGAIN = """
ON CONFLICT (case_id, agency_id, relation) DO UPDATE SET to_at = NULL, from_at = CASE
  WHEN nowrongdoor_participant.to_at IS NULL THEN nowrongdoor_participant.from_at ELSE excluded.from_at END
"""
JOIN = f"""
INSERT INTO nowrongdoor_participant (id, case_id, agency_id, relation, from_at)
SELECT gen_random_uuid(), j.*, %(at)s
  FROM unnest(%(cases)s::uuid[], %(agencies)s::uuid[], %(relations)s::varchar[]) AS j
{AGAIN}"""  # noqa: S608  a constant above


class NoteRefused(ValueError):
    """The note cannot be kept as it is."""


@dataclasses.dataclass(frozen=True, slots=True)
class Opening:
    """A signal that becomes a case of its own."""

    case_id: uuid.UUID
    signal_id: uuid.UUID
    received_by: uuid.UUID
    received_at: datetime.datetime
    arrived_at: datetime.datetime
    channel: str
    facts: Mapping[str, str]
    state: str
    district: str
    people: Sequence[Mapping[str, str]]


@dataclasses.dataclass(frozen=True, slots=True)
class Joining:
    """An agency that takes part in a case from now on."""

    case_id: uuid.UUID
    agency_id: uuid.UUID
    relation: models.Participant.Relation


@dataclasses.dataclass(frozen=True, slots=True)
class CaseRow:
    """A new case: whoever received it leads it."""

    id: uuid.UUID
    reference: str
    received_by: uuid.UUID
    opened_at: datetime.datetime
    lead: uuid.UUID
    lead_since: datetime.datetime
    facts: str
    facts_version: int
    state: str
    district: str
    closed_because: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class CaseSignalRow:
    """Which signal a case holds."""

    signal: uuid.UUID
    case: uuid.UUID
    reference: str
    channel: str
    receiver: uuid.UUID
    received_at: datetime.datetime
    arrived_at: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class FactsRow:
    """The first version of a case's facts."""

    id: uuid.UUID
    case: uuid.UUID
    version: int
    facts: str
    state: str
    district: str
    at: datetime.datetime
    why: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class ParticipantRow:
    """An agency that begins to take part."""

    id: uuid.UUID
    case: uuid.UUID
    agency: uuid.UUID
    relation: str
    from_at: datetime.datetime


def open_all(openings: Sequence[Opening], *, at: datetime.datetime) -> None:
    """Open cases in the caller's transaction; the agency that received each one leads it from now."""
    minted = keys.Minted(opening.case_id for opening in openings)
    minted.keep(DataKey.Of.CASE)
    texts = [writing.as_text(opening.facts) for opening in openings]
    writing.add(
        models.Case,
        (
            CaseRow(
                id=o.case_id,
                reference=reference.of(o.case_id),
                received_by=o.received_by,
                opened_at=at,
                lead=o.received_by,
                lead_since=at,
                facts=text,
                facts_version=1,
                state=o.state,
                district=o.district,
                closed_because=b"",
            )
            for o, text in zip(openings, texts, strict=True)
        ),
    )
    writing.add(
        models.CaseSignal,
        (
            CaseSignalRow(
                signal=o.signal_id,
                case=o.case_id,
                reference=reference.of(o.signal_id),
                channel=o.channel,
                receiver=o.received_by,
                received_at=o.received_at,
                arrived_at=o.arrived_at,
            )
            for o in openings
        ),
    )
    writing.add(
        models.CaseFacts,
        (
            FactsRow(
                id=new_id(), case=o.case_id, version=1, facts=text, state=o.state, district=o.district, at=at, why=b""
            )
            for o, text in zip(openings, texts, strict=True)
        ),
    )
    people.add_all(
        [
            people.New(o.case_id, o.received_by, number, person)
            for o in openings
            for number, person in enumerate(o.people, start=1)
        ],
        minted,
    )


def hold(signal: Signal, case: models.Case) -> None:
    """Put a further signal into a case, in the caller's transaction."""
    models.CaseSignal.objects.create(
        signal=signal,
        case=case,
        reference=signal.reference,
        channel=signal.channel,
        receiver_id=signal.receiver_id,
        received_at=signal.received_at,
        arrived_at=signal.arrived_at,
    )


def place(table: str, row_id: uuid.UUID, field: str, case: models.Case) -> sealing.Place:
    """Say where a sealed text belongs that is the case's own: bound to the agency that received the case."""
    return sealing.Place(table, row_id, field, case.received_by_id)


def join_new(joinings: Iterable[Joining], *, at: datetime.datetime) -> None:
    """Let agencies take part in cases that were opened in this transaction."""
    writing.add(
        models.Participant,
        (
            ParticipantRow(id=new_id(), case=j.case_id, agency=j.agency_id, relation=j.relation.value, from_at=at)
            for j in joinings
        ),
    )


def join(joinings: Iterable[Joining], *, at: datetime.datetime) -> None:
    """Let agencies take part, again if they had left; in the caller's transaction."""
    joining = list(joinings)
    if joining:
        values: dict[str, datetime.datetime | list[uuid.UUID] | list[str]] = {
            "at": at,
            "cases": [each.case_id for each in joining],
            "agencies": [each.agency_id for each in joining],
            "relations": [each.relation.value for each in joining],
        }
        with connection.cursor() as cursor:
            cursor.execute(JOIN, values)


def leave(joining: Joining, *, at: datetime.datetime) -> None:
    """End one relation of an agency to a case; what it wrote stays."""
    models.Participant.objects.filter(
        case_id=joining.case_id,
        agency_id=joining.agency_id,
        relation=joining.relation.value,
        to_at=None,
    ).update(to_at=at)


def is_kept_from(by: viewers.Viewer, audience: str, written_as: str) -> bool:
    """Return whether an advocate would add words to what a colleague wrote for the agency: its investigators and victim
    specialists would read them, who may have to disclose what they read."""
    advocate = viewers.Role.ADVOCATE
    return by.role is advocate and audience == models.Note.Audience.AGENCY and written_as != advocate.value


def checked_note(text: str) -> str:
    """Return a note's text as it is kept: lines end in one way, whichever program it was pasted from. NoteRefused."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if "\x00" in text:
        raise NoteRefused(_("The note has a character that can’t be saved (NUL). Remove it, and save the note again."))
    if not text:
        raise NoteRefused(_("Write the note first."))
    if len(text) > NOTE_LIMIT:
        sentence = _("A note can have up to {limit} characters. Yours has {count}. Split it into two notes.")
        raise NoteRefused(sentence.format(limit=f"{NOTE_LIMIT:,}", count=f"{len(text):,}"))
    return text


def add_note(
    case_id: uuid.UUID,
    *,
    text: str,
    audience: models.Note.Audience,
    by: viewers.Viewer,
    at: datetime.datetime,
    for_role: viewers.Role | None = None,
) -> models.Note:
    """Keep a note, addressed to a role if it is for one above all. The caller has opened the case by `queries.find`.
    NoteRefused."""
    assert by.user_id is not None  # a token has no page on which to write
    text = checked_note(text)
    with row_security.looking(by):
        note_id = new_id()
        place = sealing.Place("note", note_id, "text", by.agency_id)
        note = models.Note.objects.create(
            id=note_id,
            case_id=case_id,
            agency_id=by.agency_id,
            by_id=by.user_id,
            at=at,
            audience=audience.value,
            text=keys.of(case_id).seal(text, place),
            for_role=for_role.value if for_role else "",
        )
        deed = record.Deed("note.added", by.agency_id, note.id, by.user_id, case_id, {"audience": audience.value})
        record.record(deed, at=at)
    return note
