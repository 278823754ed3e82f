"""What people of the agency do with a sender's mailbox: see that there is something new, read it, thank, ask, write.

The promise: what a sender wrote is shown at once to everybody who takes contacts at the agency, and stays when somebody
else takes over. A third party is thanked or asked, and told nothing else; which is said before anybody writes, and kept
by the database.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Sequence

from django.db.models import Count, F, Max, Min, Q

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext
from nowrongdoor.mailbox import models, visiting
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals.models import Signal
from nowrongdoor.vault import keys

SHOWN = 200
WHOSE_WISH = (models.Mailbox.Stance.PERSON.value, models.Mailbox.Stance.PROXY.value)
UNREAD = Q(posts__by=None, posts__read_at=None, posts__id__isnull=False)


class NoSuchMailbox(LookupError):
    """There is no mailbox of this contact, or another agency answers it: the answer is the same."""


class Refused(ValueError):
    """It cannot be written like this; the message says what to do."""


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A mailbox in the list. `unread`: how many things its sender wrote that nobody read; `since`: the oldest."""

    signal: str
    stance: models.Mailbox.Stance
    opened_at: datetime.datetime
    last_at: datetime.datetime | None
    unread: int
    since: datetime.datetime | None
    is_withdrawn: bool
    is_erasure_asked: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Consent:
    """Of a sender whom one can write to: when they took their consent back, None if they did not."""

    withdrawn_at: datetime.datetime | None


@dataclasses.dataclass(frozen=True, slots=True)
class Post:
    """One thing that was written, for the agency. `by`: the name of a colleague, empty for the sender; `read_at`: by
    the other side."""

    id: uuid.UUID
    kind: models.Post.Kind
    words: str
    by: str
    to: uuid.UUID | None
    at: datetime.datetime
    read_at: datetime.datetime | None


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """A mailbox, for the agency that answers it. `wrote`: what its sender wrote first, if that agency received it."""

    signal_id: uuid.UUID
    stance: models.Mailbox.Stance
    language: str
    heard: str
    ends_at: datetime.datetime
    withdrawn_at: datetime.datetime | None
    erasure_asked_at: datetime.datetime | None
    posts: Sequence[Post]
    wrote: str = ""

    @property
    def is_person(self) -> bool:
        """Return whether the person themselves wrote: only they are told more than thanks and questions."""
        return self.stance is models.Mailbox.Stance.PERSON

    @property
    def unread(self) -> Sequence[Post]:
        """List what nobody of the agency read yet."""
        return [post for post in self.posts if not post.by and post.read_at is None]


def lines(viewer: viewers.Viewer) -> Sequence[Line]:
    """List the mailboxes that the viewer's agency answers: those with something unread first, the longest waiting on
    top; then by what was written last."""
    rows = models.Mailbox.objects.filter(agency=viewer.agency_id).annotate(
        unread=Count("posts", filter=UNREAD), since=Min("posts__at", filter=UNREAD), last_at=Max("posts__at")
    )
    in_order = rows.order_by(
        F("since").asc(nulls_last=True), F("last_at").desc(nulls_last=True), F("opened_at").desc(), "id"
    )
    columns = ("reference", "stance", "opened_at", "last_at", "unread", "since", "withdrawn_at", "erasure_asked_at")
    with row_security.looking(viewer):
        kept = list(in_order.values_list(*columns)[:SHOWN])
    return [
        Line(
            code,
            models.Mailbox.Stance(stance),
            opened_at,
            last_at,
            unread,
            since,
            withdrawn is not None,
            erasure is not None,
        )
        for code, stance, opened_at, last_at, unread, since, withdrawn, erasure in kept
    ]


def shown(signal_id: uuid.UUID, *, by: viewers.Viewer) -> Shown | None:
    """Open a mailbox for a page, or return None where a contact has none; reading is noted apart, by `read`."""
    with row_security.looking(by):
        row = models.Mailbox.objects.filter(signal=signal_id, agency=by.agency_id).first()
        if row is None:
            return None
        key = keys.open_all([signal_id]).get(signal_id)
        posts = list(row.posts.order_by("at", "id").annotate(who=agencies.name_of("by_id")))
        first = Signal.objects.filter(id=signal_id, receiver=by.agency_id).values_list("narrative", flat=True).first()
    return Shown(
        signal_id,
        models.Mailbox.Stance(row.stance),
        row.language,
        row.heard,
        row.ends_at,
        row.withdrawn_at,
        row.erasure_asked_at,
        [
            Post(
                each.id,
                models.Post.Kind(each.kind),
                keys.shown(key, each.words, visiting.place_of(each.id, each.agency_id)),
                each.who or "" if each.by_id else "",
                each.to_id,
                each.at,
                each.read_at,
            )
            for each in posts
        ],
        keys.shown(key, first, signals.place_of(signal_id, "narrative", by.agency_id)) if first else "",
    )


def signal_of(code: str) -> uuid.UUID | None:
    """Find, in the viewer's context, the signal of a mailbox by its reference, as it is spelled."""
    return models.Mailbox.objects.filter(reference=code).values_list("signal", flat=True).first()


def read(signal_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> int:
    """Note that somebody of the agency read a contact, and all that its sender wrote; count what was new."""
    if by.user_id is None:
        return 0  # a system's token reads nothing for anybody
    with row_security.looking(by):
        row = models.Mailbox.objects.filter(signal=signal_id, agency=by.agency_id).first()
        if row is None:
            return 0
        note_read([signal_id], by=by, at=at)
        new = models.Post.objects.filter(mailbox=row, by=None, read_at=None).update(read_at=at, read_by=by.user_id)
        if new:
            record.looked("mailbox.read", signal_id, by=by, at=at, details={"new": new})
    return new


def note_read(signal_ids: Collection[uuid.UUID], *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Note that somebody of the agency read contacts, on whichever page: their senders see that a person did."""
    if by.user_id is not None and signal_ids:
        with row_security.looking(by):
            rows = models.Mailbox.objects.filter(signal__in=signal_ids, agency=by.agency_id, read_at=None)
            rows.update(read_at=at)


def consent(signal_id: uuid.UUID, *, by: viewers.Viewer) -> Consent | None:
    """Say whether the sender of a contact still consents, None where the viewer's agency has no mailbox of theirs."""
    with row_security.looking(by):
        rows = models.Mailbox.objects.filter(signal=signal_id, agency=by.agency_id)
        kept = rows.values_list("withdrawn_at", flat=True)[:1]
        return next((Consent(withdrawn_at) for withdrawn_at in kept), None)


def write(
    signal_id: uuid.UUID, kind: models.Post.Kind, words: str, *, by: viewers.Viewer, at: datetime.datetime
) -> None:
    """Write to a sender: thanks (without words), a question, or to the person themselves a message. NoSuchMailbox,
    Refused."""
    assert by.user_id is not None  # a token has no page
    if kind is not models.Post.Kind.THANKS:
        try:
            visiting.check_words(words)
        except visiting.Refused as error:
            raise Refused(str(error)) from None
    with row_security.looking(by):
        row = models.Mailbox.objects.select_for_update().filter(signal=signal_id, agency=by.agency_id).first()
        if row is None:
            raise NoSuchMailbox
        if row.ends_at <= at:
            raise Refused(gettext("This mailbox has closed: its sender can’t open it any more."))
        if kind is models.Post.Kind.MESSAGE and row.stance != models.Mailbox.Stance.PERSON:
            raise Refused(gettext("Only the person themselves is told more. Thank this sender, or ask a question."))
        last = models.Post.objects.filter(mailbox=row, by=by.user_id).order_by("-at", "-id").first()
        try:
            key, post_id = keys.of(signal_id), new_id()
        except keys.Erased as error:
            raise Refused(str(error)) from None
        if last is not None and last.kind == kind.value and last.at > at - datetime.timedelta(minutes=1):
            before = key.open(last.words, visiting.place_of(last.id, last.agency_id)) if last.words else ""
            if before == words.strip():
                return  # the same form, sent twice
        models.Post(
            id=post_id,
            mailbox=row,
            agency_id=by.agency_id,
            kind=kind.value,
            words=key.seal(words.strip(), visiting.place_of(post_id, by.agency_id))
            if kind is not models.Post.Kind.THANKS
            else b"",
            by_id=by.user_id,
            at=at,
        ).save(force_insert=True)
        deed = record.Deed("mailbox.answered", by.agency_id, signal_id, by.user_id, details={"kind": kind.value})
        record.record(deed, at=at)


def taken_back(signal_ids: Collection[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Return, of these signals, those whose sender took their consent back and whose word is the person's wish."""
    rows = models.Mailbox.objects.filter(signal__in=signal_ids, stance__in=WHOSE_WISH, withdrawn_at__isnull=False)
    return frozenset(rows.values_list("signal", flat=True))


@row_security.system()
def hand_over(agency_id: uuid.UUID, *, to_agency_id: uuid.UUID, at: datetime.datetime) -> int:
    """Hand the mailboxes of an agency that closes over to the one that succeeds it, and count them."""
    rows = models.Mailbox.objects.filter(agency=agency_id)
    deeds = [
        record.Deed("mailbox.handed_over", to_agency_id, signal_id)
        for signal_id in rows.order_by("id").values_list("signal", flat=True)
    ]
    count = rows.update(agency=to_agency_id)
    record.record_all(deeds, at=at)
    return count


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """A mailbox in which something waits to be read."""

    mailbox_id: uuid.UUID
    agency_id: uuid.UUID
    since: datetime.datetime


def waiting(*, before: datetime.datetime) -> Sequence[Waiting]:
    """List, in the system's context, mailboxes in which something waits since before an instant."""
    rows = (
        models.Post.objects.filter(by=None, read_at=None)
        .values("mailbox", "mailbox__agency")
        .annotate(since=Min("at"))
        .filter(since__lte=before)
        .order_by("since", "mailbox")
    )
    return [Waiting(row["mailbox"], row["mailbox__agency"], row["since"]) for row in rows]


def has_open(agency_id: uuid.UUID, *, at: datetime.datetime) -> bool:
    """Return, in the system's context, whether senders can still write to an agency."""
    return models.Mailbox.objects.filter(agency=agency_id, ends_at__gt=at).exists()
