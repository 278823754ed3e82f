"""What is done to a note once it's written: it's corrected and pinned, and never rewritten or deleted.

The promise: every earlier text stays for whoever could read the note, with who corrected it, when and why; and of two
people who correct a note at once, the second is told, and keeps their words.
"""

from __future__ import annotations

import datetime
import uuid

from django.db.models import Max
from django.utils.translation import gettext as _

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.cases import actions, models
from nowrongdoor.vault import keys, sealing

REASON_LIMIT = 300


class NoSuchNote(LookupError):
    """There is no such note that the viewer's agency wrote, or it isn't theirs to read: the answer is the same."""


class Overtaken(actions.NoteRefused):
    """Somebody else corrected the note meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else corrected this note while you were writing. Read what it says now, then save yours again.")
        )


class KeptApart(actions.NoteRefused):
    """An advocate's words would stand where investigators of the agency read them."""

    def __init__(self) -> None:
        super().__init__(
            _("Investigators at your agency read this note. Write a note of your own, which they don’t see.")
        )


def correct(
    note_id: uuid.UUID, *, text: str, because: str, seen: int, by: viewers.Viewer, at: datetime.datetime
) -> models.NoteCorrection:
    """Say what a note of the viewer's agency says from now on, and why. `seen`: how many corrections the page showed.
    NoSuchNote, NoteRefused, Overtaken, KeptApart."""
    assert by.user_id is not None  # a token has no page
    text, because = actions.checked_note(text), because.strip()
    if not because or len(because) > REASON_LIMIT or "\x00" in because:
        sentence = _("Say why you’re correcting the note, in up to {limit} characters.")
        raise actions.NoteRefused(sentence.format(limit=REASON_LIMIT))
    with row_security.looking(by):
        note = _locked(note_id, by)
        if actions.is_kept_from(by, note.audience, note.written_as):
            raise KeptApart
        last = models.NoteCorrection.objects.filter(note=note).aggregate(last=Max("number"))["last"] or 0
        if last != seen:
            raise Overtaken
        row_id, key = new_id(), keys.of(note.case_id)
        row = models.NoteCorrection.objects.create(
            id=row_id,
            note=note,
            case_id=note.case_id,
            agency_id=note.agency_id,
            number=last + 1,
            text=key.seal(text, sealing.Place("note_correction", row_id, "text", note.agency_id)),
            because=key.seal(because, sealing.Place("note_correction", row_id, "because", note.agency_id)),
            at=at,
            by_id=by.user_id,
        )
        details: dict[str, record.Detail] = {"number": row.number}
        record.record(record.Deed("note.corrected", by.agency_id, note.id, by.user_id, note.case_id, details), at=at)
    return row


def pin(note_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Keep a note of the viewer's agency at the top. NoSuchNote."""
    with row_security.looking(by):
        note = _locked(note_id, by)
        if note.pinned_at is None:
            note.pinned_at, note.pinned_by_id = at, by.user_id
            note.save(update_fields=["pinned_at", "pinned_by"])
            record.record(record.Deed("note.pinned", by.agency_id, note.id, by.user_id, note.case_id), at=at)


def unpin(note_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Put a note of the viewer's agency back in its place. NoSuchNote."""
    with row_security.looking(by):
        note = _locked(note_id, by)
        if note.pinned_at is not None:
            note.pinned_at, note.pinned_by_id = None, None
            note.save(update_fields=["pinned_at", "pinned_by"])
            record.record(record.Deed("note.unpinned", by.agency_id, note.id, by.user_id, note.case_id), at=at)


def _locked(note_id: uuid.UUID, by: viewers.Viewer) -> models.Note:
    note = models.Note.objects.select_for_update().filter(id=note_id, agency_id=by.agency_id).first()
    if note is None:
        raise NoSuchNote
    return note
