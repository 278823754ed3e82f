"""What is decided before Django sees a request: how much may be sent, by whom, how slowly, and which headers even the
barest answer has.

The promise: no body is stored or held in memory past its limit, whether or not the sender said how long it is, and all
bodies together never past theirs. Django's own limit trusts the Content-Length, which a chunked body does not have, and
does not count uploaded files.

Note [Rooms]: each process has room for so many bytes of bodies whose request is not answered yet, apart for files, long
forms, other systems and small forms. So files that are sent slowly keep no form out. A body that says how long it is
takes its place before it is read, because many that each take a little would all be stuck; a small one takes what came.
Whoever sends more than a small form must be signed in, which is looked up once, or call the API with a token, which is
looked up once the call is read. No address holds more than an eighth of a room, or half of the files' room, which only
people who are signed in reach: whoever stalls many bodies leaves room for everybody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import http
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from django import db
from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, QueryDict, cookie
from django.template import loader

from nowrongdoor.access import addresses, headers
from nowrongdoor.core.language import gettext_lazy

Message = Mapping[str, Any]  # the shape that ASGI gives its messages
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Scope = dict[str, Any]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Given = Iterable[tuple[bytes, bytes]]

SMALL_LIMIT = 256_000  # bytes that anybody may send: the longest narrative, in any script, is under 200,000
BODY_LIMIT = 2_000_000  # bytes of a form or of JSON; the settings give Django the same
UPLOAD_LIMIT = 25_000_000  # bytes of a form that carries files, all held in memory: the settings say why
# No other address takes so much; a test asks the URLconf.
TAKES_FILES = re.compile(r"/cases/[^/]+/files|/mailbox/files")
API = "/api/"
IDLE = 30.0  # seconds without a byte
SLOWEST = 10_000  # bytes a second on average, after the first IDLE seconds: slower than any line that carries pictures
TRY_AGAIN = 60  # seconds
TOO_LARGE = gettext_lazy("This is too large: send at most {limit:,} bytes at once.")
NO_ROOM = gettext_lazy("Too much is being sent right now. Nothing was stored. Try again in a minute.")
TOO_SLOW = gettext_lazy("This stopped or came too slowly. Nothing was stored. Try again on a better connection.")
NOT_YOURS = gettext_lazy("Sign in before you send this. Nothing was stored.")
log = logging.getLogger(__name__)


@dataclasses.dataclass(slots=True)
class Room:
    """How many bytes of one kind of body a process holds at once, and how many of them from one address."""

    size: int
    share: int
    taken: int = 0
    by_sender: dict[str, int] = dataclasses.field(default_factory=dict)

    def take(self, count: int, sender: str) -> bool:
        """Take room for so many bytes, unless there is too little, or too little for this sender."""
        held = self.by_sender.get(sender, 0) + count
        if self.taken + count > self.size or held > self.share:
            return False
        self.taken += count
        self.by_sender[sender] = held
        return True

    def give_back(self, count: int, sender: str) -> None:
        """Give back room for so many bytes; a sender who holds nothing is forgotten."""
        self.taken -= count
        held = self.by_sender.pop(sender, 0) - count
        if held > 0:
            self.by_sender[sender] = held


SMALL_FORMS, FORMS, CALLS = (Room(64_000_000, share=8_000_000) for _ in range(3))
FILES = Room(4 * UPLOAD_LIMIT, share=2 * UPLOAD_LIMIT)


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """Why a body is not taken: the status, and a sentence for another system. A person gets the status's page."""

    status: http.HTTPStatus
    words: str


class _Body:
    """What came so far of one request's body, and the room that it takes until the request is answered."""

    def __init__(self, scope: Mapping[str, Any], receive: Receive) -> None:
        self.refusal: Refusal | None = None
        self._receive = receive
        self._path, self._headers = str(scope["path"]), list(scope["headers"])
        self._sender = addresses.sender(str((scope.get("client") or [""])[0]))
        self._limit = _limit(self._path, self._headers)
        self._begun = time.monotonic()
        self._read = self._held = 0
        self._room = SMALL_FORMS
        self._is_complete = False

    async def is_let_in(self) -> bool:
        """Return whether a body that says how long it is may come."""
        declared = _declared(self._headers)
        if declared > self._limit:
            return self._refuse(http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE.format(limit=self._limit))
        return declared <= SMALL_LIMIT or await self._is_given_room(declared)

    async def next(self) -> Message:
        """Hand Django the next piece; a disconnection instead, when no more may come: it drops what it has."""
        if self._is_complete:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), self._patience())
        except TimeoutError:
            self._refuse(http.HTTPStatus.REQUEST_TIMEOUT, TOO_SLOW)
            return {"type": "http.disconnect"}
        count = len(message.get("body", b""))
        self._read += count
        self._is_complete = not message.get("more_body", False)
        return message if await self._may_stay(count) else {"type": "http.disconnect"}

    def leave(self) -> None:
        """Give the room back."""
        self._room.give_back(self._held, self._sender)
        self._held = 0

    async def _may_stay(self, count: int) -> bool:
        if self._read > self._limit:
            return self._refuse(http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE.format(limit=self._limit))
        if self._room is not SMALL_FORMS:
            return True
        if self._read > SMALL_LIMIT:  # it did not say how long it is: it may become as long as any
            return await self._is_given_room(self._limit)
        return self._takes(SMALL_FORMS, count)

    async def _is_given_room(self, count: int) -> bool:
        is_file, is_call = self._limit == UPLOAD_LIMIT, self._path.startswith(API)
        if is_call:
            may_send = bool(_header(self._headers, b"authorization"))
        else:
            try:
                may_send = await asyncio.to_thread(_is_signed_in, _header(self._headers, b"cookie").decode("latin1"))
            except db.Error as error:
                log.error("It could not be seen who sends %s: %s", self._path, type(error).__name__)
                return self._refuse(http.HTTPStatus.SERVICE_UNAVAILABLE, NO_ROOM)
        if not may_send:
            if is_file:
                return self._refuse(http.HTTPStatus.FORBIDDEN, NOT_YOURS)
            return self._refuse(http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE.format(limit=SMALL_LIMIT))
        self.leave()  # the small forms' room
        self._room = CALLS if is_call else FILES if count > BODY_LIMIT else FORMS
        return self._takes(self._room, count)

    def _takes(self, room: Room, count: int) -> bool:
        if not room.take(count, self._sender):
            return self._refuse(http.HTTPStatus.SERVICE_UNAVAILABLE, NO_ROOM)
        self._held += count
        return True

    def _patience(self) -> float:
        """How many seconds until the next piece must be there."""
        late = self._begun + IDLE + self._read / SLOWEST
        return max(0.0, min(IDLE, late - time.monotonic()))

    def _refuse(self, status: http.HTTPStatus, words: str) -> bool:
        self.refusal = Refusal(status, words)
        return False


def guard(application: Application) -> Application:
    """Wrap an ASGI application so that it never reads past a limit, and never answers without headers."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        body = _Body(scope, receive)
        has_begun = False

        async def with_headers(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                message = {**message, "headers": _completed(message.get("headers", ()))}
            await send(message)

        try:
            if await body.is_let_in():
                await application(scope, body.next, with_headers)
            if body.refusal is not None and not has_begun:
                await _tell(with_headers, body.refusal, scope)
        finally:
            body.leave()

    return guarded


def _is_signed_in(cookies: str) -> bool:
    """Look up, on a thread of its own, whether a session of these cookies is somebody's."""
    from nowrongdoor.access import sessions  # its table is there once Django is ready

    key = cookie.parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)
    if not key:
        return False
    try:
        return auth.SESSION_KEY in sessions.SessionStore(key)
    finally:
        db.connection.close()


def _header(given: Given, name: bytes) -> bytes:
    return next((value for each, value in given if each.lower() == name), b"")


def _speaking(scope: Mapping[str, Any]) -> contextlib.AbstractContextManager[None]:
    """Answer in the language in which a browser wants its pages, as those do that reach Django."""
    from nowrongdoor.access import tongues  # it asks for the guards of addresses, which are there once Django is ready

    asked: Given = scope["headers"]
    request = HttpRequest()
    request.path_info = str(scope["path"])
    request.META["QUERY_STRING"] = scope.get("query_string", b"").decode("latin1")
    request.GET = QueryDict(request.META["QUERY_STRING"])
    request.COOKIES = cookie.parse_cookie(_header(asked, b"cookie").decode("latin1"))
    request.META["HTTP_ACCEPT_LANGUAGE"] = _header(asked, b"accept-language").decode("latin1")
    return tongues.speaking(tongues.of(request, is_visitor=settings.SESSION_COOKIE_NAME not in request.COOKIES))


def _limit(path: str, given: Given) -> int:
    has_files = _header(given, b"content-type").lower().startswith(b"multipart/form-data")
    return UPLOAD_LIMIT if has_files and TAKES_FILES.fullmatch(path) else BODY_LIMIT


def _declared(given: Given) -> int:
    length = _header(given, b"content-length")
    return int(length) if length.isdigit() else 0


def _completed(given: Given) -> list[tuple[bytes, bytes]]:
    there = [(bytes(name), bytes(value)) for name, value in given]
    names = {name.lower() for name, _ in there}
    fields = {**headers.ALWAYS, **headers.UNLESS_SAID}.items()
    missing = ((name.lower().encode(), value.encode()) for name, value in fields)
    return there + [(name, value) for name, value in missing if name not in names]


async def _tell(send: Send, refusal: Refusal, scope: Mapping[str, Any]) -> None:
    """A person gets a page, another system a sentence in JSON. What is still being sent is read and dropped, so that a
    browser sees the answer; a connection on which nothing comes any more is closed."""
    if b"text/html" in _header(scope["headers"], b"accept"):
        with _speaking(scope):
            kind, body = b"text/html; charset=utf-8", loader.render_to_string(f"{refusal.status.value}.html").encode()
    else:
        kind, body = b"application/json", json.dumps({"problems": [refusal.words]}).encode()
    given = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    if refusal.status is http.HTTPStatus.SERVICE_UNAVAILABLE:
        given.append((b"retry-after", str(TRY_AGAIN).encode()))
    if refusal.status is http.HTTPStatus.REQUEST_TIMEOUT:
        given.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": refusal.status.value, "headers": given})
    await send({"type": "http.response.body", "body": body})
