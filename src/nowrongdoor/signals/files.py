"""Pictures and documents that somebody adds to a contact: a copy without hidden details, and the original where they
let it be kept; scanned before anybody opens them, and isolated for good by whoever sees that nobody may have them.

The promise: nobody opens what no scanner looked at, or what one called harmful; an original opens for investigators
alone; what was isolated, for investigators of law enforcement alone; and each time is on the trail. The database asks
the same (`nwd_hands_out` in tables.py). The name that a sender gave a file is not kept.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import enum
import hashlib
import logging
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.functional import Promise

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import Agency, new_id
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext, gettext_lazy
from nowrongdoor.core.mandates import rules
from nowrongdoor.signals import models
from nowrongdoor.uploads import checking, kinds, refusing, scanning
from nowrongdoor.vault import keys, sealing
from nowrongdoor.vault.models import DataKey

MOST = models.MOST_FILES
AT_ONCE = 100
Form, NoCopy, Verdict = models.SignalFileContent.Form, models.SignalFile.NoCopy, models.SignalFile.Verdict
log = logging.getLogger(__name__)


class TooMany(refusing.Refused):
    """A contact has as many files as it may have."""

    def __init__(self) -> None:
        super().__init__(
            gettext("You can add at most %(most)s files. Tell us in words what the others show.") % {"most": MOST}
        )


class Harmful(refusing.Refused):
    """The scanner knows it as harmful."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "The virus scanner says that this file is harmful, so it was not kept. What you wrote is safe with "
                "us. Tell us in words what the file shows."
            )
        )


class NoSuchSignal(LookupError):
    """There is no such signal, or whoever looks may add nothing to it: the answer is the same."""


class NoSuchFile(LookupError):
    """There is no such file, or it opens for somebody else or nobody: the answer is the same."""


@dataclasses.dataclass(frozen=True, slots=True)
class Upload:
    """A file as somebody sends it. `name` is only asked for its kind, and not kept."""

    name: str
    content: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Ready:
    """A file that may be kept. `original` and `copy` are None where they are not kept or cannot be made."""

    kind: kinds.Kind
    original: bytes | None
    copy: bytes | None
    no_copy: str
    was_scanned: bool


class State(enum.Enum):
    """How far a file is."""

    WAITING = "waiting"
    HARMFUL = "harmful"
    ISOLATED = "isolated"
    READY = "ready"
    ERASED = "erased"

    @property
    def words(self) -> str | Promise:
        """Say it."""
        return _STATES[self]


_STATES = {
    State.WAITING: gettext_lazy("not scanned yet, so nobody can open it"),
    State.HARMFUL: gettext_lazy("harmful, so nobody can open it"),
    State.ISOLATED: gettext_lazy("isolated"),
    State.READY: gettext_lazy("scanned"),
    State.ERASED: gettext_lazy("erased"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class FileShown:
    """A file as a page lists it; `size` in bytes. `by`: who added it, empty for the sender; `isolated_by`: who isolated
    it. What the viewer may open: `opens_copy`, `opens_original`."""

    id: uuid.UUID
    signal_id: uuid.UUID
    number: int
    at: datetime.datetime
    by: str
    kind: kinds.Kind
    size: int
    keeps_original: bool
    no_copy: str
    state: State
    isolated_at: datetime.datetime | None
    isolated_by: str
    opens_copy: bool
    opens_original: bool

    @property
    def no_copy_words(self) -> str:
        """Say why there is no copy; empty where there is one."""
        return str(NoCopy(self.no_copy).label) if self.no_copy else ""

    @property
    def is_isolated(self) -> bool:
        """Return whether somebody isolated it, whatever a scanner says."""
        return self.isolated_at is not None


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """A file's content, and how it is sent. The name is made here, and says nothing of anybody."""

    name: str
    kind: kinds.Kind
    content: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Added:
    """A file that its sender added, for them alone: what became of it is not theirs to learn."""

    number: int
    at: datetime.datetime
    kind: kinds.Kind
    keeps_original: bool


def look_at(upload: Upload, *, keep_original: bool) -> Ready:
    """Look at a file before anything is kept; call it outside any transaction, because a scanner takes its time.
    refusing.Refused says what to do instead.

    A file of which no copy can be made is kept only where its original may be. Where no scanner can look, it is kept
    for one to look later."""
    if not upload.content:
        raise refusing.Refused(gettext("This file is empty. Choose it again."))
    if len(upload.content) > checking.LIMIT:
        raise checking.TooLarge
    if (verdict := _scanned(upload.content)) is Verdict.INFECTED:
        raise Harmful
    looked = checking.look(upload.name, upload.content)
    kind, refused = looked.kind, looked.refused
    if kind is None and isinstance(refused, refusing.SaysWhoSentIt):
        kind = kinds.Kind.TEXT
    if refused is not None and (kind is None or not keep_original):
        raise refused
    assert kind is not None
    no_copy = _why(refused) if refused else ""
    return Ready(kind, upload.content if keep_original else None, looked.content, no_copy, verdict is Verdict.CLEAN)


def attach(
    signal_id: uuid.UUID,
    upload: Upload | Ready,
    *,
    keep_original: bool = False,
    by: viewers.Viewer | None = None,
    at: datetime.datetime,
) -> uuid.UUID:
    """Keep a file of a contact, for somebody who took it (`by`) or, without, for its sender in the context that the
    caller opened. NoSuchSignal, TooMany, refusing.Refused, keys.Erased: then nothing of it is kept."""
    ready = look_at(upload, keep_original=keep_original) if isinstance(upload, Upload) else upload
    with row_security.looking(by) if by else transaction.atomic():
        rows = models.Signal.objects.filter(id=signal_id)
        receiver_id = (rows.filter(receiver=by.agency_id) if by else rows).values_list("receiver_id", flat=True).first()
        if receiver_id is None:
            raise NoSuchSignal
        with connection.cursor() as cursor:  # one file of a contact at a time, so that each has its number
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"nowrongdoor files {signal_id}"])
        number = _count(signal_id) + 1
        if number > MOST:
            raise TooMany
        key, file_id = keys.of(signal_id), new_id()
        contents = {
            form: content for form, content in ((Form.ORIGINAL, ready.original), (Form.COPY, ready.copy)) if content
        }
        size = len(contents.get(Form.COPY) or contents[Form.ORIGINAL])
        models.SignalFile.objects.create(
            id=file_id,
            signal_id=signal_id,
            receiver_id=receiver_id,
            number=number,
            by_id=by.user_id if by else None,
            at=at,
            kind=ready.kind.code,
            size=size,
            keeps_original=ready.original is not None,
            no_copy=ready.no_copy,
        )
        for form, content in contents.items():
            row_id, digest = new_id(), hashlib.sha256(content).hexdigest()
            models.SignalFileContent.objects.create(
                id=row_id,
                file_id=file_id,
                form=form.value,
                size=len(content),
                digest=key.seal(digest, _place(row_id, "digest", receiver_id)),
                content=key.seal_bytes(content, _place(row_id, "content", receiver_id)),
            )
        details: dict[str, record.Detail] = {
            "kind": ready.kind.code,
            "size": size,
            "original": "yes" if ready.original else "no",
        }
        agency_id = by.agency_id if by else _answering() or receiver_id
        deed = record.Deed("signal_file.added", agency_id, file_id, by.user_id if by else None, details=details)
        record.record(deed, at=at)
        if ready.was_scanned:
            _say(file_id, Verdict.CLEAN, at=at)
    return file_id


def add_own(opener: bytes, upload: Upload | Ready, *, keep_original: bool = False, at: datetime.datetime) -> uuid.UUID:
    """Keep a file of the contact whose mailbox a receipt opens (`opener`: its hash), for whoever visits it now; it
    raises as `attach` does."""
    ready = look_at(upload, keep_original=keep_original) if isinstance(upload, Upload) else upload
    with row_security.visiting(opener):
        return attach(_own(), ready, at=at)


def added(opener: bytes) -> Sequence[Added]:
    """List, for its sender, what they added to the contact whose mailbox a receipt opens (`opener`: its hash)."""
    with row_security.visiting(opener):
        rows = models.SignalFile.objects.filter(by=None).order_by("number")
        fields = rows.values_list("number", "at", "kind", "keeps_original")
        return [Added(number, when, kinds.BY_CODE[kind], keeps) for number, when, kind, keeps in fields]


def can_add(opener: bytes) -> bool:
    """Return whether the sender of a contact may add a file more."""
    with row_security.visiting(opener):
        return _count(_own()) < MOST


def _own() -> uuid.UUID:
    """The one contact that is shown to whoever visits its mailbox. NoSuchSignal."""
    signal_id = models.Signal.objects.values_list("id", flat=True).first()
    if signal_id is None:
        raise NoSuchSignal
    return signal_id


def _count(signal_id: uuid.UUID) -> int:
    """How many files a contact has, whoever asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nwd_files_of(%s)", [signal_id])
        return int(cursor.fetchone()[0])


def listed(
    signal_ids: Collection[uuid.UUID], *, by: viewers.Viewer, case_id: uuid.UUID | None = None
) -> Mapping[uuid.UUID, Sequence[FileShown]]:
    """List the files of contacts that the viewer may list, by contact, in order, without their contents. `case_id`: the
    case, which the caller opened, through which an investigator comes to them."""
    if not signal_ids:
        return {}
    with _coming_through(case_id, by):
        rows = models.SignalFile.objects.filter(signal__in=signal_ids).order_by("signal", "number")
        kept = list(rows.annotate(who=agencies.name_of("by_id"), isolator=agencies.name_of("isolated_by_id")))
        if not kept:
            return {}
        contents = models.SignalFileContent.objects.filter(file__in=[row.id for row in kept])
        forms = set(contents.values_list("file_id", "form"))
        opened = keys.open_all({row.signal_id for row in kept})
        is_police = _is_police(by)
    by_signal: dict[uuid.UUID, list[FileShown]] = {}
    for row in kept:
        is_erased = row.signal_id not in opened
        opens = {
            form: not is_erased and (row.id, form.value) in forms and _may_open(by, row, form, is_police=is_police)
            for form in Form
        }
        shown = FileShown(
            row.id,
            row.signal_id,
            row.number,
            row.at,
            row.who or "",
            kinds.BY_CODE[row.kind],
            row.size,
            row.keeps_original,
            row.no_copy,
            State.ERASED if is_erased else _state(row),
            row.isolated_at,
            row.isolator or "",
            opens[Form.COPY],
            opens[Form.ORIGINAL],
        )
        by_signal.setdefault(row.signal_id, []).append(shown)
    return by_signal


def opened(
    file_id: uuid.UUID,
    form: models.SignalFileContent.Form,
    *,
    by: viewers.Viewer,
    at: datetime.datetime,
    case_id: uuid.UUID | None = None,
) -> Opened:
    """Open a file and note who did. `case_id` as in `listed`. NoSuchFile."""
    with _coming_through(case_id, by):
        row = models.SignalFile.objects.filter(id=file_id).first()
        if row is None or not _may_open(by, row, form, is_police=_is_police(by)):
            raise NoSuchFile
        content = models.SignalFileContent.objects.filter(file=file_id, form=form.value).first()
        key = keys.open_all([row.signal_id]).get(row.signal_id)
        if content is None or key is None:
            raise NoSuchFile
        plain = key.open_bytes(content.content, _place(content.id, "content", row.receiver_id))
        digest = key.open(content.digest, _place(content.id, "digest", row.receiver_id))
        verb = "signal_file.original_read" if form is Form.ORIGINAL else "signal_file.read"
        if row.isolated_at is not None:
            verb = "signal_file.isolated_read"
        details: dict[str, record.Detail] = {"form": form.value}
        if form is Form.ORIGINAL:
            details["sha256"] = "as sent" if hashlib.sha256(plain).hexdigest() == digest else "differs"
        record.looked(verb, file_id, by=by, at=at, case_id=case_id, details=details)
    kind = kinds.BY_CODE[row.kind]
    # The end of an id is chance; its beginning is a time.
    return Opened(f"{form.value}-{file_id.hex[-8:]}.{kind.code}", kind, plain)


def isolate(file_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime, case_id: uuid.UUID | None = None) -> None:
    """Isolate a file, for good: from now on it opens for nobody but investigators of law enforcement. Where somebody
    did already, nothing is done. `case_id` as in `listed`. NoSuchFile."""
    assert by.user_id is not None  # a token has no page
    with _coming_through(case_id, by):
        row = models.SignalFile.objects.select_for_update().filter(id=file_id).first()
        if row is None:
            raise NoSuchFile
        if row.isolated_at is not None:
            return
        row.isolated_at, row.isolated_by_id, row.isolated_for_id = at, by.user_id, by.agency_id
        row.save(update_fields=["isolated_at", "isolated_by", "isolated_for"])
        deed = record.Deed("signal_file.isolated", by.agency_id, file_id, by.user_id, case_id)
        record.record(deed, at=at)


@dataclasses.dataclass(frozen=True, slots=True)
class Collected:
    """A form of a file, for whoever collects records: its size and digest, without its content."""

    file_id: uuid.UUID
    signal_id: uuid.UUID
    form: str
    at: datetime.datetime
    size: int
    digest: str


def collected(
    signal_ids: Collection[uuid.UUID], *, by: viewers.Viewer, case_id: uuid.UUID | None = None
) -> Sequence[Collected]:
    """List what the viewer may collect of the files of contacts: what they could open, and nothing that was isolated,
    whoever they are. `case_id` as in `listed`."""
    with _coming_through(case_id, by):
        rows = models.SignalFileContent.objects.filter(
            file__signal__in=signal_ids, file__isolated_at=None, file__verdict=Verdict.CLEAN
        ).select_related("file")
        every = rows.order_by("file__signal", "file__number", "form").defer("content")
        kept = [row for row in every if _may_open(by, row.file, Form(row.form), is_police=False)]
        opened = keys.open_all({row.file.signal_id for row in kept})
    return [
        Collected(
            row.file_id,
            row.file.signal_id,
            row.form,
            row.file.at,
            row.size,
            opened[row.file.signal_id].open(row.digest, _place(row.id, "digest", row.file.receiver_id)),
        )
        for row in kept
        if row.file.signal_id in opened
    ]


@row_security.system()
def unscanned() -> Sequence[uuid.UUID]:
    """List files that no scanner looked at, oldest first; without those whose key was destroyed."""
    rows = models.SignalFile.objects.filter(scanned_at=None).filter(
        Exists(DataKey.objects.filter(subject_id=OuterRef("signal_id")))
    )
    return list(rows.order_by("at", "id").values_list("id", flat=True)[:AT_ONCE])


def scan(file_id: uuid.UUID, *, at: datetime.datetime) -> bool:
    """Have a file scanned that no scanner looked at when it came in, and return whether one could look now."""
    with row_security.system():
        row = models.SignalFile.objects.filter(id=file_id, scanned_at=None).first()
        if row is None:
            return True
        key = keys.of(row.signal_id)
        contents = [
            key.open_bytes(each.content, _place(each.id, "content", row.receiver_id))
            for each in models.SignalFileContent.objects.filter(file=file_id).order_by("form")
        ]
    verdicts = [_scanned(content) for content in contents]
    if Verdict.INFECTED in verdicts:
        _say(file_id, Verdict.INFECTED, at=at)
    elif None in verdicts or not verdicts:
        return False
    else:
        _say(file_id, Verdict.CLEAN, at=at)
    return True


def scan_waiting(*, at: datetime.datetime) -> int:
    """Have the files scanned that wait for it, each by itself, until no scanner can look; count them."""
    count = 0
    for file_id in unscanned():
        try:
            if not scan(file_id, at=at):
                break
        except (keys.Erased, sealing.DoesNotOpen) as error:
            log.error("file %s could not be scanned: %s", file_id, type(error).__name__)
            continue
        count += 1
    return count


@contextlib.contextmanager
def _coming_through(case_id: uuid.UUID | None, by: viewers.Viewer) -> Iterator[None]:
    with row_security.looking(by):
        if case_id is not None:
            row_security.act_on(case_id)
        yield


def _say(file_id: uuid.UUID, verdict: models.SignalFile.Verdict, *, at: datetime.datetime) -> None:
    """Writes down what a scanner found, unless somebody did."""
    with row_security.system():
        row = models.SignalFile.objects.select_for_update().filter(id=file_id, scanned_at=None).first()
        if row is not None:
            row.scanned_at, row.verdict = at, verdict.value
            row.save(update_fields=["scanned_at", "verdict"])
            deed = record.Deed("signal_file.scanned", row.receiver_id, file_id, details={"verdict": verdict.value})
            record.record(deed, at=at)


def _scanned(content: bytes) -> models.SignalFile.Verdict | None:
    """What the scanner says, or None where none could look."""
    try:
        return Verdict.CLEAN if scanning.scan(content) else None
    except scanning.Infected:
        return Verdict.INFECTED
    except scanning.ScannerAway:
        return None


def _why(problem: refusing.Refused) -> str:
    if isinstance(problem, refusing.ActiveContent):
        return NoCopy.ACTIVE.value
    if isinstance(problem, refusing.Damaged):
        return NoCopy.DAMAGED.value
    return NoCopy.NAMES.value if isinstance(problem, refusing.SaysWhoSentIt) else NoCopy.LARGE.value


def _state(row: models.SignalFile) -> State:
    if row.isolated_at is not None:
        return State.ISOLATED
    if row.scanned_at is None:
        return State.WAITING
    return State.READY if row.verdict == Verdict.CLEAN else State.HARMFUL


def _may_open(
    viewer: viewers.Viewer, row: models.SignalFile, form: models.SignalFileContent.Form, *, is_police: bool
) -> bool:
    """Whether a form of a file opens for a role and an agency; by which case it reaches them, row security says."""
    investigates = viewer.role is viewers.Role.INVESTIGATOR
    if row.verdict != Verdict.CLEAN:
        return False
    if row.isolated_at is not None:
        return investigates and is_police
    if form is Form.ORIGINAL:
        return investigates
    return investigates or (viewer.role.sees_cases and _took(row.signal_id))


def _answering() -> uuid.UUID | None:
    """The agency that answers whoever visits, which succeeds the receiver once that closed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nwd_visited_agency()")
        agency_id: uuid.UUID | None = cursor.fetchone()[0]
    return agency_id


def _took(signal_id: uuid.UUID) -> bool:
    """Whether the agency that looks received a contact, or answers its sender since the one that did closed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nwd_took(%s)", [signal_id])
        return bool(cursor.fetchone()[0])


def _is_police(viewer: viewers.Viewer) -> bool:
    return Agency.objects.filter(id=viewer.agency_id, kind__in=[kind.value for kind in rules.POLICES]).exists()


def _place(row_id: uuid.UUID, field: str, receiver_id: uuid.UUID) -> sealing.Place:
    return sealing.Place("signal_file_content", row_id, field, receiver_id)
