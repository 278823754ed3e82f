"""The pass to a live stream: what lets an open page hear that something changed, without asking session or database.

The promise: a page that was shown to somebody gets a pass, in a cookie that no script reads and that goes to the
stream's address alone; it names whose session it was, holds no longer than that session, and opens nothing else. The
stream checks its signature and its age, so that a thousand open pages cost the pages that people click on nothing.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
import uuid

from django import http
from django.conf import settings
from django.contrib import auth
from django.core import signing

from nowrongdoor.access import guards, idle, sessions

PATH = "/events"
LINE = "/events?line"  # what is told of an agency's line, and not of its worklist
COOKIE = "stream"
_SALT = "nowrongdoor.stream"


@dataclasses.dataclass(frozen=True, slots=True)
class Pass:
    """Whose page listens. `session` is the session as its table names it, `state` a digest of what it was checked
    against; `issued_at` and `until` are seconds since 1970."""

    agency_id: uuid.UUID
    person_id: uuid.UUID
    session: str
    state: str
    issued_at: float
    until: float


def admit(request: guards.Request, response: http.HttpResponse) -> None:
    """Give the page that is answered a pass to the stream, until the viewer's session would end without a click."""
    now, until = time.time(), idle.ends_at(request.session)
    assert request.viewer.user_id is not None  # a token opens no page
    assert request.session.session_key is not None
    holder = Pass(
        agency_id=request.viewer.agency_id,
        person_id=request.viewer.user_id,
        session=sessions.kept_as(request.session.session_key),
        state=digest_of(str(request.session[auth.HASH_SESSION_KEY])),
        issued_at=now,
        until=until,
    )
    response.set_cookie(
        COOKIE,
        write(holder),
        max_age=max(0, int(until - now)),
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def digest_of(checked_against: str) -> str:
    """Return what a pass keeps of what a session is checked against."""
    return hashlib.sha256(checked_against.encode()).hexdigest()[:32]


def write(holder: Pass) -> str:
    """Sign a pass."""
    return signing.dumps(
        [str(holder.agency_id), str(holder.person_id), holder.session, holder.state, holder.issued_at, holder.until],
        salt=_SALT,
    )


def read(text: str, *, at: float) -> Pass | None:
    """Return the pass, or None for one that was not signed here, was changed, or ran out."""
    try:
        agency_id, person_id, session, state, issued_at, until = signing.loads(text, salt=_SALT)
    except signing.BadSignature:
        return None
    if at >= until:
        return None
    return Pass(uuid.UUID(agency_id), uuid.UUID(person_id), session, state, issued_at, until)
