"""Whether this process answers (`/healthz`), and whether it can serve (`/readyz`): for whoever balances load.

The promise: neither shows anything of what is kept. They are answered before Django, so that what stops the pages, a
session, the pool, a thread, does not stop the answer about it. The database is asked on a connection of its own, within
a second, and at most once a second, however often somebody asks.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence

import psycopg

from nowrongdoor.access import edge, signing
from nowrongdoor.operating import addresses, cluster, schema

ALIVE, READY = "/healthz", "/readyz"
NAME = "nwd ready"  # of the connection, in pg_stat_activity
LIMIT, KEPT = 1.0, 1.0  # seconds that the database has to answer; for which an answer is kept
NO_ANSWER = "the database does not answer"
REFUSES = "the database refuses"
ANOTHER_KEY = "this process has another NWD_SECRET_KEY than the database knows"
BEHIND = "the schema is behind: nwd database migrate"


class Looked:
    """What was found when the database was last asked: nothing where all is well."""

    def __init__(self) -> None:
        self._because: Sequence[str] = ()
        self._until = 0.0
        self._asking = asyncio.Lock()

    async def because(self) -> Sequence[str]:
        """Say why this process cannot serve; nothing where it can. Whoever comes meanwhile waits for that answer."""
        async with self._asking:
            if time.monotonic() >= self._until:
                try:
                    self._because = await _because()
                finally:
                    self._until = time.monotonic() + KEPT
        return self._because


async def _because() -> Sequence[str]:
    try:
        async with asyncio.timeout(LIMIT):
            async with await psycopg.AsyncConnection.connect(_address(), autocommit=True) as database:
                rows = await (await database.execute(schema.APPLIED)).fetchall()
                signed = signing.signature_for("key")
                is_ours = await (await database.execute(signing.ASKS_FOR_KEY, [signed])).fetchone()
    except TimeoutError:
        return [NO_ANSWER]
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction):
        return [BEHIND]
    except psycopg.Error as error:
        return [NO_ANSWER if error.sqlstate is None else REFUSES]
    if is_ours != (True,):
        return [ANOTHER_KEY]
    return [] if schema.newest() <= {(app, name) for app, name in rows} else [BEHIND]


def beside(application: edge.Application) -> edge.Application:
    """Answer these two addresses, and leave every other to the application."""
    looked = Looked()

    async def chosen(scope: edge.Scope, receive: edge.Receive, send: edge.Send) -> None:
        if scope["type"] != "http" or scope["path"] not in (ALIVE, READY) or scope["method"] not in ("GET", "HEAD"):
            await application(scope, receive, send)
            return
        because = await looked.because() if scope["path"] == READY else ()
        if because:
            await _answer(send, 503, {"status": "not ready", "because": because})
        else:
            await _answer(send, 200, {"status": "ok"})

    return chosen


async def _answer(send: edge.Send, status: int, words: dict[str, object]) -> None:
    body = json.dumps(words).encode()
    names = (b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())
    never = (b"cache-control", b"no-store")
    await send({"type": "http.response.start", "status": status, "headers": [*names, never]})
    await send({"type": "http.response.body", "body": body})


def _address() -> str:
    return addresses.for_psycopg({**cluster.address(cluster.APP), "application_name": NAME, "connect_timeout": "2"})
