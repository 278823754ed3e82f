"""The live worklist: one PostgreSQL connection per process listens, and a stream for each page that is open.

A stream says only that something changed; what changed, the page reads through its own guard.

The promise: streams take nothing from the pages. They are answered before Django (no session, no connection of the
pool, no thread), on the word of a signed pass (`access.streams`). What they need of the database, the one listening
connection asks for all of them at once, and it ends the streams of whoever was signed out, switched off or given
another role. Nothing is missed: a page says until when it heard everything, and is told to look when something may
have changed since, a lost listener included. Nothing is multiplied: however many pages are open, a process asks for at
most RELOADS reloads a second, one page after the other.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import dataclasses
import datetime
import logging
import math
import random
import time
import uuid
from collections.abc import AsyncIterator, Iterable

import psycopg
import psycopg.rows
from django import http
from psycopg.abc import Params

from nowrongdoor.access import chats, edge, signing, streams
from nowrongdoor.agencies.models import User
from nowrongdoor.operating import addresses, cluster

CHANNEL = "worklist"
NAME = "nwd worklist"  # of the listening connection, in pg_stat_activity
HEARTBEAT = 15  # seconds; a browser that went away is noticed then
LOOK = 5  # seconds; whose session ended is noticed then
LOST = 30  # seconds without an answer, and the listener counts as lost; a busy database is not
PATIENCE = 2  # seconds before a lost listener is opened again
PACE = 2.0  # seconds between two reloads of one page
LINE_PACE = 0.5  # of one page of the line, on which somebody waits
RELOADS = 12  # a second, that one process asks of all its pages
MARGIN = 2.0  # seconds that a change may take from its commit to here, and clocks of two hosts may differ
CHAT_LASTS = 900  # seconds of one stream of a chat; then the page comes back
CHAT_PACE = 0.3  # seconds between two looks of one chat, which wake nobody else
RETRY = (2_000, 10_000)  # milliseconds after which a browser comes back; drawn for each, so that not all come at once
REMEMBERED = 10_000  # topics; a page that listens for one that was forgotten is told to look once more
LOG = logging.getLogger(__name__)

_SESSIONS = "SELECT session_key FROM django_session WHERE session_key = ANY(%s) AND expire_date > now()"
_PEOPLE = """
SELECT u.*, u.is_active AND a.active AS may_sign_in
  FROM unnest(%s::uuid[], %s::text[]) AS asked (id, signed), LATERAL nwd_who(asked.id, asked.signed) u
  JOIN nowrongdoor_agency a ON a.id = u.agency_id
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Topic:
    """What a page listens for: the worklist of an agency, or one thing of it, such as a chat or a mailbox."""

    agency_id: uuid.UUID
    thing_id: uuid.UUID | None = None

    @classmethod
    def read(cls, payload: str) -> Topic:
        """Read what was told: the id of an agency, and after a space that of the thing. ValueError."""
        agency, _, thing = payload.partition(" ")
        return cls(uuid.UUID(agency), uuid.UUID(thing) if thing else None)


@dataclasses.dataclass(frozen=True, slots=True)
class Visit:
    """The stream of somebody who chats: no session and no person, only their own chat."""

    agency_id: uuid.UUID
    until: float


@dataclasses.dataclass(eq=False, slots=True)
class Listening:
    """One open page: `changed` is set when it should look again, `over` when its stream must end."""

    holder: streams.Pass | Visit
    topic: Topic
    changed: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)
    over: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)


class Hub:
    """Hands what PostgreSQL tells to the pages that wait for it."""

    def __init__(self) -> None:
        self._open: dict[Topic, set[Listening]] = collections.defaultdict(set)
        self._listener: asyncio.Task[None] | None = None
        self._listens_since = math.inf
        self._heard: dict[Topic, float] = {}  # when the last change of each was told, the newest last
        self._forgotten = 0.0  # until when changes were told of which no time is kept any more
        self._next_turn = 0.0

    @contextlib.asynccontextmanager
    async def listening(
        self, holder: streams.Pass | Visit, *, heard_until: float, thing_id: uuid.UUID | None = None
    ) -> AsyncIterator[Listening]:
        """Give an open page its place among those that listen for its agency's worklist, or for one thing of it; it is
        told at once of what it may have missed."""
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen())
            self._listener.add_done_callback(self._ended)
        topic = Topic(holder.agency_id, thing_id)
        page = Listening(holder, topic)
        self._open[topic].add(page)
        is_missed = max(self._listens_since, self._heard.get(topic, self._forgotten)) > heard_until - MARGIN
        if is_missed and self.is_listening:
            page.changed.set()
        try:
            yield page
        finally:
            self._open[topic].discard(page)
            if not self._open[topic]:
                del self._open[topic]

    @property
    def is_listening(self) -> bool:
        """Return whether a change would be heard now; while it would not, no page is told that it heard everything."""
        return self._listens_since < math.inf

    def turn(self) -> float:
        """Return how many seconds a page waits until it is its turn to look again."""
        now = time.monotonic()
        at = max(now, self._next_turn)
        self._next_turn = at + 1 / RELOADS
        return at - now

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(_address(), autocommit=True) as listener:
                    await listener.execute(f"LISTEN {CHANNEL}")
                    self._listens_since = time.time()
                    for page in self._pages():
                        page.changed.set()
                    while True:
                        async for notification in listener.notifies(timeout=LOOK):
                            self._hear(notification.payload)
                        async with asyncio.timeout(LOST):
                            await self._end_those_signed_out(listener)
            except (psycopg.Error, OSError, TimeoutError) as error:
                LOG.warning("The worklist's listener was lost (%s); it is opened again.", type(error).__name__)
            finally:
                self._listens_since = math.inf
            await asyncio.sleep(PATIENCE)

    def _hear(self, payload: str) -> None:
        try:
            topic = Topic.read(payload)
        except ValueError:  # whoever may connect may notify; that ends nothing
            LOG.warning("Something that names no agency was told to the worklists; it is left alone.")
            return
        self._heard.pop(topic, None)
        self._heard[topic] = time.time()
        if len(self._heard) > REMEMBERED:
            self._forgotten = self._heard.pop(next(iter(self._heard)))
        for page in self._open.get(topic, ()):
            page.changed.set()

    async def _end_those_signed_out(self, listener: psycopg.AsyncConnection) -> None:
        pages = [(page, page.holder) for page in self._pages() if isinstance(page.holder, streams.Pass)]
        if not pages:
            return
        asked: Params = [list({holder.session for _, holder in pages})]
        sessions = {str(key) for (key,) in await (await listener.execute(_SESSIONS, asked)).fetchall()}
        named = listener.cursor(row_factory=psycopg.rows.dict_row)
        ids = list({holder.person_id for _, holder in pages})
        people = await named.execute(_PEOPLE, [ids, [signing.signature_for("who", str(each)) for each in ids]])
        states: dict[uuid.UUID, str] = {}
        for row in await people.fetchall():
            if row.pop("may_sign_in"):
                person = User(**row)
                states[person.id] = streams.digest_of(person.get_session_auth_hash())
        for page, holder in pages:
            if holder.session not in sessions or states.get(holder.person_id) != holder.state:
                page.over.set()

    def _ended(self, listener: asyncio.Task[None]) -> None:
        """Ends every stream when the listener ended by a fault of ours: the pages come back and start another."""
        if listener.cancelled():
            return
        LOG.error("The worklist's listener ended.", exc_info=listener.exception())
        for page in self._pages():
            page.over.set()

    def _pages(self) -> Iterable[Listening]:
        return [page for pages in self._open.values() for page in pages]


HUB = Hub()


def beside(application: edge.Application) -> edge.Application:
    """Answer the stream's address, and leave every other to the application."""

    async def chosen(scope: edge.Scope, receive: edge.Receive, send: edge.Send) -> None:
        if scope["type"] == "http" and scope["path"] in (streams.PATH, chats.STREAM):
            await _answer(scope, receive, send)
        else:
            await application(scope, receive, send)

    return chosen


async def _answer(scope: edge.Scope, receive: edge.Receive, send: edge.Send) -> None:
    now = time.time()
    given = {bytes(name).lower(): bytes(value).decode("latin-1") for name, value in scope["headers"]}
    cookies = http.parse_cookie(given.get(b"cookie", ""))
    holder: streams.Pass | Visit | None
    thing_id, since = None, 0.0
    if scope["path"] == chats.STREAM:
        carried = chats.read(cookies.get(chats.COOKIE, ""), at=datetime.datetime.fromtimestamp(now, datetime.UTC))
        holder = Visit(carried.agency_id, now + CHAT_LASTS) if carried else None
        thing_id = carried.topic if carried else None
    else:
        holder = streams.read(cookies.get(streams.COOKIE, ""), at=now)
        since = holder.issued_at if holder else 0.0
        thing_id = holder.agency_id if holder and scope["query_string"] == b"line" else None
    if scope["method"] != "GET" or holder is None:
        status = 401 if scope["method"] == "GET" else 405
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
        return
    headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    heard_until = max(since, min(_instant(given.get(b"last-event-id", "")), now))
    telling = asyncio.create_task(_tell(send, holder, heard_until, thing_id))
    leaving = asyncio.create_task(_left(receive))
    try:
        await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if telling.done():
            telling.result()
    finally:
        telling.cancel()
        leaving.cancel()
        await asyncio.gather(telling, leaving, return_exceptions=True)


async def _tell(send: edge.Send, holder: streams.Pass | Visit, heard_until: float, thing_id: uuid.UUID | None) -> None:
    async with HUB.listening(holder, heard_until=heard_until, thing_id=thing_id) as page:
        async for text in _said(page):
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _said(page: Listening) -> AsyncIterator[str]:
    """What one page is told, until its pass runs out or whoever opened it is signed out."""
    is_chat = isinstance(page.holder, Visit)
    pace = CHAT_PACE if is_chat else LINE_PACE if page.topic.thing_id else PACE
    yield f"retry: {random.randint(*RETRY)}\n\n"  # noqa: S311  spreads the browsers, hides nothing
    while True:
        left = page.holder.until - time.time()
        if left <= 0 or page.over.is_set():
            yield "event: over\ndata:\n\n"
            return
        now = time.time()
        if await _comes(page.changed, page.over, within=min(HEARTBEAT, left)):
            if not page.over.is_set() and (is_chat or not await _comes(page.over, within=HUB.turn())):
                now = time.time()
                page.changed.clear()  # before it is told: what comes from here on is told again
                yield f"event: changed\nid: {_as_text(now)}\ndata:\n\n"
                await _comes(page.over, within=pace)
        else:
            # An id without data is kept by the browser and shown to nobody: until then nothing was missed.
            yield f": still here\nid: {_as_text(now)}\n\n" if HUB.is_listening else ": still here\n\n"


async def _comes(*events: asyncio.Event, within: float) -> bool:
    """Wait until one of these is set, and say whether it was in time."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait(waits, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)
    finally:
        for wait in waits:
            wait.cancel()


async def _left(receive: edge.Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _as_text(at: float) -> str:
    return str(int(at * 1000))


def _instant(text: str) -> float:
    return int(text) / 1000 if text.isascii() and text.isdigit() and len(text) < 16 else 0.0


def _address() -> str:
    return addresses.for_psycopg({"connect_timeout": "10", "application_name": NAME, **cluster.address(cluster.APP)})
