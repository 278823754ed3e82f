"""The web chat: somebody who writes to the line from its public page, known by a secret that only their browser has.

The promise: one chat is one contact however often it is begun; what is sent twice with the same key is kept once; and
whoever has the secret is shown both sides of that one chat and nothing else, because the database shows no more
(Note [Who works the line]). The secret is kept nowhere here: a token of its digest finds the contact.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import enum
import hashlib
import secrets
import uuid
from collections.abc import Sequence

from nowrongdoor.access import row_security
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.audit import record
from nowrongdoor.channels import protocol
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core import line, line_plan
from nowrongdoor.core.language import gettext
from nowrongdoor.line import models, moving, plan, replies, taking, waking, writing
from nowrongdoor.line.models import State
from nowrongdoor.vault import keys

PROVIDER = "chat"  # carries every chat: our own pages
LONGEST = 4_000  # characters of one message


class NoSuchChat(LookupError):
    """There is no such chat, its visitor left it, or it ended too long ago: the answer is the same."""


class Stand(enum.Enum):
    """How a chat stands, for whoever wrote."""

    WAITING = "waiting"
    NOBODY = "nobody"  # it waits, and nobody is on shift
    TALKING = "talking"
    LISTED = "listed"
    OVER = "over"


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Visitor:
    """Whoever chats. `secret`: theirs alone."""

    line: str
    agency_id: uuid.UUID
    secret: str

    @property
    def conversation(self) -> str:
        """Return the name that this conversation goes by here; it opens nothing."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    @property
    def token(self) -> bytes:
        """Return what finds their contact."""
        return taking.conversation_token(keys.index(self.agency_id), self.line, self.conversation)

    @property
    def topic(self) -> uuid.UUID:
        """Return what their page listens for."""
        return waking.topic_of(self.token)


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """What a visitor is told of the line before they write. `longest`: how long a chat waits for somebody; `within`:
    until when somebody reads what waits on a list."""

    code: str
    is_staffed: bool
    longest: datetime.timedelta
    within: datetime.timedelta


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """One thing in a chat. `is_own`: by whoever visits."""

    id: uuid.UUID
    is_own: bool
    words: str
    at: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Chat:
    """A chat as its visitor sees it. `until`: when the wait ends, or somebody has read what is on the list; `is_short`:
    whoever is there asks what can be answered with yes or no."""

    stand: Stand
    until: datetime.datetime | None
    written: Sequence[Written]
    is_short: bool = False


def draw_secret() -> str:
    """Return a new visitor's secret, of 256 random bits."""
    return secrets.token_urlsafe(32)


def line_code() -> str:
    """Name the line on which the public chats, empty where there is none."""
    return next((each.code for each in plan.installed().lines.values() if _is_public(each)), "")


def open_line(code: str, *, at: datetime.datetime) -> Line:
    """Say what a visitor finds on a line. NoSuchChat."""
    of_line = _line(code)
    group = plan.installed().groups[of_line.group]
    with row_security.system():
        is_staffed = _is_staffed(agencies.by_code(of_line.agency).id, group.code, at=at)
    return Line(code, is_staffed, group.queue.longest, group.answers_within)


def begin(code: str, secret: str, *, language: str, at: datetime.datetime) -> Visitor:
    """Begin a chat: somebody waits from now on. One that its visitor left begins no more. NoSuchChat."""
    of_line = _line(code)
    with row_security.system():
        visitor = Visitor(code, agencies.by_code(of_line.agency).id, secret)
    _take(visitor, Kind.RANG, "began", language=language, at=at)
    return visitor


def write(visitor: Visitor, words: str, *, key: uuid.UUID, at: datetime.datetime) -> None:
    """Keep what a visitor wrote; the same key again is kept once. What comes after the end waits for somebody anew.
    NoSuchChat, line.Refused."""
    words = words.strip()
    if not words:
        raise line.Refused(gettext("Write something first."))
    if len(words) > LONGEST:
        raise line.Refused(gettext("This is too long: keep it under %(limit)s characters.") % {"limit": f"{LONGEST:,}"})
    with row_security.visiting(visitor.token):
        rows = models.Contact.objects.filter(conversation=visitor.token).order_by("-rang_at", "-id")
        language = rows.values_list("language", flat=True).first()
    if language is None:
        raise NoSuchChat
    _take(visitor, Kind.WROTE, f"wrote {key}", words=words, language=language, at=at)


def read(visitor: Visitor, *, at: datetime.datetime) -> Chat:
    """Read a chat, as the database shows it to its visitor. NoSuchChat."""
    with row_security.visiting(visitor.token):
        contacts = models.Contact.objects.filter(conversation=visitor.token).order_by("rang_at", "id")
        rows = {row.id: row for row in contacts}
        messages = list(models.ContactMessage.objects.filter(contact__in=rows).order_by("at", "id"))
    if not rows:
        raise NoSuchChat
    newest = list(rows.values())[-1]
    with row_security.system():
        opening = keys.open_all(rows)
        is_staffed = newest.state != State.RINGING or _is_staffed(newest.agency_id, newest.group, at=at)
    written = [
        Written(
            each.id,
            each.way == models.ContactMessage.Way.IN,
            keys.shown(opening.get(each.contact_id), each.words, writing.place(each.id, "words", each.agency_id)),
            each.at,
        )
        for each in messages
    ]
    now = {each.id for each in messages if each.contact_id == newest.id}
    is_short = newest.state == State.ANSWERED and replies.asks_yes_or_no(
        (not each.is_own, each.words) for each in written if each.id in now
    )
    return Chat(_stand(newest, is_staffed=is_staffed), newest.ends_at or newest.due_at, written, is_short)


def end(visitor: Visitor, *, at: datetime.datetime) -> None:
    """Leave a chat: from now on the secret opens nothing and begins nothing, whatever became of the chat, and of the
    line that it is of. What was written, and nobody has answered, somebody reads."""
    with row_security.system():
        moving.alone(visitor.agency_id)
        rows = models.Contact.objects.filter(agency=visitor.agency_id, conversation=visitor.token, left_at=None)
        if rows.filter(over_at=None).exists():
            with contextlib.suppress(NoSuchChat):  # its line is no longer in the plan: it waits where it is
                _take(visitor, Kind.LEFT, "left", at=at)
        for row in rows.select_for_update():
            row.left_at = at
            row.save(update_fields=["left_at"])
            record.record(record.Deed("contact.left", row.agency_id, row.id, None), at=at)
            waking.wake(row)


def _take(
    visitor: Visitor, kind: Kind, name: str, *, at: datetime.datetime, words: str = "", language: str = ""
) -> None:
    conversation, of_line = visitor.conversation, _line(visitor.line)
    event = protocol.Event(f"{conversation} {name}", kind, line.Medium.CHAT, conversation, "", "", at, words=words)
    how = models.LineEvent.How.TOLD
    with row_security.system():
        moving.alone(visitor.agency_id)  # so that nothing is taken in a chat that is left at the same instant
        if models.Contact.objects.filter(conversation=visitor.token, left_at__isnull=False).exists():
            raise NoSuchChat
        taking.take_on(of_line, PROVIDER, event, how=how, at=at, language=language)


def _line(code: str) -> line_plan.Line:
    of_line = plan.installed().lines.get(code)
    if of_line is None or not _is_public(of_line):
        raise NoSuchChat
    return of_line


def _is_public(of_line: line_plan.Line) -> bool:
    return of_line.medium is line.Medium.CHAT and of_line.use == models.Use.LIVE


def _is_staffed(agency_id: uuid.UUID, code: str, *, at: datetime.datetime) -> bool:
    """Whether somebody takes chats in a group, or in one that is asked after it, now or once they have answered those
    that they have: not whoever pauses, or takes calls alone."""
    asked = _asked(code)
    seats = models.Seat.objects.filter(agency=agency_id, ended_at=None, is_trainee=False, ready_since__isnull=False)
    rows = seats.filter(texts__gt=0, seen_at__gt=at - moving.LOST).values_list("groups", flat=True)
    return any(asked.intersection(groups) for groups in rows)


def _asked(code: str) -> frozenset[str]:
    groups, asked = plan.installed().groups, set[str]()
    while code in groups and code not in asked:
        asked.add(code)
        overflow = groups[code].queue.overflow
        code = overflow.to if overflow else ""
    return frozenset(asked)


def _stand(row: models.Contact, *, is_staffed: bool) -> Stand:
    if row.state == State.RINGING:
        return Stand.WAITING if is_staffed else Stand.NOBODY
    return {State.ANSWERED: Stand.TALKING, State.VOICEMAIL: Stand.LISTED}.get(State(row.state), Stand.OVER)
