"""A signal that somebody is still writing: kept while they type, so that nothing is lost with a browser, a server or a
session; and gone for good once it is a signal, is erased, or ends.

The promise: only who writes a draft opens it. Every draft has a key of its own, which goes with its row, so that what
nobody was to write down opens nowhere afterwards. What is over does not come back by a change that was on its way. The
trail says that there was a draft, and never a word of it.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import uuid
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext
from nowrongdoor.signals import models
from nowrongdoor.signals.actions import key_token
from nowrongdoor.vault import keys, sealing
from nowrongdoor.vault.models import DataKey

LIMIT = 200_000  # characters of all fields together
MOST = 20  # of one person at a time
AT_ONCE = 1_000
PAGE = "typed_on"  # no field of a form
LATE = 3_600  # seconds for which a change that was on its way may still arrive
Fields = Mapping[str, Sequence[str]]


class NoSuchDraft(LookupError):
    """There is no such draft, it is over, or somebody else writes it: the answer is the same."""

    def __init__(self) -> None:
        super().__init__(gettext("There is no such draft. It was saved, erased, or it ended."))


class ChangedElsewhere(Exception):
    """The draft is newer than what this page shows: it was changed in another window."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "This draft was changed in another window, so what you enter here isn’t kept as a draft. Go on in "
                "that window, or save the signal here."
            )
        )


class NotKept(ValueError):
    """It cannot be kept as a draft; the message says why."""


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """A draft as it is kept now."""

    id: uuid.UUID
    version: int
    saved_at: datetime.datetime
    ends_at: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """The page on which somebody types. `id`: drawn for each page that is shown; `turn`: grows with all that it sends,
    so that what comes late is known to be old."""

    id: str
    turn: int


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """A draft with what was typed: the values of each field."""

    kept: Kept
    fields: Fields


def of(viewer: viewers.Viewer) -> Sequence[Kept]:
    """List the viewer's own drafts, newest first; their words stay sealed."""
    rows = models.Draft.objects.order_by("-saved_at", "id").values_list("id", "version", "saved_at", "ends_at")
    with row_security.looking(viewer):
        return [Kept(*row) for row in rows[:MOST]]


def keep(
    draft_id: uuid.UUID,
    fields: Fields,
    *,
    seen: int,
    page: Page | None = None,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> Kept:
    """Keep what was typed so far. `seen`: the version that the page shows; 0 where none was kept yet. The same words
    again change nothing. A page whose last answer was lost has not seen what it sent itself, and goes on. NoSuchDraft,
    ChangedElsewhere, NotKept."""
    assert by.user_id is not None  # a token has no page
    given = {name: list(values) for name, values in fields.items() if any(values)}
    text = json.dumps(given, ensure_ascii=False)
    if len(text) > LIMIT or "\\u0000" in text:
        raise NotKept(
            gettext("This is too long for a draft: keep it under %(limit)s characters, or save the signal.")
            % {"limit": f"{LIMIT:,}"}
        )
    ends_at = at + datetime.timedelta(hours=int(settings.DRAFT_HOURS))
    with row_security.looking(by):
        _alone(draft_id)
        row = models.Draft.objects.filter(id=draft_id).first()
        if row is None:
            return _begin(draft_id, _written(given, page), seen, by, at, ends_at)
        key = keys.of(draft_id)
        before, last = _read(key.open(row.words, place_of(row.id, row.agency_id)))
        is_own = page is not None and last is not None and page.id == last.id
        if row.version != seen and not is_own:
            raise ChangedElsewhere
        is_late = is_own and page is not None and last is not None and page.turn < last.turn
        if before != given and not is_late:
            row.words = key.seal(_written(given, page), place_of(row.id, row.agency_id))
            row.version, row.saved_at, row.ends_at = row.version + 1, at, ends_at
            row.save(update_fields=["words", "version", "saved_at", "ends_at"])
        return Kept(row.id, row.version, row.saved_at, row.ends_at)


def open_again(draft_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> Opened:
    """Open a draft of the viewer's own. NoSuchDraft."""
    with row_security.looking(by):
        row = models.Draft.objects.filter(id=draft_id).first()
        if row is None:
            raise NoSuchDraft
        text = keys.of(row.id).open(row.words, place_of(row.id, row.agency_id))
        record.looked("draft.read", row.id, by=by, at=at)
    return Opened(Kept(row.id, row.version, row.saved_at, row.ends_at), _read(text)[0])


def erase(draft_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Erase a draft with its key, whether anything was kept yet or not."""
    _finish(draft_id, "draft.erased", by=by, at=at)


def take_away(draft_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Erase a draft with its key in the transaction that makes it a signal."""
    _finish(draft_id, "draft.taken", by=by, at=at)


@row_security.system()
def ended() -> Sequence[uuid.UUID]:
    """List drafts whose time is over: nobody sees them any more."""
    return list(models.Draft.objects.order_by("ends_at", "id").values_list("id", flat=True)[:AT_ONCE])


@row_security.system()
def end(draft_id: uuid.UUID, *, at: datetime.datetime) -> None:
    """Destroy a draft whose time is over, with its key."""
    row = models.Draft.objects.filter(id=draft_id).first()
    if row is not None and row.delete()[0]:  # one that was changed meanwhile is not seen, and stays
        record.record(record.Deed("draft.ended", row.agency_id, draft_id), at=at)


def place_of(draft_id: uuid.UUID, agency_id: uuid.UUID) -> sealing.Place:
    """Say where the words of a draft belong."""
    return sealing.Place("draft", draft_id, "words", agency_id)


def _written(fields: Fields, page: Page | None) -> str:
    """Write what is sealed. The page stands among the fields, where the release before takes it for one that it does
    not know."""
    own = {} if page is None else {PAGE: [page.id, str(page.turn)]}
    return json.dumps({**fields, **own}, ensure_ascii=False)


def _read(text: str) -> tuple[Fields, Page | None]:
    fields = json.loads(text)
    own = fields.pop(PAGE, None)
    return fields, Page(own[0], int(own[1])) if own else None


def _begin(
    draft_id: uuid.UUID, text: str, seen: int, by: viewers.Viewer, at: datetime.datetime, ends_at: datetime.datetime
) -> Kept:
    assert by.user_id is not None  # a token has no page
    is_signal = models.Signal.objects.filter(receiver=by.agency_id, key=key_token(by.agency_id, sender_key(draft_id)))
    if seen or cache.get(_over(draft_id)) or is_signal.exists():
        raise NoSuchDraft
    if models.Draft.objects.count() >= MOST:
        raise NotKept(
            gettext("You already have %(most)s drafts. Save or erase one, and this one is kept too.") % {"most": MOST}
        )
    minted = keys.Minted([draft_id])
    words = minted[draft_id].seal(text, place_of(draft_id, by.agency_id))
    row = models.Draft(
        id=draft_id,
        agency_id=by.agency_id,
        by_id=by.user_id,
        words=words,
        version=1,
        begun_at=at,
        saved_at=at,
        ends_at=ends_at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # the id is that of somebody else's draft
        raise NoSuchDraft from None
    minted.keep(DataKey.Of.DRAFT)
    record.record(record.Deed("draft.begun", by.agency_id, draft_id, by.user_id), at=at)
    return Kept(draft_id, 1, at, ends_at)


def _finish(draft_id: uuid.UUID, verb: str, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    with row_security.looking(by):
        _alone(draft_id)
        cache.set(_over(draft_id), True, LATE)
        count, _ = models.Draft.objects.filter(id=draft_id).delete()
        if count:
            record.record(record.Deed(verb, by.agency_id, draft_id, by.user_id), at=at)


def sender_key(draft_id: uuid.UUID) -> str:
    """Return the key under which a draft becomes a signal: once, however often it is sent."""
    return f"staff:{draft_id.hex}"


def _alone(draft_id: uuid.UUID) -> None:
    """Wait for whoever changes or ends the same draft now: a change that comes after its end finds it over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"nowrongdoor draft {draft_id}"])


def _over(draft_id: uuid.UUID) -> str:
    return f"draft over {draft_id}"
