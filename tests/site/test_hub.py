"""The live hub's two keys: an agency's worklist, and one thing of an agency. On a real database, without a browser."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable

import pytest

from nowrongdoor.access import streams
from nowrongdoor.site import events
from tests import at_home

AGENCY, OTHER, CHAT, MAILBOX = (uuid.uuid4() for _ in range(4))


def holder(agency_id: uuid.UUID) -> streams.Pass:
    now = time.time()
    return streams.Pass(agency_id, uuid.uuid4(), "session", "state", now, now + 60)


def told(*payloads: str) -> None:
    with at_home.seeing_nothing() as database:
        for payload in payloads:
            database.execute("SELECT pg_notify(%s, %s)", [events.CHANNEL, payload])
        database.commit()


def on_a_hub(walk: Callable[[events.Hub], Awaitable[None]]) -> None:
    """Walk with a hub of its own that listens already, and end its listener."""

    async def walked() -> None:
        hub = events.Hub()
        async with hub.listening(holder(uuid.uuid4()), heard_until=time.time()):
            while not hub.is_listening:
                await asyncio.sleep(0.02)
            await asyncio.sleep(events.MARGIN + 0.1)  # so that nothing may have been missed before
            await walk(hub)
        assert hub._listener
        hub._listener.cancel()
        await asyncio.gather(hub._listener, return_exceptions=True)

    asyncio.run(asyncio.wait_for(walked(), 30))


def test_a_page_hears_of_the_one_thing_that_it_shows_and_a_worklist_of_none(django_db_setup: None) -> None:
    async def walk(hub: events.Hub) -> None:
        now = time.time() + events.MARGIN
        async with (
            hub.listening(holder(AGENCY), heard_until=now) as worklist,
            hub.listening(holder(AGENCY), heard_until=now, thing_id=CHAT) as chat,
            hub.listening(holder(AGENCY), heard_until=now, thing_id=MAILBOX) as mailbox,
            hub.listening(holder(OTHER), heard_until=now, thing_id=CHAT) as foreign,
        ):
            await asyncio.to_thread(told, f"{AGENCY} {CHAT}", "no agency at all", f"{AGENCY} nothing")
            await asyncio.wait_for(chat.changed.wait(), 10)
            assert not worklist.changed.is_set()
            assert not mailbox.changed.is_set()
            assert not foreign.changed.is_set()  # the same thing under another agency is another topic
            chat.changed.clear()
            await asyncio.to_thread(told, str(AGENCY))
            await asyncio.wait_for(worklist.changed.wait(), 10)
            assert not chat.changed.is_set()

    on_a_hub(walk)


def test_a_page_that_comes_back_is_told_of_what_it_missed_of_its_thing_and_of_no_other(
    django_db_setup: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def walk(hub: events.Hub) -> None:
        before = time.time()
        async with hub.listening(holder(OTHER), heard_until=before + events.MARGIN) as waiting:
            await asyncio.to_thread(told, f"{AGENCY} {CHAT}", str(OTHER))
            await asyncio.wait_for(waiting.changed.wait(), 10)
        later = before + events.MARGIN
        async with hub.listening(holder(AGENCY), heard_until=later, thing_id=CHAT) as chat:
            assert chat.changed.is_set()
        async with hub.listening(holder(AGENCY), heard_until=later, thing_id=MAILBOX) as mailbox:
            assert not mailbox.changed.is_set()
        monkeypatch.setattr(events, "REMEMBERED", 1)  # what is forgotten may have been missed by anybody
        async with hub.listening(holder(OTHER), heard_until=time.time() + events.MARGIN) as waiting:
            await asyncio.to_thread(told, str(OTHER))
            await asyncio.wait_for(waiting.changed.wait(), 10)
        async with hub.listening(holder(AGENCY), heard_until=later, thing_id=MAILBOX) as mailbox:
            assert mailbox.changed.is_set()

    on_a_hub(walk)
