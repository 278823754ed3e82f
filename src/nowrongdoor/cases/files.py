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
from django.utils.translation import gettext as _

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.cases import actions, models
from nowrongdoor.cases.queries import Access, Sight
from nowrongdoor.uploads import checking, kinds
from nowrongdoor.vault import keys, sealing

LABEL_LIMIT = 200
REASON_LIMIT = 300


class LabelRefused(ValueError):
    """The file cannot be kept under these words."""


class KeptApart(ValueError):
    """An advocate's reason would stand where investigators of the agency read it."""

    def __init__(self) -> None:
        super().__init__(
            _("Investigators at your agency read why a file was withdrawn. Ask a coordinator to withdraw this one.")
        )


class NoSuchFile(LookupError):
    """There is no such file, it isn't shared with the viewer's agency, or it was withdrawn or erased: the answer is the
    same."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sent:
    """A file as somebody sends it, and what they say of it. `name` is only asked for its kind, and not kept."""

    label: str
    name: str
    content: bytes
    audience: models.Note.Audience


@dataclasses.dataclass(frozen=True, slots=True)
class FileShown:
    """A file the viewer may open, or could before it was withdrawn; `size` in bytes. `is_erased`: its key was
    destroyed. `written_as`: the role of whoever attached it."""

    id: uuid.UUID
    at: datetime.datetime
    by: str
    agency: str
    audience: str
    label: str
    kind: kinds.Kind
    size: int
    is_erased: bool
    is_ours: bool
    written_as: str
    withdrawn: Withdrawn | None


@dataclasses.dataclass(frozen=True, slots=True)
class Withdrawn:
    """Who withdrew a file, when and why."""

    at: datetime.datetime
    by: str
    because: str


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
        sentence = _("Say what the file is in 1 to {limit} characters. Yours has {count}.")
        raise LabelRefused(sentence.format(limit=LABEL_LIMIT, count=f"{len(label):,}"))
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
    rows = _readable(viewer, access).order_by("at", "id").defer("content").select_related("agency")
    named = rows.annotate(who=agencies.name_of("by_id"), withdrawer=agencies.name_of("withdrawn_by_id"))
    return [_shown(viewer, access, row, row.who, row.withdrawer) for row in named]


def _shown(viewer: viewers.Viewer, access: Access, row: models.CaseFile, by: str, withdrawer: str) -> FileShown:
    withdrawn = None
    if row.withdrawn_at is not None:
        because = access.opened(row.withdrawn_because, _place(row.id, "withdrawn_because", row.agency_id))
        withdrawn = Withdrawn(row.withdrawn_at, withdrawer, because)
    return FileShown(
        row.id,
        row.at,
        by,
        row.agency.name,
        row.audience,
        access.opened(row.label, _place(row.id, "label", row.agency_id)),
        kinds.BY_CODE[row.kind],
        row.size,
        access.key is None,
        row.agency_id == viewer.agency_id,
        row.written_as,
        withdrawn,
    )


def withdraw(
    case_id: uuid.UUID, file_id: uuid.UUID, *, because: str, by: viewers.Viewer, at: datetime.datetime
) -> None:
    """Withdraw a file that the viewer's agency attached: it opens for nobody from now on, and its row stays, with who
    withdrew it and why. The sealed content is put away, so that a hold still keeps it. NoSuchFile, LabelRefused,
    KeptApart."""
    assert by.user_id is not None  # a token has no page
    because = because.strip()
    if not because or len(because) > REASON_LIMIT or "\x00" in because:
        sentence = _("Say why you’re withdrawing the file, in up to {limit} characters.")
        raise LabelRefused(sentence.format(limit=REASON_LIMIT))
    with row_security.looking(by):
        ours = models.CaseFile.objects.filter(id=file_id, case_id=case_id, agency_id=by.agency_id, withdrawn_at=None)
        if any(actions.is_kept_from(by, *each) for each in ours.values_list("audience", "written_as")):
            raise KeptApart
        file = ours.select_for_update().defer("content").first()
        if file is None:
            raise NoSuchFile
        sealed = keys.of(case_id).seal(because, _place(file_id, "withdrawn_because", by.agency_id))
        file.withdrawn_at, file.withdrawn_by_id, file.withdrawn_because = at, by.user_id, sealed
        file.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_because"])
        record.record(record.Deed("file.withdrawn", by.agency_id, file.id, by.user_id, case_id), at=at)


def opened(viewer: viewers.Viewer, access: Access, file_id: uuid.UUID, *, at: datetime.datetime) -> Opened:
    """Open one file and note who did. NoSuchFile."""
    file = _readable(viewer, access).filter(id=file_id, withdrawn_at=None).first()
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
