"""The one cookie of the web chat: whose chat a browser has open.

The promise: it is set by "Begin" and taken away by "End this chat", opens nothing once no page of the chat was open for
two hours, goes to the chat's addresses alone and from our own pages alone, and no script reads it. It names nobody. A
browser may keep it when it is closed: phones seldom end a session, and desktops bring one back. A hidden field would do
for forms (so do the other public pages), and not for a chat: neither the stream nor the part of the page that refreshes
itself sends a form, and a secret in their address would stay in histories and logs. docs/web-chat.md says more.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid

from django import http
from django.conf import settings
from django.core import signing

COOKIE = "chat"
PATH = "/chat"
STREAM = "/chat/events"
LASTS = datetime.timedelta(hours=12)  # since it began, however long a page is open
IDLE = datetime.timedelta(hours=2)  # since a page of it was last open (docs/web-chat.md says why)
RENEWED = datetime.timedelta(minutes=10)  # after which a look is noted: seldom, so that hardly one crosses with the end
_SALT, _DRAWN = "nowrongdoor.chat", "nowrongdoor.chat.drawn"


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Carried:
    """What the cookie holds. `topic`: what the page listens for, so that the stream asks no database; `seen_at`: when a
    page of it was last open."""

    line: str
    agency_id: uuid.UUID
    secret: str
    topic: uuid.UUID
    begun_at: datetime.datetime
    seen_at: datetime.datetime


def give(response: http.HttpResponse, carried: Carried) -> None:
    """Let the browser carry this; not longer than it is open, if it keeps to that."""
    instants = [int(each.timestamp()) for each in (carried.begun_at, carried.seen_at)]
    values = [carried.line, str(carried.agency_id), carried.secret, str(carried.topic), *instants]
    response.set_cookie(
        COOKIE,
        signing.dumps(values, salt=_SALT),
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def renew(response: http.HttpResponse, carried: Carried, *, at: datetime.datetime) -> None:
    """Note that a page of the chat is open, unless that was noted a moment ago."""
    if at - carried.seen_at >= RENEWED:
        give(response, dataclasses.replace(carried, seen_at=at))


def take_away(response: http.HttpResponse) -> None:
    """Have the browser forget it."""
    response.delete_cookie(COOKIE, path=PATH, samesite="Strict")


def read(text: str, *, at: datetime.datetime) -> Carried | None:
    """Return what a cookie of ours holds, None for any other and for one that is too old."""
    try:
        line, agency_id, secret, topic, begun, seen = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    begun_at, seen_at = (datetime.datetime.fromtimestamp(each, datetime.UTC) for each in (begun, seen))
    if at - begun_at >= LASTS or at - seen_at >= IDLE:
        return None
    return Carried(line, uuid.UUID(agency_id), secret, uuid.UUID(topic), begun_at, seen_at)


def drawn(secret: str) -> str:
    """Return a secret as the page before a chat holds it: the button sends it, so that pressed twice it begins one."""
    return signing.dumps(secret, salt=_DRAWN)


def read_drawn(text: str) -> str | None:
    """Return a secret that one of our pages held, None for anything else and for one that is too old."""
    try:
        return str(signing.loads(text, salt=_DRAWN, max_age=LASTS))
    except signing.BadSignature:
        return None
