"""What is attached to a case: checked and cleaned, kept sealed, listed without its contents, opened one at a time.

The promise: what `uploads` refuses is not kept; what is kept is a row, so that it commits with its event, is in the
same backup, and is erased with the key of its case; and nobody opens a file without an event that says so.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.db.models import Q, QuerySet

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.cases import models
from nowrongdoor.cases.queries import Access, Sight
from nowrongdoor.uploads import checking, kinds
from nowrongdoor.vault import keys, sealing

LABEL_LIMIT = 200


class LabelRefused(ValueError):
    """The file cannot be kept under these words."""


class NoSuchFile(LookupError):
    """There is no such file, it is not shared with the viewer's agency, or it was erased: the answer is the same."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sent:
    """A file as somebody sends it, and what they say of it. `name` is only asked for its kind, and not kept."""

    label: str
    name: str
    content: bytes
    audience: models.Note.Audience


@dataclasses.dataclass(frozen=True, slots=True)
class FileShown:
    """A file the viewer may open; `size` in bytes. `is_erased`: its key was destroyed."""

    id: uuid.UUID
    at: datetime.datetime
    by: str
    agency: str
    audience: str
    label: str
    kind: kinds.Kind
    size: int
    is_erased: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """A file's content, and how it is sent. The name is made here: it says of which case, and nothing of anybody."""

    name: str
    kind: kinds.Kind
    content: bytes


def attach(case_id: uuid.UUID, sent: Sent, *, by: viewers.Viewer, at: datetime.datetime) -> models.CaseFile:
    """Keep the harmless part of a file. The caller has opened the case by `queries.find`. LabelRefused,
    refusing.Refused, keys.Erased."""
    assert by.user_id is not None  # a token has no page
    label = sent.label.strip()
    if not label or len(label) > LABEL_LIMIT or "\x00" in label:
        raise LabelRefused(f"Say what the file is in 1 to {LABEL_LIMIT} characters. Yours has {len(label):,}.")
    clean = checking.check(sent.name, sent.content)  # before the key: a scanner may take its time
    with row_security.looking(by):
        file_id = new_id()
        key = keys.of(case_id)
        file = models.CaseFile.objects.create(
            id=file_id,
            case_id=case_id,
            agency_id=by.agency_id,
            by_id=by.user_id,
            at=at,
            audience=sent.audience.value,
            kind=clean.kind.code,
            size=len(clean.content),
            label=key.seal(label, _place(file_id, "label", by.agency_id)),
            content=key.seal_bytes(clean.content, _place(file_id, "content", by.agency_id)),
        )
        details: dict[str, record.Detail] = {
            "audience": sent.audience.value,
            "kind": clean.kind.code,
            "size": len(clean.content),
            "scanned": "yes" if clean.was_scanned else "no",
        }
        record.record(record.Deed("file.attached", by.agency_id, file.id, by.user_id, case_id, details), at=at)
    return file


def listed(viewer: viewers.Viewer, access: Access) -> Sequence[FileShown]:
    """List the files the viewer may open, oldest first, in one query that reads no content."""
    rows = _readable(viewer, access).order_by("at", "id")
    columns = ("id", "agency_id", "label", "at", agencies.name_of("by_id"), "agency__name", "audience", "kind", "size")
    return [
        FileShown(
            file_id,
            at,
            by,
            agency,
            audience,
            access.opened(sealed, _place(file_id, "label", agency_id)),
            kinds.BY_CODE[kind],
            size,
            access.key is None,
        )
        for file_id, agency_id, sealed, at, by, agency, audience, kind, size in rows.values_list(*columns)
    ]


def opened(viewer: viewers.Viewer, access: Access, file_id: uuid.UUID, *, at: datetime.datetime) -> Opened:
    """Open one file and note who did. NoSuchFile."""
    file = _readable(viewer, access).filter(id=file_id).first()
    if file is None or access.key is None:
        raise NoSuchFile
    content = access.key.open_bytes(file.content, _place(file.id, "content", file.agency_id))
    authority = record.Authority.MANDATE if access.relations else record.Authority.EMERGENCY
    record.looked("file.read", file.id, by=viewer, at=at, case_id=access.case.id, authority=authority)
    kind = kinds.BY_CODE[file.kind]
    # The end of an id is chance; its beginning is a time.
    return Opened(f"case-{access.case.reference}-{file.id.hex[-8:]}.{kind.code}", kind, content)


def _readable(viewer: viewers.Viewer, access: Access) -> QuerySet[models.CaseFile]:
    """The viewer's own agency's always, the team's while they take part: as row security says, and as notes are
    read."""
    mine = Q(agency_id=viewer.agency_id)
    team = Q(audience=models.Note.Audience.TEAM)
    return models.CaseFile.objects.filter(mine | team if access.sight is Sight.CASE else mine, case=access.case)


def _place(file_id: uuid.UUID, field: str, agency_id: uuid.UUID) -> sealing.Place:
    return sealing.Place("case_file", file_id, field, agency_id)
