"""What a sender may do in their mailbox: read, write, answer, correct, take consent back, ask for erasure.

The promise (F7): somebody who only saw something is shown that it was received, whether somebody read it, thanks and
questions, and nothing else: the database keeps it so (a_third_party_is_thanked_or_asked). Nothing is sent to anybody; a
sender comes and looks.
"""

from __future__ import annotations

import dataclasses
import datetime
import hmac
import uuid
from collections.abc import Sequence

from nowrongdoor.access import limits, row_security
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext
from nowrongdoor.mailbox import models, openers, sending
from nowrongdoor.signals import models as signals
from nowrongdoor.vault import keys, sealing
from nowrongdoor.work import queue

WORDS_LIMIT = 10_000  # characters
MOST = 200  # things that one sender writes; then they call


class NoSuchMailbox(LookupError):
    """No mailbox opens with this receipt: there is none, or it ended."""

    def __init__(self) -> None:
        super().__init__(
            gettext("No mailbox opens with this receipt. Check each word or digit. A mailbox closes after one year.")
        )


class Refused(ValueError):
    """It cannot be written like this; the message says what to do."""


class WrongAnswer(ValueError):
    """The answer isn't the one that the person gave when they first wrote."""

    def __init__(self) -> None:
        super().__init__(gettext("That isn’t the answer you gave when you first wrote to us. Try again, or call us."))


@dataclasses.dataclass(frozen=True, slots=True)
class Post:
    """One thing that was written. `is_own`: by whoever visits; `to`: the question that it answers."""

    id: uuid.UUID
    is_own: bool
    kind: str
    words: str
    to: uuid.UUID | None
    at: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Visit:
    """What a sender finds. `question`: what a person is asked before they are shown more, empty for none."""

    mailbox_id: uuid.UUID
    stance: str
    language: str
    received_at: datetime.datetime
    read_at: datetime.datetime | None
    ends_at: datetime.datetime
    question: str
    is_withdrawn: bool
    is_erasure_asked: bool
    posts: Sequence[Post]

    @property
    def is_person(self) -> bool:
        """Return whether it was sent by the person themselves."""
        return self.stance == models.Mailbox.Stance.PERSON

    @property
    def open_questions(self) -> Sequence[Post]:
        """List the questions that were not answered yet."""
        answered = {post.to for post in self.posts}
        return [post for post in self.posts if post.kind == models.Post.Kind.QUESTION and post.id not in answered]


def visit(opener: openers.Opener, *, is_known: bool = False, at: datetime.datetime) -> Visit:
    """Open a mailbox, and note that what the agency wrote is read now. A person who set a safety question is shown no
    post before they answered it (`is_known`), and nothing counts as read. NoSuchMailbox."""
    with row_security.visiting(opener.hash):
        row = _find(opener)
        question = opener.key.open(row.question, sending.place_of(row.id, "question"))
        is_shown = not question or is_known
        key = keys.open_all([row.signal_id]).get(row.signal_id)
        rows = list(row.posts.order_by("at", "id")) if is_shown else []
        posts = [
            Post(
                each.id,
                each.by_id is None,
                each.kind,
                keys.shown(key, each.words, place_of(each.id, each.agency_id)),
                each.to_id,
                each.at,
            )
            for each in rows
        ]
        if is_shown:
            models.Post.objects.filter(mailbox=row, by__isnull=False, read_at=None).update(read_at=at)
        record.record(record.Deed("mailbox.visited", row.agency_id, row.signal_id), at=at)
    return Visit(
        row.id,
        row.stance,
        row.language,
        row.opened_at,
        row.read_at,
        row.ends_at,
        question,
        row.withdrawn_at is not None,
        row.erasure_asked_at is not None,
        posts,
    )


def check_answer(opener: openers.Opener, answer: str, *, at: datetime.datetime) -> uuid.UUID:
    """Return the signal of a person who answers their safety question. Call it outside a transaction. NoSuchMailbox,
    WrongAnswer, limits.TooMany."""
    with row_security.visiting(opener.hash):
        row = _find(opener)
        expected = opener.key.open(row.answer, sending.place_of(row.id, "answer"))
    limits.spend(limits.Budget.SAFETY_ANSWER, row.id.hex, at=at)
    if not expected or not hmac.compare_digest(sending.same(answer).encode(), expected.encode()):
        raise WrongAnswer
    limits.give_back(limits.Budget.SAFETY_ANSWER, row.id.hex, at=at)
    return row.signal_id


def write(opener: openers.Opener, words: str, *, to: uuid.UUID | None = None, at: datetime.datetime) -> None:
    """Write to whoever answers; `to`: the question that this answers. Refused, NoSuchMailbox."""
    _post(opener, models.Post.Kind.ANSWER if to else models.Post.Kind.MESSAGE, words, to=to, at=at)


def correct(opener: openers.Opener, words: str, *, at: datetime.datetime) -> None:
    """Say what was wrong in what was sent; the words before stay. Refused, NoSuchMailbox."""
    _post(opener, models.Post.Kind.CORRECTION, words, at=at)


def withdraw(opener: openers.Opener, *, at: datetime.datetime) -> None:
    """Take back every yes: how to reach the sender is erased with this, and nobody else is told from now on. What was
    already shared cannot be called back. Once is enough. NoSuchMailbox."""
    with row_security.visiting(opener.hash):
        row = _find(opener, lock=True)
        if row.withdrawn_at is not None:
            return
        row.withdrawn_at = at
        row.save(update_fields=["withdrawn_at"])
        signals.Telling.objects.filter(signal=row.signal_id).update(way_back=b"", way_back_until=None)
        _add(row, models.Post.Kind.WITHDRAWAL, at=at)
        record.record(record.Deed("mailbox.withdrawn", row.agency_id, row.signal_id), at=at)
        queue.defer(queue.WITHDRAW, signal_id=str(row.signal_id))


def ask_erasure(opener: openers.Opener, *, at: datetime.datetime) -> None:
    """Ask that what was sent be erased: a request, which a person answers and a hold may stop (F8). It takes every yes
    back, too. NoSuchMailbox."""
    withdraw(opener, at=at)
    with row_security.visiting(opener.hash):
        row = _find(opener, lock=True)
        if row.erasure_asked_at is not None:
            return
        row.erasure_asked_at = at
        row.save(update_fields=["erasure_asked_at"])
        _add(row, models.Post.Kind.ERASURE, at=at)
        record.record(record.Deed("mailbox.erasure_asked", row.agency_id, row.signal_id), at=at)


def place_of(post_id: uuid.UUID, agency_id: uuid.UUID) -> sealing.Place:
    """Say where the words of a post belong."""
    return sealing.Place("mailbox_post", post_id, "words", agency_id)


def _find(opener: openers.Opener, *, lock: bool = False) -> models.Mailbox:
    rows = models.Mailbox.objects.select_for_update() if lock else models.Mailbox.objects.all()
    row = rows.filter(opener=opener.hash).first()
    if row is None:
        raise NoSuchMailbox
    return row


def _post(
    opener: openers.Opener,
    kind: models.Post.Kind,
    words: str,
    *,
    to: uuid.UUID | None = None,
    at: datetime.datetime,
) -> None:
    check_words(words)
    with row_security.visiting(opener.hash):
        row = _find(opener, lock=True)
        own = models.Post.objects.filter(mailbox=row, by=None)
        if own.count() >= MOST:
            raise Refused(gettext("This mailbox is full. Call us if there is more to say."))
        if to is not None and not models.Post.objects.filter(mailbox=row, id=to, kind="question").exists():
            raise Refused(gettext("That question isn’t there. Write a message instead."))
        last = own.order_by("-at", "-id").first()
        try:
            key = keys.of(row.signal_id)
        except keys.Erased as error:
            raise Refused(str(error)) from None
        if last is not None and (last.kind, last.to_id) == (kind.value, to):  # noqa: SIM102  last is read inside
            if key.open(last.words, place_of(last.id, last.agency_id)) == words.strip():
                return  # the same form, sent twice
        _add(row, kind, words=words.strip(), key=key, to=to, at=at)
        record.record(record.Deed("mailbox.written", row.agency_id, row.signal_id, details={"kind": kind.value}), at=at)


def check_words(words: str) -> None:
    """Refuse words that cannot be kept. Refused."""
    if not words.strip() or "\x00" in words:
        raise Refused(gettext("Write something first."))
    if len(words) > WORDS_LIMIT:
        raise Refused(gettext("Keep it under %(limit)s characters.") % {"limit": f"{WORDS_LIMIT:,}"})


def _add(
    row: models.Mailbox,
    kind: models.Post.Kind,
    *,
    words: str = "",
    key: sealing.Key | None = None,
    to: uuid.UUID | None = None,
    at: datetime.datetime,
) -> None:
    post_id = new_id()
    models.Post(
        id=post_id,
        mailbox=row,
        agency_id=row.agency_id,
        kind=kind.value,
        to_id=to,
        words=key.seal(words, place_of(post_id, row.agency_id)) if key else b"",
        at=at,
    ).save(force_insert=True)
