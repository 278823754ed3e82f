"""How many connections a web process holds, and how long one may take to say what it wants: before there is a request.

The promise: whoever opens connections and says nothing, or says it a byte at a time, holds each for seconds, and no one
address more than half of them; so others are answered meanwhile. What comes before a request's body is bounded in
length. A proxy that is declared brings everybody's connections, so its address has no share: the proxy keeps such
limits itself.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import os
import resource
from typing import Any

from uvicorn.protocols.http import httptools_impl

from nowrongdoor.access import addresses, edge

PROXIES = "FORWARDED_ALLOW_IPS"  # uvicorn's own name for them
HEAD = 20.0  # seconds to say what is wanted
REST = 300.0  # seconds for the rest of a body that nobody reads any more: a browser shows the answer only after it
HEAD_LIMIT = 64_000  # bytes of address and headers
MOST = 8_000  # connections of one process, where the system gives it so many files
SPARE = 200  # files that a process needs besides: the database, what it reads
TRY_AGAIN = 60  # seconds
FULL = b"There are too many connections right now. Try again in a minute."
TOO_LONG = b"The address or the headers are too long. Send a shorter search, or sign in again."
_PARTS = b"HTTP/1.1 %d %s\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nretry-after: %d\r\n"
_END = b"connection: close\r\n\r\n"


def believed() -> str:
    """Return which proxies are believed about who sends: those that `FORWARDED_ALLOW_IPS` names; where it names none,
    those on this machine if one ends TLS there (`NWD_HTTPS`), and else nobody."""
    at_home = "127.0.0.1,::1" if os.environ.get("NWD_HTTPS") == "1" else ""
    return os.environ.get(PROXIES, at_home)


def take_what_the_system_gives() -> None:
    """Let this process and its children open as many files as they may: a connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST + SPARE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        at_most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (at_most, hard))


@functools.cache
def room() -> edge.Room:
    """Return the connections that this process has room for."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST if files == resource.RLIM_INFINITY else max(2, min(MOST, files - SPARE))
    return edge.Room(most, share=most // 2)


class Connection(httptools_impl.HttpToolsProtocol):
    """One connection, as uvicorn reads it, within these limits."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sender: str | None = None  # whose share it takes, once it has a place
        self._is_in_body = False
        self._has_ended = False  # a whole request did, in what came last
        self._head = 0  # bytes of the head so far
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, or say that there is none."""
        super().connection_made(transport)
        if self.client is None or is_among(self.client[0], believed()):
            sender = f"proxy {id(self)}"  # each of its connections has a share of its own
        else:
            sender = addresses.sender(self.client[0])
        if not room().take(1, sender):
            self._refuse(503, b"Service Unavailable", FULL)
            return
        self._sender = sender
        self._wait(HEAD)

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        if self._sender is not None:
            room().give_back(1, self._sender)
            self._sender = None
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on. While nothing is being answered, what comes is a head, or the rest of a body that nobody reads."""
        self._has_ended = False
        super().data_received(data)
        if self.transport.is_closing():
            return
        is_busy = self.cycle is not None and not self.cycle.response_complete
        if not self._is_in_body and not self._has_ended:  # nothing of it was a body
            self._head += len(data)
            if self._head > HEAD_LIMIT:
                if is_busy:  # an answer is on its way: no other one fits between
                    self.transport.close()
                else:
                    self._refuse(431, b"Request Header Fields Too Large", TOO_LONG)
                return
        if is_busy:
            return
        self._wait(REST if self._is_in_body else HEAD)

    def on_headers_complete(self) -> None:
        """Note that the head is there."""
        self._stop_waiting()
        self._is_in_body, self._head = True, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that the body is there."""
        self._stop_waiting()
        self._is_in_body, self._has_ended = False, True
        super().on_message_complete()

    def _wait(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: int, phrase: bytes, words: bytes) -> None:
        self.transport.write(_PARTS % (status, phrase, len(words), TRY_AGAIN) + _END + words)
        self.transport.close()


def is_among(address: str, named: str) -> bool:
    """Return whether an address is one of those that are named: addresses and networks with commas between, or `*`.
    One that is none is nobody's, and is told before anything is served (`unreadable`)."""
    if named == "*":
        return True
    try:
        given = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(given in network for network in map(_network, _entries(named)) if network is not None)


def unreadable() -> str:
    """Return the first proxy that is named and is neither an address nor a network; nothing where all are."""
    named = believed()
    return "" if named == "*" else next((each for each in _entries(named) if _network(each) is None), "")


def _entries(named: str) -> list[str]:
    return [each.strip() for each in named.split(",") if each.strip()]


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry)
    except ValueError:
        return None
