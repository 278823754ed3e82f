"""The live worklist: one PostgreSQL listener per process, and a stream for each page that is open.

A stream says only that something changed; what changed the page reads through its own door. A lost listener is
opened again and everybody is told to look, so that nothing is missed.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import uuid
from collections.abc import AsyncIterator

import psycopg
from django import http

from nowrongdoor.access import doors
from nowrongdoor.site import cluster

CHANNEL = "worklist"
HEARTBEAT = 15  # seconds; a browser that went away is noticed then
PATIENCE = 2  # seconds before a lost listener is opened again


class Hub:
    """Hands what PostgreSQL tells to the pages that wait for it."""

    def __init__(self) -> None:
        self._waiting: dict[uuid.UUID, set[asyncio.Event]] = collections.defaultdict(set)
        self._listener: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def listening(self, agency_id: uuid.UUID) -> AsyncIterator[asyncio.Event]:
        """This will give an event that is set whenever something of the agency changed."""
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen())
        event = asyncio.Event()
        self._waiting[agency_id].add(event)
        try:
            yield event
        finally:
            self._waiting[agency_id].discard(event)
            if not self._waiting[agency_id]:
                del self._waiting[agency_id]

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(_address(), autocommit=True) as listener:
                    await listener.execute(f"LISTEN {CHANNEL}")
                    self._tell_everybody()
                    async for notification in listener.notifies():
                        for event in self._waiting.get(uuid.UUID(notification.payload), ()):
                            event.set()
            except psycopg.OperationalError:
                await asyncio.sleep(PATIENCE)

    def _tell_everybody(self) -> None:
        for events in self._waiting.values():
            for event in events:
                event.set()


HUB = Hub()


@doors.signed_in_stream
async def stream(request: doors.Request) -> http.StreamingHttpResponse:
    """A stream of "changed" for the viewer's agency."""
    response = http.StreamingHttpResponse(_changes(request.viewer.agency_id), content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    return response


async def _changes(agency_id: uuid.UUID) -> AsyncIterator[str]:
    async with HUB.listening(agency_id) as event:
        yield "retry: 2000\n\n"
        while True:
            try:
                await asyncio.wait_for(event.wait(), HEARTBEAT)
            except TimeoutError:
                yield ": still here\n\n"
                continue
            event.clear()
            yield "event: changed\ndata: \n\n"


def _address() -> str:
    return cluster.conninfo(cluster.APP)
