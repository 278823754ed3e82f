"""Connections: whoever opens many and says little keeps nobody out, and nobody's word on who sends is taken unasked."""

from __future__ import annotations

import contextlib
import datetime
import socket
import time
from collections.abc import Iterator, Mapping

import httpx
import pytest
from django.utils import timezone

from nowrongdoor.access import addresses, connections, edge, limits
from nowrongdoor.access.limits import Budget
from nowrongdoor.access.models import RateLimit
from tests import claims, servers
from tests.agencies import crowds

FILES = 700  # that each process of the server may open
HOST = b"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@contextlib.contextmanager
def served(**environment: str) -> Iterator[servers.Web]:
    web = servers.Web(**environment)
    web.command = ["prlimit", f"--nofile={FILES}:{FILES}", *web.command]
    with web:
        web.wait_until_answering()
        yield web


def opened(web: servers.Web, say: bytes = b"") -> socket.socket:
    wire = socket.create_connection(("127.0.0.1", web.port), timeout=60)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        wire.sendall(say)
    return wire


def is_over(wire: socket.socket) -> bool:
    """Whether the server has closed it, or has said something."""
    wire.setblocking(False)
    try:
        wire.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True
    return True


def all_said(wire: socket.socket) -> bytes:
    wire.settimeout(60)
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := wire.recv(65_536):
            said += piece
    return said


@pytest.mark.storm
def test_a_thousand_connections_that_say_nothing_keep_nobody_else_out(committed_db: None) -> None:
    room = FILES - connections.SPARE
    with served() as web, contextlib.ExitStack() as wires:
        said = [b"", HOST, b"\r\n", HOST + b"X: " + b"x" * 1000]
        idle = [wires.enter_context(opened(web, said[number % 4])) for number in range(2 * room)]
        begun = time.monotonic()
        for address in ("127.0.0.2", "127.0.0.3") * 5:
            with crowds.Browser(web, address) as browser:
                assert browser.get("/sign-in").status_code == 200
        refused = [wire for wire in idle if is_over(wire)]
        assert len(idle) - len(refused) <= room  # a half of each of two processes
        told = all_said(refused[0])
        assert told.startswith(b"HTTP/1.1 503 Service Unavailable")
        assert b"retry-after: 60" in told
        assert told.endswith(connections.FULL)
        time.sleep(max(0.0, connections.HEAD + 5 - (time.monotonic() - begun)))
        assert claims.every(is_over(wire) for wire in idle)
        with crowds.Browser(web) as browser:  # and the address has all of its share again
            assert browser.get("/sign-in").status_code == 200


@pytest.mark.storm
def test_what_trickles_is_cut_off_and_a_head_has_an_end(committed_db: None) -> None:
    with served() as web, contextlib.ExitStack() as wires:
        heads = [wires.enter_context(opened(web, HOST)) for _ in range(4)]
        for number in range(int(connections.HEAD) + 5):
            for wire in heads:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    wire.sendall(b"X-%d: 1\r\n" % number)
            time.sleep(1)
        assert claims.every(is_over(wire) for wire in heads)
        for long in (HOST + b"X: " + b"x" * 1_000_000, b"GET /" + b"x" * 1_000_000, HOST + b"X: 1\r\n" * 50_000):
            wire = wires.enter_context(opened(web, long))
            assert all_said(wire).startswith(b"HTTP/1.1 431 ")
        cookie = b"Cookie: a=" + b"x" * 8_000
        wire = wires.enter_context(opened(web, HOST + cookie + b"\r\nConnection: close\r\n\r\n"))
        assert all_said(wire).startswith(b"HTTP/1.1 200 ")


def use_up(address: str) -> None:
    """An address has sent as much as it may."""
    at = timezone.now()
    full_at = (
        at + datetime.timedelta(seconds=limits.EACH[Budget.ENTRANCE] * limits.BURSTS[Budget.ENTRANCE]) + limits.MARGIN
    )
    key = limits._key(Budget.ENTRANCE, f"sign_out {addresses.sender(address)}", at)
    RateLimit.objects.update_or_create(key=key, defaults={"full_at": full_at})


def sign_out(web: servers.Web, address: str, said: Mapping[str, str]) -> int:
    """Send a form of coming in from an address of this machine."""
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(base_url=web.url, transport=transport, headers=said, timeout=60) as client:
        client.get("/sign-in")
        token = client.cookies.get("csrftoken") or ""
        return client.post("/sign-out", headers={"X-CSRFToken": token, "Referer": web.url}).status_code


@pytest.mark.storm
@pytest.mark.parametrize(
    ("declared", "is_believed"),
    [
        ({}, {"127.0.0.1": False, "127.0.0.2": False}),
        ({"FORWARDED_ALLOW_IPS": "127.0.0.2"}, {"127.0.0.1": False, "127.0.0.2": True}),
    ],
    ids=["nobody", "one proxy"],
)
def test_who_sends_is_what_the_connection_says_but_for_a_proxy_that_is_declared(
    committed_db: None, declared: dict[str, str], is_believed: dict[str, bool]
) -> None:
    with servers.Web(**declared) as web:
        web.wait_until_answering()
        for number, (address, believed) in enumerate(is_believed.items()):
            use_up(address)
            assert sign_out(web, address, {}) == 429
            free = "198.51.100.44"
            other = {"X-Forwarded-For": free, "Forwarded": f"for={free}", "X-Real-IP": free}
            assert (sign_out(web, address, other) == 302) is believed
            # A proxy adds what it saw: what its visitor wrote before that is no way out.
            visitor = f"203.0.113.{number}"
            assert sign_out(web, address, {"X-Forwarded-For": f"{free}, {visitor}"}) == (302 if believed else 429)
            use_up(visitor)
            assert sign_out(web, address, {"X-Forwarded-For": f"{free}, {visitor}"}) == 429


def test_a_proxy_on_this_machine_is_believed_where_one_ends_tls_and_nobody_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(connections.PROXIES, raising=False)
    monkeypatch.setenv("NWD_HTTPS", "0")
    assert connections.believed() == ""
    monkeypatch.setenv("NWD_HTTPS", "1")
    assert connections.believed() == "127.0.0.1,::1"
    monkeypatch.setenv(connections.PROXIES, "10.0.0.0/8")
    assert connections.believed() == "10.0.0.0/8"
    monkeypatch.setenv(connections.PROXIES, "")
    assert connections.believed() == ""


@pytest.mark.parametrize(
    ("address", "named", "is_in"),
    [
        ("127.0.0.1", "127.0.0.1,::1", True),
        ("::1", "127.0.0.1, ::1", True),
        ("10.1.2.3", "192.0.2.1,10.0.0.0/8", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("10.1.2.3", "nonsense, 10.0.0.0/8", True),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "*", True),
        ("nonsense", "127.0.0.1", False),
    ],
)
def test_which_addresses_are_named(address: str, named: str, *, is_in: bool) -> None:
    assert connections.is_among(address, named) is is_in


def test_an_address_has_half_of_the_connections() -> None:
    room = connections.room()
    assert isinstance(room, edge.Room)
    assert room.share == room.size // 2
